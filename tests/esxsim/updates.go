package main

import (
	"strconv"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	mostUpdates = 100                   // objects in an answer, vCenter's default
	gathering   = 20 * time.Millisecond // what a host lets pass after a change, so that others come along
)

// waits is what a collector keeps between one wait and the next. The answer
// that was sent last is kept until a wait names its version: the connection
// may have lost it.
type waits struct {
	version int
	first   bool // whether the first answer has been made
	sent    *types.UpdateSet
	rest    []types.PropertyFilterUpdate // of an answer that was too long
	cancel  chan struct{}
}

// WaitForUpdatesEx answers with what has changed since the version that it
// names; a rule may withhold what it tells. The stock one reads every property
// of every object again for each change.
func (c *collector) WaitForUpdatesEx(ctx *simulator.Context, r *types.WaitForUpdatesEx) soap.HasFault {
	body := &methods.WaitForUpdatesExBody{Res: new(types.WaitForUpdatesExResponse)}
	w := worldOf(ctx)
	cancelled := c.begin(w)
	if f := c.take(ctx, w, r, body.Res); f != nil {
		return &methods.WaitForUpdatesExBody{Fault_: raise(f)}
	}
	over := ends(r.Options)
	for body.Res.Returnval == nil {
		select {
		case <-cancelled:
			return &methods.WaitForUpdatesExBody{Fault_: raise(new(types.RequestCanceled))}
		case <-over:
			return body
		case <-c.news():
			time.Sleep(gathering)
			c.more(ctx, w, r, body.Res)
		}
	}
	if found, ok := w.late.LoadAndDelete(c.Self.Value); ok {
		for _, part := range body.Res.Returnval.FilterSet {
			for i := range part.ObjectSet {
				found.(*rule).hide(&part.ObjectSet[i])
			}
		}
	}
	return body
}

// WaitForUpdates is the same without options; clients still call it.
func (c *collector) WaitForUpdates(ctx *simulator.Context, r *types.WaitForUpdates) soap.HasFault {
	found := c.WaitForUpdatesEx(ctx, &types.WaitForUpdatesEx{This: r.This, Version: r.Version}).(*methods.WaitForUpdatesExBody)
	body := &methods.WaitForUpdatesBody{Fault_: found.Fault_}
	if found.Res != nil {
		body.Res = &types.WaitForUpdatesResponse{Returnval: *found.Res.Returnval}
	}
	return body
}

// CancelWaitForUpdates ends the wait that is going on.
func (c *collector) CancelWaitForUpdates(_ *types.CancelWaitForUpdates) soap.HasFault {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waits.cancel != nil {
		close(c.waits.cancel)
		c.waits.cancel = nil
	}
	return &methods.CancelWaitForUpdatesBody{Res: new(types.CancelWaitForUpdatesResponse)}
}

func (c *collector) begin(w *world) <-chan struct{} {
	w.collectors.Store(c, true)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits.cancel = make(chan struct{})
	return c.waits.cancel
}

// ends tells when a wait is over; a wait without a limit never is.
func ends(options *types.WaitOptions) <-chan time.Time {
	if options == nil || options.MaxWaitSeconds == nil {
		return nil
	}
	return time.After(time.Duration(*options.MaxWaitSeconds) * time.Second)
}

// take answers at once where there is something to say: the first time, while
// parts of an answer are left, and when the last answer is asked for again.
func (c *collector) take(ctx *simulator.Context, w *world, r *types.WaitForUpdatesEx, res *types.WaitForUpdatesExResponse) fault {
	s := &c.waits
	switch {
	case r.Version == "":
		s.first, s.rest = false, nil
	case r.Version == strconv.Itoa(s.version):
	case s.sent != nil && r.Version == strconv.Itoa(s.version-1):
		res.Returnval = s.sent
		return nil
	default:
		return new(types.InvalidCollectorVersion)
	}
	if !s.first || s.rest != nil {
		s.first = true
		c.more(ctx, w, r, res)
		if r.Version == "" && res.Returnval == nil {
			c.answer(r, res, nil)
		}
		return nil
	}
	if o := r.Options; o != nil && o.MaxWaitSeconds != nil && *o.MaxWaitSeconds == 0 {
		c.more(ctx, w, r, res)
	}
	return nil
}

// more makes an answer of what is left, or of what has changed.
func (c *collector) more(ctx *simulator.Context, w *world, r *types.WaitForUpdatesEx, res *types.WaitForUpdatesExResponse) {
	found := c.waits.rest
	if found == nil {
		w.lock.Lock()
		found = c.changes(ctx, r.Version == "")
		w.lock.Unlock()
	}
	if len(found) != 0 {
		c.answer(r, res, found)
	}
}

func (c *collector) answer(r *types.WaitForUpdatesEx, res *types.WaitForUpdatesExResponse, found []types.PropertyFilterUpdate) {
	most := mostUpdates
	if o := r.Options; o != nil && o.MaxObjectUpdates > 0 && int(o.MaxObjectUpdates) < most {
		most = int(o.MaxObjectUpdates)
	}
	s := &c.waits
	s.version++
	s.sent = &types.UpdateSet{Version: strconv.Itoa(s.version)}
	s.sent.FilterSet, s.rest = parted(found, most)
	if s.rest != nil {
		s.sent.Truncated = ptr(true)
	}
	res.Returnval = clone(s.sent)
}

// parted parts an answer after so many objects.
func parted(all []types.PropertyFilterUpdate, most int) (now, later []types.PropertyFilterUpdate) {
	for i, one := range all {
		if len(one.ObjectSet) > most {
			head, tail := one, one
			head.ObjectSet, tail.ObjectSet = one.ObjectSet[:most], one.ObjectSet[most:]
			if most > 0 {
				now = append(now, head)
			}
			return now, append([]types.PropertyFilterUpdate{tail}, all[i+1:]...)
		}
		now, most = append(now, one), most-len(one.ObjectSet)
	}
	return now, nil
}

func (r *rule) hide(one *types.ObjectUpdate) {
	var kept []types.PropertyChange
	for _, change := range one.ChangeSet {
		switch {
		case !r.hits(change.Name):
		case r.Kind == "mistyped":
			change.Val = strange
		default:
			one.MissingSet = append(one.MissingSet, missing(one.Obj, change.Name))
			continue
		}
		kept = append(kept, change)
	}
	one.ChangeSet = kept
}
