package main

import (
	"path"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// CloneVMTask makes another machine like this one, with copies of its disks.
func (vm *machine) CloneVMTask(ctx *simulator.Context, r *types.CloneVM_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "clone", func(ctx *simulator.Context) (types.AnyType, fault) {
		made, f := vm.copy(ctx, r)
		if f != nil {
			return nil, f
		}
		return made.Self, nil
	})
	return &methods.CloneVM_TaskBody{Res: &types.CloneVM_TaskResponse{Returnval: t}}
}

// mayCopy says why there cannot be such a clone.
func (vm *machine) mayCopy(f *folder, r *types.CloneVM_Task) fault {
	name := inventoryName(r.Name)
	switch {
	case vm.w.esx:
		return &types.NotSupported{}
	case f == nil:
		return argument("folder")
	case r.Name == "":
		return argument("name")
	case f.named(name) != nil:
		return &types.DuplicateName{Name: name, Object: f.named(name).Reference()}
	case r.Spec.PowerOn && r.Spec.Template:
		return argument("spec.powerOn")
	}
	for _, d := range disks(vm.Config.Hardware.Device) {
		if vm.on() && (!dependent(d) || physical(d)) {
			return &types.SystemError{Reason: "The operation is unsupported with virtual disks in independent mode or raw disk " +
				"mappings in physical compatibility mode."}
		}
	}
	return nil
}

func (vm *machine) copy(ctx *simulator.Context, r *types.CloneVM_Task) (*machine, fault) {
	w := vm.w
	f, _ := w.m.Get(r.Folder).(*folder)
	if f := vm.mayCopy(f, r); f != nil {
		return nil, f
	}
	to := place{host: r.Spec.Location.Host, pool: r.Spec.Location.Pool, datastore: r.Spec.Location.Datastore}
	host, err := w.seatAt(vm, to)
	if err != nil {
		return nil, err
	}
	config, err := vm.copiedConfig(r)
	if err != nil {
		return nil, err
	}
	if err := w.stores.try(func() fault { return w.copyFiles(config, r, to.datastore, host) }); err != nil {
		return nil, err
	}
	pool := *vm.ResourcePool
	if to.pool != nil {
		pool = *to.pool
	}
	w.stamp(config)
	config.CreateDate = &config.Modified
	made := w.enroll(ctx, f, config, host, pool)
	made.tools = vm.tools
	if r.Spec.PowerOn {
		made.turn(ctx, poweredOn)
	}
	made.refresh(ctx)
	return made, nil
}

// copiedConfig is the configuration of the clone: of now, or of a snapshot.
func (vm *machine) copiedConfig(r *types.CloneVM_Task) (*vmConfig, fault) {
	config := clone(*vm.Config)
	if r.Spec.Snapshot != nil {
		s, ok := vm.w.m.Get(*r.Spec.Snapshot).(*snapshot)
		if !ok || s.vm != vm {
			return nil, argument("spec.snapshot")
		}
		config = clone(s.Config)
	}
	config.Name, config.Template = inventoryName(r.Name), r.Spec.Template
	return &config, nil
}

// copyFiles gives the clone its own directory, disks, identity and addresses.
func (w *world) copyFiles(config *vmConfig, r *types.CloneVM_Task, datastore *ref, host *simulator.HostSystem) fault {
	s, _, f := w.stores.resolve(config.Files.VmPathName)
	if f != nil {
		return f
	}
	for _, other := range w.stores {
		if datastore != nil && other.ref == *datastore {
			s = other
		}
	}
	if !s.hosts[host.Self] {
		return argument("spec.location.datastore")
	}
	name := strings.NewReplacer("/", "_", `\`, "_").Replace(r.Name)
	dir := w.stores.free("["+s.name+"]", name, "")
	vmx := dir + "/" + name + ".vmx"
	_ = w.stores.put(vmx, &file{Kind: "vmx", Size: 2048, Time: w.tick()})
	for _, d := range disks(config.Hardware.Device) {
		if f := w.copyDisk(d, s, dir, name); f != nil {
			return f
		}
	}
	config.Files = types.VirtualMachineFileInfo{
		VmPathName: vmx, SnapshotDirectory: dir + "/", SuspendDirectory: dir + "/", LogDirectory: dir + "/",
	}
	config.Uuid, config.InstanceUuid = named("bios "+vmx), named("instance "+vmx)
	e := &edit{w: w, config: config}
	for _, d := range config.Hardware.Device {
		if card, ok := d.(types.BaseVirtualEthernetCard); ok {
			if c := card.GetVirtualEthernetCard(); !strings.EqualFold(c.AddressType, "manual") {
				c.MacAddress = ""
				e.address(c)
			}
		}
	}
	return nil
}

// copyDisk copies a disk with all that lies below it into one file.
func (w *world) copyDisk(d *types.VirtualDisk, s *store, dir, name string) fault {
	top := w.stores.get(backing(d).FileName)
	if top == nil {
		return missingFile(backing(d).FileName)
	}
	for below := parent(d.Backing); below != nil; below = parent(d.Backing) {
		field(below, "DiskMode").SetString(mode(d))
		d.Backing = below
	}
	made := *top
	made.Parent, made.Time = "", w.tick()
	if base := w.stores.get(backing(d).FileName); base != nil {
		made.Format, made.Thin, made.Eager, made.Size = base.Format, base.Thin, base.Eager, base.Size
	}
	to := w.stores.free(dir, path.Base(name), ".vmdk")
	made.UUID = named("disk " + to)
	backing(d).FileName, backing(d).Datastore = to, &s.ref
	field(d.Backing, "Uuid").SetString(made.UUID)
	return w.stores.put(to, &made)
}
