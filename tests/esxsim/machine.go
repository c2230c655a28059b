package main

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type vmConfig = types.VirtualMachineConfigInfo

// machine is a virtual machine.
type machine struct {
	mo.VirtualMachine
	w        *world
	number   int
	snaps    []*snapshot // in the order of their making
	current  *snapshot
	nextSnap int32
	tools    bool // a guest with VMware Tools runs when it is on
	busy     *task
	pending  *types.VirtualMachineQuestionInfo // to be asked by the next task
	known    map[string]any                    // what watchers were last told
	counters map[string]int64                  // what a test has set, by counter and instance
	said     json.RawMessage                   // what a test lets the guest say
	quick    json.RawMessage                   // what a test lets the quick statistics say
	keys     []types.UsbScanCodeSpecKeyEvent   // that were pressed
}

// shelved is a machine that was unregistered.
type shelved struct {
	config  types.VirtualMachineConfigInfo
	tools   bool
	snaps   []*snapshot // as its .vmsd has them
	current *snapshot
	next    int32
}

func (vm *machine) folder() *folder { return vm.w.m.Get(*vm.Parent).(*folder) }

func (vm *machine) on() bool { return vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn }

func (vm *machine) off() bool {
	return vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOff
}

// in is the fault for a machine that is in the wrong power state.
func (vm *machine) in(wanted types.VirtualMachinePowerState) fault {
	return &types.InvalidPowerState{RequestedState: wanted, ExistingState: vm.Runtime.PowerState}
}

// enroll gives a configuration a machine, in a folder and on a host.
func (w *world) enroll(ctx *simulator.Context, f *folder, config *vmConfig, host *simulator.HostSystem, pool ref) *machine {
	w.nextVM++
	number := w.nextVM
	if !w.esx {
		number += 100
	}
	vm := &machine{w: w, number: w.nextVM, nextSnap: 1, known: map[string]any{}, counters: map[string]int64{}}
	vm.Self = w.moid("VirtualMachine", number)
	vm.Config = config
	vm.Name = config.Name
	vm.Runtime = types.VirtualMachineRuntimeInfo{
		Host: &host.Self, ConnectionState: "connected", PowerState: "poweredOff", FaultToleranceState: "notConfigured",
		RecordReplayState: "inactive", CleanPowerOff: ptr(true), MaxCpuUsage: config.Hardware.NumCPU * 2900,
		MaxMemoryUsage: config.Hardware.MemoryMB, CryptoState: "", ToolsInstallerMounted: false,
	}
	compute := w.places.compute[host.Self]
	vm.EnvironmentBrowser = w.places.browsers[compute.Self]
	vm.ResourcePool = &pool
	vm.Capability = capability()
	vm.GuestHeartbeatStatus = types.ManagedEntityStatusGray
	w.machines[vm.Self] = vm
	f.hold(ctx, vm.Self) // first: a view takes in what it finds below its root
	w.m.PutEntity(f, vm)
	w.m.AppendReference(ctx, host, &host.Vm, vm.Self)
	if p, ok := w.m.Get(pool).(*simulator.ResourcePool); ok {
		w.m.AppendReference(ctx, p, &p.Vm, vm.Self)
	}
	vm.refresh(ctx)
	return vm
}

// leave takes the machine out of the inventory.
func (vm *machine) leave(ctx *simulator.Context) {
	w := vm.w
	vm.folder().drop(ctx, vm.Self)
	for _, one := range vm.Datastore {
		ds := w.m.Get(one).(*datastore)
		w.m.RemoveReference(ctx, ds, &ds.Vm, vm.Self)
	}
	for _, one := range vm.Network {
		net := w.netObject(one)
		w.m.RemoveReference(ctx, net, &net.Vm, vm.Self)
	}
	host := w.m.Get(*vm.Runtime.Host).(*simulator.HostSystem)
	w.m.RemoveReference(ctx, host, &host.Vm, vm.Self)
	if p, ok := w.m.Get(*vm.ResourcePool).(*simulator.ResourcePool); ok {
		w.m.RemoveReference(ctx, p, &p.Vm, vm.Self)
	}
	for _, s := range vm.snaps {
		w.m.Remove(ctx, s.Self)
	}
	delete(w.machines, vm.Self)
	w.m.Remove(ctx, vm.Self)
}

// RenameTask gives the machine another name, unique in its folder.
func (vm *machine) RenameTask(ctx *simulator.Context, r *types.Rename_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "rename", func(ctx *simulator.Context) (types.AnyType, fault) {
		if r.NewName == "" {
			return nil, &types.InvalidName{Entity: &vm.Self}
		}
		return nil, vm.reconfigure(ctx, &types.VirtualMachineConfigSpec{Name: r.NewName}, nil)
	})
	return &methods.Rename_TaskBody{Res: &types.Rename_TaskResponse{Returnval: t}}
}

// ReconfigVMTask changes the configuration: all of it or nothing.
func (vm *machine) ReconfigVMTask(ctx *simulator.Context, r *types.ReconfigVM_Task) soap.HasFault {
	sent := vm.w.sent.down("Envelope", "Body", "ReconfigVM_Task", "spec")
	t := vm.w.run(ctx, vm, "reconfigVm", func(ctx *simulator.Context) (types.AnyType, fault) {
		return nil, vm.reconfigure(ctx, &r.Spec, sent)
	})
	return &methods.ReconfigVM_TaskBody{Res: &types.ReconfigVM_TaskResponse{Returnval: t}}
}

