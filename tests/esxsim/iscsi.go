package main

import (
	"fmt"
	"path"
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	hbaKey      = "key-vim.host.InternetScsiHba-"
	hbaDevice   = "vmhba65"
	targetKey   = "key-vim.host.ScsiTopology.Target-" + hbaDevice
	initiatorID = "iqn.1998-01.com.vmware:esx1-4b2ac7f1"
)

// target is what an adapter is set up to reach; a LUN is mapped by number.
type target struct {
	name    string
	portals []string
	luns    []lun
}

// targets are those of every host: the first is reached by two portals, the
// second has nothing on it yet.
var targets = []target{
	{"iqn.2001-05.com.example:array1.prod", []string{"192.0.2.20", "192.0.2.21"}, []lun{
		{"/vmfs/devices/disks/naa.60003ff44dc75adc8f3a6b1e00000001", "0200000000" + "60003ff44dc75adc8f3a6b1e00000001" + "566972747561", 100 << 30},
		{"/vmfs/devices/disks/naa.60003ff44dc75adc8f3a6b1e00000002", "0200010000" + "60003ff44dc75adc8f3a6b1e00000002" + "566972747561", 250 << 30},
	}},
	{"iqn.2001-05.com.example:array1.spare", []string{"192.0.2.20"}, nil},
}

// storageSystem knows the host's adapters.
type storageSystem struct {
	simulator.HostStorageSystem
}

// initiate gives a host an iSCSI adapter and what it reaches.
func (w *world) initiate(h *simulator.HostSystem) {
	storage := clone(*h.Config.StorageDevice)
	adapter := &types.HostInternetScsiHba{IsSoftwareBased: true, IScsiName: initiatorID}
	adapter.Key, adapter.Device, adapter.Status = hbaKey+hbaDevice, hbaDevice, "online"
	adapter.Model, adapter.Driver = "iSCSI Software Adapter", "iscsi_vmk"
	adapter.DiscoveryProperties.StaticTargetDiscoveryEnabled = true
	seen := types.HostScsiTopologyInterface{Key: "key-vim.host.ScsiTopology.Interface-" + hbaDevice, Adapter: adapter.Key}
	for number, one := range targets {
		for _, address := range one.portals {
			adapter.ConfiguredStaticTarget = append(adapter.ConfiguredStaticTarget, types.HostInternetScsiHbaStaticTarget{
				Address: address, Port: 3260, IScsiName: one.name, DiscoveryMethod: "staticMethod",
			})
		}
		for path := range one.portals { // a topology has a target for each path
			seen.Target = append(seen.Target, one.reached(int32(number), path))
		}
		for _, l := range one.luns {
			storage.ScsiLun = append(storage.ScsiLun, l.disk())
		}
	}
	storage.HostBusAdapter = append(slices.Clone(storage.HostBusAdapter), adapter)
	topology := clone(*storage.ScsiTopology)
	topology.Adapter = append(slices.Clone(topology.Adapter), seen)
	storage.ScsiTopology = &topology
	config := *h.Config
	config.StorageDevice, h.Config = &storage, &config
	system := &storageSystem{*simulator.NewHostStorageSystem(&h.HostSystem)}
	system.Self = *h.ConfigManager.StorageSystem
	system.StorageDeviceInfo = &storage
	w.m.Put(system)
}

func (t target) reached(number int32, path int) types.HostScsiTopologyTarget {
	found := types.HostScsiTopologyTarget{
		Key: fmt.Sprintf("%s:%d:%d", targetKey, path, number), Target: number,
		Transport: &types.HostInternetScsiTargetTransport{IScsiName: t.name, Address: []string{t.portals[path] + ":3260"}},
	}
	for i, l := range t.luns {
		key := l.disk().Key
		found.Lun = append(found.Lun, types.HostScsiTopologyLun{
			Key: fmt.Sprintf("%s-lun%d", found.Key, i), Lun: int32(i), ScsiLun: key,
		})
	}
	return found
}

func (l lun) disk() *types.HostScsiDisk {
	one := &types.HostScsiDisk{DevicePath: l.device, Capacity: types.HostDiskDimensionsLba{BlockSize: 512, Block: l.capacity / 512}}
	one.DeviceName, one.CanonicalName, one.DeviceType = l.device, path.Base(l.device), "disk"
	one.Key, one.Uuid, one.LunType = "key-vim.host.ScsiDisk-"+l.uuid, l.uuid, "disk"
	one.OperationalState = []string{"ok"}
	return one
}

// RescanHba looks at one adapter again.
func (s *storageSystem) RescanHba(_ *simulator.Context, r *types.RescanHba) soap.HasFault {
	body := new(methods.RescanHbaBody)
	known := func(a types.BaseHostHostBusAdapter) bool { return a.GetHostHostBusAdapter().Device == r.HbaDevice }
	if !slices.ContainsFunc(s.StorageDeviceInfo.HostBusAdapter, known) {
		body.Fault_ = raise(&types.NotFound{})
		return body
	}
	body.Res = new(types.RescanHbaResponse)
	return body
}
