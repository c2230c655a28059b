package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/simulator/vpx"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// build makes the inventory around the machines.
func (w *world) build() {
	content, root := esx.ServiceContent, esx.RootFolder
	if !w.esx {
		content, root = vpx.ServiceContent, vpx.RootFolder
	}
	about(&content.About, w.esx)
	w.svc = simulator.New(simulator.NewServiceInstance(w.ctx, content, root))
	w.svc.RegisterSDK(w.m)
	w.svc.Listen = &url.URL{Scheme: "https", Host: "127.0.0.1", Path: "/sdk", User: url.UserPassword(w.opt.user, w.opt.password)}
	w.places.compute = map[ref]*mo.ComputeResource{}
	w.places.browsers = map[ref]ref{}
	if w.esx {
		w.buildESX()
	} else {
		w.buildVPX()
	}
}

// about presents the endpoint as ESXi or vCenter 8.0.2.
func about(a *types.AboutInfo, host bool) {
	name, product := "VMware vCenter Server", "vpx"
	a.ApiType = "VirtualCenter"
	a.InstanceUuid = named("vcenter")
	a.Build = "22385739"
	if host {
		name, product = "VMware ESXi", "embeddedEsx"
		a.ApiType = "HostAgent"
		a.InstanceUuid = ""
		a.Build = "22380479"
	}
	a.Name, a.Vendor, a.Version, a.ApiVersion = name, "VMware, Inc.", "8.0.2", apiVersion
	a.FullName = fmt.Sprintf("%s 8.0.2 build-%s", name, a.Build)
	a.ProductLineId = product
	a.LicenseProductName, a.LicenseProductVersion = name+" 8", "8.0"
	a.LocaleVersion, a.LocaleBuild = "INTL", "000"
}

func (w *world) buildESX() {
	host := w.m.Get(esx.HostSystem.Self).(*simulator.HostSystem)
	compute := w.m.Get(*host.Parent).(*mo.ComputeResource)
	w.places.dc = w.m.Get(esx.Datacenter.Self).(*simulator.Datacenter)
	w.place(host, compute)
	compute.Name = host.Name
	nic := ref{Type: "Network", Value: "HaNetwork-VM Network"}
	w.network(w.m.Get(nic).(*mo.Network), "VM Network")
	w.network(&mo.Network{ManagedEntity: entity(ref{Type: "Network", Value: "HaNetwork-backup net"})}, "backup net")
	w.addDatastore("datastore1", ref{Type: "Datastore", Value: "65a50000-0000d001-0001-000c29000001"}, w.places.hosts)
	w.addDatastore("nfs store", ref{Type: "Datastore", Value: "192.0.2.10:/export/vm"}, w.places.hosts)
}

func (w *world) buildVPX() {
	root := w.m.Get(w.content().RootFolder).(*simulator.Folder)
	top := w.m.Get(root.CreateFolder(w.ctx, &types.CreateFolder{Name: "Lab"}).(*methods.CreateFolderBody).Res.Returnval).(*simulator.Folder)
	made := top.CreateDatacenter(w.ctx, &types.CreateDatacenter{Name: "DC 1"}).(*methods.CreateDatacenterBody)
	w.places.dc = w.m.Get(made.Res.Returnval).(*simulator.Datacenter)
	hosts := w.m.Get(w.places.dc.HostFolder).(*simulator.Folder)
	nets := w.m.Get(w.places.dc.NetworkFolder).(*simulator.Folder)

	created := hosts.CreateClusterEx(w.ctx, &types.CreateClusterEx{Name: "cluster1"}).(*methods.CreateClusterExBody)
	cluster := w.m.Get(created.Res.Returnval).(*simulator.ClusterComputeResource)
	for _, name := range []string{"esx1.example.test", "esx2.example.test"} {
		spec := &types.AddHost_Task{Spec: types.HostConnectSpec{HostName: name}, AsConnected: true}
		added := w.wait(cluster.AddHostTask(w.ctx, spec).(*methods.AddHost_TaskBody).Res.Returnval)
		w.place(w.m.Get(added.(ref)).(*simulator.HostSystem), &cluster.ComputeResource)
	}
	alone := &types.AddStandaloneHost_Task{Spec: types.HostConnectSpec{HostName: "esx3.example.test"}, AddConnected: true}
	added := w.wait(hosts.AddStandaloneHostTask(w.ctx, alone).(*methods.AddStandaloneHost_TaskBody).Res.Returnval)
	third := w.m.Get(added.(ref)).(*simulator.HostSystem)
	w.place(third, w.m.Get(*third.Parent).(*mo.ComputeResource))

	w.network(w.m.Get(w.places.dc.Network[0]).(*mo.Network), "VM Network")
	w.network(&mo.Network{ManagedEntity: entity(ref{Type: "Network", Value: "network-201"})}, "backup net")
	w.switches(nets)
	w.addDatastore("datastore1", ref{Type: "Datastore", Value: "datastore-301"}, w.places.hosts)
	w.addDatastore("nfs store", ref{Type: "Datastore", Value: "datastore-302"}, w.places.hosts[:2])
}

