package main

import (
	"fmt"
	"reflect"

	"github.com/vmware/govmomi/vim25/types"
)

// slot is a device of a configuration under change.
type slot struct {
	dev    types.BaseVirtualDevice
	class  *class
	parent *slot
	given  int32 // the key that the spec gave a new device, by which others refer to it
	fresh  bool
	moved  bool
}

func (s *slot) device() *types.VirtualDevice { return s.dev.GetVirtualDevice() }

func (s *slot) controller() *types.VirtualController {
	if c, ok := s.dev.(types.BaseVirtualController); ok {
		return c.GetVirtualController()
	}
	return nil
}

// plugs says whether the device comes and goes while the machine is on: nothing does on IDE.
func (s *slot) plugs() bool {
	return s.class.hot && (s.parent == nil || s.parent.class != classIDE)
}

func (s *slot) bus() int32 {
	if c := s.controller(); c != nil {
		return c.BusNumber
	}
	return 0
}

// invalid is the fault for the change that is being applied.
func (e *edit) invalid(property string) types.InvalidDeviceSpec {
	return types.InvalidDeviceSpec{
		InvalidVmConfig: types.InvalidVmConfig{Property: "virtualDeviceSpec." + property}, DeviceIndex: e.index,
	}
}

func (e *edit) wrong(property string) fault {
	spec := e.invalid(property)
	return &spec
}

func (e *edit) wrongBacking(property string) fault {
	return &types.InvalidDeviceBacking{InvalidDeviceSpec: e.invalid("device.backing" + property)}
}

// roomOf is the room on a controller, none when there is no controller.
func (e *edit) roomOf(parent *slot) (units, own int32) {
	if parent == nil {
		return 0, -1
	}
	return room(parent.dev, hardwareNumber(e.config.Version))
}

func same(a, b *int32) bool { return a == b || a != nil && b != nil && *a == *b }

// byKey finds a device by its key, or by the key that this spec gave it.
func (e *edit) byKey(key int32) *slot {
	var found *slot
	for _, s := range e.slots {
		switch {
		case !s.fresh && s.device().Key == key:
			return s
		case key != 0 && s.given == key:
			found = s
		}
	}
	return found
}

// devices applies the device changes in their order, and then settles the
// places: two disks may swap units, and a device may take the place of
// another that the same spec removes.
func (e *edit) devices(spec *types.VirtualMachineConfigSpec) fault {
	e.touch = map[*slot]int32{}
	for _, d := range e.config.Hardware.Device {
		e.slots = append(e.slots, &slot{dev: d, class: classOf(d)})
	}
	for _, s := range e.slots {
		s.parent = e.byKey(s.device().ControllerKey)
	}
	for i, one := range spec.DeviceChange {
		e.index = int32(i)
		change := one.GetVirtualDeviceConfigSpec()
		if change.Device == nil {
			return e.wrong("device")
		}
		var f fault
		switch change.Operation {
		case types.VirtualDeviceConfigSpecOperationAdd:
			f = e.add(change)
		case types.VirtualDeviceConfigSpecOperationEdit:
			f = e.change(change)
		case types.VirtualDeviceConfigSpecOperationRemove:
			f = e.remove(change)
		default:
			f = argument(fmt.Sprintf("configSpec.deviceChange[%d].operation", i))
		}
		if f != nil {
			return f
		}
	}
	if len(spec.DeviceChange) == 0 && !e.fresh {
		return nil
	}
	return e.settle()
}

// check applies the rules of the device's own class. Old is nil for a new one.
func (e *edit) check(s *slot, change *types.VirtualDeviceConfigSpec, old types.BaseVirtualDevice) fault {
	switch d := s.dev.(type) {
	case *types.VirtualDisk:
		if old == nil {
			return e.newDisk(d, change.FileOperation)
		}
		return e.editDisk(old.(*types.VirtualDisk), d, change.FileOperation)
	case types.BaseVirtualEthernetCard:
		return e.card(d.GetVirtualEthernetCard(), old)
	case types.BaseVirtualSCSIController:
		return e.scsi(d.GetVirtualSCSIController(), old)
	case *types.VirtualMachineVideoCard:
		return e.frozen(!reflect.DeepEqual(old, s.dev))
	}
	return e.media(s.device())
}

func (e *edit) scsi(c *types.VirtualSCSIController, old types.BaseVirtualDevice) fault {
	switch c.SharedBus {
	case "":
		c.SharedBus = types.VirtualSCSISharingNoSharing
	case types.VirtualSCSISharingNoSharing, types.VirtualSCSISharingVirtualSharing, types.VirtualSCSISharingPhysicalSharing:
	default:
		return argument(fmt.Sprintf("configSpec.deviceChange[%d].device.sharedBus", e.index))
	}
	if before, ok := old.(types.BaseVirtualSCSIController); ok && before.GetVirtualSCSIController().SharedBus != c.SharedBus {
		if f := e.frozen(true); f != nil {
			return f
		}
	}
	if c.SharedBus != types.VirtualSCSISharingNoSharing && len(e.snaps) != 0 {
		return e.wrong("device.sharedBus")
	}
	c.HotAddRemove, c.ScsiCtlrUnitNumber = ptr(true), 7
	return nil
}

// media checks the datastore of an image or a port's file; the file itself
// may come later, as an ISO that is not there is no reason to refuse.
func (e *edit) media(d *types.VirtualDevice) fault {
	b, ok := d.Backing.(types.BaseVirtualDeviceFileBackingInfo)
	if !ok {
		return nil
	}
	info := b.GetVirtualDeviceFileBackingInfo()
	if info.FileName == "" || info.FileName[0] != '[' || len(info.FileName) > 1 && info.FileName[1] == ']' {
		info.Datastore = nil
		return nil
	}
	s, _, f := e.files.resolve(info.FileName)
	if f != nil {
		return f
	}
	info.Datastore = &s.ref
	return nil
}
