package main

import (
	"slices"
	"sort"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	switchKey = "key-vim.host.VirtualSwitch-"
	groupKey  = "key-vim.host.PortGroup-"
	nicKey    = "key-vim.host.PhysicalNic-"

	longestSwitch = 31   // characters of a name
	allVLANs      = 4095 // the ID that leaves all tags to the guest
)

// networkSystem keeps the switches of a host. The stock one keeps names alone,
// and beside the host's configuration.
type networkSystem struct {
	mo.HostNetworkSystem
	w    *world
	host *simulator.HostSystem
	info *types.HostNetworkInfo // the host's configuration, which clients read
}

// wire gives a host its switches: vSwitch0 with the machines' "VM Network" and
// the host's own adapter, vSwitch1 with "backup net" on a VLAN, and a third NIC
// that is on no switch and has no link.
func (w *world) wire(h *simulator.HostSystem) {
	info := clone(*h.Config.Network)
	config := *h.Config
	config.Network, h.Config = &info, &config
	spare := clone(info.Pnic[0])
	spare.Device, spare.Key, spare.Pci, spare.Mac = "vmnic2", nicKey+"vmnic2", "0000:1b:00.0", "00:0c:29:81:d8:b4"
	spare.LinkSpeed = nil
	info.Pnic = append(info.Pnic, spare)
	for i := range info.Portgroup { // the stock one writes keys in one place, names in the other
		info.Portgroup[i].Vswitch = switchKey + info.Portgroup[i].Spec.VswitchName
	}
	s := &networkSystem{w: w, host: h, info: &info}
	s.Self = *h.ConfigManager.NetworkSystem
	s.NetworkInfo = &info
	w.m.Put(s)
	w.places.wires = append(w.places.wires, s)
	bond := &types.HostVirtualSwitchBondBridge{NicDevice: []string{"vmnic1"}}
	s.add("vSwitch1", &types.HostVirtualSwitchSpec{NumPorts: 128, Bridge: bond})
	s.group(types.HostPortGroupSpec{Name: "backup net", VlanId: 20, VswitchName: "vSwitch1"})
}

func (s *networkSystem) find(name string) *types.HostVirtualSwitch {
	for i := range s.info.Vswitch {
		if s.info.Vswitch[i].Name == name {
			return &s.info.Vswitch[i]
		}
	}
	return nil
}

func (s *networkSystem) findGroup(name string) *types.HostPortGroup {
	for i := range s.info.Portgroup {
		if s.info.Portgroup[i].Spec.Name == name {
			return &s.info.Portgroup[i]
		}
	}
	return nil
}

// nics are those that a bridge of either kind names.
func nics(bridge types.BaseHostVirtualSwitchBridge) []string {
	switch b := bridge.(type) {
	case *types.HostVirtualSwitchBondBridge:
		return b.NicDevice
	case *types.HostVirtualSwitchSimpleBridge:
		return []string{b.NicDevice}
	}
	return nil
}

// check refuses a specification of the switch that is called so.
func (s *networkSystem) check(name string, spec *types.HostVirtualSwitchSpec) fault {
	wanted := nics(spec.Bridge)
	for _, nic := range wanted {
		if !slices.ContainsFunc(s.info.Pnic, func(one types.PhysicalNic) bool { return one.Device == nic }) {
			return argument("spec.bridge.nicDevice")
		}
		for _, other := range s.info.Vswitch {
			if other.Name != name && slices.Contains(nics(other.Spec.Bridge), nic) {
				return &types.ResourceInUse{Type: "PhysicalNic", Name: nic}
			}
		}
	}
	if order := orderOf(spec.Policy); order != nil {
		for _, nic := range slices.Concat(order.ActiveNic, order.StandbyNic) {
			if !slices.Contains(wanted, nic) {
				return argument("spec.policy.nicTeaming.nicOrder")
			}
		}
	}
	return shaped(spec.Policy)
}

func orderOf(policy *types.HostNetworkPolicy) *types.HostNicOrderPolicy {
	if policy == nil || policy.NicTeaming == nil {
		return nil
	}
	return policy.NicTeaming.NicOrder
}

