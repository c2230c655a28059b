package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	poweredOn  = types.VirtualMachinePowerStatePoweredOn
	poweredOff = types.VirtualMachinePowerStatePoweredOff
	suspended  = types.VirtualMachinePowerStateSuspended
)

// turn puts the machine into a power state.
func (vm *machine) turn(ctx *simulator.Context, state types.VirtualMachinePowerState) {
	now := vm.w.tick()
	vm.Runtime.PowerState = state
	vm.Runtime.CleanPowerOff = nil
	vm.Runtime.SuspendTime = nil
	swap := stem(vm.Config) + ".vmss"
	vm.w.stores.remove(swap)
	switch state {
	case poweredOn:
		vm.Runtime.BootTime = &now
		for _, d := range vm.Config.Hardware.Device {
			if c := d.GetVirtualDevice().Connectable; c != nil {
				c.Connected = c.StartConnected
			}
		}
	case suspended:
		vm.Runtime.SuspendTime = &now
		_ = vm.w.stores.put(swap, &file{Kind: "other", Size: int64(vm.Config.Hardware.MemoryMB) << 20, Time: now})
	default:
		vm.Runtime.BootTime = nil
		vm.Runtime.CleanPowerOff = ptr(true)
	}
	vm.refresh(ctx)
}

// locked finds a disk that another running machine holds.
func (vm *machine) locked() fault {
	held := map[string]bool{}
	for _, other := range vm.w.machines {
		if other == vm || other.off() {
			continue
		}
		for _, d := range disks(other.Config.Hardware.Device) {
			if sharing(d) != "sharingMultiWriter" {
				held[backing(d).FileName] = true
			}
		}
	}
	for _, d := range disks(vm.Config.Hardware.Device) {
		for _, name := range chainOf(d) {
			if vm.w.stores.get(name) == nil {
				return &types.FileNotFound{FileFault: types.FileFault{File: name}}
			}
			if held[name] {
				return &types.FileLocked{FileFault: types.FileFault{File: name}}
			}
		}
	}
	return nil
}

// PowerOnVMTask starts or resumes the machine.
func (vm *machine) PowerOnVMTask(ctx *simulator.Context, _ *types.PowerOnVM_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "powerOn", func(ctx *simulator.Context) (types.AnyType, fault) {
		if vm.on() {
			return nil, vm.in(poweredOn)
		}
		if vm.Config.Template {
			return nil, &types.NotSupported{}
		}
		if f := vm.locked(); f != nil {
			return nil, f
		}
		vm.turn(ctx, poweredOn)
		return nil, nil
	})
	return &methods.PowerOnVM_TaskBody{Res: &types.PowerOnVM_TaskResponse{Returnval: t}}
}

// PowerOffVMTask stops a machine that runs or is suspended.
func (vm *machine) PowerOffVMTask(ctx *simulator.Context, _ *types.PowerOffVM_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "powerOff", func(ctx *simulator.Context) (types.AnyType, fault) {
		if vm.off() {
			return nil, vm.in(poweredOff)
		}
		vm.turn(ctx, poweredOff)
		return nil, nil
	})
	return &methods.PowerOffVM_TaskBody{Res: &types.PowerOffVM_TaskResponse{Returnval: t}}
}

// SuspendVMTask suspends a machine that runs.
func (vm *machine) SuspendVMTask(ctx *simulator.Context, _ *types.SuspendVM_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "suspend", func(ctx *simulator.Context) (types.AnyType, fault) {
		if !vm.on() {
			return nil, vm.in(suspended)
		}
		vm.turn(ctx, suspended)
		return nil, nil
	})
	return &methods.SuspendVM_TaskBody{Res: &types.SuspendVM_TaskResponse{Returnval: t}}
}

// ResetVMTask restarts a machine that runs.
func (vm *machine) ResetVMTask(ctx *simulator.Context, _ *types.ResetVM_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "reset", func(ctx *simulator.Context) (types.AnyType, fault) {
		if !vm.on() {
			return nil, vm.in(poweredOn)
		}
		vm.turn(ctx, poweredOn)
		return nil, nil
	})
	return &methods.ResetVM_TaskBody{Res: &types.ResetVM_TaskResponse{Returnval: t}}
}

