package main

import (
	"path"
	"sort"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// browser searches datastores.
type browser struct {
	mo.HostDatastoreBrowser
	w *world
}

// SearchDatastoreTask lists one directory.
func (b *browser) SearchDatastoreTask(ctx *simulator.Context, r *types.SearchDatastore_Task) soap.HasFault {
	t := b.w.run(ctx, b, "searchDatastore", func(*simulator.Context) (types.AnyType, fault) {
		found, f := b.search(r.DatastorePath, r.SearchSpec, false)
		if f != nil {
			return nil, f
		}
		return found[0], nil
	})
	return &methods.SearchDatastore_TaskBody{Res: &types.SearchDatastore_TaskResponse{Returnval: t}}
}

// SearchDatastoreSubFoldersTask lists a directory and those below it.
func (b *browser) SearchDatastoreSubFoldersTask(ctx *simulator.Context, r *types.SearchDatastoreSubFolders_Task) soap.HasFault {
	t := b.w.run(ctx, b, "searchDatastoreSubFolders", func(*simulator.Context) (types.AnyType, fault) {
		found, f := b.search(r.DatastorePath, r.SearchSpec, true)
		if f != nil {
			return nil, f
		}
		return types.ArrayOfHostDatastoreBrowserSearchResults{HostDatastoreBrowserSearchResults: found}, nil
	})
	return &methods.SearchDatastoreSubFolders_TaskBody{
		Res: &types.SearchDatastoreSubFolders_TaskResponse{Returnval: t},
	}
}

type searchSpec = types.HostDatastoreBrowserSearchSpec

func (b *browser) search(where string, spec *searchSpec, deep bool) ([]types.HostDatastoreBrowserSearchResults, fault) {
	s, top, f := b.w.stores.resolve(where)
	if f != nil {
		return nil, f
	}
	if top != "" && (s.files[top] == nil || s.files[top].Kind != "dir") {
		return nil, &types.FileNotFound{FileFault: types.FileFault{File: where}}
	}
	if spec == nil {
		spec = &searchSpec{}
	}
	dirs := []string{top}
	for name, one := range s.files {
		if deep && one.Kind == "dir" && (top == "" || strings.HasPrefix(name, top+"/")) {
			dirs = append(dirs, name)
		}
	}
	sort.Strings(dirs)
	inside := s.byDirectory()
	var out []types.HostDatastoreBrowserSearchResults
	for _, dir := range dirs {
		out = append(out, types.HostDatastoreBrowserSearchResults{
			Datastore: &s.ref, FolderPath: s.join(dir), File: list(s, inside[dir], spec),
		})
	}
	return out, nil
}

// byDirectory are the files of each directory; the datastore's own is "".
func (s *store) byDirectory() map[string][]string {
	inside := map[string][]string{}
	for name := range s.files {
		parent := path.Dir(name)
		if parent == "." {
			parent = ""
		}
		inside[parent] = append(inside[parent], name)
	}
	return inside
}

// list is what one directory holds of what was asked for.
func list(s *store, files []string, spec *searchSpec) []types.BaseFileInfo {
	var names []string
	for _, name := range files {
		if matches(path.Base(name), spec) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var out []types.BaseFileInfo
	for _, name := range names {
		if info := describe(name, s.files[name], spec); info != nil {
			out = append(out, info)
		}
	}
	return out
}

func matches(name string, spec *searchSpec) bool {
	for _, pattern := range spec.MatchPattern {
		if ok, _ := path.Match(pattern, name); ok {
			return true
		}
	}
	return len(spec.MatchPattern) == 0
}

// describe makes the answer for one file, or nil when nobody asked for it.
func describe(name string, one *file, spec *searchSpec) types.BaseFileInfo {
	info := types.FileInfo{Path: path.Base(name), FileSize: one.Size, Modification: &one.Time, Owner: "root"}
	if len(spec.Query) == 0 {
		if one.Kind == "dir" {
			return &types.FolderFileInfo{FileInfo: info}
		}
		return &info
	}
	for _, query := range spec.Query {
		switch q := query.(type) {
		case *types.FolderFileQuery:
			if one.Kind == "dir" {
				return &types.FolderFileInfo{FileInfo: info}
			}
		case *types.VmDiskFileQuery:
			if one.Kind == "vmdk" {
				return diskInfo(info, one, q)
			}
		case *types.VmConfigFileQuery:
			if one.Kind == "vmx" {
				return &types.VmConfigFileInfo{FileInfo: info}
			}
		case *types.IsoImageFileQuery:
			if one.Kind == "iso" {
				return &types.IsoImageFileInfo{FileInfo: info}
			}
		case *types.FloppyImageFileQuery:
			if one.Kind == "flp" {
				return &types.FloppyImageFileInfo{FileInfo: info}
			}
		case *types.FileQuery:
			return &info
		}
	}
	return nil
}

// diskInfo tells what a disk query asks about.
func diskInfo(info types.FileInfo, one *file, q *types.VmDiskFileQuery) *types.VmDiskFileInfo {
	out := &types.VmDiskFileInfo{FileInfo: info}
	details := q.Details
	if details == nil {
		return out
	}
	if details.CapacityKb {
		out.CapacityKb = one.Capacity / 1024
	}
	if details.DiskType {
		out.DiskType = map[string]string{
			"flat": "VirtualDiskFlatVer2BackingInfo", "seSparse": "VirtualDiskSeSparseBackingInfo",
			"rdm": "VirtualDiskRawDiskMappingVer1BackingInfo", "rdmp": "VirtualDiskRawDiskMappingVer1BackingInfo",
			"pmem": "VirtualDiskLocalPMemBackingInfo",
		}[one.Format]
	}
	if truth(details.ControllerType) {
		out.ControllerType = "VirtualLsiLogicController"
	}
	if details.HardwareVersion {
		out.HardwareVersion = 19
	}
	if truth(details.Thin) {
		out.Thin = ptr(one.Thin)
	}
	return out
}
