package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sort"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// inventory is everything that a refused change must leave as it was.
func (w *world) inventory() (any, error) {
	machines := []any{}
	for _, vm := range w.sorted() {
		one, err := vm.canonical()
		if err != nil {
			return nil, err
		}
		machines = append(machines, one)
	}
	files := map[string][]any{}
	for name, s := range w.stores {
		paths := []string{}
		for p := range s.files {
			paths = append(paths, p)
		}
		sort.Strings(paths)
		files[name] = []any{}
		for _, p := range paths {
			files[name] = append(files[name], struct {
				Path string `json:"path"`
				*file
				Data string `json:"data,omitempty"`
			}{p, s.files[p], s.files[p].sum()})
		}
	}
	return map[string]any{"machines": machines, "files": files, "folders": w.paths(w.places.vms, ""), "networks": w.switched()}, nil
}

// sum tells what somebody has written into a file from what another has; it
// is empty where nobody has.
func (one *file) sum() string {
	if one.Content == nil && one.Text == nil {
		return ""
	}
	whole := sha256.New()
	_, _ = whole.Write(one.Content)
	_, _ = whole.Write(one.Text)
	return hex.EncodeToString(whole.Sum(nil)[:8])
}

// paths are the folders for machines, with what they hold.
func (w *world) paths(f *folder, above string) map[string][]string {
	here := above + "/" + f.Name
	out := map[string][]string{here: {}}
	for _, child := range f.ChildEntity {
		if sub, ok := w.m.Get(child).(*folder); ok {
			for name, list := range w.paths(sub, here) {
				out[name] = list
			}
			continue
		}
		out[here] = append(out[here], child.Value)
	}
	sort.Strings(out[here])
	return out
}

func (vm *machine) canonical() (any, error) {
	config, err := canonical(vm.Config)
	if err != nil {
		return nil, err
	}
	snapshots := []any{}
	for _, s := range vm.snaps {
		before, err := canonical(&s.Config)
		if err != nil {
			return nil, err
		}
		one := map[string]any{
			"moid": s.Self.Value, "name": s.name, "description": s.description, "state": s.state, "id": s.id, "config": before,
		}
		if s.above != nil {
			one["parent"] = s.above.Self.Value
		}
		snapshots = append(snapshots, one)
	}
	out := map[string]any{
		"moid": vm.Self.Value, "name": vm.Name, "power": vm.Runtime.PowerState, "config": config, "snapshots": snapshots,
		"folder": vm.Parent.Value, "pool": vm.ResourcePool.Value, "question": vm.Runtime.Question != nil,
		"host": vm.w.m.Get(*vm.Runtime.Host).(*simulator.HostSystem).Name,
	}
	if len(vm.keys) > 0 {
		out["keys"] = vm.keys
	}
	if vm.current != nil {
		out["current"] = vm.current.Self.Value
	}
	return out, nil
}

// canonical writes a configuration with the type of every device.
func canonical(config *types.VirtualMachineConfigInfo) (json.RawMessage, error) {
	var buf bytes.Buffer
	err := types.NewJSONEncoder(&buf).Encode(config)
	return buf.Bytes(), err
}
