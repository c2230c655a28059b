package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

type (
	ref   = types.ManagedObjectReference
	fault = types.BaseMethodFault
)

// world is one inventory with all that belongs to it. Nothing in it depends
// on the time of day or on chance: two worlds that were asked the same things
// in the same order are the same. Everything in it is guarded by front.mu.
type world struct {
	opt      options
	esx      bool
	ctx      *simulator.Context
	m        *simulator.Registry
	svc      *simulator.Service
	clock    time.Time
	nextVM   int
	nextTask int
	nextSnap int
	stores   stores
	machines map[ref]*machine
	shelf    map[string]*shelved // unregistered machines, by the path of their .vmx
	places   places
	recent   []ref

	lock       *sync.Mutex
	tasks      []*task
	armed      *rule    // the rule that the next task meets
	spoils     *rule    // the rule that the properties of this call meet
	late       sync.Map // the rules of those who wait for updates, by their collector
	collectors sync.Map // those that watch something
	raised     fault    // what the next call of the method raises
	method     string
	sent       *node // the elements of the call, when they matter
}

// places are the objects of the inventory that machines refer to.
type places struct {
	dc       *simulator.Datacenter
	vms      *folder
	hosts    []*simulator.HostSystem
	compute  map[ref]*mo.ComputeResource // by host
	browsers map[ref]ref                 // environment browser, by compute resource
	nets     []ref
	wires    []*networkSystem // by host
}

// epoch is when every world begins.
var epoch = time.Date(2024, 1, 15, 10, 0, 0, 0, time.UTC)

// models are the worlds that can be asked for: is it a vCenter, has it the
// named machines, have the hosts an iSCSI adapter.
var models = map[string]struct{ vpx, seeded, iscsi bool }{
	"esx":       {false, true, false},
	"vpx":       {true, true, false},
	"esx-empty": {false, false, false},
	"vpx-empty": {true, false, false},
	"esx-iscsi": {false, true, true},
	"vpx-iscsi": {true, true, true},
}

// newWorld makes the world for the n-th time: all but the keys of its sessions
// is the same each time, and a session of one world must not open the next.
func newWorld(opt options, lock *sync.Mutex, n int) *world {
	uuid.SetRand(&stream{})
	w := &world{
		opt:      opt,
		esx:      !models[opt.model].vpx,
		ctx:      simulator.NewContext(),
		clock:    epoch,
		stores:   stores{},
		machines: map[ref]*machine{},
		shelf:    map[string]*shelved{},
		lock:     lock,
	}
	w.m = w.ctx.Map
	worlds.Store(w.m, w)
	w.build()
	w.replace()
	w.browse()
	w.seed(models[opt.model].seeded)
	w.m.Handler = w.guard
	w.m.AddHandler(&watcher{w})
	w.clock = epoch.Add(24 * time.Hour)
	for _, vm := range w.sorted() {
		vm.refresh(w.ctx)
	}
	for _, s := range w.stores {
		s.first = s.used()
	}
	uuid.SetRand(&stream{n: uint64(n+1) << 32})
	return w
}

// worlds finds the world of a registry, for objects that a session makes.
var worlds sync.Map

func worldOf(ctx *simulator.Context) *world {
	w, _ := worlds.Load(ctx.Map)
	return w.(*world)
}

// close forgets the world.
func (w *world) close() { worlds.Delete(w.m) }

// tick is the time of the next event.
func (w *world) tick() time.Time {
	w.clock = w.clock.Add(time.Second)
	return w.clock
}

// moid names the n-th object of a kind the way the product does.
func (w *world) moid(kind string, n int) ref {
	prefix := map[string]string{"VirtualMachine": "vm", "Task": "task", "VirtualMachineSnapshot": "snapshot"}[kind]
	value := fmt.Sprintf("%s-%d", prefix, n)
	if w.esx {
		value = map[string]string{
			"VirtualMachine":         fmt.Sprint(n),
			"Task":                   fmt.Sprintf("haTask-%d", n),
			"VirtualMachineSnapshot": fmt.Sprintf("snapshot-%d", n),
		}[kind]
	}
	return ref{Type: kind, Value: value}
}

