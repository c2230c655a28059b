package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// seed fills the world with files and machines.
func (w *world) seed(machines bool) {
	w.seedFiles()
	if machines {
		w.seedMachines()
	}
	for i := 1; i <= w.opt.vms; i++ {
		w.generated(i)
	}
}

// seedFiles lays out disks that no machine has, and images.
func (w *world) seedFiles() {
	put := func(name string, one file) {
		one.Time = epoch
		if one.Kind == "vmdk" {
			one.UUID = named("disk " + name)
		}
		_ = w.stores.put(name, &one)
	}
	for i := 1; i <= 40; i++ {
		one := file{Kind: "vmdk", Format: "flat", Capacity: 8 << 30, Thin: i%2 == 0}
		if !one.Thin {
			one.Size = one.Capacity
		}
		put(fmt.Sprintf("[datastore1] spare/spare-%d.vmdk", i), one)
		put(fmt.Sprintf("[nfs store] spare/spare-%d.vmdk", i), one)
	}
	for i := 1; i <= 4; i++ {
		one := file{Kind: "vmdk", Format: "rdm", Capacity: luns[0].capacity, LUN: luns[0].device}
		if i > 2 {
			one.Format, one.LUN, one.Capacity = "rdmp", luns[1].device, luns[1].capacity
		}
		put(fmt.Sprintf("[datastore1] spare/rdm-%d.vmdk", i), one)
	}
	put("[datastore1] iso/install.iso", file{Kind: "iso", Size: 700 << 20})
	put("[datastore1] iso/tools.iso", file{Kind: "iso", Size: 60 << 20})
	put("[nfs store] iso/install.iso", file{Kind: "iso", Size: 700 << 20})
	put("[datastore1] iso/boot.flp", file{Kind: "flp", Size: 1440 << 10})
}

// recipe is a machine to be made.
type recipe struct {
	name    string
	guest   string
	note    string
	cpus    int32
	memory  int64
	host    int
	folder  *folder
	devices []types.BaseVirtualDevice
	tools   bool
}

func (w *world) cook(r recipe) *machine {
	spec := &types.VirtualMachineConfigSpec{
		Name: r.name, GuestId: r.guest, Annotation: r.note, NumCPUs: r.cpus, MemoryMB: r.memory,
		Files: &types.VirtualMachineFileInfo{VmPathName: "[datastore1]"},
	}
	for _, d := range r.devices {
		change := &types.VirtualDeviceConfigSpec{Operation: "add", Device: d}
		if disk, ok := d.(*types.VirtualDisk); ok && w.stores.get(backing(disk).FileName) == nil {
			change.FileOperation = "create"
		}
		spec.DeviceChange = append(spec.DeviceChange, change)
	}
	host := w.places.hosts[r.host%len(w.places.hosts)]
	if r.folder == nil {
		r.folder = w.places.vms
	}
	vm, f := w.create(w.ctx, r.folder, spec, w.places.compute[host.Self].ResourcePool, &host.Self)
	if f != nil {
		panic(r.name + ": " + text(f))
	}
	vm.tools = r.tools
	if r.tools {
		vm.Config.Tools.ToolsVersion = 12352
	}
	vm.refresh(w.ctx)
	return vm
}

func (w *world) seedMachines() {
	w.cook(recipe{
		name: "web01", guest: "debian11_64Guest", note: "front end", cpus: 2, memory: 2048, devices: []types.BaseVirtualDevice{
			scsi[types.ParaVirtualSCSIController](-1, 0),
			flat(-11, -1, 0, 16, "persistent", true), flat(-12, -1, 1, 32, "independent_persistent", false),
			flat(-13, -1, 2, 4, "independent_nonpersistent", true),
			iso(-14, 201, 0, "[datastore1] iso/install.iso"), w.nic(-15, "VM Network"),
		},
	})
	db := w.cook(recipe{
		name: "db01", guest: "rhel9_64Guest", note: "database", cpus: 4, memory: 8192, host: 1, tools: true, devices: []types.BaseVirtualDevice{
			scsi[types.VirtualLsiLogicController](-1, 0), sata(-2), nvme(-3),
			flat(-11, -1, 0, 40, "persistent", false), flat(-12, -2, 0, 20, "persistent", true), flat(-13, -3, 0, 10,
				"independent_persistent", true),
			w.nic(-15, "VM Network"), w.nic(-16, "backup net"),
		},
	})
	db.turn(w.ctx, poweredOn)
	old := w.cook(recipe{
		name: "old01", guest: "otherLinuxGuest", note: "made on ESX 3", cpus: 1, memory: 512, host: 2, devices: []types.BaseVirtualDevice{
			scsi[types.VirtualBusLogicController](-1, 0), flat(-11, -1, 0, 4, "persistent", false), flat(-12, -1, 1, 2, "persistent", false),
			w.nic(-15, "VM Network"),
		},
	})
	field(disks(old.Config.Hardware.Device)[0].Backing, "DiskMode").SetString("nonpersistent")
	snap := w.cook(recipe{
		name: "snap01", guest: "ubuntu64Guest", note: "has a snapshot", cpus: 1, memory: 1024, devices: []types.BaseVirtualDevice{
			scsi[types.VirtualLsiLogicSASController](-1, 0),
			flat(-11, -1, 0, 8, "persistent", true), flat(-12, -1, 1, 8, "independent_persistent", true), w.nic(-15, "VM Network"),
		},
	})
	if _, f := snap.take(w.ctx, "before upgrade", "taken by the seed", false, false); f != nil {
		panic(text(f))
	}
	sleeper := w.cook(recipe{
		name: "susp01", guest: "windows2019srv_64Guest", note: "asleep", cpus: 2, memory: 4096, host: 1,
		tools: true, devices: []types.BaseVirtualDevice{
			scsi[types.VirtualLsiLogicSASController](-1, 0), flat(-11, -1, 0, 24, "persistent", true), w.nic(-15, "VM Network"),
		},
	})
	sleeper.turn(w.ctx, poweredOn)
	sleeper.turn(w.ctx, suspended)
	if !w.esx {
		w.seedFolders()
	}
}

