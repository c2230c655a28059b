package main

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/types"
)

// guest tells what is known of the guest.
func (vm *machine) guest() {
	g := &types.GuestInfo{
		ToolsStatus: "toolsNotInstalled", ToolsVersionStatus: "guestToolsNotInstalled", ToolsVersionStatus2: "guestToolsNotInstalled",
		ToolsRunningStatus: "guestToolsNotRunning", ToolsVersion: "0", GuestState: "notRunning",
		GuestId: vm.Config.GuestId, GuestFamily: family(vm.Config.GuestId), GuestFullName: vm.Config.GuestFullName,
		GuestOperationsReady: ptr(false), InteractiveGuestOperationsReady: ptr(false), GuestStateChangeSupported: ptr(false),
	}
	vm.GuestHeartbeatStatus = types.ManagedEntityStatusGray
	if vm.tools {
		g.ToolsStatus, g.ToolsVersionStatus, g.ToolsVersionStatus2 = "toolsNotRunning", "guestToolsUnmanaged", "guestToolsUnmanaged"
		g.ToolsVersion = "12352"
	}
	if vm.on() {
		g.GuestState = "running"
	}
	if vm.on() && vm.tools {
		g.ToolsStatus, g.ToolsRunningStatus = "toolsOk", "guestToolsRunning"
		g.HostName, g.IpAddress = vm.Name+".example.test", fmt.Sprintf("192.0.2.%d", 100+vm.number%100)
		g.GuestOperationsReady, g.GuestStateChangeSupported = ptr(true), ptr(true)
		vm.GuestHeartbeatStatus = types.ManagedEntityStatusGreen
	}
	for _, d := range vm.Config.Hardware.Device {
		card, ok := d.(types.BaseVirtualEthernetCard)
		if !ok || !vm.tools || !vm.on() {
			continue
		}
		c := card.GetVirtualEthernetCard()
		nic := types.GuestNicInfo{MacAddress: c.MacAddress, DeviceConfigId: c.Key, Connected: true, Network: vm.w.netName(c.Backing)}
		if len(g.Net) == 0 {
			nic.IpAddress = []string{g.IpAddress}
		}
		g.Net = append(g.Net, nic)
	}
	vm.Guest = g
}
