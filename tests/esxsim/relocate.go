package main

import (
	"path"
	"slices"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// place is where a machine is to be: what is nil stays.
type place struct {
	host, pool, datastore *ref
}

// RelocateVMTask moves a machine to another host, pool or datastore.
func (vm *machine) RelocateVMTask(ctx *simulator.Context, r *types.RelocateVM_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "relocate", func(ctx *simulator.Context) (types.AnyType, fault) {
		return nil, vm.move(ctx, place{host: r.Spec.Host, pool: r.Spec.Pool, datastore: r.Spec.Datastore})
	})
	return &methods.RelocateVM_TaskBody{Res: &types.RelocateVM_TaskResponse{Returnval: t}}
}

// MigrateVMTask moves a machine to another host or pool.
func (vm *machine) MigrateVMTask(ctx *simulator.Context, r *types.MigrateVM_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "migrate", func(ctx *simulator.Context) (types.AnyType, fault) {
		if r.State != "" && r.State != vm.Runtime.PowerState {
			return nil, vm.in(r.State)
		}
		return nil, vm.move(ctx, place{host: r.Host, pool: r.Pool})
	})
	return &methods.MigrateVM_TaskBody{Res: &types.MigrateVM_TaskResponse{Returnval: t}}
}

func (vm *machine) move(ctx *simulator.Context, to place) fault {
	w := vm.w
	if w.esx {
		return &types.NotSupported{} // a host alone has nowhere to move it
	}
	host, f := vm.mayMove(to)
	if f == nil && to.datastore != nil {
		f = w.stores.try(func() fault { return vm.carry(*to.datastore, host) })
	}
	if f != nil {
		return f
	}
	old := w.m.Get(*vm.Runtime.Host).(*simulator.HostSystem)
	if old != host {
		w.m.RemoveReference(ctx, old, &old.Vm, vm.Self)
		w.m.AppendReference(ctx, host, &host.Vm, vm.Self)
	}
	if to.pool != nil && *to.pool != *vm.ResourcePool {
		before, after := w.m.Get(*vm.ResourcePool).(*simulator.ResourcePool), w.m.Get(*to.pool).(*simulator.ResourcePool)
		w.m.RemoveReference(ctx, before, &before.Vm, vm.Self)
		w.m.AppendReference(ctx, after, &after.Vm, vm.Self)
		vm.ResourcePool = to.pool
	}
	vm.Runtime.Host = &host.Self
	vm.EnvironmentBrowser = w.places.browsers[w.places.compute[host.Self].Self]
	w.stamp(vm.Config)
	vm.tree()
	vm.refresh(ctx)
	return nil
}

// mayMove finds the host that the machine comes to, or says why it cannot.
func (vm *machine) mayMove(to place) (*simulator.HostSystem, fault) {
	host, f := vm.w.seatAt(vm, to)
	if f == nil && to.datastore == nil {
		f = vm.reaches(host)
	}
	return host, f
}

// checker says what would become of a move.
type checker struct {
	mo.VirtualMachineProvisioningChecker
	w *world
}

// CheckRelocateTask tries a move and leaves the machine where it is.
func (c *checker) CheckRelocateTask(ctx *simulator.Context, r *types.CheckRelocate_Task) soap.HasFault {
	t := c.w.run(ctx, c, "checkRelocate", func(*simulator.Context) (types.AnyType, fault) {
		vm, ok := c.w.machines[r.Vm]
		if !ok {
			return nil, &types.ManagedObjectNotFound{Obj: r.Vm}
		}
		result := types.CheckResult{Vm: &r.Vm, Host: r.Spec.Host}
		if _, f := vm.mayMove(place{host: r.Spec.Host, pool: r.Spec.Pool, datastore: r.Spec.Datastore}); f != nil {
			result.Error = []types.LocalizedMethodFault{{Fault: f, LocalizedMessage: text(f)}}
		}
		return types.ArrayOfCheckResult{CheckResult: []types.CheckResult{result}}, nil
	})
	return &methods.CheckRelocate_TaskBody{Res: &types.CheckRelocate_TaskResponse{Returnval: t}}
}

