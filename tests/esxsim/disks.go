package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// lun is a raw disk of the host.
type lun struct {
	device   string
	uuid     string
	capacity int64
}

var luns = []lun{
	{"/vmfs/devices/disks/naa.600508b1001c00000000000000000001", "0200000000600508b1001c000000000000000000014c554e204c20", 20 << 30},
	{"/vmfs/devices/disks/naa.600508b1001c00000000000000000002", "0200000000600508b1001c000000000000000000024c554e204c20", 40 << 30},
}

// disks are the virtual disks among some devices.
func disks(devices []types.BaseVirtualDevice) []*types.VirtualDisk {
	var out []*types.VirtualDisk
	for _, d := range devices {
		if disk, ok := d.(*types.VirtualDisk); ok {
			out = append(out, disk)
		}
	}
	return out
}

// backing is what every disk's backing has.
func backing(d *types.VirtualDisk) *types.VirtualDeviceFileBackingInfo {
	return d.Backing.(types.BaseVirtualDeviceFileBackingInfo).GetVirtualDeviceFileBackingInfo()
}

// field is a field that some kinds of backing have; invalid when this has not.
func field(b types.BaseVirtualDeviceBackingInfo, name string) reflect.Value {
	return reflect.ValueOf(b).Elem().FieldByName(name)
}

func word(d *types.VirtualDisk, name string) string {
	if v := field(d.Backing, name); v.IsValid() {
		return v.String()
	}
	return ""
}

func mode(d *types.VirtualDisk) string    { return word(d, "DiskMode") }
func sharing(d *types.VirtualDisk) string { return word(d, "Sharing") }

// physical says whether the guest talks to a raw disk directly.
func physical(d *types.VirtualDisk) bool { return word(d, "CompatibilityMode") == "physicalMode" }

// dependent says whether a disk is part of snapshots.
func dependent(d *types.VirtualDisk) bool { return !strings.HasPrefix(mode(d), "independent") }

// parent is the backing below a delta, or nil.
func parent(b types.BaseVirtualDeviceBackingInfo) types.BaseVirtualDeviceBackingInfo {
	if v := field(b, "Parent"); v.IsValid() && !v.IsNil() {
		return v.Interface().(types.BaseVirtualDeviceBackingInfo)
	}
	return nil
}

// chainOf lists the files of a disk, the one that is written to first.
func chainOf(d *types.VirtualDisk) []string {
	var out []string
	for b := d.Backing; b != nil; b = parent(b) {
		out = append(out, b.(types.BaseVirtualDeviceFileBackingInfo).GetVirtualDeviceFileBackingInfo().FileName)
	}
	return out
}

// supported says whether a host runs disks with this kind of backing.
func supported(b types.BaseVirtualDeviceBackingInfo) bool {
	switch b.(type) {
	case *types.VirtualDiskFlatVer2BackingInfo, *types.VirtualDiskSeSparseBackingInfo,
		*types.VirtualDiskRawDiskMappingVer1BackingInfo, *types.VirtualDiskLocalPMemBackingInfo:
		return true
	}
	return false
}

// wording refuses a mode or a sharing that does not exist, or no longer.
func (e *edit) wording(d *types.VirtualDisk) fault {
	switch m := mode(d); {
	case slices.Contains(outdated, m):
		return e.wrongBacking(".diskMode")
	case !slices.Contains(modes, m):
		return argument(fmt.Sprintf("configSpec.deviceChange[%d].device.backing.diskMode", e.index))
	case m == "independent_nonpersistent" && reflect.TypeOf(d.Backing) == reflect.TypeOf(&types.VirtualDiskLocalPMemBackingInfo{}):
		return e.wrongBacking(".diskMode")
	}
	switch sharing(d) {
	case "", "sharingNone", "sharingMultiWriter":
		return nil
	}
	return argument(fmt.Sprintf("configSpec.deviceChange[%d].device.backing.sharing", e.index))
}

// newDisk checks a disk that is added, and makes its file if it asks for one.
func (e *edit) newDisk(d *types.VirtualDisk, op types.VirtualDeviceConfigSpecFileOperation) fault {
	if d.Backing == nil {
		return e.wrong("device.backing")
	}
	if !supported(d.Backing) {
		return &types.DeviceUnsupportedForVmPlatform{InvalidDeviceSpec: e.invalid("device.backing")}
	}
	if m := field(d.Backing, "DiskMode"); m.String() == "" {
		m.SetString("persistent")
	}
	if f := e.wording(d); f != nil {
		return f
	}
	var f fault
	switch op {
	case "":
		f = e.attach(d)
	case types.VirtualDeviceConfigSpecFileOperationCreate, types.VirtualDeviceConfigSpecFileOperationReplace:
		f = e.make(d, op)
	default:
		f = &types.InvalidDeviceOperation{InvalidDeviceSpec: e.invalid("fileOperation"), BadOp: "add", BadFileOp: op}
	}
	if f != nil {
		return f
	}
	e.complete(d)
	return nil
}