// background is a context for work that no call waits for.
func (w *world) background() *simulator.Context {
	return &simulator.Context{Context: w.ctx.Context, Map: w.m}
}

// named makes a UUID out of a name, the same one every time.
func named(name string) string {
	sum := sha256.Sum256([]byte(name))
	id, _ := uuid.FromBytes(sum[:16])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// stream stands in for chance.
type stream struct {
	mu sync.Mutex
	n  uint64
}

func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 0; i < len(p); i += sha256.Size {
		s.n++
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, s.n))
		copy(p[i:], sum[:])
	}
	return len(p), nil
}

// reads are the calls that the stock simulator answers without a session.
var reads = map[string]bool{
	"Fetch": true, "RetrieveProperties": true, "RetrievePropertiesEx": true,
}

// changes are the calls that a free licence refuses.
var changes = map[string]bool{
	"ReconfigVM_Task": true, "CreateVM_Task": true, "RegisterVM_Task": true, "CloneVM_Task": true,
	"PowerOnVM_Task": true, "PowerOffVM_Task": true, "SuspendVM_Task": true, "ResetVM_Task": true,
	"ShutdownGuest": true, "RebootGuest": true, "StandbyGuest": true, "AnswerVM": true,
	"CreateSnapshot_Task": true, "CreateSnapshotEx_Task": true, "RevertToSnapshot_Task": true,
	"RevertToCurrentSnapshot_Task": true, "RemoveSnapshot_Task": true, "RemoveAllSnapshots_Task": true,
	"RenameSnapshot": true, "Rename_Task": true, "Destroy_Task": true, "UnregisterVM": true,
	"UpgradeVM_Task": true, "ReconfigureAutostart": true, "CreateFolder": true, "MoveIntoFolder_Task": true,
	"CreateVirtualDisk_Task": true, "DeleteVirtualDisk_Task": true, "DeleteDatastoreFile_Task": true,
	"MakeDirectory": true, "CopyVirtualDisk_Task": true, "MoveVirtualDisk_Task": true, "ExtendVirtualDisk_Task": true,
	"InflateVirtualDisk_Task": true, "EagerZeroVirtualDisk_Task": true, "ZeroFillVirtualDisk_Task": true,
	"SetVirtualDiskUuid": true, "CopyDatastoreFile_Task": true, "MoveDatastoreFile_Task": true,
	"RelocateVM_Task": true, "MigrateVM_Task": true, "CreateScreenshot_Task": true,
	"PutUsbScanCodes":  true,
	"AddVirtualSwitch": true, "UpdateVirtualSwitch": true, "RemoveVirtualSwitch": true,
	"AddPortGroup": true, "UpdatePortGroup": true, "RemovePortGroup": true,
}

// guard refuses calls before they reach their object.
func (w *world) guard(ctx *simulator.Context, method *simulator.Method) (mo.Reference, fault) {
	if f := w.raised; f != nil && method.Name == w.method {
		w.raised = nil
		return nil, f
	}
	if ctx.Session == nil && reads[method.Name] && method.This != vim25.ServiceInstance && !open(method) {
		return nil, &types.NotAuthenticated{NoPermission: types.NoPermission{
			Object: &method.This, PrivilegeId: "System.Read",
		}}
	}
	if w.opt.freeLicence && ctx.Session != nil && changes[method.Name] {
		return nil, &types.RestrictedVersion{}
	}
	return nil, nil
}

// open says whether a read asks only for what is there before the login.
func open(method *simulator.Method) bool {
	if method.Name == "Fetch" { // its type is internal to govmomi
		of := reflect.ValueOf(method.Body).Elem().FieldByName("This").Interface().(ref)
		return of.Type == "ServiceInstance" || of.Type == "SessionManager"
	}
	var specs []types.PropertyFilterSpec
	switch body := method.Body.(type) {
	case *types.RetrievePropertiesEx:
		specs = body.SpecSet
	case *types.RetrieveProperties:
		specs = body.SpecSet
	}
	for _, spec := range specs {
		for _, o := range spec.ObjectSet {
			if o.Obj.Type != "ServiceInstance" && o.Obj.Type != "SessionManager" {
				return false
			}
		}
	}
	return len(specs) != 0
}
