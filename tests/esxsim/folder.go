package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/vmware/govmomi/vim25/soap"
)

// file serves datastore files over HTTP, to those who have a session or the
// password: GET (with ranges), HEAD, PUT and DELETE of
// /folder/PATH?dsName=DATASTORE. The data of a disk is in its -flat file.
func (f *front) file(rw http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away, and nothing was written
	}
	f.mu.Lock()
	unlock := f.mu.Unlock
	defer func() { unlock() }()
	if !f.admits(r) {
		rw.Header().Set("WWW-Authenticate", `Basic realm="VMware HTTP server"`)
		http.Error(rw, "unauthorized", http.StatusUnauthorized)
		return
	}
	name := "[" + r.URL.Query().Get("dsName") + "] " + strings.TrimPrefix(r.URL.Path, "/folder/")
	disk := f.w.disk(name)
	switch r.Method {
	case http.MethodPut:
		f.put(rw, name, disk, content)
		return
	case http.MethodDelete:
		f.unlink(rw, name)
		return
	}
	one := f.w.stores.get(name)
	switch {
	case disk != "":
		one = f.w.stores.get(disk)
		if f.w.held(disk) != nil {
			http.Error(rw, "the file is locked", http.StatusInternalServerError)
			return
		}
	case one == nil || one.Kind == "dir":
		http.NotFound(rw, r)
		return
	}
	body := one.body(name, disk != "")
	f.mu.Unlock()
	unlock = func() {}
	http.ServeContent(rw, r, "", one.Time, body)
}

// disk is the disk whose data a name stands for; "" when it is none.
func (w *world) disk(name string) string {
	whole := strings.TrimSuffix(name, "-flat.vmdk") + ".vmdk"
	if one := w.stores.get(whole); strings.HasSuffix(name, "-flat.vmdk") && one != nil && one.Format == "flat" {
		return whole
	}
	return ""
}

// put replaces a whole file, whatever Content-Range says.
func (f *front) put(rw http.ResponseWriter, name, disk string, content []byte) {
	made := &file{Kind: kindOf(name), Size: int64(len(content)), Content: content, Time: f.w.tick()}
	if one := f.w.stores.get(name); one != nil && one.Kind == "vmdk" && one.Format != "" && bytes.HasPrefix(content, descriptorHead) {
		written := *one
		written.Text, made = content, &written
	}
	if disk != "" {
		grown := *f.w.stores.get(disk)
		grown.Content, name, made = content, disk, &grown
	}
	if f.w.held(name) != nil {
		http.Error(rw, "the file is locked", http.StatusInternalServerError)
		return
	}
	if f.w.stores.put(name, made) != nil {
		http.Error(rw, "no such datastore", http.StatusNotFound)
		return
	}
	rw.WriteHeader(http.StatusCreated)
}

func (f *front) unlink(rw http.ResponseWriter, name string) {
	switch {
	case f.w.stores.get(name) == nil:
		http.Error(rw, "no such file", http.StatusNotFound)
	case f.w.erase(name) != nil:
		http.Error(rw, "the file is locked", http.StatusInternalServerError)
	default:
		rw.WriteHeader(http.StatusNoContent)
	}
}

// body is what a file holds: the descriptor of a disk, or data, which is zero
// where nobody has written any.
func (one *file) body(name string, data bool) io.ReadSeeker {
	size := max(one.Size, int64(len(one.Content)))
	if data {
		size = one.Capacity
	} else if one.Kind == "vmdk" && (one.Content == nil || one.Format != "") {
		if one.Text != nil {
			return bytes.NewReader(one.Text)
		}
		return strings.NewReader(one.descriptor(path.Base(name)))
	}
	return io.NewSectionReader(zeroed(one.Content), 0, size)
}

var descriptorHead = []byte("# Disk DescriptorFile")

// descriptor is the text of a disk's first file.
func (one *file) descriptor(name string) string {
	return fmt.Sprintf("# Disk DescriptorFile\nversion=1\nencoding=\"UTF-8\"\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"vmfs\"\n\n"+
		"# Extent description\nRW %d VMFS \"%s-flat.vmdk\"\n\n# The Disk Data Base\nddb.adapterType = \"lsilogic\"\nddb.uuid = \"%s\"\n",
		one.Capacity/512, strings.TrimSuffix(name, ".vmdk"), one.UUID)
}

// zeroed is some content with zeros after it.
type zeroed []byte

func (z zeroed) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < int64(len(z)) {
		n = copy(p, z[off:])
	}
	copy(p[n:], bytes.Repeat([]byte{0}, len(p)-n))
	return len(p), nil
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
