package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// The hardware versions that the host knows, and the one it makes.
var (
	hardwareVersions = []int{4, 7, 8, 9, 10, 11, 13, 14, 15, 17, 18, 19, 20, 21}
	defaultVersion   = "vmx-19"
)

// modes are the disk modes that a host takes on a new disk; outdated ones it
// only still shows.
var (
	modes    = []string{"persistent", "independent_persistent", "independent_nonpersistent"}
	outdated = []string{"nonpersistent", "undoable", "append"}
)

// environment tells what machines a host can run. It embeds the stock one,
// because the stock cluster reaches for it.
type environment struct {
	simulator.EnvironmentBrowser
	w       *world
	compute ref
}

// browse puts an environment browser of ours on every compute resource.
func (w *world) browse() {
	for _, h := range w.places.hosts {
		compute := w.places.compute[h.Self]
		if _, ok := w.places.browsers[compute.Self]; ok {
			continue
		}
		env := &environment{w: w, compute: compute.Self}
		env.Self = *compute.EnvironmentBrowser
		w.m.Put(env)
		w.places.browsers[compute.Self] = env.Self
	}
}

func knownVersion(version string) bool {
	for _, v := range hardwareVersions {
		if version == fmt.Sprintf("vmx-%02d", v) {
			return true
		}
	}
	return false
}

// hardwareNumber is 19 for "vmx-19".
func hardwareNumber(version string) (n int) {
	_, _ = fmt.Sscanf(version, "vmx-%d", &n)
	return n
}

// QueryConfigOptionDescriptor lists the hardware versions.
func (e *environment) QueryConfigOptionDescriptor(_ *simulator.Context, _ *types.QueryConfigOptionDescriptor) soap.HasFault {
	var list []types.VirtualMachineConfigOptionDescriptor
	for _, v := range hardwareVersions {
		key := fmt.Sprintf("vmx-%02d", v)
		list = append(list, types.VirtualMachineConfigOptionDescriptor{
			Key: key, Description: fmt.Sprintf("ESXi virtual hardware version %d", v), Host: e.hosts(),
			CreateSupported: true, DefaultConfigOption: key == defaultVersion, RunSupported: true, UpgradeSupported: v > 7,
		})
	}
	return &methods.QueryConfigOptionDescriptorBody{Res: &types.QueryConfigOptionDescriptorResponse{Returnval: list}}
}

func (e *environment) hosts() []ref {
	var list []ref
	for _, h := range e.w.places.hosts {
		if e.w.places.compute[h.Self].Self == e.compute {
			list = append(list, h.Self)
		}
	}
	return list
}

// QueryConfigOption tells the options of one hardware version.
func (e *environment) QueryConfigOption(_ *simulator.Context, r *types.QueryConfigOption) soap.HasFault {
	return &methods.QueryConfigOptionBody{Res: &types.QueryConfigOptionResponse{Returnval: configOption(r.Key)}}
}

// QueryConfigOptionEx tells the same, for some guests.
func (e *environment) QueryConfigOptionEx(_ *simulator.Context, r *types.QueryConfigOptionEx) soap.HasFault {
	key := ""
	if r.Spec != nil {
		key = r.Spec.Key
	}
	option := configOption(key)
	if r.Spec != nil && len(r.Spec.GuestId) != 0 {
		var some []types.GuestOsDescriptor
		for _, id := range r.Spec.GuestId {
			if knownGuest(id) {
				some = append(some, guest(id))
			}
		}
		if some != nil {
			option.GuestOSDescriptor = some
		}
	}
	return &methods.QueryConfigOptionExBody{Res: &types.QueryConfigOptionExResponse{Returnval: option}}
}

