package main

import (
	"fmt"
	"reflect"

	"github.com/vmware/govmomi/vim25/types"
)

// texts are the English messages that vSphere sends along with its faults.
var texts = map[string]string{
	"ConcurrentAccess":                "The operation cannot proceed because the resource is being modified by another operation.",
	"CpuHotPlugNotSupported":          "CPU hot plug is not supported for this virtual machine.",
	"DisallowedDiskModeChange":        "The disk mode cannot be changed while the virtual machine has a snapshot.",
	"InvalidLogin":                    "Cannot complete login due to an incorrect user name or password.",
	"InvalidPowerState":               "The attempted operation cannot be performed in the current state.",
	"InvalidState":                    "The operation is not allowed in the current state.",
	"MemoryHotPlugNotSupported":       "Memory hot plug is not supported for this virtual machine.",
	"MemorySnapshotOnIndependentDisk": "Cannot take a memory snapshot, since the virtual machine is configured with independent disks.",
	"NotAuthenticated":                "The session is not authenticated.",
	"NotSupported":                    "The operation is not supported on the object.",
	"RequestCanceled":                 "The task was canceled by a user.",
	"RestrictedVersion":               "Current license or ESXi version prohibits execution of the requested operation.",
	"SnapshotIncompatibleDeviceInVm":  "The virtual machine has a device that cannot be part of a snapshot.",
	"TaskInProgress":                  "The operation is not allowed while another task is in progress.",
	"TooManyDevices":                  "There are more virtual devices than the virtual machine supports.",
	"TooManySnapshotLevels":           "The virtual machine has too many levels of snapshots.",
	"ToolsUnavailable":                "Cannot complete operation because VMware Tools is not running in this virtual machine.",
}

// text words a fault for the reader of an error message.
func text(fault types.BaseMethodFault) string {
	if said := fault.GetMethodFault().FaultMessage; len(said) != 0 {
		return said[0].Message
	}
	switch f := fault.(type) {
	case *types.InvalidArgument:
		return "A specified parameter was not correct: " + f.InvalidProperty
	case *types.FileNotFound:
		return fmt.Sprintf("File %s was not found", f.File)
	case *types.FileAlreadyExists:
		return fmt.Sprintf("Cannot complete the operation because the file or folder %s already exists", f.File)
	case *types.FileLocked:
		return fmt.Sprintf("Unable to access file %s since it is locked", f.File)
	case *types.InvalidDatastorePath:
		return fmt.Sprintf("Invalid datastore path '%s'.", f.DatastorePath)
	case *types.DuplicateName:
		return fmt.Sprintf("The name '%s' already exists.", f.Name)
	case *types.InvalidName:
		return fmt.Sprintf("The name '%s' is invalid.", f.Name)
	case *types.InvalidPowerState:
		return fmt.Sprintf("The attempted operation cannot be performed in the current state (%s).", f.ExistingState)
	case *types.InvalidDeviceBacking:
		return fmt.Sprintf("Incompatible device backing specified for device '%d' (%s).", f.DeviceIndex, f.Property)
	}
	name := reflect.TypeOf(fault).Elem().Name()
	if spec, ok := fault.(types.BaseInvalidDeviceSpec); ok && texts[name] == "" {
		s := spec.GetInvalidDeviceSpec()
		return fmt.Sprintf("Invalid configuration for device '%d' (%s).", s.DeviceIndex, s.Property)
	}
	if words, ok := texts[name]; ok {
		return words
	}
	return "The operation failed: " + name
}
