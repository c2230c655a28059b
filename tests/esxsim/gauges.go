package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// gauge is one counter of the machines or of the hosts: of what it has
// instances, whether there is also a value of the whole, and what it shows.
type gauge struct {
	of      string // VirtualMachine or HostSystem
	parts   string // cpu, nic or disk; nothing when there is but the whole
	whole   bool   // instance ""
	adds    bool   // the value of the whole is the sum of the parts
	base    int64
	spread  int64 // values go from base to base+spread-1
	worksIt func(entity mo.Reference, w *world) int64
}

const (
	ofMachine = "VirtualMachine"
	ofHost    = "HostSystem"
)

// gauges are by the counter's name. Units are those of the counter: of 20
// seconds for a sum, per second for a rate, KiB for memory, 1/100 for percents.
var gauges = map[string][]gauge{
	"cpu.used.summation":   {{of: ofMachine, parts: "cpu", whole: true, adds: true, base: 400, spread: 100}, {of: ofHost, parts: "cpu", base: 500, spread: 100}},
	"cpu.system.summation": {{of: ofMachine, parts: "cpu", base: 10, spread: 5}},
	"cpu.wait.summation":   {{of: ofMachine, parts: "cpu", whole: true, adds: true, base: 19000, spread: 500}},
	"cpu.ready.summation":  {{of: ofMachine, parts: "cpu", whole: true, adds: true, base: 20, spread: 20}},
	"cpu.idle.summation":   {{of: ofMachine, parts: "cpu", whole: true, adds: true, base: 18000, spread: 500}, {of: ofHost, parts: "cpu", base: 19000, spread: 400}},
	"cpu.usage.average":    {{of: ofMachine, whole: true, base: 210, spread: 50}, {of: ofHost, parts: "cpu", whole: true, base: 300, spread: 60}},
	"cpu.usagemhz.average": {{of: ofMachine, parts: "cpu", whole: true, adds: true, base: 58, spread: 10}, {of: ofHost, whole: true, base: 1400, spread: 100}},
	"mem.active.average":   {{of: ofMachine, whole: true, worksIt: memory(1, 10)}, {of: ofHost, whole: true, base: 4 << 20, spread: 1 << 10}},
	"mem.consumed.average": {{of: ofMachine, whole: true, worksIt: memory(1, 2)}, {of: ofHost, whole: true, base: 16 << 20, spread: 1 << 10}},
	"mem.granted.average":  {{of: ofMachine, whole: true, worksIt: memory(1, 1)}, {of: ofHost, whole: true, base: 20 << 20, spread: 1 << 10}},
	"mem.usage.average":    {{of: ofMachine, whole: true, base: 1000, spread: 100}, {of: ofHost, whole: true, base: 2500, spread: 10}},

	"mem.vmmemctl.average":    {{of: ofMachine, whole: true}, {of: ofHost, whole: true}},
	"mem.swapinRate.average":  {{of: ofMachine, whole: true}, {of: ofHost, whole: true}},
	"mem.swapoutRate.average": {{of: ofMachine, whole: true}, {of: ofHost, whole: true}},
	"mem.sysUsage.average":    {{of: ofHost, whole: true, base: 2 << 20, spread: 1}},

	"net.bytesRx.average":     {{of: ofMachine, parts: "nic", whole: true, adds: true, base: 30, spread: 20}, {of: ofHost, whole: true, base: 90, spread: 20}},
	"net.bytesTx.average":     {{of: ofMachine, parts: "nic", whole: true, adds: true, base: 10, spread: 10}, {of: ofHost, whole: true, base: 40, spread: 20}},
	"net.packetsRx.summation": {{of: ofMachine, parts: "nic", whole: true, adds: true, base: 800, spread: 90}},
	"net.packetsTx.summation": {{of: ofMachine, parts: "nic", whole: true, adds: true, base: 300, spread: 60}},
	"net.droppedRx.summation": {{of: ofMachine, parts: "nic", whole: true, adds: true}},
	"net.droppedTx.summation": {{of: ofMachine, parts: "nic", whole: true, adds: true}},

	"virtualDisk.read.average":                {{of: ofMachine, parts: "disk", base: 64, spread: 32}},
	"virtualDisk.write.average":               {{of: ofMachine, parts: "disk", base: 128, spread: 32}},
	"virtualDisk.numberReadAveraged.average":  {{of: ofMachine, parts: "disk", base: 4, spread: 3}},
	"virtualDisk.numberWriteAveraged.average": {{of: ofMachine, parts: "disk", base: 8, spread: 3}},
	"virtualDisk.totalReadLatency.average":    {{of: ofMachine, parts: "disk", base: 2, spread: 2}},
	"virtualDisk.totalWriteLatency.average":   {{of: ofMachine, parts: "disk", base: 3, spread: 2}},

	"sys.uptime.latest": {{of: ofMachine, whole: true}, {of: ofHost, whole: true}},
}

