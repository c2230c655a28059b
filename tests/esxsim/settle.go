package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// settle checks the places that the changes led to, gives keys, units and
// labels to those who have none yet, and writes the list of devices.
func (e *edit) settle() fault {
	for _, step := range []func() fault{e.orphans, e.counts, e.units, e.twins} {
		if f := step(); f != nil {
			return f
		}
	}
	e.keys()
	e.write()
	return nil
}

// orphans refuses the removal of a controller that still has devices.
func (e *edit) orphans() fault {
	for _, s := range e.slots {
		for _, lost := range e.gone {
			if s.parent == lost {
				e.index = e.touch[lost]
				return &types.InvalidDeviceOperation{InvalidDeviceSpec: e.invalid("operation"), BadOp: "remove"}
			}
		}
	}
	return nil
}

// counts refuses too many devices of a class and two on the same bus number.
func (e *edit) counts() fault {
	count := map[*class]int{}
	buses := map[string]bool{}
	for _, s := range e.slots {
		if count[s.class]++; count[s.class] > s.class.limit {
			return &types.TooManyDevices{InvalidVmConfig: e.invalid("device").InvalidVmConfig}
		}
		if s.controller() == nil || s.class.limit == 1 {
			continue
		}
		bus := fmt.Sprint(s.class.name, s.bus())
		if buses[bus] || s.bus() < 0 || int(s.bus()) >= s.class.limit {
			e.index = e.touch[s]
			return e.wrong("device.busNumber")
		}
		buses[bus] = true
	}
	return nil
}

// units refuses a unit that the controller has not got or that is taken, and
// finds one for those who asked for none.
func (e *edit) units() fault {
	taken := map[*slot]map[int32]bool{}
	var open []*slot
	for _, s := range e.slots {
		if s.parent == nil {
			continue
		}
		if taken[s.parent] == nil {
			taken[s.parent] = map[int32]bool{}
		}
		units, own := e.roomOf(s.parent)
		unit := s.device().UnitNumber
		if unit == nil || units == 0 && s.fresh && taken[s.parent][*unit] {
			open = append(open, s)
			continue
		}
		if units != 0 && (*unit < 0 || *unit >= units || *unit == own || taken[s.parent][*unit]) {
			return e.badUnit(s)
		}
		taken[s.parent][*unit] = true
	}
	for _, s := range open {
		units, own := e.roomOf(s.parent)
		unit := int32(0)
		if s.parent.class == classPCI {
			unit = s.class.unit
		}
		for taken[s.parent][unit] || unit == own {
			unit++
		}
		if units != 0 && unit >= units {
			return e.badUnit(s)
		}
		taken[s.parent][unit] = true
		s.device().UnitNumber = ptr(unit)
	}
	return nil
}

// badUnit blames the change that touched this device or, when none did, the
// last one that moved another to its place.
func (e *edit) badUnit(s *slot) fault {
	if index, ok := e.touch[s]; ok {
		e.index = index
	} else {
		for other, index := range e.touch {
			if other.parent == s.parent && other.device().UnitNumber != nil && *other.device().UnitNumber == *s.device().UnitNumber {
				e.index = index
			}
		}
	}
	return e.wrong("device.unitNumber")
}

// twins refuses a disk that the machine has already.
func (e *edit) twins() fault {
	seen := map[string]bool{}
	for _, s := range e.slots {
		d, ok := s.dev.(*types.VirtualDisk)
		if !ok {
			continue
		}
		name := backing(d).FileName
		if seen[name] {
			e.index = e.touch[s]
			return e.wrongBacking(".fileName")
		}
		seen[name] = true
	}
	return nil
}

// keys gives keys to new and moved devices, controllers first.
func (e *edit) keys() {
	used := map[int32]bool{}
	e.names = map[int32]*slot{}
	for _, s := range e.slots {
		if s.given != 0 && e.names[s.given] == nil {
			e.names[s.given] = s
		}
		if !s.fresh {
			e.names[s.device().Key] = s
		}
		if !s.fresh && !s.moved {
			used[s.device().Key] = true
		}
	}
	assign := func(s *slot) {
		if !s.fresh && !s.moved {
			return
		}
		key := natural(s.class, s.device(), s.parent)
		if s.controller() != nil && s.class.limit > 1 {
			key += s.bus()
		}
		for used[key] {
			key++
		}
		used[key] = true
		s.device().Key = key
	}
	for _, s := range e.slots {
		if s.controller() != nil {
			assign(s)
		}
	}
	for _, s := range e.slots {
		if s.controller() == nil {
			assign(s)
		}
		if s.parent != nil {
			s.device().ControllerKey = s.parent.device().Key
		}
	}
}

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