// shaped refuses a limit without figures.
func shaped(policy *types.HostNetworkPolicy) fault {
	if policy == nil || policy.ShapingPolicy == nil || !truth(policy.ShapingPolicy.Enabled) {
		return nil
	}
	p := policy.ShapingPolicy
	if p.AverageBandwidth <= 0 || p.PeakBandwidth < p.AverageBandwidth || p.BurstSize <= 0 {
		return argument("spec.policy.shapingPolicy")
	}
	return nil
}

func (s *networkSystem) checkGroup(spec types.HostPortGroupSpec) fault {
	switch {
	case spec.Name == "":
		return argument("portgrp.name")
	case spec.VlanId < 0 || spec.VlanId > allVLANs:
		return argument("portgrp.vlanId")
	case s.find(spec.VswitchName) == nil:
		return &types.NotFound{}
	}
	return shaped(&spec.Policy)
}

func (s *networkSystem) add(name string, spec *types.HostVirtualSwitchSpec) {
	made := types.HostVirtualSwitch{Name: name, Key: switchKey + name, NumPorts: 1536, NumPortsAvailable: 1530, Mtu: 1500}
	made.Spec = clone(*spec)
	policy := clone(*s.info.Vswitch[0].Spec.Policy)
	policy.NicTeaming.NicOrder = &types.HostNicOrderPolicy{ActiveNic: nics(spec.Bridge)}
	made.Spec.Policy = overlay(&policy, spec.Policy, nil)
	s.info.Vswitch = append(s.info.Vswitch, made)
	s.refresh()
}

// group adds a port group, and the network that machines know it by.
func (s *networkSystem) group(spec types.HostPortGroupSpec) {
	s.info.Portgroup = append(s.info.Portgroup, types.HostPortGroup{
		Key: groupKey + spec.Name, Vswitch: switchKey + spec.VswitchName, Spec: clone(spec),
	})
	s.refresh()
}

// refresh works out what follows from the specifications.
func (s *networkSystem) refresh() {
	for i := range s.info.Vswitch {
		one := &s.info.Vswitch[i]
		one.Portgroup, one.Pnic = nil, nil
		for _, nic := range nics(one.Spec.Bridge) {
			one.Pnic = append(one.Pnic, nicKey+nic)
		}
		for j := range s.info.Portgroup {
			group := &s.info.Portgroup[j]
			if group.Spec.VswitchName == one.Name {
				one.Portgroup = append(one.Portgroup, group.Key)
				group.ComputedPolicy = *overlay(one.Spec.Policy, &group.Spec.Policy, nil)
			}
		}
	}
	s.w.tell(s.host.Self, "config.network")
}

// inUse tells who has a port of a port group now: the host's own adapters, and
// machines that run. Those that are off hold none.
func (s *networkSystem) inUse(name string) fault {
	for _, nic := range s.info.Vnic {
		if nic.Portgroup == name {
			return &types.ResourceInUse{Type: "HostVirtualNic", Name: nic.Device}
		}
	}
	for _, vm := range s.w.sorted() {
		if vm.off() || *vm.Runtime.Host != s.host.Self {
			continue
		}
		for _, d := range vm.Config.Hardware.Device {
			b, ok := d.GetVirtualDevice().Backing.(*types.VirtualEthernetCardNetworkBackingInfo)
			if ok && b.DeviceName == name {
				return &types.ResourceInUse{Type: "HostPortGroup", Name: name}
			}
		}
	}
	return nil
}

// AddVirtualSwitch makes a switch.
func (s *networkSystem) AddVirtualSwitch(_ *simulator.Context, r *types.AddVirtualSwitch) soap.HasFault {
	body := new(methods.AddVirtualSwitchBody)
	spec := r.Spec
	if spec == nil {
		spec = &types.HostVirtualSwitchSpec{NumPorts: 128}
	}
	f := s.check(r.VswitchName, spec)
	switch {
	case r.VswitchName == "" || len(r.VswitchName) > longestSwitch:
		f = argument("vswitchName")
	case s.find(r.VswitchName) != nil:
		f = &types.AlreadyExists{Name: r.VswitchName}
	}
	if f != nil {
		body.Fault_ = raise(f)
		return body
	}
	s.add(r.VswitchName, spec)
	body.Res = new(types.AddVirtualSwitchResponse)
	return body
}

