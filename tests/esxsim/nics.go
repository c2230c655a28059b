package main

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// netOf is the network that a backing refers to, or nil.
func (w *world) netOf(b types.BaseVirtualDeviceBackingInfo) *ref {
	for _, one := range w.places.nets {
		if w.connects(one, b) {
			return &one
		}
	}
	return nil
}

func (w *world) connects(one ref, b types.BaseVirtualDeviceBackingInfo) bool {
	switch b := b.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		net, ok := w.m.Get(one).(*mo.Network)
		return ok && (net.Name == b.DeviceName || b.DeviceName == "" && b.Network != nil && *b.Network == one)
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		group, ok := w.m.Get(one).(*simulator.DistributedVirtualPortgroup)
		if !ok || group.Key != b.Port.PortgroupKey {
			return false
		}
		dvs, ok := w.m.Get(*group.Config.DistributedVirtualSwitch).(*simulator.DistributedVirtualSwitch)
		return ok && dvs.Uuid == b.Port.SwitchUuid
	case *types.VirtualEthernetCardOpaqueNetworkBackingInfo:
		opaque, ok := w.m.Get(one).(*mo.OpaqueNetwork)
		if !ok {
			return false
		}
		summary, ok := opaque.Summary.(*types.OpaqueNetworkSummary)
		return ok && summary.OpaqueNetworkId == b.OpaqueNetworkId
	}
	return false
}

// netName describes where a card is connected.
func (w *world) netName(b types.BaseVirtualDeviceBackingInfo) string {
	switch b := b.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		return b.DeviceName
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		return "DVSwitch: " + b.Port.SwitchUuid
	case *types.VirtualEthernetCardOpaqueNetworkBackingInfo:
		return b.OpaqueNetworkType + ": " + b.OpaqueNetworkId
	}
	return "Network adapter"
}

// card checks a network card that is added or changed.
func (e *edit) card(c *types.VirtualEthernetCard, old types.BaseVirtualDevice) fault {
	if old != nil {
		before := old.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard()
		if generated := c.AddressType == "generated" || c.AddressType == "assigned"; c.MacAddress == "" && generated {
			e.address(c)
		}
		set(&c.MacAddress, firstOf(c.MacAddress, before.MacAddress))
		if f := e.frozen(before.MacAddress != c.MacAddress); f != nil {
			return f
		}
	}
	if c.MacAddress != "" {
		if _, err := net.ParseMAC(c.MacAddress); err != nil || len(c.MacAddress) != 17 {
			return e.wrong("device.macAddress")
		}
		c.MacAddress = strings.ToLower(c.MacAddress)
	}
	if !slices.Contains([]string{"", "manual", "generated", "assigned"}, strings.ToLower(c.AddressType)) {
		return e.wrong("device.addressType")
	}
	switch b := c.Backing.(type) {
	case nil, *types.VirtualEthernetCardLegacyNetworkBackingInfo:
		return e.wrongBacking("")
	case *types.VirtualEthernetCardNetworkBackingInfo:
		found := e.w.netOf(b)
		if found == nil {
			return e.noNetwork(".deviceName", b.DeviceName)
		}
		b.Network, b.UseAutoDetect = found, ptr(false)
		b.DeviceName = e.w.m.Get(*found).(*mo.Network).Name
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		if e.w.netOf(b) == nil {
			return e.noNetwork(".port", b.Port.PortgroupKey)
		}
		if b.Port.PortKey == "" {
			b.Port.PortKey = fmt.Sprint(e.index + 1)
			b.Port.ConnectionCookie = 1
		}
	case *types.VirtualEthernetCardOpaqueNetworkBackingInfo:
		if e.w.netOf(b) == nil {
			return e.noNetwork(".opaqueNetworkId", b.OpaqueNetworkId)
		}
	}
	return nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// noNetwork is the fault for a network that is not there; it names it.
func (e *edit) noNetwork(property, name string) fault {
	f := &types.InvalidDeviceBacking{InvalidDeviceSpec: e.invalid("device.backing" + property)}
	f.FaultMessage = []types.LocalizableMessage{{
		Key: "com.vmware.vim.vm.network.notfound", Message: fmt.Sprintf("Network '%s' was not found.", name),
	}}
	return f
}

// address gives a new card its address.
func (e *edit) address(c *types.VirtualEthernetCard) {
	if c.MacAddress == "" {
		prefix, kind := "00:50:56", "assigned"
		if e.w.esx {
			prefix, kind = "00:0c:29", "generated"
		}
		id := strings.ReplaceAll(named(fmt.Sprintf("mac %s %d", e.config.Uuid, c.Key)), "-", "")
		third := id[0:2]
		if !e.w.esx {
			third = fmt.Sprintf("8%s", id[1:2])
		}
		c.MacAddress = strings.Join([]string{prefix, third, id[2:4], id[4:6]}, ":")
		c.AddressType = kind
	}
	if c.AddressType == "" {
		c.AddressType = "manual"
	}
	if c.WakeOnLanEnabled == nil {
		c.WakeOnLanEnabled = ptr(true)
	}
	if c.UptCompatibilityEnabled == nil {
		c.UptCompatibilityEnabled = ptr(false)
	}
	if c.ResourceAllocation == nil {
		c.ResourceAllocation = &types.VirtualEthernetCardResourceAllocation{
			Reservation: ptr(int64(0)), Share: types.SharesInfo{Shares: 50, Level: types.SharesLevelNormal}, Limit: ptr(int64(-1)),
		}
	}
}