func configOption(key string) *types.VirtualMachineConfigOption {
	if key == "" {
		key = defaultVersion
	}
	option := &types.VirtualMachineConfigOption{
		Version: key, Description: "ESXi virtual hardware", SupportedMonitorType: []string{"release", "debug", "stats"},
		DefaultDevice: defaultDevices(), Capabilities: capability(),
	}
	for _, id := range guestIDs {
		option.GuestOSDescriptor = append(option.GuestOSDescriptor, guest(id))
	}
	hardware := &option.HardwareOptions
	hardware.HwVersion = int32(hardwareNumber(key))
	for n := int32(1); n <= maxCPUs; n++ {
		hardware.NumCPU = append(hardware.NumCPU, n)
	}
	hardware.MemoryMB = types.LongOption{Min: 4, Max: maxMemoryMB, DefaultValue: 1024}
	hardware.NumCoresPerSocket = types.IntOption{Min: 1, Max: maxCPUs, DefaultValue: 1}
	hardware.VirtualDeviceOption = deviceOptions(int(hardware.HwVersion))
	shares := types.SharesOption{SharesOption: types.IntOption{Max: 1000000, DefaultValue: 1000}, DefaultLevel: "normal"}
	hardware.ResourceConfigOption = types.ResourceConfigOption{CpuAllocationOption: allocation(shares),
		MemoryAllocationOption: allocation(shares)}
	option.Datastore.UnsupportedVolumes = nil
	return option
}

func allocation(shares types.SharesOption) types.ResourceAllocationOption {
	return types.ResourceAllocationOption{SharesOption: shares}
}

// diskOption says which modes each backing of a disk may have.
func diskOption() *types.VirtualDiskOption {
	choice := func(words []string) types.ChoiceOption {
		out := types.ChoiceOption{}
		for _, word := range words {
			out.ChoiceInfo = append(out.ChoiceInfo, &types.ElementDescription{
				Description: types.Description{Label: word, Summary: word}, Key: word,
			})
		}
		return out
	}
	format := choice([]string{"redoLogFormat", "seSparseFormat"})
	flat := &types.VirtualDiskFlatVer2BackingOption{DiskMode: choice(modes), Growable: true, Uuid: true, DeltaDiskFormat: format}
	flat.Type = "VirtualDiskFlatVer2BackingInfo"
	sparse := &types.VirtualDiskSeSparseBackingOption{DiskMode: choice(modes), Growable: true, Uuid: true}
	sparse.Type = "VirtualDiskSeSparseBackingInfo"
	raw := &types.VirtualDiskRawDiskMappingVer1BackingOption{
		DiskMode: choice(modes), CompatibilityMode: choice([]string{"virtualMode", "physicalMode"}), Uuid: true,
	}
	raw.Type = "VirtualDiskRawDiskMappingVer1BackingInfo"
	option := &types.VirtualDiskOption{CapacityInKB: types.LongOption{Min: 1024, Max: 62 << 30, DefaultValue: 16 << 20}}
	option.Type = "VirtualDisk"
	option.BackingOption = []types.BaseVirtualDeviceBackingOption{flat, sparse, raw}
	option.IoAllocationOption = types.StorageIOAllocationOption{
		LimitOption:  types.LongOption{Min: -1, Max: 1 << 40, DefaultValue: -1},
		SharesOption: types.SharesOption{SharesOption: types.IntOption{Max: 4000, DefaultValue: 1000}, DefaultLevel: "normal"},
	}
	return option
}

// guestNames are the guests that the host knows, and guestIDs their order.
var guestNames = map[string]string{
	"otherGuest":                 "Other (32-bit)",
	"otherGuest64":               "Other (64-bit)",
	"otherLinuxGuest":            "Other Linux (32-bit)",
	"otherLinux64Guest":          "Other Linux (64-bit)",
	"other5xLinux64Guest":        "Other 5.x or later Linux (64-bit)",
	"debian11_64Guest":           "Debian GNU/Linux 11 (64-bit)",
	"debian12_64Guest":           "Debian GNU/Linux 12 (64-bit)",
	"ubuntuGuest":                "Ubuntu Linux (32-bit)",
	"ubuntu64Guest":              "Ubuntu Linux (64-bit)",
	"rhel8_64Guest":              "Red Hat Enterprise Linux 8 (64-bit)",
	"rhel9_64Guest":              "Red Hat Enterprise Linux 9 (64-bit)",
	"sles15_64Guest":             "SUSE Linux Enterprise 15 (64-bit)",
	"freebsd13_64Guest":          "FreeBSD 13 or later versions (64-bit)",
	"windows9Guest":              "Microsoft Windows 10 (32-bit)",
	"windows9_64Guest":           "Microsoft Windows 10 (64-bit)",
	"windows2019srv_64Guest":     "Microsoft Windows Server 2019 (64-bit)",
	"windows2019srvNext_64Guest": "Microsoft Windows Server 2022 (64-bit)",
}