// UpdateVirtualSwitch replaces the specification of a switch.
func (s *networkSystem) UpdateVirtualSwitch(_ *simulator.Context, r *types.UpdateVirtualSwitch) soap.HasFault {
	body := new(methods.UpdateVirtualSwitchBody)
	one := s.find(r.VswitchName)
	var f fault = &types.NotFound{}
	if one != nil {
		f = s.check(r.VswitchName, &r.Spec)
	}
	if f != nil {
		body.Fault_ = raise(f)
		return body
	}
	policy := overlay(one.Spec.Policy, r.Spec.Policy, nil)
	one.Spec = clone(r.Spec)
	one.Spec.Policy = policy
	s.refresh()
	body.Res = new(types.UpdateVirtualSwitchResponse)
	return body
}

// RemoveVirtualSwitch removes a switch with its port groups.
func (s *networkSystem) RemoveVirtualSwitch(ctx *simulator.Context, r *types.RemoveVirtualSwitch) soap.HasFault {
	body := new(methods.RemoveVirtualSwitchBody)
	one := s.find(r.VswitchName)
	if one == nil {
		body.Fault_ = raise(&types.NotFound{})
		return body
	}
	names := []string{}
	for _, group := range s.info.Portgroup {
		if group.Spec.VswitchName == r.VswitchName {
			names = append(names, group.Spec.Name)
		}
	}
	for _, name := range names {
		if f := s.inUse(name); f != nil {
			body.Fault_ = raise(f)
			return body
		}
	}
	for _, name := range names {
		s.drop(ctx, name)
	}
	s.info.Vswitch = slices.DeleteFunc(s.info.Vswitch, func(each types.HostVirtualSwitch) bool { return each.Name == r.VswitchName })
	s.refresh()
	body.Res = new(types.RemoveVirtualSwitchResponse)
	return body
}

// AddPortGroup makes a port group, and a network of its name.
func (s *networkSystem) AddPortGroup(ctx *simulator.Context, r *types.AddPortGroup) soap.HasFault {
	body := new(methods.AddPortGroupBody)
	f := s.checkGroup(r.Portgrp)
	if f == nil && s.findGroup(r.Portgrp.Name) != nil {
		f = &types.AlreadyExists{Name: r.Portgrp.Name}
	}
	if f != nil {
		body.Fault_ = raise(f)
		return body
	}
	s.group(r.Portgrp)
	s.w.connect(ctx, s.host, r.Portgrp.Name)
	body.Res = new(types.AddPortGroupResponse)
	return body
}

// UpdatePortGroup replaces the specification of a port group.
func (s *networkSystem) UpdatePortGroup(_ *simulator.Context, r *types.UpdatePortGroup) soap.HasFault {
	body := new(methods.UpdatePortGroupBody)
	one := s.findGroup(r.PgName)
	f := s.checkGroup(r.Portgrp)
	switch {
	case one == nil:
		f = &types.NotFound{}
	case r.Portgrp.Name != r.PgName || r.Portgrp.VswitchName != one.Spec.VswitchName:
		f = &types.NotSupported{} // no client of ours renames or moves one
	}
	if f != nil {
		body.Fault_ = raise(f)
		return body
	}
	one.Spec = clone(r.Portgrp)
	s.refresh()
	body.Res = new(types.UpdatePortGroupResponse)
	return body
}

// RemovePortGroup removes a port group that nobody has a port of.
func (s *networkSystem) RemovePortGroup(ctx *simulator.Context, r *types.RemovePortGroup) soap.HasFault {
	body := new(methods.RemovePortGroupBody)
	var f fault = &types.NotFound{}
	if s.findGroup(r.PgName) != nil {
		f = s.inUse(r.PgName)
	}
	if f != nil {
		body.Fault_ = raise(f)
		return body
	}
	s.drop(ctx, r.PgName)
	body.Res = new(types.RemovePortGroupResponse)
	return body
}

