package main

import (
	"slices"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// filter is what a collector watches: the objects that its traversals lead to.
type filter struct {
	mo.PropertyFilter
	of      *collector
	members map[ref]bool // those that a client knows of
}

// CreateFilter has the collector watch something.
func (c *collector) CreateFilter(ctx *simulator.Context, r *types.CreateFilter) soap.HasFault {
	f := &filter{of: c, members: map[ref]bool{}}
	f.Self.Type, f.PartialUpdates, f.Spec = "PropertyFilter", r.PartialUpdates, r.Spec
	c.Filter = append(c.Filter, ctx.Session.Put(f).Reference())
	worldOf(ctx).collectors.Store(c, true)
	return &methods.CreateFilterBody{Res: &types.CreateFilterResponse{Returnval: f.Self}}
}

// DestroyPropertyFilter has the collector watch it no more.
func (f *filter) DestroyPropertyFilter(ctx *simulator.Context, r *types.DestroyPropertyFilter) soap.HasFault {
	simulator.RemoveReference(&f.of.Filter, r.This)
	ctx.Session.Remove(ctx, r.This)
	return &methods.DestroyPropertyFilterBody{Res: new(types.DestroyPropertyFilterResponse)}
}

// DestroyPropertyCollector ends the collector with its filters.
func (c *collector) DestroyPropertyCollector(ctx *simulator.Context, r *types.DestroyPropertyCollector) soap.HasFault {
	c.CancelWaitForUpdates(nil)
	worldOf(ctx).collectors.Delete(c)
	for _, one := range c.Filter {
		ctx.Session.Remove(ctx, one)
	}
	ctx.Session.Remove(ctx, r.This)
	return &methods.DestroyPropertyCollectorBody{Res: new(types.DestroyPropertyCollectorResponse)}
}

// touches are the changed paths of objects since the last answer, and the
// objects in the order of their changes. One that has come or gone has no path.
type touches struct {
	order []ref
	paths map[ref][]string
}

// note remembers that an object has changed.
func (c *collector) note(one ref, paths []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.touched.paths == nil {
		c.touched.paths = map[ref][]string{}
	}
	if _, ok := c.touched.paths[one]; !ok {
		c.touched.order = append(c.touched.order, one)
	}
	c.touched.paths[one] = append(c.touched.paths[one], paths...)
	select {
	case c.news() <- true:
	default:
	}
}

// news has a value when something has changed.
func (c *collector) news() chan bool {
	c.once.Do(func() { c.signal = make(chan bool, 1) })
	return c.signal
}

// changes are what each filter has to tell; the first time, every object.
func (c *collector) changes(ctx *simulator.Context, anew bool) (out []types.PropertyFilterUpdate) {
	c.mu.Lock()
	touched := c.touched
	c.touched = touches{}
	c.mu.Unlock()
	for _, self := range c.Filter {
		f, ok := ctx.Session.Get(self).(*filter)
		if !ok {
			continue
		}
		if anew {
			f.members = map[ref]bool{}
		}
		if found := f.updates(ctx, touched); len(found) != 0 {
			out = append(out, types.PropertyFilterUpdate{Filter: self, ObjectSet: found})
		}
	}
	return out
}

// updates are what has become of the objects, in the order of their changes.
func (f *filter) updates(ctx *simulator.Context, touched touches) (out []types.ObjectUpdate) {
	order, now := slices.Clone(touched.order), map[ref]bool{}
	for _, one := range walked(ctx, f.Spec.ObjectSet) {
		if ctx.Session.Get(one.Obj) == nil {
			continue
		}
		if now[one.Obj] = true; !f.members[one.Obj] {
			order = append(order, one.Obj)
		}
	}
	for one := range f.members {
		if !now[one] {
			order = append(order, one)
		}
	}
	seen := map[ref]bool{}
	for _, one := range order {
		if seen[one] {
			continue
		}
		seen[one] = true
		switch was := f.members[one]; {
		case was && !now[one]:
			delete(f.members, one)
			out = append(out, types.ObjectUpdate{Obj: one, Kind: types.ObjectUpdateKindLeave})
		case now[one]:
			if found, ok := f.read(ctx, one, touched.paths[one], was); ok {
				f.members[one] = true
				out = append(out, found)
			}
		}
	}
	return out
}

// read makes an update of the properties that have changed, of a new object of all.
func (f *filter) read(ctx *simulator.Context, one ref, changed []string, known bool) (types.ObjectUpdate, bool) {
	update := types.ObjectUpdate{Obj: one, Kind: types.ObjectUpdateKindEnter}
	var specs []types.PropertySpec
	for _, spec := range f.Spec.PropSet {
		if known && !truth(spec.All) {
			spec.PathSet = slices.DeleteFunc(slices.Clone(spec.PathSet), func(path string) bool { return !concerns(changed, path) })
			if len(spec.PathSet) == 0 {
				continue
			}
		}
		specs = append(specs, spec)
	}
	if known {
		update.Kind = types.ObjectUpdateKindModify
	}
	if len(specs) == 0 || (known && len(changed) == 0) {
		return update, false
	}
	request := types.RetrievePropertiesEx{SpecSet: []types.PropertyFilterSpec{{
		PropSet: specs, ObjectSet: []types.ObjectSpec{{Obj: one}},
	}}}
	body, ok := f.of.PropertyCollector.RetrievePropertiesEx(ctx, &request).(*methods.RetrievePropertiesExBody)
	if !ok || body.Res == nil || len(body.Res.Returnval.Objects) == 0 {
		return update, false // of another type, or gone
	}
	content := body.Res.Returnval.Objects[0]
	update.MissingSet = content.MissingSet
	read := map[string]bool{}
	for _, each := range content.PropSet {
		read[each.Name] = true
		update.ChangeSet = append(update.ChangeSet, assigned(each.Name, each.Val))
	}
	for _, each := range content.MissingSet {
		read[each.Path] = true
	}
	for _, spec := range specs {
		for _, path := range spec.PathSet {
			if known && !read[path] { // it is unset now
				update.ChangeSet = append(update.ChangeSet, assigned(path, nil))
			}
		}
	}
	return update, true
}

func assigned(path string, to types.AnyType) types.PropertyChange {
	return types.PropertyChange{Name: path, Op: types.PropertyChangeOpAssign, Val: to}
}

// concerns says whether one of the changes is of a property, of a part of it,
// or of what it is a part of.
func concerns(changed []string, path string) bool {
	return slices.ContainsFunc(changed, func(one string) bool {
		return one == path || strings.HasPrefix(one, path+".") || strings.HasPrefix(path, one+".")
	})
}

// watcher lets the collectors of a world know what happens in its registry.
type watcher struct{ w *world }

func (o *watcher) Reference() ref { return ref{Type: "Watcher", Value: "watcher"} }

func (o *watcher) PutObject(_ *simulator.Context, obj mo.Reference) { o.w.tell(obj.Reference()) }

func (o *watcher) RemoveObject(_ *simulator.Context, one ref) { o.w.tell(one) }

func (o *watcher) UpdateObject(_ *simulator.Context, obj mo.Reference, changes []types.PropertyChange) {
	var paths []string
	for _, change := range changes {
		paths = append(paths, change.Name)
	}
	o.w.tell(obj.Reference(), paths...)
}

// tell lets those who wait know that an object has come, gone or changed.
func (w *world) tell(one ref, paths ...string) {
	w.collectors.Range(func(c, _ any) bool {
		c.(*collector).note(one, paths)
		return true
	})
}
