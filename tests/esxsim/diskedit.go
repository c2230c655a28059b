package main

import (
	"reflect"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// editDisk checks what changes about a disk that is there.
func (e *edit) editDisk(old, d *types.VirtualDisk, op types.VirtualDeviceConfigSpecFileOperation) fault {
	if op != "" {
		return &types.InvalidDeviceOperation{InvalidDeviceSpec: e.invalid("fileOperation"), BadOp: "edit", BadFileOp: op}
	}
	if reflect.TypeOf(old.Backing) != reflect.TypeOf(d.Backing) {
		return e.wrongBacking("")
	}
	for _, name := range []string{"FileName", "ThinProvisioned", "CompatibilityMode", "DeviceName"} {
		if was := field(old.Backing, name); was.IsValid() && !reflect.DeepEqual(was.Interface(), field(d.Backing, name).Interface()) {
			return e.wrongBacking("." + strings.ToLower(name[:1]) + name[1:])
		}
	}
	if mode(old) != mode(d) {
		if f := e.wording(d); f != nil {
			return f
		}
		if len(e.snaps) != 0 {
			return &types.DisallowedDiskModeChange{InvalidDeviceSpec: e.invalid("device.backing.diskMode")}
		}
		if f := e.frozen(true); f != nil {
			return f
		}
	}
	if sharing(old) != sharing(d) {
		m := mode(d)
		field(d.Backing, "DiskMode").SetString("persistent") // judge the sharing alone: an old mode may stay
		f := first(e.wording(d), e.frozen(true))
		field(d.Backing, "DiskMode").SetString(m)
		if f != nil {
			return f
		}
	}
	return e.resize(old, d)
}

// held says whether a snapshot needs the disk: a file of it stands in the
// snapshot's own configuration. A disk that came later is nobody's.
func (e *edit) held(d *types.VirtualDisk) bool {
	if !dependent(d) {
		return false
	}
	for _, s := range e.snaps {
		for _, then := range disks(s.Config.Hardware.Device) {
			for _, name := range chainOf(then) {
				if dependent(then) && slices.Contains(chainOf(d), name) {
					return true
				}
			}
		}
	}
	return false
}

// resize lets a disk grow.
func (e *edit) resize(old, d *types.VirtualDisk) fault {
	wanted := old.CapacityInBytes
	if d.CapacityInKB != 0 && d.CapacityInKB != old.CapacityInKB {
		wanted = d.CapacityInKB * 1024
	}
	if d.CapacityInBytes != 0 && d.CapacityInBytes != old.CapacityInBytes {
		wanted = d.CapacityInBytes
	}
	d.CapacityInBytes, d.CapacityInKB = wanted, wanted/1024
	if wanted == old.CapacityInBytes {
		return nil
	}
	if wanted < old.CapacityInBytes || parent(d.Backing) != nil || e.held(d) {
		return e.wrong("device.capacityInKB")
	}
	one := e.files.get(backing(d).FileName)
	if one == nil {
		return &types.FileNotFound{FileFault: types.FileFault{File: backing(d).FileName}}
	}
	grown := *one
	grown.Capacity = wanted
	if !grown.Thin {
		grown.Size = wanted
	}
	return e.files.put(backing(d).FileName, &grown)
}
