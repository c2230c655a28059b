package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// network names a standard network and connects every host to it.
func (w *world) network(net *mo.Network, name string) {
	net.Name = name
	net.Entity().Name = name
	net.Summary = &types.NetworkSummary{Network: &net.Self, Name: name, Accessible: true}
	w.places.nets = append(w.places.nets, net.Self)
	folder := w.m.Get(w.places.dc.NetworkFolder).(*simulator.Folder)
	if w.m.Get(net.Self) == nil {
		w.m.PutEntity(folder, net)
		folder.ChildEntity = append(folder.ChildEntity, net.Self)
		w.places.dc.Network = append(w.places.dc.Network, net.Self)
	}
	net.Host = nil
	for _, h := range w.places.hosts {
		net.Host = append(net.Host, h.Self)
		if simulator.FindReference(h.Network, net.Self) == nil {
			h.Network = append(h.Network[:len(h.Network):len(h.Network)], net.Self)
		}
		compute := w.places.compute[h.Self]
		if simulator.FindReference(compute.Network, net.Self) == nil {
			compute.Network = append(compute.Network[:len(compute.Network):len(compute.Network)], net.Self)
		}
	}
}

// place makes a host one of ours: named, sized, and booted at the epoch.
func (w *world) place(h *simulator.HostSystem, compute *mo.ComputeResource) {
	w.places.hosts = append(w.places.hosts, h)
	w.places.compute[h.Self] = compute
	if w.esx {
		h.Name = "esx1.example.test"
		h.Summary.Config.Name = h.Name
	}
	product := types.AboutInfo{}
	about(&product, true)
	product.OsType = "vmnix-x86"
	h.Summary.Config.Product = &product
	h.Config.Product = product
	h.Summary.Host = &h.Self
	boot := epoch.Add(-48 * time.Hour)
	h.Runtime.BootTime = &boot
	h.Runtime.ConnectionState = types.HostSystemConnectionStateConnected
	h.Runtime.PowerState = types.HostSystemPowerStatePoweredOn
	h.Vm = nil
	h.Capability = &types.HostCapability{MaxSupportedVcpus: 768}
	hardware := h.Summary.Hardware
	hardware.CpuModel = "Intel(R) Xeon(R) Gold 6326 CPU @ 2.90GHz"
	hardware.MemorySize, hardware.CpuMhz = 64<<30, 2900
	hardware.NumCpuPkgs, hardware.NumCpuCores, hardware.NumCpuThreads = 2, 16, 32
	hardware.Uuid = named(h.Name)
	info := clone(*h.Hardware)
	info.MemorySize = hardware.MemorySize
	info.CpuInfo = types.HostCpuInfo{NumCpuPackages: 2, NumCpuCores: 16, NumCpuThreads: 32, Hz: 2900 * 1000 * 1000}
	info.SystemInfo.Uuid = hardware.Uuid
	info.CpuPkg, info.NumaInfo = processors(info)
	h.Hardware = &info
	h.Hardware.PciDevice = append(slices.Clone(info.PciDevice), adapters...)
	h.Config.PciPassthruInfo = passthrough()
	if dns := h.Config.Network.DnsConfig; dns != nil {
		dns.GetHostDnsConfig().HostName, dns.GetHostDnsConfig().DomainName = h.Name[:4], "example.test"
	}
	for i, l := range luns {
		one := l.disk()
		one.DisplayName, one.Vendor, one.Model = fmt.Sprintf("Local Disk %d", i+1), "EXAMPLE", "LOGICAL VOLUME"
		h.Config.StorageDevice.ScsiLun = append(h.Config.StorageDevice.ScsiLun, one)
	}
	if models[w.opt.model].iscsi {
		w.initiate(h)
	}
	w.wire(h)
	manager := &autostart{w: w}
	manager.Self = ref{Type: "HostAutoStartManager", Value: "autostart-" + h.Self.Value}
	if w.esx {
		manager.Self.Value = "ha-autostart-mgr"
	}
	manager.Config.Defaults = &types.AutoStartDefaults{
		Enabled: ptr(false), StartDelay: 120, StopDelay: 120, WaitForHeartbeat: ptr(false), StopAction: "PowerOff",
	}
	w.m.Put(manager)
	manager.host = h
	h.Config = withAutostart(h.Config, manager.Config)
	h.ConfigManager.AutoStartManager = &manager.Self
	summary := compute.Summary.GetComputeResourceSummary()
	summary.EffectiveMemory = summary.TotalMemory >> 20
}

// processors are the packages of a host and the one NUMA node that they are
// in; half of the threads are in each.
func processors(info types.HostHardwareInfo) ([]types.HostCpuPackage, *types.HostNumaInfo) {
	node := types.HostNumaNode{MemoryRangeLength: info.MemorySize}
	packages := slices.Clone(info.CpuPkg[:2])
	for i := range packages {
		one := &packages[i]
		one.Description, one.Hz, one.ThreadId = "Intel(R) Xeon(R) Gold 6326 CPU @ 2.90GHz", info.CpuInfo.Hz, nil
		for n := info.CpuInfo.NumCpuThreads / 2; n > 0; n-- {
			one.ThreadId = append(one.ThreadId, int16(len(node.CpuID)))
			node.CpuID = append(node.CpuID, int16(len(node.CpuID)))
		}
	}
	return packages, &types.HostNumaInfo{Type: "NUMA", NumNodes: 1, NumaNode: []types.HostNumaNode{node}}
}

// autostart keeps what starts with the host.
type autostart struct {
	mo.HostAutoStartManager
	w    *world
	host *simulator.HostSystem
}

// withAutostart returns a host's configuration with what starts with it.
func withAutostart(config *types.HostConfigInfo, starts types.HostAutoStartManagerConfig) *types.HostConfigInfo {
	changed := *config
	changed.AutoStart = &starts
	return &changed
}

// ReconfigureAutostart merges the defaults and the machines' settings.
func (a *autostart) ReconfigureAutostart(ctx *simulator.Context, r *types.ReconfigureAutostart) soap.HasFault {
	body := new(methods.ReconfigureAutostartBody)
	config := clone(a.Config)
	config.Defaults = overlay(config.Defaults, r.Spec.Defaults, nil)
	for _, one := range r.Spec.PowerInfo {
		if a.w.machines[one.Key] == nil {
			body.Fault_ = raise(&types.InvalidArgument{InvalidProperty: "spec.powerInfo.key"})
			return body
		}
		if one.StartOrder == 0 || one.StartOrder < -1 || one.StartAction == "none" && one.StartOrder != -1 {
			body.Fault_ = raise(&types.InvalidArgument{InvalidProperty: "spec.powerInfo.startOrder"})
			return body
		}
		kept := config.PowerInfo[:0:0]
		for _, old := range config.PowerInfo {
			if old.Key != one.Key {
				kept = append(kept, old)
			}
		}
		config.PowerInfo = append(kept, one)
	}
	ctx.Update(a, []types.PropertyChange{{Name: "config", Val: config}})
	ctx.WithLock(a.host, func() {
		ctx.Update(a.host, []types.PropertyChange{{Name: "config", Val: withAutostart(a.host.Config, config)}})
	})
	body.Res = new(types.ReconfigureAutostartResponse)
	return body
}
