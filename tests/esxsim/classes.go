package main

import (
	"github.com/vmware/govmomi/vim25/types"
)

// class is what the rules need to know of one kind of device.
type class struct {
	name    string
	label   string   // "Hard disk 1"
	key     int32    // the first key
	unit    int32    // the first unit on the PCI bus
	limit   int      // how many a machine may have
	hot     bool     // comes and goes while the machine is on
	fixed   bool     // is there from the start and stays
	parents []string // classes of controllers it hangs on
	link    bool     // has a connectable state
}

// storage are the classes of controllers for disks; a drive goes to the first three.
var storage = []string{"ide", "sata", "scsi", "nvme"}

// usb are the classes of controllers for USB devices.
var usb = []string{"usb", "xhci"}

var (
	classIDE      = &class{name: "ide", label: "IDE", key: 200, limit: 2, fixed: true}
	classPS2      = &class{name: "ps2", label: "PS2 controller", key: 300, limit: 1, fixed: true}
	classPCI      = &class{name: "pci", label: "PCI controller", key: 100, limit: 1, fixed: true}
	classSIO      = &class{name: "sio", label: "SIO controller", key: 400, limit: 1, fixed: true}
	classKeyboard = &class{name: "keyboard", label: "Keyboard", key: 600, limit: 1, fixed: true, parents: []string{"ps2"}}
	classPointing = &class{name: "pointing", label: "Pointing device", key: 700, limit: 1, fixed: true, parents: []string{"ps2"}}
	classVideo    = &class{name: "video", label: "Video card", key: 500, limit: 1, fixed: true, parents: []string{"pci"}}
	classVMCI     = &class{name: "vmci", label: "VMCI device", key: 12000, unit: 17, limit: 1, fixed: true, parents: []string{"pci"}}
	classSCSI     = &class{name: "scsi", label: "SCSI controller", key: 1000, unit: 3, limit: 4, hot: true, parents: []string{"pci"}}
	classSATA     = &class{name: "sata", label: "SATA controller", key: 15000, unit: 24, limit: 4, hot: true, parents: []string{"pci"}}
	classNVMe     = &class{name: "nvme", label: "NVME controller", key: 31000, unit: 30, limit: 4, hot: true, parents: []string{"pci"}}
	classUSB      = &class{name: "usb", label: "USB controller", key: 7000, unit: 22, limit: 1, hot: true, parents: []string{"pci"}}
	classXHCI     = &class{name: "xhci", label: "USB xHCI controller", key: 14000, unit: 23, limit: 1, hot: true, parents: []string{"pci"}}
	classDisk     = &class{name: "disk", label: "Hard disk", key: 2000, limit: 256, hot: true, parents: storage}
	classCdrom    = &class{name: "cdrom", label: "CD/DVD drive", key: 3000, limit: 124, hot: true, parents: storage[:3], link: true}
	classFloppy   = &class{name: "floppy", label: "Floppy drive", key: 8000, limit: 2, parents: []string{"sio"}, link: true}
	classSerial   = &class{name: "serial", label: "Serial port", key: 9000, limit: 32, parents: []string{"sio"}, link: true}
	classParallel = &class{name: "parallel", label: "Parallel port", key: 10000, limit: 3, parents: []string{"sio"}, link: true}
	classNIC      = &class{name: "nic", label: "Network adapter", key: 4000, unit: 7, limit: 10, hot: true, parents: []string{"pci"}, link: true}
	classSRIOV    = &class{name: "sriov", label: "Network adapter", key: 4000, unit: 45, limit: 16, parents: []string{"pci"}, link: true}
	classSound    = &class{name: "sound", label: "Sound card", key: 5000, unit: 18, limit: 1, parents: []string{"pci"}, link: true}
	classTPM      = &class{name: "tpm", label: "Virtual TPM", key: 11000, unit: 19, limit: 1, parents: []string{"pci"}}
	classPass     = &class{name: "passthrough", label: "PCI device", key: 13000, unit: 40, limit: 16, parents: []string{"pci"}}
	classUSBThing = &class{name: "usbdevice", label: "USB", key: 7100, limit: 20, hot: true, link: true, parents: usb}
	classSCSIPass = &class{name: "scsidevice", label: "SCSI device", key: 2900, limit: 60, parents: []string{"scsi"}}
	classClock    = &class{name: "clock", label: "Precision clock", key: 19000, unit: 20, limit: 1, parents: []string{"pci"}}
	classWatchdog = &class{name: "watchdog", label: "Watchdog timer", key: 18000, unit: 21, limit: 1, parents: []string{"pci"}}
	classOther    = &class{name: "other", label: "Device", key: 20000, unit: 60, limit: 16, parents: []string{"pci"}}
)

