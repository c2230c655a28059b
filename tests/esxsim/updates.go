package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// WaitForUpdatesEx is the stock one; a rule may withhold what it tells.
func (c *collector) WaitForUpdatesEx(ctx *simulator.Context, r *types.WaitForUpdatesEx) soap.HasFault {
	res := c.PropertyCollector.WaitForUpdatesEx(ctx, r)
	found, ok := worldOf(ctx).late.LoadAndDelete(c.Self.Value)
	body, fine := res.(*methods.WaitForUpdatesExBody)
	if !ok || !fine || body.Res == nil || body.Res.Returnval == nil {
		return res
	}
	for _, part := range body.Res.Returnval.FilterSet {
		for i := range part.ObjectSet {
			found.(*rule).hide(&part.ObjectSet[i])
		}
	}
	return res
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