func (s *networkSystem) drop(ctx *simulator.Context, name string) {
	s.info.Portgroup = slices.DeleteFunc(s.info.Portgroup, func(each types.HostPortGroup) bool { return each.Spec.Name == name })
	s.refresh()
	s.w.disconnect(ctx, s.host, name)
}

// standard is the network that hosts' port groups of a name are, or nil.
func (w *world) standard(name string) *mo.Network {
	for _, one := range w.places.nets {
		if net, ok := w.m.Get(one).(*mo.Network); ok && net.Name == name {
			return net
		}
	}
	return nil
}

// connect has a host take part in the network of a name, which is made.
func (w *world) connect(ctx *simulator.Context, h *simulator.HostSystem, name string) {
	net := w.standard(name)
	if net == nil {
		self := ref{Type: "Network", Value: "HaNetwork-" + name}
		if !w.esx {
			self.Value = "network-" + named(name)[:8]
		}
		net = &mo.Network{ManagedEntity: entity(self)}
		net.Name, net.Entity().Name = name, name
		net.Summary = &types.NetworkSummary{Network: &net.Self, Name: name, Accessible: true}
		w.places.nets = append(w.places.nets, self)
		folder := w.m.Get(w.places.dc.NetworkFolder).(*simulator.Folder)
		w.m.PutEntity(folder, net)
		w.m.AddReference(ctx, folder, &folder.ChildEntity, self)
		w.m.AddReference(ctx, w.places.dc, &w.places.dc.Network, self)
	}
	compute := w.places.compute[h.Self]
	w.m.AddReference(ctx, net, &net.Host, h.Self)
	w.m.AddReference(ctx, h, &h.Network, net.Self)
	w.m.AddReference(ctx, compute, &compute.Network, net.Self)
	w.tell(h.Self, "network")
}

// disconnect takes a host out of a network; one without hosts and machines is gone.
func (w *world) disconnect(ctx *simulator.Context, h *simulator.HostSystem, name string) {
	net := w.standard(name)
	if net == nil {
		return
	}
	w.m.RemoveReference(ctx, net, &net.Host, h.Self)
	w.m.RemoveReference(ctx, h, &h.Network, net.Self)
	w.tell(h.Self, "network")
	compute := w.places.compute[h.Self]
	if !slices.ContainsFunc(compute.Host, func(one ref) bool { return slices.Contains(net.Host, one) }) {
		w.m.RemoveReference(ctx, compute, &compute.Network, net.Self)
	}
	if len(net.Host) != 0 || len(net.Vm) != 0 {
		return
	}
	folder := w.m.Get(w.places.dc.NetworkFolder).(*simulator.Folder)
	w.m.RemoveReference(ctx, folder, &folder.ChildEntity, net.Self)
	w.m.RemoveReference(ctx, w.places.dc, &w.places.dc.Network, net.Self)
	w.places.nets = slices.DeleteFunc(w.places.nets, func(one ref) bool { return one == net.Self })
	w.m.Remove(ctx, net.Self)
}

// switched is what the hosts' switches are, for the inventory.
func (w *world) switched() map[string]any {
	out := map[string]any{}
	for _, s := range w.places.wires {
		groups := slices.Clone(s.info.Portgroup)
		switches := clone(s.info.Vswitch)
		for i := range switches {
			sort.Strings(switches[i].Portgroup)
		}
		sort.Slice(groups, func(i, j int) bool { return groups[i].Key < groups[j].Key })
		out[s.host.Name] = map[string]any{"switches": switches, "portgroups": groups}
	}
	return out
}

// QueryNetworkHint answers that nothing was heard of what is beyond the cards.
func (s *networkSystem) QueryNetworkHint(_ *simulator.Context, _ *types.QueryNetworkHint) soap.HasFault {
	return &methods.QueryNetworkHintBody{Res: new(types.QueryNetworkHintResponse)}
}
