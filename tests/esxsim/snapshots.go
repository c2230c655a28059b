package main

import (
	"fmt"
	"path"
	"reflect"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// maxLevels is how deep snapshots go.
const maxLevels = 32

// snapshot is a snapshot of a machine.
type snapshot struct {
	mo.VirtualMachineSnapshot
	vm          *machine
	above       *snapshot
	id          int32
	name        string
	description string
	quiesced    bool
	state       types.VirtualMachinePowerState
	made        time.Time
	data        string // the file with its state
	memory      string // the file with its memory, if it has
}

// take makes a snapshot, or says why not.
func (vm *machine) take(ctx *simulator.Context, name, description string, memory, quiesce bool) (*snapshot, fault) {
	memory = memory && vm.on() || vm.Runtime.PowerState == suspended
	if f := vm.mayTake(name, memory); f != nil {
		return nil, f
	}
	w := vm.w
	w.nextSnap++
	s := &snapshot{
		vm: vm, above: vm.current, id: vm.nextSnap, name: name, description: description, made: w.tick(),
		state: poweredOff, quiesced: quiesce && vm.on() && vm.tools && !memory,
	}
	s.Self = w.moid("VirtualMachineSnapshot", w.nextSnap)
	s.Vm = vm.Self
	s.Config = clone(*vm.Config)
	s.data = fmt.Sprintf("%s-Snapshot%d.vmsn", stem(vm.Config), s.id)
	_ = w.stores.put(s.data, &file{Kind: "other", Size: 28 << 10, Time: s.made})
	if memory {
		s.state = vm.Runtime.PowerState
		s.memory = fmt.Sprintf("%s-Snapshot%d.vmem", stem(vm.Config), s.id)
		_ = w.stores.put(s.memory, &file{Kind: "other", Size: int64(vm.Config.Hardware.MemoryMB) << 20, Time: s.made})
	}
	for _, d := range disks(vm.Config.Hardware.Device) {
		if dependent(d) {
			vm.delta(d)
		}
	}
	vm.nextSnap++
	vm.snaps, vm.current = append(vm.snaps, s), s
	w.m.Put(s)
	vm.tree()
	w.stamp(vm.Config)
	vm.refresh(ctx)
	return s, nil
}

// mayTake says why this machine cannot have this snapshot.
func (vm *machine) mayTake(name string, memory bool) fault {
	switch {
	case name == "" || utf8.RuneCountInString(name) > maxName:
		return &types.InvalidName{Name: name, Entity: &vm.Self}
	case truth(vm.Config.Flags.SnapshotDisabled):
		return &types.SnapshotDisabled{}
	case truth(vm.Config.Flags.SnapshotLocked):
		return &types.SnapshotLocked{}
	}
	levels := 0
	for s := vm.current; s != nil; s = s.above {
		levels++
	}
	if levels >= maxLevels {
		return &types.TooManySnapshotLevels{}
	}
	for _, d := range vm.Config.Hardware.Device {
		if f := incompatible(d, memory); f != nil {
			return &types.SnapshotIncompatibleDeviceInVm{Fault: types.LocalizedMethodFault{Fault: f, LocalizedMessage: text(f)}}
		}
	}
	for _, d := range disks(vm.Config.Hardware.Device) {
		if memory && !dependent(d) {
			return &types.MemorySnapshotOnIndependentDisk{}
		}
	}
	return nil
}

// incompatible says what about a device keeps its machine from snapshots.
func incompatible(d types.BaseVirtualDevice, memory bool) fault {
	label := ""
	if info := d.GetVirtualDevice().DeviceInfo; info != nil {
		label = info.GetDescription().Label
	}
	not := types.DeviceNotSupported{Device: label}
	switch d := d.(type) {
	case *types.VirtualDisk:
		if dependent(d) && physical(d) {
			return &types.PhysCompatRDMNotSupported{RDMNotSupported: types.RDMNotSupported{DeviceNotSupported: not}}
		}
		if dependent(d) && sharing(d) == "sharingMultiWriter" {
			return &types.MultiWriterNotSupported{DeviceNotSupported: not}
		}
	case types.BaseVirtualSCSIController:
		if d.GetVirtualSCSIController().SharedBus != types.VirtualSCSISharingNoSharing {
			return &types.SharedBusControllerNotSupported{DeviceNotSupported: not}
		}
	case *types.VirtualPCIPassthrough:
		if memory {
			return &not
		}
	}
	return nil
}

// stem is the path of the .vmx without its ending.
func stem(c *types.VirtualMachineConfigInfo) string {
	return strings.TrimSuffix(c.Files.VmPathName, ".vmx")
}

var numbered = regexp.MustCompile(`-\d{6}$`)

// delta lets a disk write to a new file on top of the one it has.
func (vm *machine) delta(d *types.VirtualDisk) {
	below := reflect.ValueOf(d.Backing)
	top := reflect.New(below.Elem().Type())
	top.Elem().Set(copied(below.Elem()))
	if !top.Elem().FieldByName("Parent").IsValid() {
		return
	}
	base := numbered.ReplaceAllString(strings.TrimSuffix(backing(d).FileName, ".vmdk"), "")
	name := ""
	for i := 1; ; i++ {
		if name = fmt.Sprintf("%s-%06d.vmdk", base, i); vm.w.stores.get(name) == nil {
			break
		}
	}
	top.Elem().FieldByName("Parent").Set(below)
	top.Elem().FieldByName("DeltaDiskFormat").SetString("seSparseFormat")
	below.Elem().FieldByName("ContentId").SetString(strings.ReplaceAll(named("content "+backing(d).FileName), "-", ""))
	d.Backing = top.Interface().(types.BaseVirtualDeviceBackingInfo)
	backing(d).FileName = name
	_ = vm.w.stores.put(name, &file{
		Kind: "vmdk", Format: "seSparse", Thin: true, Capacity: d.CapacityInBytes, UUID: word(d, "Uuid"), Time: vm.w.clock,
		Parent: path.Base(chainOf(d)[1]),
	})
}

// erase deletes the snapshot's own files.
func (s *snapshot) erase() {
	s.vm.w.stores.remove(s.data)
	if s.memory != "" {
		s.vm.w.stores.remove(s.memory)
	}
}

// tree writes down which snapshots there are and how they descend.
func (vm *machine) tree() {
	var below func(*snapshot) []types.VirtualMachineSnapshotTree
	below = func(above *snapshot) []types.VirtualMachineSnapshotTree {
		var list []types.VirtualMachineSnapshotTree
		for _, s := range vm.snaps {
			if s.above != above {
				continue
			}
			node := types.VirtualMachineSnapshotTree{
				Snapshot: s.Self, Vm: vm.Self, Name: s.name, Description: s.description, Id: s.id, CreateTime: s.made,
				State: s.state, Quiesced: s.quiesced, ReplaySupported: ptr(false), ChildSnapshotList: below(s),
			}
			s.ChildSnapshot = nil
			for _, child := range node.ChildSnapshotList {
				s.ChildSnapshot = append(s.ChildSnapshot, child.Snapshot)
			}
			list = append(list, node)
		}
		return list
	}
	vm.Snapshot, vm.RootSnapshot = nil, nil
	if len(vm.snaps) == 0 {
		return
	}
	vm.Snapshot = &types.VirtualMachineSnapshotInfo{RootSnapshotList: below(nil)}
	if vm.current != nil {
		vm.Snapshot.CurrentSnapshot = &vm.current.Self
	}
	for _, root := range vm.Snapshot.RootSnapshotList {
		vm.RootSnapshot = append(vm.RootSnapshot, root.Snapshot)
	}
}

// CreateSnapshotTask makes a snapshot.
func (vm *machine) CreateSnapshotTask(ctx *simulator.Context, r *types.CreateSnapshot_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "createSnapshot", func(ctx *simulator.Context) (types.AnyType, fault) {
		s, f := vm.take(ctx, r.Name, r.Description, r.Memory, r.Quiesce)
		if f != nil {
			return nil, f
		}
		return s.Self, nil
	})
	return &methods.CreateSnapshot_TaskBody{Res: &types.CreateSnapshot_TaskResponse{Returnval: t}}
}

// CreateSnapshotExTask makes a snapshot, quiesced if it has a spec for that.
func (vm *machine) CreateSnapshotExTask(ctx *simulator.Context, r *types.CreateSnapshotEx_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "createSnapshot", func(ctx *simulator.Context) (types.AnyType, fault) {
		s, f := vm.take(ctx, r.Name, r.Description, r.Memory, r.QuiesceSpec != nil)
		if f != nil {
			return nil, f
		}
		return s.Self, nil
	})
	return &methods.CreateSnapshotEx_TaskBody{Res: &types.CreateSnapshotEx_TaskResponse{Returnval: t}}
}
