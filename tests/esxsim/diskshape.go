package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// reshape changes a disk that nobody has open, and tells the machines whose
// disk it is.
func (m *diskManager) reshape(name string, dc *ref, change func(*file) fault) fault {
	one, f := m.find(name, dc, "datacenter")
	if f != nil {
		return f
	}
	made := *one
	if f := change(&made); f != nil {
		return f
	}
	made.Time = m.w.tick()
	if f := m.w.stores.put(name, &made); f != nil {
		return f
	}
	ctx := m.w.background()
	for _, vm := range m.w.sorted() {
		for _, d := range disks(vm.Config.Hardware.Device) {
			if m.w.stores.get(backing(d).FileName) != &made {
				continue
			}
			d.CapacityInBytes, d.CapacityInKB = made.Capacity, made.Capacity/1024
			if flat, ok := d.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
				flat.ThinProvisioned, flat.EagerlyScrub = ptr(made.Thin), ptr(made.Eager)
			}
			ctx.WithLock(vm, func() { vm.refresh(ctx) })
		}
	}
	return nil
}

// chained refuses to grow a disk that is a delta, or that a delta lies on.
func (m *diskManager) chained(name string) fault {
	s, p, _ := m.w.stores.resolve(name)
	for _, vm := range m.w.machines {
		for _, d := range vm.everyDisk() {
			for i, one := range chainOf(d) {
				os, op, _ := m.w.stores.resolve(one)
				if os == s && op == p && (i > 0 || parent(d.Backing) != nil) {
					return &types.FileFault{File: name}
				}
			}
		}
	}
	return nil
}

// ExtendVirtualDiskTask makes a disk larger; a thin one stays thin.
func (m *diskManager) ExtendVirtualDiskTask(ctx *simulator.Context, r *types.ExtendVirtualDisk_Task) soap.HasFault {
	t := m.task(ctx, "extendVirtualDisk", func() fault {
		return m.reshape(r.Name, r.Datacenter, func(one *file) fault {
			wanted := r.NewCapacityKb * 1024
			if wanted <= one.Capacity {
				return argument("newCapacityKb")
			}
			if f := m.chained(r.Name); f != nil {
				return f
			}
			if one.Capacity = wanted; !one.Thin {
				one.Size = wanted
			}
			if r.EagerZero != nil && !one.Thin {
				one.Eager = *r.EagerZero
			}
			return nil
		})
	})
	return &methods.ExtendVirtualDisk_TaskBody{Res: &types.ExtendVirtualDisk_TaskResponse{Returnval: t}}
}

// InflateVirtualDiskTask makes a thin disk thick, with zeros.
func (m *diskManager) InflateVirtualDiskTask(ctx *simulator.Context, r *types.InflateVirtualDisk_Task) soap.HasFault {
	t := m.task(ctx, "inflateVirtualDisk", func() fault {
		return m.reshape(r.Name, r.Datacenter, func(one *file) fault {
			one.Thin, one.Eager, one.Size = false, true, one.Capacity
			return nil
		})
	})
	return &methods.InflateVirtualDisk_TaskBody{Res: &types.InflateVirtualDisk_TaskResponse{Returnval: t}}
}

// EagerZeroVirtualDiskTask zeroes what was never touched of a thick disk.
// What a host says of a thin one is not known; this one leaves it as it is.
func (m *diskManager) EagerZeroVirtualDiskTask(ctx *simulator.Context, r *types.EagerZeroVirtualDisk_Task) soap.HasFault {
	t := m.task(ctx, "eagerZeroVirtualDisk", func() fault {
		return m.reshape(r.Name, r.Datacenter, func(one *file) fault {
			one.Eager = !one.Thin
			return nil
		})
	})
	return &methods.EagerZeroVirtualDisk_TaskBody{Res: &types.EagerZeroVirtualDisk_TaskResponse{Returnval: t}}
}

// ZeroFillVirtualDiskTask overwrites all of a disk.
func (m *diskManager) ZeroFillVirtualDiskTask(ctx *simulator.Context, r *types.ZeroFillVirtualDisk_Task) soap.HasFault {
	t := m.task(ctx, "zeroFillVirtualDisk", func() fault {
		return m.reshape(r.Name, r.Datacenter, func(one *file) fault {
			one.Content = nil
			return nil
		})
	})
	return &methods.ZeroFillVirtualDisk_TaskBody{Res: &types.ZeroFillVirtualDisk_TaskResponse{Returnval: t}}
}