// switches makes a distributed switch with its port groups, and an NSX network.
func (w *world) switches(nets *simulator.Folder) {
	spec := types.DVSCreateSpec{ConfigSpec: &types.VMwareDVSConfigSpec{}}
	spec.ConfigSpec.GetDVSConfigSpec().Name = "dvs1"
	made := w.wait(nets.CreateDVSTask(w.ctx, &types.CreateDVS_Task{Spec: spec}).(*methods.CreateDVS_TaskBody).Res.Returnval)
	dvs := w.m.Get(made.(ref)).(*simulator.DistributedVirtualSwitch)
	dvs.Uuid = paired(dvs.Uuid)
	dvs.Summary.Uuid, dvs.Config.GetDVSConfigInfo().Uuid = dvs.Uuid, dvs.Uuid
	w.uplinks(dvs)
	members := &types.DVSConfigSpec{}
	for _, h := range w.places.hosts {
		members.Host = append(members.Host, types.DistributedVirtualSwitchHostMemberConfigSpec{Operation: "add", Host: h.Self})
	}
	w.wait(dvs.ReconfigureDvsTask(w.ctx, &types.ReconfigureDvs_Task{Spec: members}).(*methods.ReconfigureDvs_TaskBody).Res.Returnval)
	groups := []types.DVPortgroupConfigSpec{
		{Name: "prod", Type: "earlyBinding", NumPorts: 8},
		{Name: "storage", Type: "earlyBinding", NumPorts: 8, DefaultPortConfig: &types.VMwareDVSPortSetting{
			Vlan: &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: 30},
		}},
		{Name: "nsx-segment", Type: "earlyBinding", BackingType: "nsx", LogicalSwitchUuid: named("nsx-segment"),
			SegmentId: "/infra/segments/nsx-segment"},
	}
	w.wait(dvs.AddDVPortgroupTask(w.ctx, &types.AddDVPortgroup_Task{Spec: groups}).(*methods.AddDVPortgroup_TaskBody).Res.Returnval)
	summary := types.OpaqueNetworkSummary{OpaqueNetworkId: named("nsx-segment"), OpaqueNetworkType: "nsx.LogicalSwitch"}
	summary.Name = "nsx opaque"
	if err := nets.AddOpaqueNetwork(w.ctx, summary); err != nil {
		panic(err)
	}
	for _, net := range nets.ChildEntity {
		if net.Type != "DistributedVirtualPortgroup" && net.Type != "OpaqueNetwork" {
			continue
		}
		w.places.nets = append(w.places.nets, net)
		w.netObject(net).Entity().Name = w.netObject(net).Name
		w.m.AddReference(w.ctx, w.places.dc, &w.places.dc.Network, net)
		for _, h := range w.places.hosts {
			w.m.AddReference(w.ctx, h, &h.Network, net)
			compute := w.places.compute[h.Self]
			w.m.AddReference(w.ctx, compute, &compute.Network, net)
		}
	}
}

// paired writes a UUID as a distributed switch has it: in pairs of digits.
func paired(id string) string {
	digits := strings.ReplaceAll(id, "-", "")
	pairs := make([]string, 0, 16)
	for i := 0; i < len(digits); i += 2 {
		pairs = append(pairs, digits[i:i+2])
	}
	return strings.Join(pairs[:8], " ") + "-" + strings.Join(pairs[8:], " ")
}

// wait lets a task of the stock simulator end and returns its result.
func (w *world) wait(t ref) types.AnyType {
	stock := w.m.Get(t).(*simulator.Task)
	for {
		var info types.TaskInfo
		w.m.WithLock(w.background(), stock, func() { info = stock.Info })
		switch info.State {
		case types.TaskInfoStateSuccess:
			w.m.Remove(w.ctx, t)
			return info.Result
		case types.TaskInfoStateError:
			panic(text(info.Error.Fault))
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// uplinks lets the switch get its uplink port group, which the stock simulator
// makes in its own time.
func (w *world) uplinks(dvs *simulator.DistributedVirtualSwitch) {
	for made := false; !made; time.Sleep(100 * time.Microsecond) {
		w.m.WithLock(w.background(), dvs, func() { made = len(dvs.Portgroup) != 0 })
	}
	w.m.Get(dvs.Portgroup[0]).(*simulator.DistributedVirtualPortgroup).Config.Uplink = ptr(true)
}

// netObject is what networks of every kind have.
func (w *world) netObject(net ref) *mo.Network {
	switch n := w.m.Get(net).(type) {
	case *mo.OpaqueNetwork:
		return &n.Network
	case *simulator.DistributedVirtualPortgroup:
		return &n.Network
	case *mo.Network:
		return n
	}
	return nil
}

func entity(self ref) mo.ManagedEntity {
	return mo.ManagedEntity{ExtensibleManagedObject: mo.ExtensibleManagedObject{Self: self}}
}

// replace puts our objects in the place of the stock ones.
func (w *world) replace() {
	content := w.content()
	w.m.Put(&serviceInstance{w.m.Get(ref{Type: "ServiceInstance", Value: "ServiceInstance"}).(*simulator.ServiceInstance), w})
	pc := &collector{}
	pc.Self = content.PropertyCollector
	w.m.Put(pc)
	search := &searchIndex{w: w}
	search.Self = *content.SearchIndex
	w.m.Put(search)
	files := &fileManager{w: w}
	files.Self = *content.FileManager
	w.m.Put(files)
	disks := &diskManager{w: w}
	disks.Self = *content.VirtualDiskManager
	w.m.Put(disks)
	perf := &performance{PerformanceManager: *w.m.Get(*content.PerfManager).(*simulator.PerformanceManager), w: w}
	w.m.Put(perf)
	stock := w.m.Get(w.places.dc.VmFolder).(*simulator.Folder)
	w.places.vms = &folder{Folder: *stock, w: w}
	if checks := w.content().VmProvisioningChecker; checks != nil {
		w.m.Put(&checker{mo.VirtualMachineProvisioningChecker{Self: *checks}, w})
	}
	w.m.Put(w.places.vms)
}
