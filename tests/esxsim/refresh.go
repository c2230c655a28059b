package main

import (
	"encoding/json"
	"path"
	"sort"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// refresh works out everything about a machine that follows from its
// configuration and its power state, and tells those who wait for it.
func (vm *machine) refresh(ctx *simulator.Context) {
	vm.Name = vm.Config.Name
	vm.connect()
	vm.places(ctx)
	vm.layout()
	vm.guest()
	vm.summarize()
	vm.tell(ctx)
}

// connect sets what is connected while the machine is on.
func (vm *machine) connect() {
	for _, d := range vm.Config.Hardware.Device {
		if c := d.GetVirtualDevice().Connectable; c != nil {
			c.Connected = vm.on() && c.Connected
			c.Status = "untried"
			if vm.on() {
				c.Status = "ok"
			}
		}
	}
	vm.Runtime.MaxMemoryUsage = vm.Config.Hardware.MemoryMB
	vm.Runtime.MaxCpuUsage = vm.Config.Hardware.NumCPU * 2900
	vm.ResourceConfig = &types.ResourceConfigSpec{
		Entity: &vm.Self, ChangeVersion: vm.Config.ChangeVersion,
		CpuAllocation: clone(*vm.Config.CpuAllocation), MemoryAllocation: clone(*vm.Config.MemoryAllocation),
	}
}

// places finds the datastores and the networks that the devices refer to.
func (vm *machine) places(ctx *simulator.Context) {
	stores, nets := map[ref]bool{}, map[ref]bool{}
	urls := map[string]string{}
	names := append(vm.chains(), vm.Config.Files.VmPathName)
	for _, d := range vm.Config.Hardware.Device {
		if b, ok := d.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
			names = append(names, b.GetVirtualDeviceFileBackingInfo().FileName)
		}
		if net := vm.w.netOf(d.GetVirtualDevice().Backing); net != nil {
			nets[*net] = true
		}
	}
	for _, name := range names {
		if s, _, f := vm.w.stores.resolve(name); f == nil {
			stores[s.ref] = true
			urls[s.name] = s.url
		}
	}
	for _, one := range vm.Network {
		if net := vm.w.netObject(one); !nets[one] {
			vm.w.m.RemoveReference(ctx, net, &net.Vm, vm.Self)
		}
	}
	for one := range nets {
		net := vm.w.netObject(one)
		vm.w.m.AddReference(ctx, net, &net.Vm, vm.Self)
	}
	old := vm.Datastore
	vm.Datastore, vm.Network = listed(stores), listed(nets)
	for _, one := range vm.Datastore {
		ds := vm.w.m.Get(one).(*datastore)
		vm.w.m.AddReference(ctx, ds, &ds.Vm, vm.Self)
	}
	for _, one := range old {
		if !stores[one] {
			ds := vm.w.m.Get(one).(*datastore)
			vm.w.m.RemoveReference(ctx, ds, &ds.Vm, vm.Self)
		}
	}
	vm.Config.DatastoreUrl = nil
	for name, url := range urls {
		vm.Config.DatastoreUrl = append(vm.Config.DatastoreUrl, types.VirtualMachineConfigInfoDatastoreUrlPair{Name: name, Url: url})
	}
	pairs := vm.Config.DatastoreUrl
	sort.Slice(pairs, func(i, j int) bool { return pairs[i].Name < pairs[j].Name })
}

func listed(set map[ref]bool) []ref {
	list := []ref{}
	for one := range set {
		list = append(list, one)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Value < list[j].Value })
	return list
}

// layout lists the files of the machine.
func (vm *machine) layout() {
	vmx := vm.Config.Files.VmPathName
	var p object.DatastorePath
	p.FromString(vmx)
	stem := strings.TrimSuffix(path.Base(p.Path), ".vmx")
	vm.Layout = &types.VirtualMachineFileLayout{
		ConfigFile: []string{path.Base(p.Path), stem + ".nvram", stem + ".vmsd"}, LogFile: []string{"vmware.log"},
	}
	vm.LayoutEx = &types.VirtualMachineFileLayoutEx{Timestamp: vm.Config.Modified}
	key := int32(0)
	add := func(name, kind string) int32 {
		key++
		size := int64(0)
		if one := vm.w.stores.get(name); one != nil {
			size = one.Size
		}
		vm.LayoutEx.File = append(vm.LayoutEx.File, types.VirtualMachineFileLayoutExFileInfo{
			Key: key - 1, Name: name, Type: kind, Size: size, UniqueSize: size, Accessible: ptr(true),
		})
		return key - 1
	}
	add(vmx, "config")
	add(dirOf(vmx)+"/"+stem+".vmsd", "snapshotList")
	for _, d := range disks(vm.Config.Hardware.Device) {
		chain := chainOf(d)
		one := types.VirtualMachineFileLayoutExDiskLayout{Key: d.Key}
		for i := len(chain) - 1; i >= 0; i-- {
			unit := types.VirtualMachineFileLayoutExDiskUnit{FileKey: []int32{add(chain[i], "diskDescriptor")}}
			one.Chain = append(one.Chain, unit)
		}
		vm.LayoutEx.Disk = append(vm.LayoutEx.Disk, one)
		vm.Layout.Disk = append(vm.Layout.Disk, types.VirtualMachineFileLayoutDiskLayout{Key: d.Key, DiskFile: chain})
	}
	for _, s := range vm.snaps {
		data := add(s.data, "snapshotData")
		memory := int32(-1)
		if s.memory != "" {
			memory = add(s.memory, "snapshotMemory")
		}
		vm.LayoutEx.Snapshot = append(vm.LayoutEx.Snapshot, types.VirtualMachineFileLayoutExSnapshotLayout{
			Key: s.Self, DataKey: data, MemoryKey: memory,
		})
		vm.Layout.Snapshot = append(vm.Layout.Snapshot, types.VirtualMachineFileLayoutSnapshotLayout{
			Key: s.Self, SnapshotFile: []string{s.data},
		})
	}
}

