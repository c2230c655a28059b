package main

import (
	"encoding/json"
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
		number := len(g.Net)
		nic.IpAddress = []string{fmt.Sprintf("fe80::250:56ff:fe00:%x", 256*number+vm.number)}
		prefixes := []int32{64}
		if number == 0 {
			nic.IpAddress, prefixes = append([]string{g.IpAddress}, nic.IpAddress...), []int32{24, 64}
		}
		nic.IpConfig = &types.NetIpConfigInfo{}
		for i, one := range nic.IpAddress {
			nic.IpConfig.IpAddress = append(nic.IpConfig.IpAddress, types.NetIpConfigInfoIpAddress{
				IpAddress: one, PrefixLength: prefixes[i], State: "preferred",
			})
		}
		g.Net = append(g.Net, nic)
	}
	if vm.on() && vm.tools {
		g.Disk = vm.volumes()
	}
	vm.Guest = g
	if vm.on() {
		vm.speak(g)
	}
}

// speak lets the guest say what a test wants it to say.
func (vm *machine) speak(g *types.GuestInfo) {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(orNothing(vm.said), &fields)
	if fields["net"] != nil {
		g.Net = nil // a list is replaced, not merged
	}
	if fields["disk"] != nil {
		g.Disk = nil
	}
	_ = json.Unmarshal(orNothing(vm.said), g)
}

// volumes are the file systems in the guest: one on each disk.
func (vm *machine) volumes() []types.GuestDiskInfo {
	var list []types.GuestDiskInfo
	for i, d := range disks(vm.Config.Hardware.Device) {
		one := types.GuestDiskInfo{
			DiskPath: fmt.Sprintf("/mnt/%d", i), Capacity: d.CapacityInBytes, FreeSpace: d.CapacityInBytes / 4, FilesystemType: "ext4",
			Mappings: []types.GuestInfoVirtualDiskMapping{{Key: d.Key}},
		}
		if family(vm.Config.GuestId) == "windowsGuest" {
			one.DiskPath, one.FilesystemType = fmt.Sprintf(`%c:\`, 'C'+i), "NTFS"
		} else if i == 0 {
			one.DiskPath = "/"
		}
		list = append(list, one)
	}
	return list
}
