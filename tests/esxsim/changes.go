package main

import (
	"reflect"

	"github.com/vmware/govmomi/vim25/types"
)

func (e *edit) add(change *types.VirtualDeviceConfigSpec) fault {
	s := &slot{dev: clone(change.Device), fresh: true}
	s.class, s.given = classOf(s.dev), s.device().Key
	if s.class.fixed {
		return e.adopt(s)
	}
	parent, f := e.parentFor(s)
	if f != nil {
		return f
	}
	s.parent = parent
	if f := e.frozen(!s.plugs() || e.power == suspended); f != nil {
		return f
	}
	if s.class.link && s.device().Connectable == nil {
		s.device().Connectable = &types.VirtualDeviceConnectInfo{StartConnected: true, AllowGuestControl: true}
	}
	if c := s.device().Connectable; c != nil {
		c.Connected = e.power == poweredOn && (c.Connected || c.StartConnected)
	}
	if f := e.check(s, change, nil); f != nil {
		return f
	}
	e.slots = append(e.slots, s)
	e.touch[s] = e.index
	return nil
}

// adopt lets a new machine's spec name the devices that are there anyway.
func (e *edit) adopt(s *slot) fault {
	for _, there := range e.slots {
		if e.fresh && there.class == s.class && there.bus() == s.bus() {
			key, controller, unit, info := there.device().Key, there.device().ControllerKey, there.device().UnitNumber, there.device().DeviceInfo
			merge(reflect.ValueOf(there.dev).Elem(), reflect.ValueOf(s.dev).Elem(), nil)
			*there.device() = func(d types.VirtualDevice) types.VirtualDevice {
				d.Key, d.ControllerKey, d.UnitNumber, d.DeviceInfo = key, controller, unit, info
				return d
			}(*there.device())
			there.given = s.given
			return nil
		}
	}
	return &types.TooManyDevices{InvalidVmConfig: e.invalid("device").InvalidVmConfig}
}

// parentFor finds the controller that a device asks for or, when it asks for
// none, the only one that there can be.
func (e *edit) parentFor(s *slot) (*slot, fault) {
	if key := s.device().ControllerKey; key != 0 {
		parent := e.byKey(key)
		if parent == nil || parent.controller() == nil {
			return nil, &types.MissingController{InvalidDeviceSpec: e.invalid("device.controllerKey")}
		}
		if !s.class.hangsOn(parent.class) {
			return nil, e.wrong("device.controllerKey")
		}
		return parent, nil
	}
	if s.class != classDisk && s.class != classCdrom && s.class != classSCSIPass {
		for _, other := range e.slots {
			if s.class.hangsOn(other.class) {
				return other, nil
			}
		}
	}
	return nil, &types.MissingController{InvalidDeviceSpec: e.invalid("device.controllerKey")}
}

func (c *class) hangsOn(parent *class) bool {
	for _, name := range c.parents {
		if name == parent.name {
			return true
		}
	}
	return false
}

func (e *edit) change(change *types.VirtualDeviceConfigSpec) fault {
	s := e.byKey(change.Device.GetVirtualDevice().Key)
	if s == nil || s.fresh {
		return e.wrong("device.key")
	}
	if reflect.TypeOf(s.dev) != reflect.TypeOf(change.Device) {
		return e.wrong("device")
	}
	if f := e.frozen(e.power == suspended); f != nil {
		return f
	}
	old := s.dev
	wanted := change.Device.GetVirtualDevice()
	s.dev = clone(old)
	info, was, bus := s.device().DeviceInfo, s.device().UnitNumber, s.bus()
	sent := e.sent.nth("deviceChange", int(e.index)).down("device")
	merge(reflect.ValueOf(s.dev).Elem(), reflect.ValueOf(change.Device).Elem(), sent)
	s.device().DeviceInfo = info
	if c := s.controller(); c != nil {
		c.Device = old.(types.BaseVirtualController).GetVirtualController().Device
		s.moved = s.moved || s.bus() != bus
	}
	if wanted.ControllerKey != 0 && !s.class.fixed {
		parent, f := e.parentFor(s)
		if f != nil {
			return f
		}
		if parent != s.parent {
			s.parent, s.moved = parent, true
			s.device().UnitNumber = clone(wanted.UnitNumber)
		}
	}
	if units, _ := e.roomOf(s.parent); units != 0 && !same(was, s.device().UnitNumber) {
		s.moved = true
	}
	if f := e.frozen(s.moved); f != nil {
		return f
	}
	e.touch[s] = e.index
	return e.check(s, change, old)
}

func (e *edit) remove(change *types.VirtualDeviceConfigSpec) fault {
	s := e.byKey(change.Device.GetVirtualDevice().Key)
	if s == nil || s.fresh {
		return e.wrong("device.key")
	}
	operation := &types.InvalidDeviceOperation{InvalidDeviceSpec: e.invalid("operation"), BadOp: change.Operation}
	if s.class.fixed {
		return operation
	}
	if f := e.frozen(!s.plugs() || e.power == suspended); f != nil {
		return f
	}
	if d, ok := s.dev.(*types.VirtualDisk); ok {
		if e.held(d) {
			return operation
		}
		switch change.FileOperation {
		case "":
		case types.VirtualDeviceConfigSpecFileOperationDestroy:
			for _, name := range chainOf(d) {
				e.files.remove(name)
			}
		default:
			operation.BadFileOp = change.FileOperation
			return operation
		}
	}
	for i, one := range e.slots {
		if one == s {
			e.slots = append(e.slots[:i:i], e.slots[i+1:]...)
			break
		}
	}
	e.gone = append(e.gone, s)
	e.touch[s] = e.index
	return nil
}
