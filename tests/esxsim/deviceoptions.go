package main

import "github.com/vmware/govmomi/vim25/types"

// deviceOptions are the devices that a machine of a hardware version may have.
func deviceOptions(version int) []types.BaseVirtualDeviceOption {
	list := []types.BaseVirtualDeviceOption{
		diskOption(),
		offer(&types.VirtualIDEControllerOption{}, "VirtualIDEController"),
		offer(&types.VirtualPCIControllerOption{}, "VirtualPCIController"),
		offer(&types.VirtualPS2ControllerOption{}, "VirtualPS2Controller"),
		offer(&types.VirtualSIOControllerOption{}, "VirtualSIOController"),
		offer(&types.VirtualBusLogicControllerOption{}, "VirtualBusLogicController"),
		offer(&types.VirtualLsiLogicControllerOption{}, "VirtualLsiLogicController"),
		offer(&types.VirtualCdromOption{}, "VirtualCdrom"),
		offer(&types.VirtualFloppyOption{}, "VirtualFloppy"),
		offer(&types.VirtualSerialPortOption{}, "VirtualSerialPort"),
		offer(&types.VirtualParallelPortOption{}, "VirtualParallelPort"),
		offer(&types.VirtualKeyboardOption{}, "VirtualKeyboard"),
		offer(&types.VirtualPointingDeviceOption{}, "VirtualPointingDevice"),
		videoOption(),
		offer(&types.VirtualPCNet32Option{}, "VirtualPCNet32"),
		offer(&types.VirtualE1000Option{}, "VirtualE1000"),
		offer(&types.VirtualEnsoniq1371Option{}, "VirtualEnsoniq1371"),
		offer(&types.VirtualSoundBlaster16Option{}, "VirtualSoundBlaster16"),
		offer(&types.VirtualUSBControllerOption{}, "VirtualUSBController"),
		offer(&types.VirtualUSBOption{}, "VirtualUSB"),
	}
	for _, later := range []struct {
		from   int
		option types.BaseVirtualDeviceOption
	}{
		{7, offer(&types.ParaVirtualSCSIControllerOption{}, "ParaVirtualSCSIController")},
		{7, offer(&types.VirtualLsiLogicSASControllerOption{}, "VirtualLsiLogicSASController")},
		{7, offer(&types.VirtualVmxnet2Option{}, "VirtualVmxnet2")},
		{7, offer(&types.VirtualVmxnet3Option{}, "VirtualVmxnet3")},
		{7, offer(&types.VirtualPCIPassthroughOption{}, "VirtualPCIPassthrough")},
		{8, offer(&types.VirtualE1000eOption{}, "VirtualE1000e")},
		{8, offer(&types.VirtualHdAudioCardOption{}, "VirtualHdAudioCard")},
		{8, offer(&types.VirtualUSBXHCIControllerOption{}, "VirtualUSBXHCIController")},
		{10, offer(&types.VirtualAHCIControllerOption{}, "VirtualAHCIController")},
		{10, offer(&types.VirtualSriovEthernetCardOption{}, "VirtualSriovEthernetCard")},
		{13, offer(&types.VirtualNVMEControllerOption{}, "VirtualNVMEController")},
		{14, offer(&types.VirtualTPMOption{}, "VirtualTPM")},
		{21, offer(&types.VirtualDeviceOption{}, "VirtualDeviceOfTheFuture")}, // no client knows all that hosts have
	} {
		if version >= later.from {
			list = append(list, later.option)
		}
	}
	return list
}

// offer names the device that an option is about.
func offer[T types.BaseVirtualDeviceOption](option T, device string) T {
	option.GetVirtualDeviceOption().Type = device
	return option
}

func videoOption() types.BaseVirtualDeviceOption {
	return offer(&types.VirtualVideoCardOption{
		VideoRamSizeInKB: &types.LongOption{Min: 1024, Max: 262144, DefaultValue: 4096},
		NumDisplays:      &types.IntOption{Min: 1, Max: 10, DefaultValue: 1},
	}, "VirtualMachineVideoCard")
}
