package main

import (
	"reflect"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// work is what a task does.
type work func(ctx *simulator.Context) (types.AnyType, fault)

// task is a vSphere task. It has ended by the time its reference is returned,
// so that what a client sees does not depend on timing; it runs on only when
// a test asked for a slow task or the machine has a question.
type task struct {
	mo.Task
	w    *world
	on   mo.Reference
	vm   *machine
	work work
	rule *rule
}

// run does the work as a task of the entity.
func (w *world) run(ctx *simulator.Context, entity mo.Reference, name string, do work) ref {
	w.nextTask++
	on := entity.Reference()
	now := w.tick()
	t := &task{w: w, on: entity, work: do}
	t.Self = w.moid("Task", w.nextTask)
	t.Info = types.TaskInfo{
		Key: t.Self.Value, Task: t.Self, Name: strings.ToUpper(name[:1]) + name[1:] + "_Task",
		DescriptionId: on.Type + "." + name, EntityName: w.nameOf(entity),
		State: types.TaskInfoStateRunning, Cancelable: true, QueueTime: now, StartTime: &now,
		Reason: &types.TaskReasonUser{UserName: w.opt.user}, EventChainId: int32(w.nextTask),
	}
	if _, ok := entity.(mo.Entity); ok {
		t.Info.Entity = &on // a manager is none, and clients check
	}
	t.vm, _ = entity.(*machine)
	t.rule, w.armed = w.armed, nil
	w.m.Put(t)
	w.tasks = append(w.tasks, t)
	w.remember(ctx, t, entity)
	t.start(ctx)
	return t.Self
}

func (w *world) nameOf(entity mo.Reference) string {
	if e, ok := entity.(mo.Entity); ok {
		return e.Entity().Name
	}
	return entity.Reference().Value
}

func (t *task) start(ctx *simulator.Context) {
	switch {
	case t.rule.is("task") && !t.rule.Execute:
		t.end(ctx, nil, t.rule.fault)
	case t.rule.is("slow"):
		t.hold(ctx)
		go t.later(t.rule.wait())
	case t.vm != nil && t.vm.busy != nil:
		t.end(ctx, nil, &types.TaskInProgress{Task: t.vm.busy.Self})
	case t.vm != nil && t.vm.pending != nil:
		t.hold(ctx)
		t.vm.ask(ctx)
	default:
		t.finish(ctx)
	}
}

// hold leaves the task running and its machine busy.
func (t *task) hold(ctx *simulator.Context) {
	if t.vm != nil {
		t.vm.busy = t
	}
	t.Info.Progress = 10
}

// later lets the time pass, shows progress, and does the work.
func (t *task) later(d time.Duration) {
	for _, percent := range []int32{40, 70} {
		time.Sleep(d / 3)
		t.w.lock.Lock()
		if t.Info.State == types.TaskInfoStateRunning {
			t.set(t.w.background(), []types.PropertyChange{{Name: "info.progress", Val: percent}})
		}
		t.w.lock.Unlock()
	}
	time.Sleep(d / 3)
	t.w.lock.Lock()
	defer t.w.lock.Unlock()
	if t.Info.State == types.TaskInfoStateRunning {
		t.release()
		t.finish(t.w.background())
	}
}

func (t *task) release() {
	if t.vm != nil && t.vm.busy == t {
		t.vm.busy = nil
	}
}

func (t *task) finish(ctx *simulator.Context) {
	var result types.AnyType
	var f fault
	ctx.WithLock(t.on, func() { result, f = t.work(ctx) })
	if t.rule.is("task") {
		f = t.rule.fault
	}
	t.end(ctx, result, f)
}

// end closes the task with a result or a fault.
func (t *task) end(ctx *simulator.Context, result types.AnyType, f fault) {
	t.release()
	changes := []types.PropertyChange{
		{Name: "info.completeTime", Val: t.w.tick()},
		{Name: "info.cancelable", Val: false},
	}
	if f != nil {
		message := text(f)
		if t.rule != nil && t.rule.Message != "" {
			message = t.rule.Message
		}
		changes = append(changes,
			types.PropertyChange{Name: "info.error", Val: types.LocalizedMethodFault{Fault: f, LocalizedMessage: message}},
			types.PropertyChange{Name: "info.state", Val: types.TaskInfoStateError})
	} else {
		changes = append(changes, types.PropertyChange{Name: "info.progress", Val: int32(100)})
		if result != nil && !reflect.ValueOf(result).IsZero() {
			changes = append(changes, types.PropertyChange{Name: "info.result", Val: result})
		}
		changes = append(changes, types.PropertyChange{Name: "info.state", Val: types.TaskInfoStateSuccess})
	}
	t.set(ctx, changes)
}

func (t *task) set(ctx *simulator.Context, changes []types.PropertyChange) {
	ctx.WithLock(t, func() { ctx.Update(t, changes) })
}

// CancelTask ends a running task with RequestCanceled, and its work undone.
func (t *task) CancelTask(ctx *simulator.Context, _ *types.CancelTask) soap.HasFault {
	body := new(methods.CancelTaskBody)
	if t.Info.State != types.TaskInfoStateRunning {
		body.Fault_ = raise(&types.InvalidState{})
		return body
	}
	if t.vm != nil && t.vm.busy == t {
		t.vm.unask(ctx)
	}
	ctx.Update(t, []types.PropertyChange{{Name: "info.cancelled", Val: true}})
	t.end(ctx, nil, &types.RequestCanceled{})
	body.Res = new(types.CancelTaskResponse)
	return body
}

// recentMax bounds the lists of recent tasks.
const recentMax = 20

// remember puts the task in the lists of recent ones.
func (w *world) remember(ctx *simulator.Context, t *task, entity mo.Reference) {
	w.recent = latest(append(w.recent, t.Self))
	if manager := w.m.Get(*w.content().TaskManager); manager != nil {
		ctx.WithLock(manager, func() {
			ctx.Update(manager, []types.PropertyChange{{Name: "recentTask", Val: append([]ref{}, w.recent...)}})
		})
	}
	if e, ok := entity.(mo.Entity); ok {
		list := latest(append(append([]ref{}, e.Entity().RecentTask...), t.Self))
		ctx.Update(e, []types.PropertyChange{{Name: "recentTask", Val: list}})
	}
}

func latest(list []ref) []ref {
	if len(list) > recentMax {
		list = list[len(list)-recentMax:]
	}
	return list
}

// raise words a fault for the wire.
func raise(f fault) *soap.Fault { return simulator.Fault(text(f), f) }
