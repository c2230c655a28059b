package main

import (
	"path"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// quick reads properties without the copies that the stock collector makes,
// so that a benchmark measures the client and not the simulator. It knows the
// plain cases only: named paths that exist. For all else it says no, and the
// stock collector is asked.
type quick struct {
	ctx   *simulator.Context
	specs map[string]*types.TraversalSpec
	done  map[ref]bool
	out   []types.ObjectContent
}

func readQuick(ctx *simulator.Context, r *types.RetrievePropertiesEx) ([]types.ObjectContent, bool) {
	if ctx.Session == nil {
		return nil, false
	}
	q := &quick{ctx: ctx, specs: map[string]*types.TraversalSpec{}, done: map[ref]bool{}}
	for _, spec := range r.SpecSet {
		for _, p := range spec.PropSet {
			if truth(p.All) {
				return nil, false
			}
		}
		for _, o := range spec.ObjectSet {
			v := q.object(o.Obj)
			if !v.IsValid() {
				return nil, false
			}
			if (o.SelectSet == nil || !truth(o.Skip)) && !q.read(o.Obj, spec.PropSet) {
				return nil, false
			}
			if !q.follow(v, o.SelectSet, spec.PropSet) {
				return nil, false
			}
		}
	}
	return q.out, true
}

// object is the managed object behind a reference, without its wrapping.
func (q *quick) object(self ref) reflect.Value {
	var obj mo.Reference = q.ctx.Session.Get(self)
	if obj == nil {
		return reflect.Value{}
	}
	if _, wrapped := obj.(interface{ Get() mo.Reference }); wrapped {
		return reflect.Value{}
	}
	v := reflect.ValueOf(obj).Elem()
	for path.Base(v.Type().PkgPath()) != "mo" {
		if v.Kind() != reflect.Struct || v.NumField() == 0 {
			return reflect.Value{}
		}
		if v = v.Field(0); v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
	}
	return v
}

// follow reads the objects that a traversal leads to.
func (q *quick) follow(v reflect.Value, set []types.BaseSelectionSpec, props []types.PropertySpec) bool {
	for _, one := range set {
		if t, ok := one.(*types.TraversalSpec); ok && t.Name != "" {
			q.specs[t.Name] = t
		}
	}
	for _, one := range set {
		t, ok := one.(*types.TraversalSpec)
		if !ok {
			if t = q.specs[one.GetSelectionSpec().Name]; t == nil {
				return false
			}
		}
		found, _ := at(v, t.Path)
		for _, self := range refs(found) {
			if !truth(t.Skip) && !q.read(self, props) {
				return false
			}
			if next := q.object(self); next.IsValid() && !q.follow(next, t.SelectSet, props) {
				return false
			}
		}
	}
	return true
}

// refs are the references that a property holds.
func refs(v reflect.Value) []ref {
	if !v.IsValid() {
		return nil
	}
	switch held := v.Interface().(type) {
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

// read takes down the properties of one object, if any are asked for.
func (q *quick) read(self ref, props []types.PropertySpec) bool {
	if q.done[self] {
		return true
	}
	q.done[self] = true
	v := q.object(self)
	if !v.IsValid() {
		return false
	}
	content, wanted := types.ObjectContent{Obj: self}, false
	seen := map[string]bool{}
	for _, p := range props {
		if f, ok := v.Type().FieldByName(p.Type); p.Type != self.Type && p.Type != v.Type().Name() && !(ok && f.Anonymous) {
			continue
		}
		wanted = true
		for _, name := range p.PathSet {
			if seen[name] {
				continue
			}
			seen[name] = true
			found, ok := at(v, name)
			if !ok {
				return false
			}
			if val := wrapped(found); val != nil {
				content.PropSet = append(content.PropSet, types.DynamicProperty{Name: name, Val: val})
			}
		}
	}
	if wanted {
		q.out = append(q.out, content)
	}
	return true
}

// at follows a path. It is not valid when something on the way is unset, and
// not ok when there is no such property.
func at(v reflect.Value, name string) (reflect.Value, bool) {
	for _, part := range strings.Split(name, ".") {
		for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, true
			}
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct || part == "" {
			return reflect.Value{}, false
		}
		if v = v.FieldByName(strings.ToUpper(part[:1]) + part[1:]); !v.IsValid() {
			return reflect.Value{}, false
		}
	}
	return v, true
}

// wrapped is a value the way the wire has it, nil when it is unset.
func wrapped(v reflect.Value) types.AnyType {
	switch {
	case !v.IsValid():
		return nil
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		return v.Interface()
	case v.Kind() == reflect.String && v.Len() == 0:
		return nil
	case v.Kind() != reflect.Slice:
		return v.Interface()
	}
	kind := strings.TrimPrefix(v.Type().Elem().Name(), "Base")
	kind = map[string]string{"string": "String", "uint8": "Byte", "int16": "Short", "int32": "Int", "int64": "Long"}[kind]
	if kind == "" {
		kind = strings.TrimPrefix(v.Type().Elem().Name(), "Base")
	}
	array, ok := types.TypeFunc()("ArrayOf" + kind)
	if !ok {
		return v.Interface()
	}
	list := reflect.New(array)
	list.Elem().FieldByName(kind).Set(v)
	return list.Interface()
}
