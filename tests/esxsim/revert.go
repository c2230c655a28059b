package main

import (
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// chains are all the files of all the disks, of the machine and of its
// snapshots.
func (vm *machine) chains() []string {
	var out []string
	for _, d := range vm.everyDisk() {
		for _, name := range chainOf(d) {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

func (vm *machine) everyDisk() []*types.VirtualDisk {
	list := disks(vm.Config.Hardware.Device)
	for _, s := range vm.snaps {
		list = append(list, disks(s.Config.Hardware.Device)...)
	}
	return list
}

// sweep runs a change of the chains, then deletes the disks of snapshots that
// no chain needs any more.
func (vm *machine) sweep(change func()) {
	kept := map[string]bool{} // independent disks never go with a snapshot
	for _, d := range vm.everyDisk() {
		if !dependent(d) {
			kept[backing(d).FileName] = true
		}
	}
	before := vm.chains()
	change()
	after := vm.chains()
	for _, name := range before {
		if one := vm.w.stores.get(name); !kept[name] && !slices.Contains(after, name) && one != nil && one.Parent != "" {
			vm.w.stores.remove(name)
		}
	}
}

// revert puts the machine back to where the snapshot was taken.
func (s *snapshot) revert(ctx *simulator.Context, stayOff bool) fault {
	vm := s.vm
	vm.sweep(func() {
		config := clone(s.Config)
		config.Name, config.Files = vm.Config.Name, vm.Config.Files
		config.Uuid, config.InstanceUuid, config.CreateDate = vm.Config.Uuid, vm.Config.InstanceUuid, vm.Config.CreateDate
		for _, d := range disks(config.Hardware.Device) {
			if dependent(d) {
				vm.delta(d)
			}
		}
		vm.Config = &config
	})
	vm.current = s
	vm.w.stamp(vm.Config)
	vm.tree()
	state := s.state
	if state == poweredOn && stayOff {
		state = suspended
	}
	vm.turn(ctx, state)
	return nil
}

// drop removes snapshots and merges what lies between the rest.
func (vm *machine) drop(ctx *simulator.Context, lost []*snapshot) {
	vm.sweep(func() {
		for vm.current != nil && slices.Contains(lost, vm.current) {
			vm.current = vm.current.above
		}
		vm.snaps = slices.DeleteFunc(vm.snaps, func(s *snapshot) bool { return slices.Contains(lost, s) })
		for _, s := range vm.snaps {
			for s.above != nil && slices.Contains(lost, s.above) {
				s.above = s.above.above
			}
		}
		for vm.merge() {
		}
	})
	for _, s := range lost {
		s.erase()
		vm.w.m.Remove(ctx, s.Self)
	}
	vm.tree()
	vm.w.stamp(vm.Config)
	vm.refresh(ctx)
}

// merge finds a file that only one other lies on and that nobody uses as it
// is, and lets the two become one. It says whether it found any.
func (vm *machine) merge() bool {
	tips, above := map[string]bool{}, map[string][]string{}
	for _, d := range vm.everyDisk() {
		chain := chainOf(d)
		tips[chain[0]] = true
		for i, name := range chain[1:] {
			if !slices.Contains(above[name], chain[i]) {
				above[name] = append(above[name], chain[i])
			}
		}
	}
	for _, name := range vm.chains() {
		if tips[name] || len(above[name]) != 1 {
			continue
		}
		for _, d := range vm.everyDisk() {
			d.Backing = joined(d.Backing, above[name][0])
		}
		return true
	}
	return false
}

// joined returns the chain without the named file, whose place the file below
// it takes.
func joined(b types.BaseVirtualDeviceBackingInfo, name string) types.BaseVirtualDeviceBackingInfo {
	below := parent(b)
	if below == nil {
		return b
	}
	if b.(types.BaseVirtualDeviceFileBackingInfo).GetVirtualDeviceFileBackingInfo().FileName == name {
		mode := field(b, "DiskMode").String()
		field(below, "DiskMode").SetString(mode)
		return below
	}
	field(b, "Parent").Set(reflect.ValueOf(joined(below, name)))
	return b
}

// family is the snapshot with all that descend from it.
func (s *snapshot) family() []*snapshot {
	list := []*snapshot{s}
	for _, other := range s.vm.snaps {
		if other.above == s {
			list = append(list, other.family()...)
		}
	}
	return list
}

// RevertToSnapshotTask reverts to this snapshot.
func (s *snapshot) RevertToSnapshotTask(ctx *simulator.Context, r *types.RevertToSnapshot_Task) soap.HasFault {
	t := s.vm.w.run(ctx, s.vm, "revertToSnapshot", func(ctx *simulator.Context) (types.AnyType, fault) {
		return nil, s.revert(ctx, truth(r.SuppressPowerOn))
	})
	return &methods.RevertToSnapshot_TaskBody{Res: &types.RevertToSnapshot_TaskResponse{Returnval: t}}
}

// RevertToCurrentSnapshotTask reverts to the snapshot the machine descends from.
func (vm *machine) RevertToCurrentSnapshotTask(ctx *simulator.Context, r *types.RevertToCurrentSnapshot_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "revertToCurrentSnapshot", func(ctx *simulator.Context) (types.AnyType, fault) {
		if vm.current == nil {
			return nil, &types.NotFound{}
		}
		return nil, vm.current.revert(ctx, truth(r.SuppressPowerOn))
	})
	return &methods.RevertToCurrentSnapshot_TaskBody{Res: &types.RevertToCurrentSnapshot_TaskResponse{Returnval: t}}
}

// RemoveSnapshotTask removes this snapshot, and its children if asked to.
func (s *snapshot) RemoveSnapshotTask(ctx *simulator.Context, r *types.RemoveSnapshot_Task) soap.HasFault {
	t := s.vm.w.run(ctx, s.vm, "removeSnapshot", func(ctx *simulator.Context) (types.AnyType, fault) {
		lost := []*snapshot{s}
		if r.RemoveChildren {
			lost = s.family()
		}
		s.vm.drop(ctx, lost)
		return nil, nil
	})
	return &methods.RemoveSnapshot_TaskBody{Res: &types.RemoveSnapshot_TaskResponse{Returnval: t}}
}

// RemoveAllSnapshotsTask removes them all.
func (vm *machine) RemoveAllSnapshotsTask(ctx *simulator.Context, _ *types.RemoveAllSnapshots_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "removeAllSnapshots", func(ctx *simulator.Context) (types.AnyType, fault) {
		vm.drop(ctx, slices.Clone(vm.snaps))
		return nil, nil
	})
	return &methods.RemoveAllSnapshots_TaskBody{Res: &types.RemoveAllSnapshots_TaskResponse{Returnval: t}}
}

// RenameSnapshot changes the name and the description.
func (s *snapshot) RenameSnapshot(ctx *simulator.Context, r *types.RenameSnapshot) soap.HasFault {
	if utf8.RuneCountInString(r.Name) > maxName {
		return &methods.RenameSnapshotBody{Fault_: raise(&types.InvalidName{Name: r.Name})}
	}
	ctx.WithLock(s.vm, func() {
		set(&s.name, r.Name)
		set(&s.description, r.Description)
		s.vm.tree()
		s.vm.refresh(ctx)
	})
	return &methods.RenameSnapshotBody{Res: new(types.RenameSnapshotResponse)}
}
