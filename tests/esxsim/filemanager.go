package main

import (
	"path"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// fileManager makes, moves and deletes files by their datastore paths.
type fileManager struct {
	mo.FileManager
	w *world
}

// within refuses a datastore path that a vCenter cannot know the datacenter of.
func (w *world) within(property string, dc *ref) fault {
	if !w.esx && dc == nil {
		return argument(property)
	}
	return nil
}

func missingFile(name string) fault {
	return &types.FileNotFound{FileFault: types.FileFault{File: name}}
}
func takenFile(name string) fault {
	return &types.FileAlreadyExists{FileFault: types.FileFault{File: name}}
}

// held refuses to touch a file that a machine has open: all files of the
// disks of those that run or are suspended.
func (w *world) held(name string) fault {
	s, p, f := w.stores.resolve(name)
	if f != nil {
		return f
	}
	for _, vm := range w.machines {
		if vm.off() {
			continue
		}
		for _, d := range disks(vm.Config.Hardware.Device) {
			for _, one := range chainOf(d) {
				if os, op, _ := w.stores.resolve(one); os == s && (op == p || strings.HasPrefix(op, p+"/")) {
					return &types.FileLocked{FileFault: types.FileFault{File: name}}
				}
			}
		}
	}
	return nil
}

// target checks where a new file is to go: its directory has to be there.
func (w *world) target(name string, force bool) fault {
	s, p, f := w.stores.resolve(name)
	switch {
	case f != nil:
		return f
	case s.files[p] != nil && !force:
		return takenFile(name)
	case s.files[p] != nil:
		return w.held(name)
	}
	if dir := path.Dir(p); dir != "." && (s.files[dir] == nil || s.files[dir].Kind != "dir") {
		return missingFile(s.join(dir))
	}
	return nil
}

// MakeDirectory makes a directory, and those above it when it is asked to.
func (m *fileManager) MakeDirectory(_ *simulator.Context, r *types.MakeDirectory) soap.HasFault {
	body := new(methods.MakeDirectoryBody)
	f := m.w.within("datacenter", r.Datacenter)
	if f == nil && !truth(r.CreateParentDirectories) {
		f = m.w.target(r.Name, false)
	}
	if f == nil && m.w.stores.get(r.Name) != nil {
		f = takenFile(r.Name)
	}
	if f == nil {
		f = m.w.stores.put(r.Name, &file{Kind: "dir", Time: m.w.tick()})
	}
	if f != nil {
		body.Fault_ = raise(f)
		return body
	}
	body.Res = new(types.MakeDirectoryResponse)
	return body
}

// DeleteDatastoreFileTask deletes a file, or a directory with what is in it.
func (m *fileManager) DeleteDatastoreFileTask(ctx *simulator.Context, r *types.DeleteDatastoreFile_Task) soap.HasFault {
	t := m.w.run(ctx, m, "deleteDatastoreFile", func(*simulator.Context) (types.AnyType, fault) {
		return nil, first(m.w.within("datacenter", r.Datacenter), m.w.erase(r.Name))
	})
	return &methods.DeleteDatastoreFile_TaskBody{Res: &types.DeleteDatastoreFile_TaskResponse{Returnval: t}}
}

// CopyDatastoreFileTask copies a file.
func (m *fileManager) CopyDatastoreFileTask(ctx *simulator.Context, r *types.CopyDatastoreFile_Task) soap.HasFault {
	t := m.w.run(ctx, m, "copyDatastoreFile", func(*simulator.Context) (types.AnyType, fault) {
		return nil, m.copy(r.SourceName, r.DestinationName, r.SourceDatacenter, truth(r.Force))
	})
	return &methods.CopyDatastoreFile_TaskBody{Res: &types.CopyDatastoreFile_TaskResponse{Returnval: t}}
}

// MoveDatastoreFileTask moves a file.
func (m *fileManager) MoveDatastoreFileTask(ctx *simulator.Context, r *types.MoveDatastoreFile_Task) soap.HasFault {
	t := m.w.run(ctx, m, "moveDatastoreFile", func(*simulator.Context) (types.AnyType, fault) {
		if f := m.w.held(r.SourceName); f != nil {
			return nil, f
		}
		if f := m.copy(r.SourceName, r.DestinationName, r.SourceDatacenter, truth(r.Force)); f != nil {
			return nil, f
		}
		return nil, m.w.erase(r.SourceName)
	})
	return &methods.MoveDatastoreFile_TaskBody{Res: &types.MoveDatastoreFile_TaskResponse{Returnval: t}}
}

func (m *fileManager) copy(source, destination string, dc *ref, force bool) fault {
	if f := first(m.w.within("sourceDatacenter", dc), m.w.target(destination, force)); f != nil {
		return f
	}
	one := m.w.stores.get(source)
	if one == nil || one.Kind == "dir" {
		return missingFile(source)
	}
	made := *one
	made.Kind, made.Time = kindOf(destination), m.w.tick()
	return m.w.stores.put(destination, &made)
}

func (w *world) erase(name string) fault {
	s, p, f := w.stores.resolve(name)
	if f != nil {
		return f
	}
	if s.files[p] == nil {
		return missingFile(name)
	}
	if f := w.held(name); f != nil {
		return f
	}
	for other := range s.files {
		if strings.HasPrefix(other, p+"/") {
			delete(s.files, other)
		}
	}
	delete(s.files, p)
	return nil
}
