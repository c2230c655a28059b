package main

import (
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// diskManager makes, changes and deletes virtual disks by their paths.
type diskManager struct {
	mo.VirtualDiskManager
	w *world
}

// diskTypes are those that a disk can be made as; the others of the API are
// for hosted products or for copies.
var diskTypes = []string{"thin", "preallocated", "eagerZeroedThick", "thick", "seSparse", "rdm", "rdmp"}

// find returns a disk that nobody has open.
func (m *diskManager) find(name string, dc *ref, property string) (*file, fault) {
	if f := first(m.w.within(property, dc), m.w.held(name)); f != nil {
		return nil, f
	}
	return m.look(name)
}

func (m *diskManager) look(name string) (*file, fault) {
	if _, _, f := m.w.stores.resolve(name); f != nil {
		return nil, f
	}
	one := m.w.stores.get(name)
	switch {
	case one == nil:
		return nil, missingFile(name)
	case one.Kind != "vmdk":
		return nil, &types.FileFault{File: name}
	}
	return one, nil
}

// task runs a change of a disk and answers with its reference.
func (m *diskManager) task(ctx *simulator.Context, name string, do func() fault) ref {
	return m.w.run(ctx, m, name, func(*simulator.Context) (types.AnyType, fault) { return nil, do() })
}

// shaped gives a new disk the type that a spec asks for.
func (one *file) shaped(spec types.BaseVirtualDiskSpec, capacity int64) fault {
	kind := spec.GetVirtualDiskSpec()
	switch {
	case !slices.Contains(diskTypes, kind.DiskType):
		return argument("spec.diskType")
	case !slices.Contains([]string{"ide", "busLogic", "lsiLogic"}, kind.AdapterType):
		return argument("spec.adapterType")
	}
	one.Format, one.Capacity = "flat", capacity
	switch s := spec.(type) {
	case *types.FileBackedVirtualDiskSpec:
		one.Capacity = s.CapacityKb * 1024
	case *types.DeviceBackedVirtualDiskSpec:
		at := slices.IndexFunc(luns, func(l lun) bool { return l.device == s.Device })
		if at < 0 {
			return argument("spec.device")
		}
		one.LUN, one.Capacity = luns[at].device, luns[at].capacity
	}
	switch kind.DiskType {
	case "rdm", "rdmp", "seSparse":
		one.Format = kind.DiskType
	}
	one.Thin, one.Eager = kind.DiskType == "thin" || kind.DiskType == "seSparse", kind.DiskType == "eagerZeroedThick"
	if one.Size = one.Capacity; one.Thin {
		one.Size = 0
	}
	if one.Capacity < 1<<20 {
		return argument("spec.capacityKb")
	}
	return nil
}

// CreateVirtualDiskTask makes a disk that no machine has.
func (m *diskManager) CreateVirtualDiskTask(ctx *simulator.Context, r *types.CreateVirtualDisk_Task) soap.HasFault {
	t := m.w.run(ctx, m, "createVirtualDisk", func(*simulator.Context) (types.AnyType, fault) {
		if f := first(m.w.within("datacenter", r.Datacenter), m.w.target(r.Name, false)); f != nil {
			return nil, f
		}
		one := &file{Kind: "vmdk", UUID: named("disk " + r.Name), Time: m.w.tick()}
		if f := one.shaped(r.Spec, 0); f != nil {
			return nil, f
		}
		return r.Name, m.w.stores.put(r.Name, one)
	})
	return &methods.CreateVirtualDisk_TaskBody{Res: &types.CreateVirtualDisk_TaskResponse{Returnval: t}}
}

// DeleteVirtualDiskTask deletes a disk.
func (m *diskManager) DeleteVirtualDiskTask(ctx *simulator.Context, r *types.DeleteVirtualDisk_Task) soap.HasFault {
	t := m.task(ctx, "deleteVirtualDisk", func() fault {
		if _, f := m.find(r.Name, r.Datacenter, "datacenter"); f != nil {
			return f
		}
		return m.w.erase(r.Name)
	})
	return &methods.DeleteVirtualDisk_TaskBody{Res: &types.DeleteVirtualDisk_TaskResponse{Returnval: t}}
}

// CopyVirtualDiskTask copies a disk with all that lies below it. Without a
// spec the copy is thick, whatever the source is; force is ignored.
func (m *diskManager) CopyVirtualDiskTask(ctx *simulator.Context, r *types.CopyVirtualDisk_Task) soap.HasFault {
	t := m.task(ctx, "copyVirtualDisk", func() fault {
		source, f := m.find(r.SourceName, r.SourceDatacenter, "sourceDatacenter")
		if f = first(f, m.w.target(r.DestName, false)); f != nil {
			return f
		}
		made := &file{Kind: "vmdk", UUID: named("disk " + r.DestName), Time: m.w.tick(), Content: source.Content}
		spec := r.DestSpec
		if spec == nil {
			spec = &types.VirtualDiskSpec{DiskType: "preallocated", AdapterType: "busLogic"}
		}
		capacity := source.Capacity
		if backed, ok := spec.(*types.FileBackedVirtualDiskSpec); ok {
			spec = &backed.VirtualDiskSpec // a copy is as large as its source
		}
		if f := made.shaped(spec, capacity); f != nil {
			return f
		}
		if made.Thin {
			made.Size = min(source.Size, capacity)
		}
		return m.w.stores.put(r.DestName, made)
	})
	return &methods.CopyVirtualDisk_TaskBody{Res: &types.CopyVirtualDisk_TaskResponse{Returnval: t}}
}

// MoveVirtualDiskTask moves a disk; force replaces what is there.
func (m *diskManager) MoveVirtualDiskTask(ctx *simulator.Context, r *types.MoveVirtualDisk_Task) soap.HasFault {
	t := m.task(ctx, "moveVirtualDisk", func() fault {
		source, f := m.find(r.SourceName, r.SourceDatacenter, "sourceDatacenter")
		if f = first(f, m.w.target(r.DestName, truth(r.Force))); f != nil {
			return f
		}
		m.w.stores.remove(r.SourceName)
		return m.w.stores.put(r.DestName, source)
	})
	return &methods.MoveVirtualDisk_TaskBody{Res: &types.MoveVirtualDisk_TaskResponse{Returnval: t}}
}

// QueryVirtualDiskUuid tells a disk's UUID.
func (m *diskManager) QueryVirtualDiskUuid(_ *simulator.Context, r *types.QueryVirtualDiskUuid) soap.HasFault {
	body := new(methods.QueryVirtualDiskUuidBody)
	one, f := m.look(r.Name)
	if f = first(m.w.within("datacenter", r.Datacenter), f); f != nil {
		body.Fault_ = raise(f)
		return body
	}
	body.Res = &types.QueryVirtualDiskUuidResponse{Returnval: one.UUID}
	return body
}

// SetVirtualDiskUuid gives a disk another UUID.
func (m *diskManager) SetVirtualDiskUuid(_ *simulator.Context, r *types.SetVirtualDiskUuid) soap.HasFault {
	body := new(methods.SetVirtualDiskUuidBody)
	one, f := m.find(r.Name, r.Datacenter, "datacenter")
	if f != nil {
		body.Fault_ = raise(f)
		return body
	}
	made := *one
	made.UUID = r.Uuid
	_ = m.w.stores.put(r.Name, &made)
	body.Res = new(types.SetVirtualDiskUuidResponse)
	return body
}
