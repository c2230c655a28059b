package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	interval = 20  // seconds that a sample covers
	kept     = 180 // samples that a host remembers: an hour
)

// performance answers for our machines and hosts by the world's clock, and
// leaves all other entities to the stock manager.
type performance struct {
	simulator.PerformanceManager
	w *world
}

// PerfMetricIntSeries is the API's type of that name; govmomi's own leaves out
// values that are zero.
type PerfMetricIntSeries struct {
	types.PerfMetricSeries

	Value []int64 `xml:"value"`
}

// counterName is the name of a counter that does not depend on the product.
func counterName(c types.PerfCounterInfo) string {
	group, name := c.GroupInfo.GetElementDescription().Key, c.NameInfo.GetElementDescription().Key
	return fmt.Sprintf("%s.%s.%s", group, name, c.RollupType)
}

func (p *performance) named(id int32) string {
	for _, c := range p.PerfCounter {
		if c.Key == id {
			return counterName(c)
		}
	}
	return ""
}

// since is when an entity began to run: the zero time when it does not.
func (w *world) since(entity ref) time.Time {
	var boot *time.Time
	if vm := w.machines[entity]; vm != nil {
		boot = vm.Runtime.BootTime
		if !vm.on() {
			boot = nil
		}
	} else if h, ok := w.m.Get(entity).(*simulator.HostSystem); ok {
		boot = h.Runtime.BootTime
	}
	if boot == nil {
		return time.Time{}
	}
	return *boot
}

// QueryAvailablePerfMetric lists the counters and instances of an entity.
func (p *performance) QueryAvailablePerfMetric(ctx *simulator.Context, r *types.QueryAvailablePerfMetric) soap.HasFault {
	switch {
	case p.w.m.Get(r.Entity) == nil:
		return &methods.QueryAvailablePerfMetricBody{Fault_: raise(&types.ManagedObjectNotFound{Obj: r.Entity})}
	case r.Entity.Type != ofMachine && r.Entity.Type != ofHost:
		return p.PerformanceManager.QueryAvailablePerfMetric(ctx, r)
	}
	res := new(types.QueryAvailablePerfMetricResponse)
	if r.IntervalId == 0 || r.IntervalId == interval {
		res.Returnval = p.available(r.Entity)
	}
	return &methods.QueryAvailablePerfMetricBody{Res: res}
}

func (p *performance) available(entity ref) []types.PerfMetricId {
	var list []types.PerfMetricId
	if p.w.since(entity).IsZero() {
		return nil
	}
	for _, c := range p.PerfCounter {
		list = append(list, p.expand(entity, types.PerfMetricId{CounterId: c.Key, Instance: "*"})...)
	}
	return list
}

// expand finds the instances that a metric stands for: "" is the whole, "*"
// is all there are. Nothing comes of what the entity does not have.
func (p *performance) expand(entity ref, id types.PerfMetricId) []types.PerfMetricId {
	g := gaugeOf(p.named(id.CounterId), entity.Type)
	if g == nil {
		return nil
	}
	all := g.instances(p.w, entity)
	if g.whole {
		all = append([]string{""}, all...)
	}
	var list []types.PerfMetricId
	for _, one := range all {
		if id.Instance == "*" || id.Instance == one {
			list = append(list, types.PerfMetricId{CounterId: id.CounterId, Instance: one})
		}
	}
	return list
}

// QueryPerf answers with the samples of each entity that has any.
func (p *performance) QueryPerf(ctx *simulator.Context, r *types.QueryPerf) soap.HasFault {
	body := &methods.QueryPerfBody{Res: new(types.QueryPerfResponse)}
	for i, spec := range r.QuerySpec {
		if f := p.check(&spec, i); f != nil {
			return &methods.QueryPerfBody{Fault_: raise(f)}
		}
		if spec.Entity.Type != ofMachine && spec.Entity.Type != ofHost {
			stock := p.PerformanceManager.QueryPerf(ctx, &types.QueryPerf{This: r.This, QuerySpec: []types.PerfQuerySpec{spec}})
			if stock.Fault() != nil {
				return stock
			}
			body.Res.Returnval = append(body.Res.Returnval, stock.(*methods.QueryPerfBody).Res.Returnval...)
			continue
		}
		if metric := p.query(&spec); metric != nil {
			body.Res.Returnval = append(body.Res.Returnval, metric)
		}
	}
	return body
}