// seatAt finds the host that the machine comes to.
func (w *world) seatAt(vm *machine, to place) (*simulator.HostSystem, fault) {
	if to.host == nil && to.pool == nil {
		return w.m.Get(*vm.Runtime.Host).(*simulator.HostSystem), nil
	}
	pool := vm.ResourcePool
	if to.pool != nil {
		pool = to.pool
	}
	if to.host == nil && w.m.Get(*vm.ResourcePool).(*simulator.ResourcePool).Owner == w.poolOwner(*pool) {
		return w.m.Get(*vm.Runtime.Host).(*simulator.HostSystem), nil
	}
	return w.seat(*pool, to.host)
}

func (w *world) poolOwner(pool ref) ref {
	if p, ok := w.m.Get(pool).(*simulator.ResourcePool); ok {
		return p.Owner
	}
	return ref{}
}

// reaches refuses a host that does not see one of the machine's datastores.
func (vm *machine) reaches(host *simulator.HostSystem) fault {
	for _, name := range append(vm.chains(), vm.Config.Files.VmPathName) {
		s, _, f := vm.w.stores.resolve(name)
		if f == nil && !s.hosts[host.Self] {
			return &types.CannotAccessVmDisk{CannotAccessVmDevice: types.CannotAccessVmDevice{
				CannotAccessVmComponent: types.CannotAccessVmComponent{}, Device: "disk", Backing: name,
			}, Fault: types.LocalizedMethodFault{Fault: &types.InvalidDatastore{Datastore: &s.ref, Name: s.name}}}
		}
	}
	return nil
}

// carry moves all files of the machine into a directory of its own on a
// datastore. While it is on, no disk of it may be nonpersistent.
func (vm *machine) carry(datastore ref, host *simulator.HostSystem) fault {
	var to *store
	for _, s := range vm.w.stores {
		if s.ref == datastore {
			to = s
		}
	}
	if to == nil || !to.hosts[host.Self] {
		return argument("spec.datastore")
	}
	for _, d := range disks(vm.Config.Hardware.Device) {
		if vm.on() && strings.HasSuffix(mode(d), "nonpersistent") {
			return &types.NonPersistentDisksNotSupported{}
		}
	}
	if from, _, _ := vm.w.stores.resolve(vm.Config.Files.VmPathName); from == to {
		return nil
	}
	_, home, _ := vm.w.stores.resolve(dirOf(vm.Config.Files.VmPathName))
	vm.rename(vm.w.stores.free("["+to.name+"]", path.Base(home), ""))
	return nil
}

// rename moves the machine's files into a directory.
func (vm *machine) rename(dir string) {
	stem, home := stem(vm.Config), dirOf(vm.Config.Files.VmPathName)
	names := append(vm.chains(), vm.Config.Files.VmPathName, stem+".vmsd", stem+".nvram", stem+".vmss", home+"/vmware.log")
	for _, s := range vm.snaps {
		names = append(names, s.data, s.memory)
	}
	moved := map[string]string{}
	for _, name := range names {
		one := vm.w.stores.get(name)
		if one == nil || moved[name] != "" {
			continue
		}
		_, p, _ := vm.w.stores.resolve(name)
		moved[name] = vm.w.stores.free(dir, strings.TrimSuffix(path.Base(p), path.Ext(p)), path.Ext(p))
		_ = vm.w.stores.put(moved[name], one)
		vm.w.stores.remove(name)
	}
	vm.w.stores.prune(home)
	for _, d := range vm.everyDisk() {
		for b := d.Backing; b != nil; b = parent(b) {
			info := b.(types.BaseVirtualDeviceFileBackingInfo).GetVirtualDeviceFileBackingInfo()
			set(&info.FileName, moved[info.FileName])
			if s, _, f := vm.w.stores.resolve(info.FileName); f == nil {
				info.Datastore = &s.ref
			}
		}
	}
	configs := []*vmConfig{vm.Config}
	for _, s := range vm.snaps {
		set(&s.data, moved[s.data])
		set(&s.memory, moved[s.memory])
		configs = append(configs, &s.Config)
	}
	for _, c := range slices.Compact(configs) {
		set(&c.Files.VmPathName, moved[c.Files.VmPathName])
		c.Files.SnapshotDirectory, c.Files.SuspendDirectory, c.Files.LogDirectory = dir+"/", dir+"/", dir+"/"
	}
}
