package main

import (
	"sort"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// searchIndex finds machines in the order of their making, so that the answer
// for a UUID that two of them have is always the same.
type searchIndex struct {
	simulator.SearchIndex
	w *world
}

// sorted are the machines in the order of their making.
func (w *world) sorted() []*machine {
	var all []*machine
	for _, vm := range w.machines {
		all = append(all, vm)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].number < all[j].number })
	return all
}

// find returns the machine with a moid or a name.
func (w *world) find(what string) *machine {
	for _, vm := range w.sorted() {
		if vm.Self.Value == what || vm.Name == what {
			return vm
		}
	}
	return nil
}

// FindByUuid finds the first machine or host with the UUID.
func (s *searchIndex) FindByUuid(ctx *simulator.Context, r *types.FindByUuid) soap.HasFault {
	if !r.VmSearch {
		return s.SearchIndex.FindByUuid(ctx, r)
	}
	body := &methods.FindByUuidBody{Res: new(types.FindByUuidResponse)}
	for _, vm := range s.w.byUUID(r.Uuid, truth(r.InstanceUuid)) {
		body.Res.Returnval = &vm
		break
	}
	return body
}

// FindAllByUuid finds every machine or host with the UUID.
func (s *searchIndex) FindAllByUuid(ctx *simulator.Context, r *types.FindAllByUuid) soap.HasFault {
	if !r.VmSearch {
		return s.SearchIndex.FindAllByUuid(ctx, r)
	}
	return &methods.FindAllByUuidBody{Res: &types.FindAllByUuidResponse{
		Returnval: s.w.byUUID(r.Uuid, truth(r.InstanceUuid)),
	}}
}

func (w *world) byUUID(id string, instance bool) []ref {
	var out []ref
	for _, vm := range w.sorted() {
		has := vm.Config.Uuid
		if instance {
			has = vm.Config.InstanceUuid
		}
		if strings.EqualFold(has, id) {
			out = append(out, vm.Self)
		}
	}
	return out
}

// FindByInventoryPath walks the names of a path.
func (s *searchIndex) FindByInventoryPath(ctx *simulator.Context, r *types.FindByInventoryPath) soap.HasFault {
	body := &methods.FindByInventoryPathBody{Res: new(types.FindByInventoryPathResponse)}
	at := s.w.content().RootFolder
	for _, name := range strings.FieldsFunc(r.InventoryPath, func(c rune) bool { return c == '/' }) {
		next := s.child(ctx, at, name)
		if next == nil {
			return body
		}
		at = *next
	}
	body.Res.Returnval = &at
	return body
}

// FindChild finds a child by its name.
func (s *searchIndex) FindChild(ctx *simulator.Context, r *types.FindChild) soap.HasFault {
	if s.w.m.Get(r.Entity) == nil {
		return &methods.FindChildBody{Fault_: raise(&types.ManagedObjectNotFound{Obj: r.Entity})}
	}
	return &methods.FindChildBody{Res: &types.FindChildResponse{Returnval: s.child(ctx, r.Entity, r.Name)}}
}

func (s *searchIndex) child(ctx *simulator.Context, parent ref, name string) *ref {
	if f, ok := s.w.m.Get(parent).(*folder); ok {
		if e := s.w.m.FindByName(name, f.ChildEntity); e != nil {
			self := e.(mo.Reference).Reference()
			return &self
		}
		return nil
	}
	res := s.SearchIndex.FindChild(ctx, &types.FindChild{Entity: parent, Name: name})
	return res.(*methods.FindChildBody).Res.Returnval
}
