package main

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// The limits of a virtual machine of hardware version 19 on this host.
const (
	maxCPUs     = 32
	maxMemoryMB = 64 << 10
	maxName     = 80
)

// edit is a change of a configuration that may still be refused. It works on a
// copy of the configuration, and on files that can be put back.
type edit struct {
	w      *world
	host   *simulator.HostSystem
	folder *folder
	self   ref
	power  types.VirtualMachinePowerState
	snaps  []*snapshot
	config *types.VirtualMachineConfigInfo
	files  stores
	fresh  bool // the machine is being made
	slots  []*slot
	gone   []*slot
	touch  map[*slot]int32 // the index of the change that last touched a device
	names  map[int32]*slot // devices by the keys that the spec knows them by
	index  int32
	sent   *node // the spec's elements
}

func argument(property string) fault { return &types.InvalidArgument{InvalidProperty: property} }

// reconfigure applies a spec: all of it, or nothing.
func (vm *machine) reconfigure(ctx *simulator.Context, spec *types.VirtualMachineConfigSpec, sent *node) fault {
	if spec.ChangeVersion != "" && spec.ChangeVersion != vm.Config.ChangeVersion {
		return &types.ConcurrentAccess{}
	}
	e := &edit{
		w: vm.w, host: vm.w.m.Get(*vm.Runtime.Host).(*simulator.HostSystem), folder: vm.folder(), self: vm.Self,
		power: vm.Runtime.PowerState, snaps: vm.snaps, files: vm.w.stores, sent: sent,
	}
	config := clone(*vm.Config)
	e.config = &config
	if f := e.files.try(func() fault { return e.apply(spec) }); f != nil {
		return f
	}
	vm.w.stamp(e.config)
	ctx.WithLock(vm, func() {
		vm.Config = e.config
		vm.refresh(ctx)
	})
	return nil
}

// stamp gives the configuration a new change version.
func (w *world) stamp(config *types.VirtualMachineConfigInfo) {
	config.Modified = w.tick()
	config.ChangeVersion = config.Modified.Format("2006-01-02T15:04:05.000000Z")
}

func (e *edit) apply(spec *types.VirtualMachineConfigSpec) fault {
	for _, step := range []func(*types.VirtualMachineConfigSpec) fault{
		e.identity, e.processors, e.resources, e.settings, e.extra, e.devices, e.boot,
	} {
		if f := step(spec); f != nil {
			return f
		}
	}
	return nil
}

// frozen refuses a change that a machine takes only while it is off.
func (e *edit) frozen(changed bool) fault {
	if changed && e.power != poweredOff {
		return &types.InvalidPowerState{RequestedState: poweredOff, ExistingState: e.power}
	}
	return nil
}

// first returns the first fault there is.
func first(faults ...fault) fault {
	for _, f := range faults {
		if f != nil {
			return f
		}
	}
	return nil
}

func set[T comparable](dst *T, v T) {
	var zero T
	if v != zero {
		*dst = v
	}
}

// words sets a text, to nothing when it was sent empty.
func (e *edit) words(dst *string, v, name string) {
	if v != "" || e.sent.down(name) != nil {
		*dst = v
	}
}

// identity applies names, UUIDs, the guest and the version.
func (e *edit) identity(spec *types.VirtualMachineConfigSpec) fault {
	c := e.config
	if spec.Name != "" && (spec.Name != c.Name || e.fresh) {
		if utf8.RuneCountInString(spec.Name) > maxName {
			return &types.InvalidName{Name: spec.Name}
		}
		name := inventoryName(spec.Name)
		if twin := e.folder.named(name); twin != nil && twin.Reference() != e.self {
			return &types.DuplicateName{Name: spec.Name, Object: twin.Reference()}
		}
		c.Name = name
	}
	differs := func(now, wanted string) bool { return wanted != "" && now != wanted }
	f := first(
		e.frozen(differs(c.GuestId, spec.GuestId)), e.frozen(differs(c.Uuid, spec.Uuid)),
		e.frozen(differs(c.InstanceUuid, spec.InstanceUuid)), e.frozen(differs(c.Version, spec.Version)),
		e.frozen(differs(c.Firmware, spec.Firmware)), e.frozen(differs(c.AlternateGuestName, spec.AlternateGuestName)),
	)
	switch {
	case f != nil:
		return f
	case spec.GuestId != "" && !knownGuest(spec.GuestId):
		return argument("configSpec.guestId")
	case spec.Version != "" && !knownVersion(spec.Version):
		return argument("configSpec.version")
	case !e.fresh && spec.Version != "" && hardwareNumber(spec.Version) < hardwareNumber(c.Version):
		return argument("configSpec.version")
	case spec.Firmware != "" && spec.Firmware != "bios" && spec.Firmware != "efi":
		return argument("configSpec.firmware")
	case spec.Uuid != "" && uuid.Validate(spec.Uuid) != nil:
		return argument("configSpec.uuid")
	case spec.InstanceUuid != "" && uuid.Validate(spec.InstanceUuid) != nil:
		return argument("configSpec.instanceUuid")
	}
	set(&c.GuestId, spec.GuestId)
	c.GuestFullName = guestName(c.GuestId)
	e.words(&c.AlternateGuestName, spec.AlternateGuestName, "alternateGuestName")
	if spec.AlternateGuestName != "" && strings.HasPrefix(c.GuestId, "other") {
		c.GuestFullName = spec.AlternateGuestName
	}
	set(&c.Version, spec.Version)
	set(&c.Firmware, spec.Firmware)
	set(&c.Uuid, strings.ToLower(spec.Uuid))
	set(&c.InstanceUuid, strings.ToLower(spec.InstanceUuid))
	e.words(&c.Annotation, spec.Annotation, "annotation")
	set(&c.LocationId, spec.LocationId)
	if spec.CreateDate != nil {
		c.CreateDate = spec.CreateDate
	}
	return nil
}

