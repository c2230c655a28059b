package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"sync"
	"testing"

	"github.com/vmware/govmomi/vim25/types"
)

func testWorld(t *testing.T, model string) *world {
	t.Helper()
	w := newWorld(options{model: model, user: "root", password: "x"}, new(sync.Mutex), 0)
	t.Cleanup(w.close)
	return w
}

func inventoryOf(t *testing.T, w *world) []byte {
	t.Helper()
	state, err := w.inventory()
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryWorldIsTheSame(t *testing.T) {
	for model := range models {
		one, two := inventoryOf(t, testWorld(t, model)), inventoryOf(t, testWorld(t, model))
		if !bytes.Equal(one, two) {
			t.Errorf("%s: two worlds differ", model)
		}
	}
}

func TestARefusalPutsFilesBack(t *testing.T) {
	w := testWorld(t, "esx")
	before := inventoryOf(t, w)
	refusal := &types.NotSupported{}
	f := w.stores.try(func() fault {
		w.stores.remove("[datastore1] spare/spare-1.vmdk")
		_ = w.stores.put("[datastore1] new/a.vmdk", &file{Kind: "vmdk"})
		_ = w.stores.put("[datastore1] new/a.vmdk", &file{Kind: "other"})
		return refusal
	})
	if f != fault(refusal) || !bytes.Equal(before, inventoryOf(t, w)) {
		t.Errorf("files are left over: %v", f)
	}
}

func TestMergeOfChains(t *testing.T) {
	w := testWorld(t, "esx")
	vm := w.find("web01")
	before := vm.chains()
	var all []*snapshot
	for _, name := range []string{"a", "b", "c"} {
		s, f := vm.take(w.ctx, name, "", false, false)
		if f != nil {
			t.Fatal(text(f))
		}
		all = append(all, s)
	}
	if n := len(vm.chains()); n != len(before)+3 {
		t.Errorf("%d files after three snapshots of one disk", n)
	}
	vm.drop(w.ctx, all[1:2])
	if n := len(vm.chains()); n != len(before)+2 {
		t.Errorf("%d files after one of them went", n)
	}
	vm.drop(w.ctx, []*snapshot{all[0], all[2]})
	if after := vm.chains(); !reflect.DeepEqual(before, after) {
		t.Errorf("%v after all of them went", after)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	w := testWorld(t, "esx")
	vm := w.find("snap01")
	copied := clone(*vm.Config)
	if !reflect.DeepEqual(copied, *vm.Config) {
		t.Fatal("the copy differs")
	}
	backing(disks(copied.Hardware.Device)[0]).FileName = "changed"
	if backing(disks(vm.Config.Hardware.Device)[0]).FileName == "changed" {
		t.Error("the copy shares a backing")
	}
}

func TestOverlayKeepsWhatIsLeftOut(t *testing.T) {
	old := types.VirtualMachineFlagInfo{EnableLogging: ptr(true), HtSharing: "any"}
	got := overlay(&old, &types.VirtualMachineFlagInfo{DiskUuidEnabled: ptr(true)}, nil)
	want := types.VirtualMachineFlagInfo{EnableLogging: ptr(true), HtSharing: "any", DiskUuidEnabled: ptr(true)}
	if !reflect.DeepEqual(*got, want) || old.DiskUuidEnabled != nil {
		t.Errorf("got %+v", got)
	}
}

func TestRulesSkipAndEnd(t *testing.T) {
	var rs rules
	one := &rule{Method: "Login", Kind: "503", Skip: 1, Times: 2}
	if err := one.check(); err != nil {
		t.Fatal(err)
	}
	rs.add(one)
	var met []bool
	for range 4 {
		met = append(met, rs.take("Login", "x") != nil)
	}
	if want := []bool{false, true, true, false}; !reflect.DeepEqual(met, want) {
		t.Errorf("met %v", met)
	}
}

func TestTransfersMeetTheirOwnRules(t *testing.T) {
	var rs rules
	rs.add(&rule{Method: "*", Kind: "503", Times: 1})
	rs.add(&rule{Method: transfers, Kind: "half", Times: 1})
	if got := rs.take(transfers, ""); !got.is("half") {
		t.Errorf("a transfer met %v", got)
	}
	if got := rs.take("Login", "x"); !got.is("503") {
		t.Errorf("a call met %v", got)
	}
	if (&rule{Method: transfers, Kind: "withheld"}).check() == nil {
		t.Error("a transfer has no properties to withhold")
	}
}

func TestFaultsByName(t *testing.T) {
	for _, name := range []string{"TaskInProgress", "InvalidPowerState", "SnapshotIncompatibleDeviceInVm", "NoPermission"} {
		f, err := namedFault(name, nil)
		if err != nil || reflect.TypeOf(f).Elem().Name() != name {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
	for _, name := range []string{"NoSuchFault", "VirtualDisk"} {
		if _, err := namedFault(name, nil); err == nil {
			t.Errorf("%s is taken for a fault", name)
		}
	}
}

func TestWhatIs(t *testing.T) {
	got := whatIs([]byte(`<e:Envelope xmlns:e="x"><e:Header><operationID>1</operationID></e:Header>` +
		`<e:Body><PowerOnVM_Task xmlns="urn:vim25"><_this type="VirtualMachine">vm-1</_this></PowerOnVM_Task></e:Body></e:Envelope>`))
	if want := (call{"PowerOnVM_Task", "vm-1"}); got != want {
		t.Errorf("got %v", got)
	}
	if got := whatIs([]byte("not XML")); got != (call{}) {
		t.Errorf("got %v", got)
	}
}

func TestOverlayTakesWhatWasSentEmpty(t *testing.T) {
	old := types.VirtualMachineBootOptions{BootDelay: 5, BootRetryDelay: 7}
	sent := outline([]byte("<bootOptions><bootDelay>0</bootDelay></bootOptions>")).down("bootOptions")
	got := overlay(&old, &types.VirtualMachineBootOptions{}, sent)
	if got.BootDelay != 0 || got.BootRetryDelay != 7 {
		t.Errorf("got %+v", got)
	}
}
