package main

import (
	"io"
	"net/http"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// fileManager makes and deletes files by their datastore paths.
type fileManager struct {
	mo.FileManager
	w *world
}

// MakeDirectory makes a directory.
func (m *fileManager) MakeDirectory(_ *simulator.Context, r *types.MakeDirectory) soap.HasFault {
	body := new(methods.MakeDirectoryBody)
	if m.w.stores.get(r.Name) != nil {
		body.Fault_ = raise(&types.FileAlreadyExists{FileFault: types.FileFault{File: r.Name}})
		return body
	}
	if f := m.w.stores.put(r.Name, &file{Kind: "dir", Time: m.w.tick()}); f != nil {
		body.Fault_ = raise(f)
		return body
	}
	body.Res = new(types.MakeDirectoryResponse)
	return body
}

// DeleteDatastoreFileTask deletes a file, or a directory with what is in it.
func (m *fileManager) DeleteDatastoreFileTask(ctx *simulator.Context, r *types.DeleteDatastoreFile_Task) soap.HasFault {
	t := m.w.run(ctx, m, "deleteDatastoreFile", func(*simulator.Context) (types.AnyType, fault) {
		return nil, m.w.erase(r.Name)
	})
	return &methods.DeleteDatastoreFile_TaskBody{Res: &types.DeleteDatastoreFile_TaskResponse{Returnval: t}}
}

func (w *world) erase(name string) fault {
	s, p, f := w.stores.resolve(name)
	if f != nil {
		return f
	}
	if s.files[p] == nil {
		return &types.FileNotFound{FileFault: types.FileFault{File: name}}
	}
	for other := range s.files {
		if strings.HasPrefix(other, p+"/") {
			delete(s.files, other)
		}
	}
	delete(s.files, p)
	return nil
}

// diskManager makes and deletes virtual disks.
type diskManager struct {
	mo.VirtualDiskManager
	w *world
}

// CreateVirtualDiskTask makes a disk that no machine has.
func (m *diskManager) CreateVirtualDiskTask(ctx *simulator.Context, r *types.CreateVirtualDisk_Task) soap.HasFault {
	t := m.w.run(ctx, m, "createVirtualDisk", func(*simulator.Context) (types.AnyType, fault) {
		if m.w.stores.get(r.Name) != nil {
			return nil, &types.FileAlreadyExists{FileFault: types.FileFault{File: r.Name}}
		}
		one := &file{Kind: "vmdk", Format: "flat", UUID: named(r.Name), Time: m.w.tick()}
		if spec, ok := r.Spec.(*types.FileBackedVirtualDiskSpec); ok {
			one.Capacity = spec.CapacityKb * 1024
			one.Thin = spec.DiskType == "thin"
		}
		one.Size = one.Capacity
		return r.Name, m.w.stores.put(r.Name, one)
	})
	return &methods.CreateVirtualDisk_TaskBody{Res: &types.CreateVirtualDisk_TaskResponse{Returnval: t}}
}

// DeleteVirtualDiskTask deletes a disk.
func (m *diskManager) DeleteVirtualDiskTask(ctx *simulator.Context, r *types.DeleteVirtualDisk_Task) soap.HasFault {
	t := m.w.run(ctx, m, "deleteVirtualDisk", func(*simulator.Context) (types.AnyType, fault) {
		return nil, m.w.erase(r.Name)
	})
	return &methods.DeleteVirtualDisk_TaskBody{Res: &types.DeleteVirtualDisk_TaskResponse{Returnval: t}}
}

// QueryVirtualDiskUuid tells a disk's UUID.
func (m *diskManager) QueryVirtualDiskUuid(_ *simulator.Context, r *types.QueryVirtualDiskUuid) soap.HasFault {
	body := new(methods.QueryVirtualDiskUuidBody)
	one := m.w.stores.get(r.Name)
	if one == nil {
		body.Fault_ = raise(&types.FileNotFound{FileFault: types.FileFault{File: r.Name}})
		return body
	}
	body.Res = &types.QueryVirtualDiskUuidResponse{Returnval: one.UUID}
	return body
}

// file serves datastore files over HTTP, to those who have a session or the
// password: GET, HEAD, PUT and DELETE of /folder/PATH?dsName=DATASTORE.
func (f *front) file(rw http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.admits(r) {
		rw.Header().Set("WWW-Authenticate", `Basic realm="VMware HTTP server"`)
		http.Error(rw, "unauthorized", http.StatusUnauthorized)
		return
	}
	name := "[" + r.URL.Query().Get("dsName") + "] " + strings.TrimPrefix(r.URL.Path, "/folder/")
	one := f.w.stores.get(name)
	if one == nil && r.Method != http.MethodPut {
		http.NotFound(rw, r)
		return
	}
	switch r.Method {
	case http.MethodPut:
		content, _ := io.ReadAll(r.Body)
		put := &file{Kind: kindOf(name), Size: int64(len(content)), Content: content, Time: f.w.tick()}
		if f.w.stores.put(name, put) != nil {
			http.NotFound(rw, r)
			return
		}
		rw.WriteHeader(http.StatusCreated)
	case http.MethodDelete:
		f.w.erase(name)
		rw.WriteHeader(http.StatusNoContent)
	default:
		_, _ = rw.Write(one.Content)
	}
}

func (f *front) admits(r *http.Request) bool {
	if user, password, ok := r.BasicAuth(); ok {
		return user == f.opt.user && password == f.opt.password
	}
	cookie, err := r.Cookie(soap.SessionCookieName)
	for _, s := range f.w.sessions() {
		if err == nil && s.Key == strings.Trim(cookie.Value, `"`) {
			return true
		}
	}
	return false
}
