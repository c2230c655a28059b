package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// folder holds machines and more folders of the kind.
type folder struct {
	simulator.Folder
	w *world
}

// CreateFolder makes a folder inside.
func (f *folder) CreateFolder(ctx *simulator.Context, r *types.CreateFolder) soap.HasFault {
	body := new(methods.CreateFolderBody)
	if f.w.esx {
		body.Fault_ = raise(&types.NotSupported{})
		return body
	}
	name := inventoryName(r.Name)
	if twin := f.named(name); twin != nil {
		body.Fault_ = raise(&types.DuplicateName{Name: name, Object: twin.Reference()})
		return body
	}
	made := f.w.folder(ctx, f, name)
	body.Res = &types.CreateFolderResponse{Returnval: made.Self}
	return body
}

func (w *world) folder(ctx *simulator.Context, parent *folder, name string) *folder {
	made := &folder{w: w}
	made.Self.Type = "Folder"
	made.Name = name
	made.ChildType = parent.ChildType
	w.m.PutEntity(parent, made)
	parent.hold(ctx, made.Self)
	return made
}

// named returns the child with a name.
func (f *folder) named(name string) mo.Entity { return f.w.m.FindByName(name, f.ChildEntity) }

func (f *folder) hold(ctx *simulator.Context, child ref) {
	list := append(append([]ref{}, f.ChildEntity...), child)
	ctx.WithLock(f, func() { ctx.Update(f, []types.PropertyChange{{Name: "childEntity", Val: list}}) })
}

func (f *folder) drop(ctx *simulator.Context, child ref) {
	list := []ref{}
	for _, one := range f.ChildEntity {
		if one != child {
			list = append(list, one)
		}
	}
	ctx.WithLock(f, func() { ctx.Update(f, []types.PropertyChange{{Name: "childEntity", Val: list}}) })
}

// DestroyTask deletes a folder that holds nothing.
func (f *folder) DestroyTask(ctx *simulator.Context, _ *types.Destroy_Task) soap.HasFault {
	t := f.w.run(ctx, f, "destroy", func(ctx *simulator.Context) (types.AnyType, fault) {
		parent, ok := f.w.m.Get(*f.Parent).(*folder)
		if !ok || len(f.ChildEntity) != 0 {
			return nil, &types.NotSupported{}
		}
		parent.drop(ctx, f.Self)
		f.w.m.Remove(ctx, f.Self)
		return nil, nil
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: t}}
}

// RenameTask renames the folder.
func (f *folder) RenameTask(ctx *simulator.Context, r *types.Rename_Task) soap.HasFault {
	t := f.w.run(ctx, f, "rename", func(ctx *simulator.Context) (types.AnyType, fault) {
		ctx.Update(f, []types.PropertyChange{{Name: "name", Val: r.NewName}})
		return nil, nil
	})
	return &methods.Rename_TaskBody{Res: &types.Rename_TaskResponse{Returnval: t}}
}

// MoveIntoFolderTask takes machines from where they are.
func (f *folder) MoveIntoFolderTask(ctx *simulator.Context, r *types.MoveIntoFolder_Task) soap.HasFault {
	t := f.w.run(ctx, f, "moveIntoFolder", func(ctx *simulator.Context) (types.AnyType, fault) {
		for _, one := range r.List {
			vm := f.w.machines[one]
			if vm == nil {
				return nil, &types.NotSupported{}
			}
			if twin := f.named(vm.Name); twin != nil && twin.Reference() != one {
				return nil, &types.DuplicateName{Name: vm.Name, Object: twin.Reference()}
			}
			vm.folder().drop(ctx, one)
			f.hold(ctx, one)
			vm.Parent = &f.Self
			vm.refresh(ctx)
		}
		return nil, nil
	})
	return &methods.MoveIntoFolder_TaskBody{Res: &types.MoveIntoFolder_TaskResponse{Returnval: t}}
}

// CreateVMTask makes a machine, or leaves everything as it was.
func (f *folder) CreateVMTask(ctx *simulator.Context, r *types.CreateVM_Task) soap.HasFault {
	t := f.w.run(ctx, f, "createVm", func(ctx *simulator.Context) (types.AnyType, fault) {
		vm, err := f.w.create(ctx, f, &r.Config, &r.Pool, r.Host)
		if err != nil {
			return nil, err
		}
		return vm.Self, nil
	})
	return &methods.CreateVM_TaskBody{Res: &types.CreateVM_TaskResponse{Returnval: t}}
}

// RegisterVMTask takes back a machine that was unregistered.
func (f *folder) RegisterVMTask(ctx *simulator.Context, r *types.RegisterVM_Task) soap.HasFault {
	t := f.w.run(ctx, f, "registerVm", func(ctx *simulator.Context) (types.AnyType, fault) {
		vm, err := f.w.register(ctx, f, r)
		if err != nil {
			return nil, err
		}
		return vm.Self, nil
	})
	return &methods.RegisterVM_TaskBody{Res: &types.RegisterVM_TaskResponse{Returnval: t}}
}