// attach takes a disk that exists.
func (e *edit) attach(d *types.VirtualDisk) fault {
	b := backing(d)
	s, p, f := e.files.resolve(b.FileName)
	if f != nil {
		return f
	}
	if !s.hosts[e.host.Self] {
		return &types.InvalidDatastorePath{
			InvalidDatastore: types.InvalidDatastore{Datastore: &s.ref, Name: s.name}, DatastorePath: b.FileName,
		}
	}
	one := s.files[p]
	if one == nil || one.Kind != "vmdk" {
		return &types.FileNotFound{FileFault: types.FileFault{File: b.FileName}}
	}
	raw, isRaw := d.Backing.(*types.VirtualDiskRawDiskMappingVer1BackingInfo)
	if isRaw != strings.HasPrefix(one.Format, "rdm") {
		return e.wrongBacking("")
	}
	if isRaw {
		set(&raw.DeviceName, one.LUN)
		if raw.CompatibilityMode == "" {
			raw.CompatibilityMode = map[string]string{"rdm": "virtualMode", "rdmp": "physicalMode"}[one.Format]
		}
	}
	d.CapacityInBytes, d.CapacityInKB = one.Capacity, one.Capacity/1024
	if flat, ok := d.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
		flat.ThinProvisioned = ptr(one.Thin)
	}
	field(d.Backing, "Uuid").SetString(one.UUID)
	b.FileName = s.join(p)
	b.Datastore = &s.ref
	return nil
}

// make creates the file of a new disk.
func (e *edit) make(d *types.VirtualDisk, op types.VirtualDeviceConfigSpecFileOperation) fault {
	b := backing(d)
	if b.FileName == "" {
		b.FileName = dirOf(e.config.Files.VmPathName)
	}
	b.FileName = strings.TrimSpace(b.FileName)
	s, p, f := e.files.resolve(b.FileName)
	if f != nil {
		return f
	}
	if !strings.HasSuffix(p, ".vmdk") {
		dir := s.join(p)
		if p == "" {
			_, home, _ := e.files.resolve(dirOf(e.config.Files.VmPathName))
			dir = s.join(home)
		}
		b.FileName = e.files.free(dir, e.config.Name, ".vmdk")
		_, p, _ = e.files.resolve(b.FileName)
	}
	if s.files[p] != nil && op == types.VirtualDeviceConfigSpecFileOperationCreate {
		return &types.FileAlreadyExists{FileFault: types.FileFault{File: b.FileName}}
	}
	if d.CapacityInBytes == 0 {
		d.CapacityInBytes = d.CapacityInKB * 1024
	}
	one := &file{Kind: "vmdk", Format: "flat", UUID: named("disk " + b.FileName), Time: e.w.clock}
	switch k := d.Backing.(type) {
	case *types.VirtualDiskRawDiskMappingVer1BackingInfo:
		at := slices.IndexFunc(luns, func(l lun) bool { return l.device == k.DeviceName || l.uuid == k.LunUuid })
		if at < 0 {
			return e.wrongBacking(".deviceName")
		}
		if k.CompatibilityMode != "physicalMode" && k.CompatibilityMode != "virtualMode" {
			return e.wrongBacking(".compatibilityMode")
		}
		one.Format, one.LUN = "rdm", luns[at].device
		if k.CompatibilityMode == "physicalMode" {
			one.Format = "rdmp"
		}
		k.DeviceName, k.LunUuid = luns[at].device, luns[at].uuid
		d.CapacityInBytes = luns[at].capacity
	case *types.VirtualDiskSeSparseBackingInfo:
		one.Format, one.Thin = "seSparse", true
	case *types.VirtualDiskLocalPMemBackingInfo:
		one.Format = "pmem"
	case *types.VirtualDiskFlatVer2BackingInfo:
		one.Thin, one.Eager = truth(k.ThinProvisioned), truth(k.EagerlyScrub)
	}
	if d.CapacityInBytes < 1<<20 {
		return e.wrong("device.capacityInKB")
	}
	d.CapacityInKB = d.CapacityInBytes / 1024
	one.Capacity = d.CapacityInBytes
	if !one.Thin {
		one.Size = one.Capacity
	}
	field(d.Backing, "Uuid").SetString(one.UUID)
	b.FileName, b.Datastore = s.join(p), &s.ref
	return e.files.put(b.FileName, one)
}

// complete fills in what the host always tells about a disk.
func (e *edit) complete(d *types.VirtualDisk) {
	field(d.Backing, "ContentId").SetString(strings.ReplaceAll(named("content "+backing(d).FileName), "-", ""))
	if flat, ok := d.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
		for _, flag := range []**bool{&flat.Split, &flat.WriteThrough, &flat.ThinProvisioned, &flat.EagerlyScrub, &flat.DigestEnabled} {
			if *flag == nil {
				*flag = ptr(false)
			}
		}
		set(&flat.Sharing, sharing(d))
		if flat.Sharing == "" {
			flat.Sharing = "sharingNone"
		}
	}
	if d.Shares == nil {
		d.Shares = &types.SharesInfo{Shares: 1000, Level: types.SharesLevelNormal}
	}
	if d.StorageIOAllocation == nil {
		d.StorageIOAllocation = &types.StorageIOAllocationInfo{
			Limit: ptr(int64(-1)), Shares: &types.SharesInfo{Shares: 1000, Level: types.SharesLevelNormal}, Reservation: ptr(int32(0)),
		}
	}
	d.NativeUnmanagedLinkedClone = ptr(false)
	d.GuestReadOnly = ptr(false)
}