// seedFolders adds what only a vCenter has: machines in folders, two of one
// name, and cards on a port group and on an NSX network.
func (w *world) seedFolders() {
	prod := w.folder(w.ctx, w.places.vms, "prod")
	tier := w.folder(w.ctx, prod, "tier 1")
	test := w.folder(w.ctx, w.places.vms, "test")
	for i, f := range []*folder{tier, test} {
		w.cook(recipe{
			name: "twin", guest: "otherGuest64", cpus: 1, memory: 256, host: i * 2, folder: f, devices: []types.BaseVirtualDevice{
				scsi[types.VirtualLsiLogicController](-1, 0), flat(-11, -1, 0, 1, "persistent", true), w.nic(-15, "prod"),
			},
		})
	}
	w.cook(recipe{
		name: "app01", guest: "sles15_64Guest", cpus: 2, memory: 1024, folder: prod, devices: []types.BaseVirtualDevice{
			scsi[types.ParaVirtualSCSIController](-1, 0), flat(-11, -1, 0, 6, "persistent", true),
			w.nic(-15, "storage"), w.nic(-16, "nsx opaque"),
		},
	})
}

// generated makes the i-th machine of a benchmark.
func (w *world) generated(i int) {
	vm := w.cook(recipe{
		name: fmt.Sprintf("vm-%05d", i), guest: "debian12_64Guest", note: fmt.Sprintf("generated %d", i), cpus: int32(1 + i%4),
		memory: int64(1024 * (1 + i%4)), host: i, tools: true, devices: []types.BaseVirtualDevice{
			scsi[types.ParaVirtualSCSIController](-1, 0), flat(-11, -1, 0, 16, "persistent", true),
			flat(-12, -1, 1, 32, modes[i%3], true), iso(-14, 200, 0, "[datastore1] iso/install.iso"), w.nic(-15, "VM Network"),
		},
	})
	if i%2 == 0 {
		vm.turn(w.ctx, poweredOn)
	}
}

// scsi makes a SCSI controller of some type.
func scsi[T any](key, bus int32) types.BaseVirtualDevice {
	made := any(new(T))
	c := made.(types.BaseVirtualSCSIController).GetVirtualSCSIController()
	c.Key, c.BusNumber, c.SharedBus = key, bus, types.VirtualSCSISharingNoSharing
	return made.(types.BaseVirtualDevice)
}

func sata(key int32) types.BaseVirtualDevice {
	c := new(types.VirtualAHCIController)
	c.Key = key
	return c
}

func nvme(key int32) types.BaseVirtualDevice {
	c := new(types.VirtualNVMEController)
	c.Key = key
	return c
}

// flat makes a disk of some GiB, in a file that is made for it.
func flat(key, controller, unit int32, gib int64, mode string, thin bool) *types.VirtualDisk {
	d := &types.VirtualDisk{CapacityInBytes: gib << 30, CapacityInKB: gib << 20}
	d.Key, d.ControllerKey, d.UnitNumber = key, controller, ptr(unit)
	d.Backing = &types.VirtualDiskFlatVer2BackingInfo{DiskMode: mode, ThinProvisioned: ptr(thin)}
	return d
}

func iso(key, controller, unit int32, name string) types.BaseVirtualDevice {
	d := new(types.VirtualCdrom)
	d.Key, d.ControllerKey, d.UnitNumber = key, controller, ptr(unit)
	d.Backing = &types.VirtualCdromIsoBackingInfo{VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{FileName: name}}
	return d
}

// nic makes a card on a network of any kind.
func (w *world) nic(key int32, network string) types.BaseVirtualDevice {
	d := new(types.VirtualVmxnet3)
	d.Key = key
	for _, one := range w.places.nets {
		if w.netObject(one).Name != network {
			continue
		}
		switch n := w.m.Get(one).(type) {
		case *simulator.DistributedVirtualPortgroup:
			dvs := w.m.Get(*n.Config.DistributedVirtualSwitch).(*simulator.DistributedVirtualSwitch)
			d.Backing = &types.VirtualEthernetCardDistributedVirtualPortBackingInfo{
				Port: types.DistributedVirtualSwitchPortConnection{SwitchUuid: dvs.Uuid, PortgroupKey: n.Key},
			}
		default:
			if one.Type == "OpaqueNetwork" {
				d.Backing = &types.VirtualEthernetCardOpaqueNetworkBackingInfo{
					OpaqueNetworkId: named("nsx-segment"), OpaqueNetworkType: "nsx.LogicalSwitch",
				}
				return d
			}
			b := &types.VirtualEthernetCardNetworkBackingInfo{}
			b.DeviceName = network
			d.Backing = b
		}
		return d
	}
	panic("no network " + network)
}