// UpgradeVMTask raises the hardware version.
func (vm *machine) UpgradeVMTask(ctx *simulator.Context, r *types.UpgradeVM_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "upgradeVm", func(ctx *simulator.Context) (types.AnyType, fault) {
		version := r.Version
		if version == "" {
			version = defaultVersion
		}
		switch {
		case !vm.off():
			return nil, vm.in(types.VirtualMachinePowerStatePoweredOff)
		case hardwareNumber(version) <= hardwareNumber(vm.Config.Version):
			return nil, &types.AlreadyUpgraded{}
		}
		return nil, vm.reconfigure(ctx, &types.VirtualMachineConfigSpec{Version: version}, nil)
	})
	return &methods.UpgradeVM_TaskBody{Res: &types.UpgradeVM_TaskResponse{Returnval: t}}
}

// UnregisterVM takes the machine from the inventory and leaves its files.
func (vm *machine) UnregisterVM(ctx *simulator.Context, _ *types.UnregisterVM) soap.HasFault {
	body := new(methods.UnregisterVMBody)
	switch {
	case vm.busy != nil:
		body.Fault_ = raise(&types.TaskInProgress{Task: vm.busy.Self})
	case vm.on():
		body.Fault_ = raise(vm.in(types.VirtualMachinePowerStatePoweredOff))
	default:
		vm.w.shelf[vm.Config.Files.VmPathName] = &shelved{
			config: clone(*vm.Config), tools: vm.tools, snaps: vm.snaps, current: vm.current, next: vm.nextSnap,
		}
		vm.leave(ctx)
		body.Res = new(types.UnregisterVMResponse)
	}
	return body
}

// DestroyTask deletes the machine with its disks and its directory.
func (vm *machine) DestroyTask(ctx *simulator.Context, _ *types.Destroy_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "destroy", func(ctx *simulator.Context) (types.AnyType, fault) {
		if vm.on() {
			return nil, vm.in(types.VirtualMachinePowerStatePoweredOff)
		}
		stem := strings.TrimSuffix(vm.Config.Files.VmPathName, ".vmx")
		dir := dirOf(vm.Config.Files.VmPathName)
		for _, name := range vm.chains() {
			vm.w.stores.remove(name)
		}
		for _, ext := range []string{".vmx", ".vmsd", ".nvram", ".vmss"} {
			vm.w.stores.remove(stem + ext)
		}
		for _, s := range vm.snaps {
			s.erase()
		}
		vm.w.stores.remove(dir + "/vmware.log")
		vm.w.stores.prune(dir)
		vm.leave(ctx)
		return nil, nil
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: t}}
}

// AcquireTicket gives a ticket for the console.
func (vm *machine) AcquireTicket(_ *simulator.Context, r *types.AcquireTicket) soap.HasFault {
	body := new(methods.AcquireTicketBody)
	if !vm.on() {
		body.Fault_ = raise(vm.in(types.VirtualMachinePowerStatePoweredOn))
		return body
	}
	body.Res = &types.AcquireTicketResponse{Returnval: types.VirtualMachineTicket{
		Ticket: named(r.TicketType + vm.Self.Value)[:18], CfgFile: vm.Config.Files.VmPathName, Port: 902,
	}}
	return body
}

// watched are the properties whose changes are told to those who wait.
var watched = []string{
	"name", "parent", "recentTask", "snapshot", "datastore", "network", "resourceConfig", "layoutEx",
	"config.name", "config.uuid", "config.changeVersion", "config.annotation", "config.template", "config.hardware.device",
	"config.hardware.numCPU", "config.hardware.memoryMB", "config.extraConfig",
	"runtime.powerState", "runtime.question", "runtime.bootTime", "runtime.host", "runtime.connectionState",
	"config.version", "config.instanceUuid", "config.guestId",
	"guest.toolsRunningStatus", "guest.toolsVersionStatus2", "guest.guestState", "guest.ipAddress", "guest.hostName",
	"guest.net", "guest.disk", "guest.guestFullName", "guestHeartbeatStatus",
	"summary.config.name", "summary.runtime.powerState", "summary.runtime.question", "summary.quickStats",
	"summary.guest.toolsRunningStatus", "summary.guest.hostName", "summary.guest.ipAddress",
}

// tell lets watchers know what changed since they were last told.
func (vm *machine) tell(ctx *simulator.Context) {
	var changes []types.PropertyChange
	for _, path := range watched {
		now := value(reflect.ValueOf(vm.VirtualMachine), strings.Split(path, "."))
		if old, ok := vm.known[path]; ok && reflect.DeepEqual(old, now) {
			continue
		}
		vm.known[path] = clone(now) // what is told becomes the machine's own, and is changed in place
		changes = append(changes, types.PropertyChange{Name: path, Val: now})
	}
	if len(changes) != 0 {
		ctx.Update(vm, changes)
	}
}

// value follows a path through structs and pointers; nil when it ends early.
func value(v reflect.Value, path []string) any {
	for _, name := range path {
		v = v.FieldByName(strings.ToUpper(name[:1]) + name[1:])
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return nil
			}
			v = v.Elem()
		}
	}
	if v.Kind() == reflect.Slice && v.IsNil() {
		return reflect.MakeSlice(v.Type(), 0, 0).Interface()
	}
	return copied(v).Interface()
}