// settings applies what is copied field by field.
func (e *edit) settings(spec *types.VirtualMachineConfigSpec) fault {
	c := e.config
	nested := func(now, wanted *bool) bool { return wanted != nil && truth(now) != *wanted }
	if f := first(e.frozen(nested(c.NestedHVEnabled, spec.NestedHVEnabled)), e.frozen(nested(c.CpuHotAddEnabled, spec.CpuHotAddEnabled)),
		e.frozen(nested(c.MemoryHotAddEnabled, spec.MemoryHotAddEnabled)), e.frozen(nested(c.VPMCEnabled, spec.VPMCEnabled))); f != nil {
		return f
	}
	c.Flags = *overlay(&c.Flags, spec.Flags, e.sent.down("flags"))
	c.DefaultPowerOps = *overlay(&c.DefaultPowerOps, spec.PowerOpInfo, e.sent.down("powerOpInfo"))
	c.Tools = overlay(c.Tools, spec.Tools, e.sent.down("tools"))
	if spec.Files != nil {
		wanted := *spec.Files
		if wanted.VmPathName != "" && wanted.VmPathName != c.Files.VmPathName {
			return argument("configSpec.files.vmPathName")
		}
		c.Files = *overlay(&c.Files, &wanted, e.sent.down("files"))
	}
	from := reflect.ValueOf(*spec)
	to := reflect.ValueOf(c).Elem()
	for _, name := range copiedFields {
		if v := from.FieldByName(name); !v.IsZero() {
			to.FieldByName(name).Set(copied(v))
		}
	}
	if c.ManagedBy != nil && c.ManagedBy.ExtensionKey == "" {
		c.ManagedBy = nil
	}
	return nil
}

// copiedFields have the same name and type in the spec and in the config.
var copiedFields = []string{
	"NpivNodeWorldWideName", "NpivPortWorldWideName", "NpivWorldWideNameType", "NpivTemporaryDisabled", "NpivOnNonRdmDisks",
	"ConsolePreferences", "RebootPowerOff", "VcpuConfig", "MemoryHotAddEnabled", "CpuHotAddEnabled", "CpuHotRemoveEnabled",
	"NetworkShaper", "SwapPlacement", "RepConfig", "VAssertsEnabled", "ChangeTrackingEnabled", "MaxMksConnections",
	"GuestAutoLockEnabled", "ManagedBy", "MemoryReservationLockedToMax", "NestedHVEnabled", "VPMCEnabled",
	"ScheduledHardwareUpgradeInfo", "MessageBusTunnelEnabled", "MigrateEncryption", "SgxInfo", "FtEncryptionMode",
	"GuestMonitoringModeInfo", "SevEnabled", "PmemFailoverEnabled", "VmxStatsCollectionEnabled",
	"VmOpNotificationToAppEnabled", "VmOpNotificationTimeout", "DeviceSwap", "Pmem", "FixedPassthruHotPlugEnabled",
}

// extra applies extraConfig: an empty value takes the key away.
func (e *edit) extra(spec *types.VirtualMachineConfigSpec) fault {
	for _, one := range spec.ExtraConfig {
		option := one.GetOptionValue()
		if option.Key == "" {
			return argument("configSpec.extraConfig.key")
		}
		list := e.config.ExtraConfig[:0:0]
		at := -1
		for _, old := range e.config.ExtraConfig {
			if old.GetOptionValue().Key == option.Key {
				at = len(list)
				if empty(option.Value) {
					continue
				}
				old = &types.OptionValue{Key: option.Key, Value: option.Value}
			}
			list = append(list, old)
		}
		if at < 0 && !empty(option.Value) {
			list = append(list, &types.OptionValue{Key: option.Key, Value: option.Value})
		}
		e.config.ExtraConfig = list
	}
	return nil
}

func empty(v types.AnyType) bool { return v == nil || fmt.Sprint(v) == "" }

// boot applies the boot options; the order may name devices of this spec.
func (e *edit) boot(spec *types.VirtualMachineConfigSpec) fault {
	c := e.config
	c.BootOptions = overlay(c.BootOptions, spec.BootOptions, e.sent.down("bootOptions"))
	var order []types.BaseVirtualMachineBootOptionsBootableDevice
	for i, one := range c.BootOptions.BootOrder {
		own := spec.BootOptions != nil && spec.BootOptions.BootOrder != nil
		if _, bare := one.(*types.VirtualMachineBootOptionsBootableDevice); bare {
			continue
		}
		key := bootKey(one)
		if key != nil {
			s := e.byKey(*key)
			if e.names != nil {
				s = e.names[*key]
			}
			if s == nil && own {
				return argument(fmt.Sprintf("configSpec.bootOptions.bootOrder[%d].deviceKey", i))
			}
			if s == nil {
				continue // the device was removed
			}
			*key = s.device().Key
		}
		order = append(order, one)
	}
	c.BootOptions.BootOrder = order
	return nil
}

func bootKey(one types.BaseVirtualMachineBootOptionsBootableDevice) *int32 {
	switch b := one.(type) {
	case *types.VirtualMachineBootOptionsBootableDiskDevice:
		return &b.DeviceKey
	case *types.VirtualMachineBootOptionsBootableEthernetDevice:
		return &b.DeviceKey
	}
	return nil
}
