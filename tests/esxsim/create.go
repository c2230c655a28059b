package main

import (
	"path"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// create makes a machine out of a spec, or nothing at all.
func (w *world) create(ctx *simulator.Context, f *folder, spec *types.VirtualMachineConfigSpec, pool, host *ref) (*machine, fault) {
	if spec.Name == "" {
		return nil, argument("configSpec.name")
	}
	if spec.Files == nil || spec.Files.VmPathName == "" {
		return nil, argument("configSpec.files.vmPathName")
	}
	on, err := w.seat(*pool, host)
	if err != nil {
		return nil, err
	}
	e := &edit{w: w, host: on, folder: f, power: poweredOff, files: w.stores, fresh: true}
	if err := w.stores.try(func() fault { return e.found(spec) }); err != nil {
		return nil, err
	}
	config := e.config
	w.stamp(config)
	if spec.CreateDate == nil {
		config.CreateDate = &config.Modified
	}
	return w.enroll(ctx, f, config, on, *pool), nil
}

// found lays down the first configuration and the files of a new machine.
func (e *edit) found(spec *types.VirtualMachineConfigSpec) fault {
	vmx, f := e.home(spec)
	if f != nil {
		return f
	}
	now := e.w.tick()
	_ = e.files.put(vmx, &file{Kind: "vmx", Size: 2048, Time: now})
	_ = e.files.put(strings.TrimSuffix(vmx, ".vmx")+".vmsd", &file{Kind: "other", Time: now})
	e.config = e.w.blank(spec.Name, vmx)
	wanted := *spec
	files := *spec.Files
	files.VmPathName = vmx
	wanted.Files = &files
	return e.apply(&wanted)
}

// seat finds the host for a machine of a resource pool.
func (w *world) seat(pool ref, host *ref) (*simulator.HostSystem, fault) {
	p, ok := w.m.Get(pool).(*simulator.ResourcePool)
	if !ok {
		return nil, &types.ManagedObjectNotFound{Obj: pool}
	}
	for _, h := range w.places.hosts {
		if w.places.compute[h.Self].Self == p.Owner && (host == nil || *host == h.Self) {
			return h, nil
		}
	}
	return nil, argument("host")
}

// home decides where the files of a new machine go.
func (e *edit) home(spec *types.VirtualMachineConfigSpec) (string, fault) {
	s, p, f := e.files.resolve(spec.Files.VmPathName)
	if f != nil {
		return "", f
	}
	if !s.hosts[e.host.Self] {
		return "", &types.InvalidDatastorePath{
			InvalidDatastore: types.InvalidDatastore{Datastore: &s.ref, Name: s.name}, DatastorePath: spec.Files.VmPathName,
		}
	}
	if path.Ext(p) == ".vmx" {
		if e.files.get(spec.Files.VmPathName) != nil {
			return "", &types.FileAlreadyExists{FileFault: types.FileFault{File: spec.Files.VmPathName}}
		}
		return s.join(p), nil
	}
	name := strings.NewReplacer("/", "_", `\`, "_").Replace(spec.Name)
	dir := p
	if dir == "" {
		var free object.DatastorePath
		free.FromString(e.files.free("["+s.name+"]", name, ""))
		dir = free.Path
	}
	return e.files.free(s.join(dir), name, ".vmx"), nil
}

// blank is the configuration that every machine starts from.
func (w *world) blank(name, vmx string) *types.VirtualMachineConfigInfo {
	dir := dirOf(vmx) + "/"
	return &types.VirtualMachineConfigInfo{
		Name: name, GuestId: "otherGuest", GuestFullName: guestNames["otherGuest"], Version: defaultVersion,
		Uuid: named("bios " + vmx), InstanceUuid: named("instance " + vmx), Firmware: "bios", SwapPlacement: "inherit",
		Files: types.VirtualMachineFileInfo{VmPathName: vmx, SnapshotDirectory: dir, SuspendDirectory: dir, LogDirectory: dir},
		Tools: &types.ToolsConfigInfo{
			ToolsVersion: 0, AfterPowerOn: ptr(true), AfterResume: ptr(true), BeforeGuestStandby: ptr(true),
			BeforeGuestShutdown: ptr(true), ToolsUpgradePolicy: "manual", SyncTimeWithHost: ptr(false),
		},
		Flags: types.VirtualMachineFlagInfo{
			DisableAcceleration: ptr(false), EnableLogging: ptr(true), UseToe: ptr(false), RunWithDebugInfo: ptr(false),
			MonitorType: "release", HtSharing: "any", SnapshotDisabled: ptr(false), SnapshotLocked: ptr(false),
			DiskUuidEnabled: ptr(false), VirtualMmuUsage: "automatic", VirtualExecUsage: "hvAuto",
			SnapshotPowerOffBehavior: "powerOff", RecordReplayEnabled: ptr(false), VvtdEnabled: ptr(false), VbsEnabled: ptr(false),
		},
		DefaultPowerOps: types.VirtualMachineDefaultPowerOpInfo{
			PowerOffType: "soft", SuspendType: "hard", ResetType: "soft", DefaultPowerOffType: "soft",
			DefaultSuspendType: "hard", DefaultResetType: "soft", StandbyAction: "checkpoint",
		},
		Hardware: types.VirtualHardware{
			NumCPU: 1, NumCoresPerSocket: ptr(int32(1)), MemoryMB: 1024, Device: defaultDevices(),
			VirtualICH7MPresent: ptr(false), VirtualSMCPresent: ptr(false), MotherboardLayout: "i440bxHostBridge", SimultaneousThreads: 1,
		},
		CpuAllocation:      plain(1000),
		MemoryAllocation:   plain(10240),
		LatencySensitivity: &types.LatencySensitivity{Level: "normal"},
		ExtraConfig: []types.BaseOptionValue{
			&types.OptionValue{Key: "nvram", Value: strings.TrimSuffix(path.Base(vmx), ".vmx") + ".nvram"},
			&types.OptionValue{Key: "pciBridge0.present", Value: "TRUE"},
			&types.OptionValue{Key: "svga.present", Value: "TRUE"},
			&types.OptionValue{Key: "hpet0.present", Value: "TRUE"},
		},
		BootOptions: &types.VirtualMachineBootOptions{
			EnterBIOSSetup: ptr(false), EfiSecureBootEnabled: ptr(false), BootRetryEnabled: ptr(false), BootRetryDelay: 10000,
			NetworkBootProtocol: "ipv4",
		},
		MemoryHotAddEnabled: ptr(false), CpuHotAddEnabled: ptr(false), CpuHotRemoveEnabled: ptr(false),
		NestedHVEnabled: ptr(false), VPMCEnabled: ptr(false), MemoryReservationLockedToMax: ptr(false),
		ChangeTrackingEnabled: ptr(false), VAssertsEnabled: ptr(false), MaxMksConnections: -1, GuestAutoLockEnabled: ptr(true),
		MessageBusTunnelEnabled: ptr(false), NpivTemporaryDisabled: ptr(true),
		InitialOverhead: &types.VirtualMachineConfigInfoOverheadInfo{InitialMemoryReservation: 36 << 20, InitialSwapReservation: 36 << 20},
	}
}

func plain(shares int32) *types.ResourceAllocationInfo {
	return &types.ResourceAllocationInfo{
		Reservation: ptr(int64(0)), ExpandableReservation: ptr(false), Limit: ptr(int64(-1)),
		Shares: &types.SharesInfo{Shares: shares, Level: types.SharesLevelNormal},
	}
}

// register takes a machine from the shelf.
func (w *world) register(ctx *simulator.Context, f *folder, r *types.RegisterVM_Task) (*machine, fault) {
	s, p, err := w.stores.resolve(r.Path)
	if err != nil {
		return nil, err
	}
	full := s.join(p)
	for _, vm := range w.machines {
		if vm.Config.Files.VmPathName == full {
			return nil, &types.AlreadyExists{Name: full}
		}
	}
	kept := w.shelf[full]
	if kept == nil || w.stores.get(full) == nil {
		return nil, &types.NotFound{}
	}
	config := clone(kept.config)
	set(&config.Name, r.Name)
	if twin := f.named(config.Name); twin != nil {
		return nil, &types.DuplicateName{Name: config.Name, Object: twin.Reference()}
	}
	pool := r.Pool
	if pool == nil {
		pool = w.pools()[0]
	}
	host, err := w.seat(*pool, r.Host)
	if err != nil {
		return nil, err
	}
	delete(w.shelf, full)
	w.stamp(&config)
	vm := w.enroll(ctx, f, &config, host, *pool)
	vm.tools, vm.snaps, vm.current, vm.nextSnap = kept.tools, kept.snaps, kept.current, max(kept.next, 1)
	for _, s := range vm.snaps {
		s.vm, s.Vm = vm, vm.Self
		w.m.Put(s)
	}
	if len(vm.snaps) > 0 {
		vm.tree()
	}
	vm.refresh(ctx)
	return vm, nil
}

// pools are the root resource pools, in the order of the hosts.
func (w *world) pools() []*ref {
	var list []*ref
	for _, h := range w.places.hosts {
		pool := w.places.compute[h.Self].ResourcePool
		if len(list) == 0 || *list[len(list)-1] != *pool {
			list = append(list, pool)
		}
	}
	return list
}

var _ mo.Reference = (*machine)(nil)
