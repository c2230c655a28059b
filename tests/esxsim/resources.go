package main

import (
	"github.com/vmware/govmomi/vim25/types"
)

// processors applies the number of CPUs and the memory.
func (e *edit) processors(spec *types.VirtualMachineConfigSpec) fault {
	hw := &e.config.Hardware
	cores := int32(1)
	if hw.NumCoresPerSocket != nil {
		cores = *hw.NumCoresPerSocket
	}
	wantCores, wantCPUs := cores, hw.NumCPU
	set(&wantCPUs, spec.NumCPUs)
	if spec.NumCoresPerSocket != nil {
		wantCores = *spec.NumCoresPerSocket
	}
	memory := int64(hw.MemoryMB)
	set(&memory, spec.MemoryMB)
	cpuChange, memoryChange := wantCPUs != hw.NumCPU, memory != int64(hw.MemoryMB)
	switch {
	case wantCPUs < 1 || wantCPUs > maxCPUs:
		return argument("configSpec.numCPUs")
	case wantCores < 0 || wantCores > wantCPUs || wantCores > 0 && wantCPUs%wantCores != 0:
		return argument("configSpec.numCoresPerSocket")
	case memory < 4 || memory > maxMemoryMB || memory%4 != 0:
		return argument("configSpec.memoryMB")
	case e.power == poweredOn && cpuChange && !truth(e.config.CpuHotAddEnabled):
		return &types.CpuHotPlugNotSupported{}
	case e.power == poweredOn && wantCPUs < hw.NumCPU && !truth(e.config.CpuHotRemoveEnabled):
		return &types.CpuHotPlugNotSupported{}
	case e.power == poweredOn && memoryChange && (!truth(e.config.MemoryHotAddEnabled) || memory < int64(hw.MemoryMB)):
		return &types.MemoryHotPlugNotSupported{}
	}
	if f := e.frozen(wantCores != cores || e.power == suspended && (cpuChange || memoryChange)); f != nil {
		return f
	}
	hw.NumCPU, hw.MemoryMB, hw.NumCoresPerSocket = wantCPUs, int32(memory), &wantCores
	hw.AutoCoresPerSocket = ptr(wantCores == 0)
	set(&hw.SimultaneousThreads, spec.SimultaneousThreads)
	set(&hw.MotherboardLayout, spec.MotherboardLayout)
	if spec.VirtualICH7MPresent != nil {
		hw.VirtualICH7MPresent = spec.VirtualICH7MPresent
	}
	if spec.VirtualSMCPresent != nil {
		hw.VirtualSMCPresent = spec.VirtualSMCPresent
	}
	return nil
}

// resources applies allocations and affinities.
func (e *edit) resources(spec *types.VirtualMachineConfigSpec) fault {
	c := e.config
	c.CpuAllocation = overlay(c.CpuAllocation, spec.CpuAllocation, e.sent.down("cpuAllocation"))
	c.MemoryAllocation = overlay(c.MemoryAllocation, spec.MemoryAllocation, e.sent.down("memoryAllocation"))
	if f := first(checked(c.CpuAllocation, "configSpec.cpuAllocation", c.Hardware.NumCPU*1000),
		checked(c.MemoryAllocation, "configSpec.memoryAllocation", c.Hardware.MemoryMB*10)); f != nil {
		return f
	}
	if spec.CpuAffinity != nil {
		for _, cpu := range spec.CpuAffinity.AffinitySet {
			if cpu < 0 || cpu >= int32(e.host.Summary.Hardware.NumCpuThreads) {
				return argument("configSpec.cpuAffinity")
			}
		}
		c.CpuAffinity = spec.CpuAffinity
		if len(spec.CpuAffinity.AffinitySet) == 0 {
			c.CpuAffinity = nil
		}
	}
	if spec.MemoryAffinity != nil {
		c.MemoryAffinity = spec.MemoryAffinity
		if len(spec.MemoryAffinity.AffinitySet) == 0 {
			c.MemoryAffinity = nil
		}
	}
	if spec.LatencySensitivity != nil {
		c.LatencySensitivity = spec.LatencySensitivity
	}
	return nil
}

// checked refuses an allocation that cannot be, and works out the shares.
func checked(a *types.ResourceAllocationInfo, property string, normal int32) fault {
	if a.Reservation != nil && *a.Reservation < 0 {
		return argument(property + ".reservation")
	}
	if a.Limit != nil && (*a.Limit < -1 || *a.Limit != -1 && a.Reservation != nil && *a.Limit < *a.Reservation) {
		return argument(property + ".limit")
	}
	if a.Shares == nil {
		a.Shares = &types.SharesInfo{Level: types.SharesLevelNormal}
	}
	switch a.Shares.Level {
	case types.SharesLevelLow:
		a.Shares.Shares = normal / 2
	case types.SharesLevelNormal:
		a.Shares.Shares = normal
	case types.SharesLevelHigh:
		a.Shares.Shares = normal * 2
	case types.SharesLevelCustom:
		if a.Shares.Shares < 1 {
			return argument(property + ".shares")
		}
	default:
		return argument(property + ".shares.level")
	}
	return nil
}