// knownGuest says whether the API has a word for a guest.
func knownGuest(id string) bool {
	return slices.Contains(types.VirtualMachineGuestOsIdentifier("").Values(), types.VirtualMachineGuestOsIdentifier(id))
}

// guestName is the full name of a guest.
func guestName(id string) string {
	if name := guestNames[id]; name != "" {
		return name
	}
	return strings.TrimSuffix(id, "Guest")
}

var guestIDs = []string{
	"otherGuest", "otherGuest64", "otherLinuxGuest", "otherLinux64Guest", "other5xLinux64Guest", "debian11_64Guest",
	"debian12_64Guest", "ubuntuGuest", "ubuntu64Guest", "rhel8_64Guest", "rhel9_64Guest", "sles15_64Guest",
	"freebsd13_64Guest", "windows9Guest", "windows9_64Guest", "windows2019srv_64Guest", "windows2019srvNext_64Guest",
}

func guest(id string) types.GuestOsDescriptor {
	controllers := []string{"ParaVirtualSCSIController", "VirtualLsiLogicController",
		"VirtualLsiLogicSASController", "VirtualAHCIController", "VirtualNVMEController"}
	cards := []string{"VirtualVmxnet3", "VirtualE1000e", "VirtualE1000"}
	return types.GuestOsDescriptor{
		Id: id, Family: family(id), FullName: guestName(id), SupportedMaxCPUs: maxCPUs, NumSupportedPhysicalSockets: maxCPUs,
		NumSupportedCoresPerSocket: maxCPUs, SupportedMinMemMB: 4, SupportedMaxMemMB: maxMemoryMB, RecommendedMemMB: 2048,
		SupportedDiskControllerList: controllers, RecommendedSCSIController: controllers[0], RecommendedDiskController: controllers[0],
		SupportedNumDisks: 60, RecommendedDiskSizeMB: 16384, RecommendedCdromController: "VirtualAHCIController",
		SupportedEthernetCard: cards, RecommendedEthernetCard: cards[0], SupportedFirmware: []string{"bios", "efi"},
		RecommendedFirmware: "bios", SupportLevel: "supported", SupportedForCreate: true, NumSupportedFloppyDevices: 2,
		VRAMSizeInKB: types.IntOption{Min: 1024, Max: 262144, DefaultValue: 4096}, SupportsMemoryHotAdd: true, SupportsCpuHotAdd: true,
	}
}

// QueryConfigTarget tells what a host has for machines to use.
func (e *environment) QueryConfigTarget(_ *simulator.Context, r *types.QueryConfigTarget) soap.HasFault {
	target := &types.ConfigTarget{NumCpus: 32, NumCpuCores: 16, NumNumaNodes: 2,
		MaxCpusPerHost: maxCPUs, MaxMemMBOptimalPerf: maxMemoryMB}
	for _, name := range []string{"datastore1", "nfs store"} {
		s := e.w.stores[name]
		ds := e.w.m.Get(s.ref).(*datastore)
		target.Datastore = append(target.Datastore, types.VirtualMachineDatastoreInfo{
			VirtualMachineTargetInfo: types.VirtualMachineTargetInfo{Name: s.name}, Datastore: ds.Summary,
			Capability: ds.Capability, MaxFileSize: 62 << 40, Mode: "readWrite", VStorageSupport: "vStorageUnsupported",
		})
	}
	for _, net := range e.w.places.nets {
		if n, ok := e.w.m.Get(net).(*mo.Network); ok {
			target.Network = append(target.Network, types.VirtualMachineNetworkInfo{
				VirtualMachineTargetInfo: types.VirtualMachineTargetInfo{Name: n.Name}, Network: n.Summary.GetNetworkSummary(),
			})
		}
	}
	for _, l := range luns {
		target.ScsiDisk = append(target.ScsiDisk, types.VirtualMachineScsiDiskDeviceInfo{
			VirtualMachineDiskDeviceInfo: types.VirtualMachineDiskDeviceInfo{
				VirtualMachineTargetInfo: types.VirtualMachineTargetInfo{Name: l.device}, Capacity: l.capacity,
			},
		})
	}
	return &methods.QueryConfigTargetBody{Res: &types.QueryConfigTargetResponse{Returnval: target}}
}
