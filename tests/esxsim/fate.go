package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/vmware/govmomi/simulator"
)

// fate is what becomes of a datastore, as no client of the API would have it.
type fate struct {
	Name       string `json:"name"`
	Added      bool   `json:"added"` // mounted by every host
	Removed    bool   `json:"removed"`
	Renamed    string `json:"renamed"`
	Accessible *bool  `json:"accessible"` // whether the hosts reach it
}

// postDatastore lets it come to pass. One that is renamed or removed must not
// have machines.
func (f *front) postDatastore(r *http.Request) (any, error) {
	var to fate
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&to); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if to.Added {
		f.w.addDatastore(to.Name, ref{Type: "Datastore", Value: "datastore-" + named(to.Name)[:8]}, f.w.places.hosts)
		return done, nil
	}
	s := f.w.stores[to.Name]
	if s == nil {
		return nil, fmt.Errorf("no datastore %q", to.Name)
	}
	ds := f.w.m.Get(s.ref).(*datastore)
	switch {
	case to.Removed:
		ds.leave(f.w.background())
	case to.Renamed != "":
		ds.rename(to.Renamed)
	case to.Accessible != nil:
		ds.reach(*to.Accessible)
	}
	return done, nil
}

func (ds *datastore) reach(accessible bool) {
	ds.Summary.Accessible = accessible
	for i := range ds.Host {
		ds.Host[i].MountInfo.Accessible = ptr(accessible)
	}
	ds.w.tell(ds.Self, "summary.accessible", "host")
}

func (ds *datastore) rename(name string) {
	s := ds.w.stores[ds.Name]
	delete(ds.w.stores, ds.Name)
	s.name, ds.Name, ds.Summary.Name, ds.Info.GetDatastoreInfo().Name = name, name, name, name
	ds.w.stores[name] = s
	ds.w.tell(ds.Self, "name", "summary.name", "info")
}

func (ds *datastore) leave(ctx *simulator.Context) {
	w := ds.w
	delete(w.stores, ds.Name)
	for _, h := range w.places.hosts {
		compute := w.places.compute[h.Self]
		w.m.RemoveReference(ctx, h, &h.Datastore, ds.Self)
		w.m.RemoveReference(ctx, compute, &compute.Datastore, ds.Self)
	}
	folder := w.m.Get(w.places.dc.DatastoreFolder).(*simulator.Folder)
	w.m.RemoveReference(ctx, folder, &folder.ChildEntity, ds.Self)
	w.m.RemoveReference(ctx, w.places.dc, &w.places.dc.Datastore, ds.Self)
	w.m.Remove(ctx, ds.Browser)
	w.m.Remove(ctx, ds.Self)
}