// memory is a part of the machine's memory, in KiB.
func memory(part, of int64) func(mo.Reference, *world) int64 {
	return func(entity mo.Reference, w *world) int64 {
		return int64(w.machines[entity.Reference()].Config.Hardware.MemoryMB) * 1024 * part / of
	}
}

// gaugeOf finds what a counter measures of a kind of entity, or nil.
func gaugeOf(counter, kind string) *gauge {
	for i := range gauges[counter] {
		if gauges[counter][i].of == kind {
			return &gauges[counter][i]
		}
	}
	return nil
}

// instances are those of a machine or a host, without the whole.
func (g *gauge) instances(w *world, entity ref) []string {
	list := []string{}
	vm := w.machines[entity]
	switch {
	case g.parts == "cpu":
		n := 32
		if vm != nil {
			n = int(vm.Config.Hardware.NumCPU)
		}
		for i := range n {
			list = append(list, fmt.Sprint(i))
		}
	case vm == nil:
	case g.parts == "nic":
		for _, d := range vm.Config.Hardware.Device {
			if _, ok := d.(types.BaseVirtualEthernetCard); ok {
				list = append(list, fmt.Sprint(d.GetVirtualDevice().Key))
			}
		}
	case g.parts == "disk":
		for _, d := range disks(vm.Config.Hardware.Device) {
			list = append(list, vm.spot(d))
		}
	}
	return list
}

// spot names a disk by its place, as the counters do: scsi0:1.
func (vm *machine) spot(d *types.VirtualDisk) string {
	for _, one := range vm.Config.Hardware.Device {
		if one.GetVirtualDevice().Key == d.ControllerKey {
			bus := one.(types.BaseVirtualController).GetVirtualController().BusNumber
			return fmt.Sprintf("%s%d:%d", strings.ToLower(classOf(one).name), bus, *d.UnitNumber)
		}
	}
	return ""
}

// value is what the gauge shows in the n-th twenty seconds since 1970.
func (g *gauge) value(w *world, entity ref, counter, instance string, n int64) int64 {
	if vm := w.machines[entity]; vm != nil {
		if fixed, ok := vm.counters[counter+"|"+instance]; ok {
			return fixed
		}
	}
	if counter == "sys.uptime.latest" {
		return n*interval - w.since(entity).Unix()
	}
	parts := g.instances(w, entity)
	if instance == "" && g.adds {
		sum := int64(0)
		for _, part := range parts {
			sum += g.value(w, entity, counter, part, n)
		}
		return sum
	}
	base := g.base
	if g.worksIt != nil {
		base = g.worksIt(w.m.Get(entity), w)
	}
	if g.spread < 2 {
		return base
	}
	k := int64(0)
	for i, part := range parts {
		if part == instance {
			k = int64(i)
		}
	}
	return base + (n*7+k*3)%g.spread
}
