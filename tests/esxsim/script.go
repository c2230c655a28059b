package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// script is what a test lets a guest do and say.
type script struct {
	VM       string           `json:"vm"`       // name or moid
	Tools    *bool            `json:"tools"`    // whether VMware Tools are there
	Power    string           `json:"power"`    // on, off, suspended, reset: as if the guest or somebody else did it
	Data     json.RawMessage  `json:"data"`     // fields of GuestInfo, which stay until they are set anew
	Quick    json.RawMessage  `json:"quick"`    // fields of the quick statistics, likewise
	Counters map[string]int64 `json:"counters"` // "net.bytesRx.average|4000": what the counter shows from now on
}

// postGuest lets a guest act.
func (f *front) postGuest(r *http.Request) (any, error) {
	var s script
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	vm := f.w.find(s.VM)
	if vm == nil {
		return nil, fmt.Errorf("no machine %q", s.VM)
	}
	return done, s.play(vm)
}

func (s *script) play(vm *machine) error {
	if err := json.Unmarshal(orNothing(s.Data), new(types.GuestInfo)); err != nil {
		return err
	}
	if err := json.Unmarshal(orNothing(s.Quick), new(types.VirtualMachineQuickStats)); err != nil {
		return err
	}
	for name, value := range s.Counters {
		vm.counters[name] = value
	}
	if s.Tools != nil {
		vm.tools = *s.Tools
	}
	if s.Data != nil {
		vm.said = s.Data
	}
	if s.Quick != nil {
		vm.quick = s.Quick
	}
	ctx := vm.w.background()
	states := map[string]types.VirtualMachinePowerState{
		"on": poweredOn, "off": poweredOff, "suspended": suspended, "reset": poweredOn,
	}
	state, ok := states[s.Power]
	if s.Power != "" && !ok {
		return fmt.Errorf("unknown power state %q", s.Power)
	}
	ctx.WithLock(vm, func() {
		if ok {
			vm.turn(ctx, state)
			return
		}
		vm.refresh(ctx)
	})
	return nil
}

func orNothing(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("{}")
	}
	return raw
}

// postAdvance lets time pass, in seconds.
func (f *front) postAdvance(r *http.Request) (any, error) {
	var by struct {
		Seconds int64 `json:"seconds"`
	}
	if err := json.NewDecoder(r.Body).Decode(&by); err != nil {
		return nil, err
	}
	if by.Seconds < 0 {
		return nil, fmt.Errorf("time does not go back")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.w.clock = f.w.clock.Add(time.Duration(by.Seconds) * time.Second)
	ctx := f.w.background()
	for _, vm := range f.w.sorted() {
		ctx.WithLock(vm, func() { vm.refresh(ctx) })
	}
	return map[string]string{"now": f.w.clock.Format(time.RFC3339)}, nil
}

// rush is a number of changes at a rate, made within the host: machine after
// machine gets the name "changed-N".
type rush struct {
	Changes int `json:"changes"`
	Rate    int `json:"rate"` // a second
}

// postRush makes them, and says when each was, in seconds since 1970.
func (f *front) postRush(r *http.Request) (any, error) {
	var by rush
	if err := json.NewDecoder(r.Body).Decode(&by); err != nil {
		return nil, err
	}
	if by.Rate <= 0 || len(f.w.machines) == 0 {
		return nil, fmt.Errorf("a rate and machines are needed")
	}
	all, times := f.w.sorted(), make([]float64, by.Changes)
	start, pause := time.Now(), time.Second/time.Duration(by.Rate)
	for n := range times {
		time.Sleep(time.Until(start.Add(time.Duration(n) * pause))) // one that is late is made up for
		f.mu.Lock()
		vm, ctx := all[n%len(all)], f.w.background()
		ctx.WithLock(vm, func() {
			vm.Config.Name = fmt.Sprintf("changed-%d", n)
			f.w.stamp(vm.Config)
			vm.refresh(ctx)
		})
		times[n] = float64(time.Now().UnixNano()) / 1e9
		f.mu.Unlock()
	}
	return times, nil
}