func (p *performance) check(spec *types.PerfQuerySpec, i int) fault {
	if p.w.m.Get(spec.Entity) == nil {
		return &types.ManagedObjectNotFound{Obj: spec.Entity}
	}
	for _, id := range spec.MetricId {
		if p.named(id.CounterId) == "" {
			return argument(fmt.Sprintf("querySpec[%d].metricId", i))
		}
	}
	if spec.Format != "" && !slices.Contains([]string{"normal", "csv"}, spec.Format) {
		return argument(fmt.Sprintf("querySpec[%d].format", i))
	}
	return nil
}

// query is the answer for one entity; nil when there are no samples.
func (p *performance) query(spec *types.PerfQuerySpec) types.BasePerfEntityMetricBase {
	ticks := p.ticks(spec)
	if len(ticks) == 0 {
		return nil
	}
	ids := spec.MetricId
	if len(ids) == 0 {
		ids = p.available(spec.Entity)
	}
	out := &types.PerfEntityMetric{PerfEntityMetricBase: types.PerfEntityMetricBase{Entity: spec.Entity}}
	for _, n := range ticks {
		out.SampleInfo = append(out.SampleInfo, types.PerfSampleInfo{Timestamp: time.Unix(n*interval, 0).UTC(), Interval: interval})
	}
	for _, id := range ids {
		counter := p.named(id.CounterId)
		for _, one := range p.expand(spec.Entity, id) {
			series := &PerfMetricIntSeries{PerfMetricSeries: types.PerfMetricSeries{Id: one}}
			for _, n := range ticks {
				series.Value = append(series.Value, gaugeOf(counter, spec.Entity.Type).value(p.w, spec.Entity, counter, one.Instance, n))
			}
			out.Value = append(out.Value, series)
		}
	}
	if spec.Format == "csv" {
		return commas(out)
	}
	return out
}

// ticks are the samples that were asked for and that are remembered, oldest
// first: after the start, up to the end, and the latest when there are too many.
func (p *performance) ticks(spec *types.PerfQuerySpec) []int64 {
	boot := p.w.since(spec.Entity)
	if boot.IsZero() || spec.IntervalId != 0 && spec.IntervalId != interval {
		return nil
	}
	last := p.w.clock.Unix() / interval
	from := max(last-kept, boot.Unix()/interval)
	if spec.StartTime != nil {
		from = max(from, spec.StartTime.Unix()/interval)
	}
	if spec.EndTime != nil {
		last = min(last, spec.EndTime.Unix()/interval)
	}
	if spec.MaxSample > 0 {
		from = max(from, last-int64(spec.MaxSample))
	}
	var list []int64
	for n := from + 1; n <= last; n++ {
		list = append(list, n)
	}
	return list
}

// commas writes samples the other way that the API has.
func commas(m *types.PerfEntityMetric) *types.PerfEntityMetricCSV {
	out := &types.PerfEntityMetricCSV{PerfEntityMetricBase: m.PerfEntityMetricBase}
	var info []string
	for _, one := range m.SampleInfo {
		info = append(info, fmt.Sprint(one.Interval), one.Timestamp.Format(time.RFC3339))
	}
	out.SampleInfoCSV = strings.Join(info, ",")
	for _, series := range m.Value {
		one := series.(*PerfMetricIntSeries)
		var values []string
		for _, v := range one.Value {
			values = append(values, fmt.Sprint(v))
		}
		out.Value = append(out.Value, types.PerfMetricSeriesCSV{PerfMetricSeries: one.PerfMetricSeries, Value: strings.Join(values, ",")})
	}
	return out
}
