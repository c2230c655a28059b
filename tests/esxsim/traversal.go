package main

import (
	"reflect"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// The types of which a traversal's own type is a parent.
var subtypes = map[string]string{
	"ClusterComputeResource": "ComputeResource",
	"StoragePod":             "Folder",
	"VirtualApp":             "ResourcePool",
}

// walk follows the steps of one request. govmomi's own walk takes a step from
// any object that has a property of the step's name; vSphere takes it only
// from objects of the step's type.
type walk struct {
	ctx   *simulator.Context
	steps map[string]*types.TraversalSpec
	found []types.ObjectSpec
}

// walked returns the object specs with their traversals walked, or the same
// ones where a start is not there.
func walked(ctx *simulator.Context, specs []types.ObjectSpec) []types.ObjectSpec {
	w := &walk{ctx: ctx, steps: map[string]*types.TraversalSpec{}}
	for _, spec := range specs {
		if len(spec.SelectSet) > 0 && w.get(spec.Obj) == nil {
			return specs
		}
		w.learn(spec.SelectSet)
		if len(spec.SelectSet) == 0 || !truth(spec.Skip) {
			w.found = append(w.found, types.ObjectSpec{Obj: spec.Obj})
		}
		w.from(spec.Obj, spec.SelectSet)
	}
	return w.found
}

// learn notes the steps by their names.
func (w *walk) learn(set []types.BaseSelectionSpec) {
	for _, each := range set {
		if step, ok := each.(*types.TraversalSpec); ok {
			w.learn(step.SelectSet)
			w.steps[step.Name] = step
		}
	}
}

// from follows every step of the set that starts from the object's type.
func (w *walk) from(obj ref, set []types.BaseSelectionSpec) {
	for _, each := range set {
		step, ok := each.(*types.TraversalSpec)
		if !ok {
			step = w.steps[each.GetSelectionSpec().Name]
		}
		if step == nil || (obj.Type != step.Type && subtypes[obj.Type] != step.Type) {
			continue
		}
		for _, next := range w.property(obj, step.Path) {
			if !truth(step.Skip) {
				w.found = append(w.found, types.ObjectSpec{Obj: next})
			}
			w.from(next, step.SelectSet)
		}
	}
}

// property returns the references that a property of an object holds.
func (w *walk) property(obj ref, path string) []ref {
	item := w.get(obj)
	if item == nil {
		return nil
	}
	field := reflect.Indirect(reflect.ValueOf(item))
	for _, name := range strings.Split(path, ".") {
		if field = reflect.Indirect(field); field.Kind() != reflect.Struct {
			return nil
		}
		field = field.FieldByName(strings.ToUpper(name[:1]) + name[1:])
	}
	if !field.IsValid() {
		return nil
	}
	switch held := field.Interface().(type) {
	case ref:
		return []ref{held}
	case *ref:
		if held != nil {
			return []ref{*held}
		}
	case []ref:
		return held
	}
	return nil
}

// get finds an object of the inventory, or of the session, as a view is.
func (w *walk) get(obj ref) mo.Reference {
	if w.ctx.Session == nil {
		return w.ctx.Map.Get(obj)
	}
	return w.ctx.Session.Get(obj)
}