// summarize fills the summary and the storage use.
func (vm *machine) summarize() {
	c, s := vm.Config, &vm.Summary
	s.Vm = &vm.Self
	s.Runtime = vm.Runtime
	s.OverallStatus = types.ManagedEntityStatusGreen
	s.Guest = &types.VirtualMachineGuestSummary{
		GuestId: vm.Guest.GuestId, GuestFullName: vm.Guest.GuestFullName, ToolsStatus: vm.Guest.ToolsStatus,
		ToolsVersionStatus: vm.Guest.ToolsVersionStatus, ToolsVersionStatus2: vm.Guest.ToolsVersionStatus2,
		ToolsRunningStatus: vm.Guest.ToolsRunningStatus, HostName: vm.Guest.HostName, IpAddress: vm.Guest.IpAddress,
	}
	s.Config = types.VirtualMachineConfigSummary{
		Name: c.Name, Template: c.Template, VmPathName: c.Files.VmPathName, MemorySizeMB: c.Hardware.MemoryMB,
		NumCpu: c.Hardware.NumCPU, Uuid: c.Uuid, InstanceUuid: c.InstanceUuid, GuestId: c.GuestId, GuestFullName: c.GuestFullName,
		Annotation: c.Annotation, HwVersion: c.Version, ManagedBy: c.ManagedBy,
	}
	storage := &types.VirtualMachineStorageSummary{Timestamp: c.Modified}
	for _, d := range c.Hardware.Device {
		switch d := d.(type) {
		case *types.VirtualDisk:
			s.Config.NumVirtualDisks++
			storage.Uncommitted += d.CapacityInBytes
		case types.BaseVirtualEthernetCard:
			s.Config.NumEthernetCards++
		}
	}
	for _, one := range vm.LayoutEx.File {
		storage.Committed += one.Size
		storage.Unshared += one.UniqueSize
	}
	s.Storage = storage
	vm.Storage = &types.VirtualMachineStorageInfo{Timestamp: c.Modified}
	for _, ds := range vm.Datastore {
		vm.Storage.PerDatastoreUsage = append(vm.Storage.PerDatastoreUsage, types.VirtualMachineUsageOnDatastore{
			Datastore: ds, Committed: storage.Committed, Uncommitted: storage.Uncommitted, Unshared: storage.Unshared,
		})
	}
	vm.hurry()
}

// hurry fills the quick statistics.
func (vm *machine) hurry() {
	quick, megabytes := &vm.Summary.QuickStats, vm.Config.Hardware.MemoryMB
	*quick = types.VirtualMachineQuickStats{GuestHeartbeatStatus: vm.GuestHeartbeatStatus}
	if !vm.on() {
		return
	}
	quick.OverallCpuUsage, quick.OverallCpuDemand = 58, 58
	quick.GuestMemoryUsage, quick.HostMemoryUsage, quick.PrivateMemory = megabytes/10, megabytes/2, megabytes/2
	quick.GrantedMemory, quick.StaticCpuEntitlement = megabytes, 2900*vm.Config.Hardware.NumCPU
	quick.UptimeSeconds = int32(vm.w.clock.Sub(*vm.Runtime.BootTime).Seconds())
	_ = json.Unmarshal(orNothing(vm.quick), quick)
}

func family(guest string) string {
	switch {
	case strings.HasPrefix(guest, "win"):
		return "windowsGuest"
	case strings.HasPrefix(guest, "other") && !strings.Contains(guest, "Linux"), strings.HasPrefix(guest, "freebsd"):
		return "otherGuestFamily"
	}
	return "linuxGuest"
}

// capability is what a machine on this host can do.
func capability() types.VirtualMachineCapability {
	return types.VirtualMachineCapability{
		SnapshotOperationsSupported: true, MultipleSnapshotsSupported: true, SnapshotConfigSupported: true,
		PoweredOffSnapshotsSupported: true, MemorySnapshotsSupported: true, RevertToSnapshotSupported: true,
		QuiescedSnapshotsSupported: true, ConsolePreferencesSupported: true, CpuFeatureMaskSupported: true,
		BootOptionsSupported: true, BootRetryOptionsSupported: true, DiskSharesSupported: true, ChangeTrackingSupported: true,
		MultipleCoresPerSocketSupported: true, MemoryReservationLockSupported: true, NestedHVSupported: true,
		VPMCSupported: true, SeSparseDiskSupported: true, SwapPlacementSupported: true, ToolsSyncTimeSupported: true,
		SettingVideoRamSizeSupported: true, SettingDisplayTopologySupported: true, SecureBootSupported: ptr(true),
		DiskOnlySnapshotOnSuspendedVMSupported: ptr(false), GuestAutoLockSupported: true,
	}
}