// classOf sorts a device.
func classOf(d types.BaseVirtualDevice) *class {
	switch d.(type) {
	case *types.VirtualDisk:
		return classDisk
	case *types.VirtualCdrom:
		return classCdrom
	case *types.VirtualSriovEthernetCard:
		return classSRIOV // a passthrough device: it is none of the ten
	case types.BaseVirtualEthernetCard:
		return classNIC
	case types.BaseVirtualSCSIController:
		return classSCSI
	case types.BaseVirtualSATAController:
		return classSATA
	case *types.VirtualNVMEController:
		return classNVMe
	case *types.VirtualIDEController:
		return classIDE
	case *types.VirtualPCIController:
		return classPCI
	case *types.VirtualPS2Controller:
		return classPS2
	case *types.VirtualSIOController:
		return classSIO
	case *types.VirtualUSBController:
		return classUSB
	case *types.VirtualUSBXHCIController:
		return classXHCI
	case *types.VirtualUSB:
		return classUSBThing
	case *types.VirtualFloppy:
		return classFloppy
	case *types.VirtualSerialPort:
		return classSerial
	case *types.VirtualParallelPort:
		return classParallel
	case types.BaseVirtualSoundCard:
		return classSound
	case *types.VirtualMachineVideoCard:
		return classVideo
	case *types.VirtualMachineVMCIDevice:
		return classVMCI
	case *types.VirtualKeyboard:
		return classKeyboard
	case *types.VirtualPointingDevice:
		return classPointing
	case *types.VirtualTPM:
		return classTPM
	case *types.VirtualPCIPassthrough:
		return classPass
	case *types.VirtualSCSIPassthrough:
		return classSCSIPass
	case *types.VirtualPrecisionClock:
		return classClock
	case *types.VirtualWDT:
		return classWatchdog
	}
	return classOther
}

// room tells how many units a storage controller has, and the one it needs
// for itself (or -1). No units means that the controller does not count them.
func room(controller types.BaseVirtualDevice, version int) (units, own int32) {
	switch c := controller.(type) {
	case *types.ParaVirtualSCSIController:
		if version >= 14 {
			return 65, 7
		}
		return 16, 7
	case types.BaseVirtualSCSIController:
		return 16, 7
	case types.BaseVirtualSATAController:
		return 30, -1
	case *types.VirtualNVMEController:
		if version >= 21 {
			return 64, -1
		}
		return 15, -1
	case *types.VirtualIDEController:
		_ = c
		return 2, -1
	}
	return 0, -1
}

// natural is the key that a device has by its place.
func natural(c *class, d *types.VirtualDevice, parent *slot) int32 {
	if c != classDisk && c != classCdrom || d.UnitNumber == nil || parent == nil {
		return c.key
	}
	bus, unit := parent.bus(), *d.UnitNumber
	switch parent.class {
	case classIDE:
		return 3000 + 2*bus + unit
	case classSATA:
		return 16000 + 30*bus + unit
	case classNVMe:
		if unit >= 15 {
			return 32060
		}
		return 32000 + 15*bus + unit
	}
	if unit >= 16 {
		return 2064
	}
	return 2000 + 16*bus + unit
}

// defaultDevices are there in every machine.
func defaultDevices() []types.BaseVirtualDevice {
	device := func(key, controller int32, unit *int32, label, summary string) types.VirtualDevice {
		return types.VirtualDevice{
			Key: key, ControllerKey: controller, UnitNumber: unit,
			DeviceInfo: &types.Description{Label: label, Summary: summary},
		}
	}
	controller := func(key, bus int32, label string, children ...int32) types.VirtualController {
		return types.VirtualController{VirtualDevice: device(key, 0, nil, label, label), BusNumber: bus, Device: children}
	}
	return []types.BaseVirtualDevice{
		&types.VirtualIDEController{VirtualController: controller(200, 0, "IDE 0")},
		&types.VirtualIDEController{VirtualController: controller(201, 1, "IDE 1")},
		&types.VirtualPS2Controller{VirtualController: controller(300, 0, "PS2 controller 0", 600, 700)},
		&types.VirtualPCIController{VirtualController: controller(100, 0, "PCI controller 0", 500, 12000)},
		&types.VirtualSIOController{VirtualController: controller(400, 0, "SIO controller 0")},
		&types.VirtualKeyboard{VirtualDevice: device(600, 300, ptr(int32(0)), "Keyboard", "Keyboard")},
		&types.VirtualPointingDevice{VirtualDevice: func() types.VirtualDevice {
			d := device(700, 300, ptr(int32(1)), "Pointing device", "Pointing device; Device")
			d.Backing = &types.VirtualPointingDeviceDeviceBackingInfo{
				VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{UseAutoDetect: ptr(false)},
				HostPointingDevice:             "autodetect",
			}
			return d
		}()},
		&types.VirtualMachineVideoCard{
			VirtualDevice: device(500, 100, ptr(int32(0)), "Video card", "Video card"), VideoRamSizeInKB: 4096, NumDisplays: 1,
			UseAutoDetect: ptr(false), Enable3DSupport: ptr(false), Use3dRenderer: "automatic", GraphicsMemorySizeInKB: 262144,
		},
		&types.VirtualMachineVMCIDevice{
			VirtualDevice: device(12000, 100, ptr(int32(17)), "VMCI device", "Device on the virtual machine PCI bus that provides "+
				"support for the virtual machine communication interface"),
			Id: -1, AllowUnrestrictedCommunication: ptr(false), FilterEnable: ptr(true),
		},
	}
}
