package main

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

// file is one file or directory of a datastore. A file is never changed,
// only replaced, so that a refused change can put the old one back.
type file struct {
	Kind     string    `json:"kind"` // dir, vmdk, vmx, iso or other
	Size     int64     `json:"size,omitempty"`
	Capacity int64     `json:"capacity,omitempty"` // of a disk, in bytes
	Thin     bool      `json:"thin,omitempty"`
	Eager    bool      `json:"eager,omitempty"`  // zeroed when it was made
	Format   string    `json:"format,omitempty"` // flat, seSparse, rdm, rdmp or pmem
	LUN      string    `json:"lun,omitempty"`
	UUID     string    `json:"uuid,omitempty"`
	Parent   string    `json:"parent,omitempty"`
	Time     time.Time `json:"-"`
	Content  []byte    `json:"-"`
	Text     []byte    `json:"-"` // of a disk's descriptor, once somebody has written it
}

// store is one datastore and what is on it.
type store struct {
	ref   ref
	name  string
	url   string
	hosts map[ref]bool
	files map[string]*file
	first int64     // what its files took in the beginning
	undo  *[]func() // what to do when a change is refused
}

type stores map[string]*store

// try runs a change and, when it is refused, puts every file back.
func (ss stores) try(change func() fault) fault {
	var undo []func()
	for _, s := range ss {
		s.undo = &undo
	}
	f := change()
	for _, s := range ss {
		s.undo = nil
	}
	if f != nil {
		for i := len(undo) - 1; i >= 0; i-- {
			undo[i]()
		}
	}
	return f
}

// write sets or, with nil, deletes one file.
func (s *store) write(p string, one *file) {
	if old := s.files[p]; s.undo != nil {
		*s.undo = append(*s.undo, func() { s.write(p, old) })
	}
	if one == nil {
		delete(s.files, p)
		return
	}
	s.files[p] = one
}

// resolve splits "[datastore] path" and finds its datastore.
func (ss stores) resolve(name string) (*store, string, fault) {
	var p object.DatastorePath
	if !p.FromString(name) {
		return nil, "", &types.InvalidDatastorePath{DatastorePath: name}
	}
	s := ss[p.Datastore]
	if s == nil {
		return nil, "", &types.InvalidDatastorePath{
			InvalidDatastore: types.InvalidDatastore{Name: p.Datastore}, DatastorePath: name,
		}
	}
	return s, strings.Trim(path.Clean("/"+p.Path), "/"), nil
}

// get finds a file, or nil.
func (ss stores) get(name string) *file {
	s, p, f := ss.resolve(name)
	if f != nil {
		return nil
	}
	return s.files[p]
}

// put writes a file and the directories above it.
func (ss stores) put(name string, one *file) fault {
	s, p, f := ss.resolve(name)
	if f != nil {
		return f
	}
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if s.files[dir] == nil {
			s.write(dir, &file{Kind: "dir", Time: one.Time})
		}
	}
	s.write(p, one)
	return nil
}

// remove deletes a file.
func (ss stores) remove(name string) {
	s, p, f := ss.resolve(name)
	if f != nil {
		return
	}
	s.write(p, nil)
}

// prune deletes a directory that has nothing in it.
func (ss stores) prune(name string) {
	s, p, f := ss.resolve(name)
	if f != nil || p == "" {
		return
	}
	for other := range s.files {
		if strings.HasPrefix(other, p+"/") {
			return
		}
	}
	s.write(p, nil)
}

// join makes a datastore path.
func (s *store) join(elem ...string) string {
	return (&object.DatastorePath{Datastore: s.name, Path: path.Join(elem...)}).String()
}

// free finds the first of "a.vmdk", "a_1.vmdk"... that is not taken.
func (ss stores) free(dir, base, ext string) string {
	for i := 0; ; i++ {
		name := base + ext
		if i > 0 {
			name = fmt.Sprintf("%s_%d%s", base, i, ext)
		}
		full := strings.TrimSuffix(dir, "/") + "/" + name
		if strings.HasSuffix(dir, "]") {
			full = dir + " " + name
		}
		if ss.get(full) == nil {
			return full
		}
	}
}

// dirOf is the directory of a datastore path, as a datastore path.
func dirOf(name string) string {
	var p object.DatastorePath
	p.FromString(name)
	if p.Path = path.Dir(p.Path); p.Path == "." {
		p.Path = ""
	}
	return strings.TrimSpace(p.String())
}

// kindOf tells a file's kind by its name.
func kindOf(name string) string {
	switch ext := strings.TrimPrefix(path.Ext(name), "."); ext {
	case "vmdk", "vmx", "iso", "flp", "log", "nvram":
		return ext
	}
	return "other"
}