// ready says why the guest cannot be asked for anything.
func (vm *machine) ready() fault {
	switch {
	case vm.busy != nil:
		return &types.TaskInProgress{Task: vm.busy.Self}
	case !vm.on():
		return vm.in(poweredOn)
	case !vm.tools:
		return &types.ToolsUnavailable{}
	}
	return nil
}

// ShutdownGuest asks the guest to shut down, which it does at once.
func (vm *machine) ShutdownGuest(ctx *simulator.Context, _ *types.ShutdownGuest) soap.HasFault {
	if f := vm.ready(); f != nil {
		return &methods.ShutdownGuestBody{Fault_: raise(f)}
	}
	vm.turn(ctx, poweredOff)
	return &methods.ShutdownGuestBody{Res: new(types.ShutdownGuestResponse)}
}

// RebootGuest asks the guest to restart.
func (vm *machine) RebootGuest(ctx *simulator.Context, _ *types.RebootGuest) soap.HasFault {
	if f := vm.ready(); f != nil {
		return &methods.RebootGuestBody{Fault_: raise(f)}
	}
	vm.turn(ctx, poweredOn)
	return &methods.RebootGuestBody{Res: new(types.RebootGuestResponse)}
}

// StandbyGuest asks the guest to go to sleep.
func (vm *machine) StandbyGuest(ctx *simulator.Context, _ *types.StandbyGuest) soap.HasFault {
	if f := vm.ready(); f != nil {
		return &methods.StandbyGuestBody{Fault_: raise(f)}
	}
	vm.turn(ctx, suspended)
	return &methods.StandbyGuestBody{Res: new(types.StandbyGuestResponse)}
}

// info makes the question as the machine will show it.
func (q question) info(vm *machine) *types.VirtualMachineQuestionInfo {
	if len(q.Choices) == 0 {
		q.Choices = []string{"Cancel", "I Moved It", "I Copied It"}
	}
	if q.Text == "" {
		q.Text = "This virtual machine might have been moved or copied."
	}
	info := &types.VirtualMachineQuestionInfo{Id: fmt.Sprint(vm.number), Text: q.Text}
	for i, label := range q.Choices {
		info.Choice.ChoiceInfo = append(info.Choice.ChoiceInfo, &types.ElementDescription{
			Description: types.Description{Label: label, Summary: label}, Key: fmt.Sprint(i),
		})
	}
	info.Choice.DefaultIndex = q.Default
	info.Message = []types.VirtualMachineMessage{{Id: "msg.uuid.altered", Text: q.Text}}
	return info
}

// ask shows the pending question.
func (vm *machine) ask(ctx *simulator.Context) {
	ctx.WithLock(vm, func() {
		vm.Runtime.Question = vm.pending
		vm.refresh(ctx)
	})
}

// unask withdraws it.
func (vm *machine) unask(ctx *simulator.Context) {
	ctx.WithLock(vm, func() {
		vm.pending, vm.Runtime.Question = nil, nil
		vm.refresh(ctx)
	})
}

// AnswerVM answers the question; the task that waits for it goes on.
func (vm *machine) AnswerVM(ctx *simulator.Context, r *types.AnswerVM) soap.HasFault {
	q := vm.Runtime.Question
	if q == nil || q.Id != r.QuestionId {
		return &methods.AnswerVMBody{Fault_: raise(&types.InvalidArgument{InvalidProperty: "questionId"})}
	}
	known := false
	for _, choice := range q.Choice.ChoiceInfo {
		known = known || choice.GetElementDescription().Key == r.AnswerChoice
	}
	if !known {
		return &methods.AnswerVMBody{Fault_: raise(&types.InvalidArgument{InvalidProperty: "answerChoice"})}
	}
	vm.unask(ctx)
	if t := vm.busy; t != nil {
		t.release()
		t.finish(ctx)
	}
	return &methods.AnswerVMBody{Res: new(types.AnswerVMResponse)}
}
