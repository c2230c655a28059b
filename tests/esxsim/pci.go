package main

import "github.com/vmware/govmomi/vim25/types"

// adapters are devices behind a bridge of the stock host: a card with two
// ports, of which the second can be split, and a GPU in a domain of its own.
var adapters = []types.HostPciDevice{
	{Id: "0000:04:00.0", ClassId: 0x0200, Bus: 4, VendorId: -32634, VendorName: "Intel Corporation", DeviceId: 0x10fb,
		DeviceName: "82599 10 Gigabit Network Connection", ParentBridge: "0000:00:01.0"},
	{Id: "0000:04:00.1", ClassId: 0x0200, Bus: 4, Function: 1, VendorId: -32634, VendorName: "Intel Corporation",
		DeviceId: 0x10fb, DeviceName: "82599 10 Gigabit Network Connection", ParentBridge: "0000:00:01.0"},
	{Id: "0001:81:00.0", ClassId: 0x0302, Bus: 0x81, VendorId: 0x10de, VendorName: "NVIDIA Corporation", DeviceId: 0x1eb8,
		DeviceName: "TU104GL [Tesla T4]"},
}

// passthrough says what machines may have of the adapters: the first port is
// theirs already.
func passthrough() []types.BaseHostPciPassthruInfo {
	one := func(id string, active bool) types.HostPciPassthruInfo {
		return types.HostPciPassthruInfo{
			Id: id, DependentDevice: id, PassthruCapable: true, PassthruEnabled: active, PassthruActive: active,
		}
	}
	first, gpu := one("0000:04:00.0", true), one("0001:81:00.0", false)
	return []types.BaseHostPciPassthruInfo{
		&first,
		&types.HostSriovInfo{HostPciPassthruInfo: one("0000:04:00.1", false), SriovCapable: true, MaxVirtualFunctionSupported: 63},
		&gpu,
	}
}
