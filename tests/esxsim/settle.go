package main

import (
	"fmt"

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
