package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// datastore is one of the inventory; the stock one would look for its files on
// the machine that the tests run on.
type datastore struct {
	simulator.Datastore
	w *world
}

// addDatastore makes a datastore on some hosts: VMFS for "datastore1", NFS for
// the other, each with the files that machines of the tests can take.
func (w *world) addDatastore(name string, self ref, hosts []*simulator.HostSystem) {
	s := &store{ref: self, name: name, url: "/vmfs/volumes/" + named(name)[:8], hosts: map[ref]bool{}, files: map[string]*file{}}
	w.stores[name] = s
	ds := &datastore{w: w}
	ds.Self = self
	ds.Name = name
	stamp := epoch
	ds.Summary = types.DatastoreSummary{
		Datastore: &self, Name: name, Url: s.url, Capacity: 1 << 40, FreeSpace: 700 << 30, Accessible: true,
		MultipleHostAccess: ptr(len(hosts) > 1), Type: "VMFS", MaintenanceMode: "normal",
	}
	info := types.DatastoreInfo{Name: name, Url: s.url, FreeSpace: ds.Summary.FreeSpace, MaxFileSize: 62 << 40, Timestamp: &stamp}
	if name == "datastore1" {
		volume := &types.HostVmfsVolume{
			HostFileSystemVolume: types.HostFileSystemVolume{Type: "VMFS", Name: name, Capacity: ds.Summary.Capacity},
			BlockSizeMb:          1, MaxBlocks: 63963136, MajorVersion: 6, Version: "6.82", Uuid: named(name),
			Extent: []types.HostScsiDiskPartition{{DiskName: "naa.600508b1001c000000000000000000a1", Partition: 3}},
			Ssd:    ptr(true), Local: ptr(len(hosts) == 1),
		}
		ds.Info = &types.VmfsDatastoreInfo{DatastoreInfo: info, Vmfs: volume}
	} else {
		ds.Summary.Type = "NFS"
		ds.Info = &types.NasDatastoreInfo{DatastoreInfo: info, Nas: &types.HostNasVolume{
			HostFileSystemVolume: types.HostFileSystemVolume{Type: "NFS", Name: name, Capacity: ds.Summary.Capacity},
			RemoteHost:           "192.0.2.10", RemotePath: "/export/vm", UserName: "",
		}}
	}
	ds.Capability = types.DatastoreCapability{
		DirectoryHierarchySupported: true, RawDiskMappingsSupported: name == "datastore1",
		PerFileThinProvisioningSupported: true, SeSparseSupported: ptr(true), StorageIORMSupported: true,
	}
	look := &browser{w: w}
	look.Self = ref{Type: "HostDatastoreBrowser", Value: "datastoreBrowser-" + self.Value}
	look.Datastore = []ref{self}
	w.m.Put(look)
	ds.Browser = look.Self
	folder := w.m.Get(w.places.dc.DatastoreFolder).(*simulator.Folder)
	w.m.PutEntity(folder, ds)
	folder.ChildEntity = append(folder.ChildEntity, self)
	w.places.dc.Datastore = append(w.places.dc.Datastore, self)
	for _, h := range hosts {
		w.mount(ds, h)
		s.hosts[h.Self] = true
	}
}

func (w *world) mount(ds *datastore, h *simulator.HostSystem) {
	ds.Host = append(ds.Host, types.DatastoreHostMount{Key: h.Self, MountInfo: types.HostMountInfo{
		Path: ds.Summary.Url, AccessMode: "readWrite", Mounted: ptr(true), Accessible: ptr(true),
	}})
	h.Datastore = append(h.Datastore[:len(h.Datastore):len(h.Datastore)], ds.Self)
	compute := w.places.compute[h.Self]
	if simulator.FindReference(compute.Datastore, ds.Self) == nil {
		compute.Datastore = append(compute.Datastore, ds.Self)
	}
	if w.m.Get(h.DatastoreBrowser) == nil {
		look := &browser{w: w}
		look.Self = h.DatastoreBrowser
		w.m.Put(look)
	}
}

// RefreshDatastore brings the free space up to date.
func (ds *datastore) RefreshDatastore(ctx *simulator.Context, _ *types.RefreshDatastore) soap.HasFault {
	ds.weigh(ctx)
	return &methods.RefreshDatastoreBody{Res: new(types.RefreshDatastoreResponse)}
}

// RefreshDatastoreStorageInfo does the same.
func (ds *datastore) RefreshDatastoreStorageInfo(ctx *simulator.Context, _ *types.RefreshDatastoreStorageInfo) soap.HasFault {
	ds.weigh(ctx)
	return &methods.RefreshDatastoreStorageInfoBody{Res: new(types.RefreshDatastoreStorageInfoResponse)}
}

// used is what the files of a datastore take.
func (s *store) used() (sum int64) {
	for _, one := range s.files {
		sum += one.Size
	}
	return sum
}

// weigh works out the free space: less by what has come since the beginning.
func (ds *datastore) weigh(ctx *simulator.Context) {
	s := ds.w.stores[ds.Name]
	summary := ds.Summary
	summary.FreeSpace = max(0, 700<<30-(s.used()-s.first))
	ctx.Update(ds, []types.PropertyChange{{Name: "summary", Val: summary}})
	ds.Info.GetDatastoreInfo().FreeSpace = summary.FreeSpace
	ds.Info.GetDatastoreInfo().Timestamp = ptr(ds.w.tick())
	ds.w.tell(ds.Self, "info")
}
