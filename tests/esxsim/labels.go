package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// write puts the devices back into the configuration.
func (e *edit) write() {
	labels := map[string]bool{}
	for _, s := range e.slots {
		if c := s.controller(); c != nil {
			c.Device = nil
		}
		if s.device().DeviceInfo != nil && !s.fresh {
			labels[s.device().DeviceInfo.GetDescription().Label] = true
		}
	}
	e.config.Hardware.Device = nil
	for _, s := range e.slots {
		d := s.device()
		if s.parent != nil {
			c := s.parent.controller()
			c.Device = append(c.Device, d.Key)
		}
		info := &types.Description{Summary: e.summary(s)}
		if s.fresh {
			info.Label = label(s, labels)
		} else {
			info.Label = d.DeviceInfo.GetDescription().Label
		}
		if s.class.fixed {
			info.Summary = d.DeviceInfo.GetDescription().Summary
		}
		d.DeviceInfo = info
		if disk, ok := s.dev.(*types.VirtualDisk); ok && (s.fresh || s.moved) {
			disk.DiskObjectId = fmt.Sprintf("1-%d", d.Key)
		}
		if card, ok := s.dev.(types.BaseVirtualEthernetCard); ok && s.fresh {
			e.address(card.GetVirtualEthernetCard())
		}
		e.config.Hardware.Device = append(e.config.Hardware.Device, s.dev)
	}
}

// label finds the first free name of the class: "Hard disk 2".
func label(s *slot, taken map[string]bool) string {
	n := 1
	if s.controller() != nil {
		n = int(s.bus())
	}
	if s.class.limit == 1 && s.controller() == nil {
		return s.class.label
	}
	name := fmt.Sprintf("%s %d", s.class.label, n)
	for taken[name] {
		n++
		name = fmt.Sprintf("%s %d", s.class.label, n)
	}
	taken[name] = true
	return name
}

// summary describes a device in the words of the product.
func (e *edit) summary(s *slot) string {
	switch d := s.dev.(type) {
	case *types.VirtualDisk:
		return grouped(d.CapacityInKB) + " KB"
	case types.BaseVirtualEthernetCard:
		return e.w.netName(s.device().Backing)
	case *types.ParaVirtualSCSIController:
		return "VMware paravirtual SCSI"
	case *types.VirtualLsiLogicController:
		return "LSI Logic"
	case *types.VirtualLsiLogicSASController:
		return "LSI Logic SAS"
	case *types.VirtualBusLogicController:
		return "BusLogic"
	case types.BaseVirtualSATAController:
		return "AHCI"
	case *types.VirtualNVMEController:
		return "NVME Controller"
	case *types.VirtualCdrom:
		if b, ok := d.Backing.(*types.VirtualCdromIsoBackingInfo); ok {
			return "ISO " + b.FileName
		}
		return "Remote device"
	}
	if b, ok := s.device().Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
		return "File " + b.GetVirtualDeviceFileBackingInfo().FileName
	}
	return s.class.label
}

// grouped writes a number with commas: 16,777,216.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return strings.Join(append([]string{s}, parts...), ",")
}
