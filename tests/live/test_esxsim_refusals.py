"""Esxsim refuses what vSphere refuses, with vSphere's faults, and a refusal changes nothing."""

import pytest
from pyVmomi import vim, vmodl

from tests.live.rig import add, edit, nic, remove, scsi, spare, unchanged

pytestmark = pytest.mark.live

device = vim.vm.device
fault = vim.fault
argument = vmodl.fault.InvalidArgument
flat = device.VirtualDisk.FlatVer2BackingInfo
sparse = device.VirtualDisk.SparseVer2BackingInfo

# What a refusal is told by: the fault, and the end of the property that it names.
WORD, MODE = (argument, "diskMode"), (fault.InvalidDeviceBacking, "diskMode")
LOCKED = (fault.DisallowedDiskModeChange, "diskMode")
POWER, DATASTORE = (fault.InvalidPowerState, None), (fault.InvalidDatastorePath, None)
BACKING, FILE = (fault.InvalidDeviceBacking, "backing"), (fault.InvalidDeviceBacking, "fileName")
SIZE, UNIT = (fault.InvalidDeviceSpec, "capacityInKB"), (fault.InvalidDeviceSpec, "unitNumber")
BUS, MANY = (fault.InvalidDeviceSpec, "busNumber"), (fault.TooManyDevices, None)
OPERATION = (fault.InvalidDeviceOperation, "operation")
MISSING, CONTROLLER = (fault.MissingController, "controllerKey"), (fault.InvalidDeviceSpec, "controllerKey")
NETWORK = (fault.InvalidDeviceBacking, "deviceName")


def on(key, **changes):
    return lambda rig, name: edit(rig.device(name, key), **changes)


def off(key, operation=""):
    return lambda rig, name: remove(rig.device(name, key), operation)


def named(number, name):
    made = spare(number)
    made.backing.fileName = name
    return made


def new_disk(**fields):
    backing = flat(fileName="[datastore1]", diskMode="persistent")
    return device.VirtualDisk(key=-1, controllerKey=1000, backing=backing, **fields)


MODES = [
    ("an unknown mode on a new disk", "web01", add(spare(mode="garbage")), *WORD),
    ("an unknown mode", "web01", on(2000, backing__diskMode="x"), *WORD),
    ("a new nonpersistent disk", "web01", add(spare(mode="nonpersistent")), *MODE),
    ("a new undoable disk", "web01", add(spare(mode="undoable")), *MODE),
    ("a new append disk", "web01", add(spare(mode="append")), *MODE),
    ("a mode that becomes outdated", "web01", on(2000, backing__diskMode="append"), *MODE),
    ("an outdated mode on another disk", "old01", on(2001, backing__diskMode="nonpersistent"), *MODE),
    ("a mode under a snapshot", "snap01", on(2000, backing__diskMode="independent_persistent"), *LOCKED),
    ("an independent mode under a snapshot", "snap01", on(2001, backing__diskMode="persistent"), *LOCKED),
    ("a mode while on", "db01", on(2000, backing__diskMode="independent_persistent"), *POWER),
    ("a mode while suspended", "susp01", on(2000, backing__diskMode="independent_persistent"), *POWER),
]  # fmt: skip

DISKS = [
    ("a file that is not there", "web01", add(spare(99)), fault.FileNotFound, None),
    ("a datastore that is not there", "web01", add(named(1, "[nowhere] a.vmdk")), *DATASTORE),
    ("a name without a datastore", "web01", add(named(1, "a.vmdk")), *DATASTORE),
    ("a new file over an old one", "web01", add(spare(1), "create"), fault.FileAlreadyExists, None),
    ("a new file without a size", "web01", add(new_disk(capacityInKB=0), "create"), *SIZE),
    ("a mapping as a plain disk", "web01", add(named(1, "[datastore1] spare/rdm-1.vmdk")), *BACKING),
    ("a kind of disk that ESX lacks", "web01", add(spare(kind=sparse)),
     fault.DeviceUnsupportedForVmPlatform, "backing"),
    ("the same disk twice", "web01", add(named(1, "[datastore1] web01/web01.vmdk")), *FILE),
    ("another file for a disk", "web01", on(2000, backing__fileName="[datastore1] spare/spare-1.vmdk"), *FILE),
    ("a smaller disk", "web01", on(2000, capacityInKB=1024), *SIZE),
    ("a larger disk under a snapshot", "snap01", on(2000, capacityInKB=16 << 20), *SIZE),
    ("the loss of a disk in a snapshot", "snap01", off(2000, "destroy"), *OPERATION),
    ("sharing that does not exist", "web01", on(2000, backing__sharing="x"), argument, "sharing"),
]  # fmt: skip

PLACES = [
    ("a unit that is taken", "web01", add(spare(unit=1)), *UNIT),
    ("the controller's own unit", "web01", add(spare(unit=7)), *UNIT),
    ("a unit beyond LSI Logic", "old01", add(spare(unit=16)), *UNIT),
    ("a unit beyond pvscsi", "web01", add(spare(unit=65)), *UNIT),
    ("a unit beyond SATA", "db01", add(spare(controller=15000, unit=30)), *UNIT),
    ("a unit beyond NVMe", "db01", add(spare(controller=31000, unit=15)), *UNIT),
    ("a unit beyond IDE", "web01", add(spare(controller=200, unit=2)), *UNIT),
    ("a negative unit", "web01", add(spare(unit=-1)), *UNIT),
    ("a move onto another disk", "web01", on(2000, unitNumber=1), *UNIT),
    ("a controller that is not there", "web01", add(spare(controller=1003)), *MISSING),
    ("no controller", "web01", add(spare(controller=None)), *MISSING),
    ("a disk on a floppy's controller", "web01", add(spare(controller=400)), *CONTROLLER),
    ("the removal of a controller in use", "web01", off(1000), *OPERATION),
    ("the removal of the PCI bus", "web01", off(100), *OPERATION),
    ("a bus number that is taken", "web01", add(scsi(bus=0)), *BUS),
    ("a bus number out of range", "web01", add(scsi(bus=4)), *BUS),
    ("a key that is not there", "web01", remove(spare(key=2077)), fault.InvalidDeviceSpec, "key"),
    ("an edit of another kind of device", "web01", edit(nic(), key=2000), fault.InvalidDeviceSpec, "device"),
    ("a third floppy drive", "web01", [add(device.VirtualFloppy(key=-n)) for n in (1, 2, 3)], *MANY),
    ("an eleventh card", "web01", [add(nic()) for _ in range(10)], *MANY),
]  # fmt: skip

CARDS = [
    ("an unknown network", "web01", add(nic("nowhere")), *NETWORK),
    ("a change to an unknown network", "web01", on(4000, backing=nic("nowhere").backing), *NETWORK),
    ("a malformed address", "web01", add(nic(macAddress="00:50")), fault.InvalidDeviceSpec, "macAddress"),
    ("another address while on", "db01", on(4000, macAddress="00:50:56:00:00:01"), *POWER),
    ("an image on an unknown datastore", "web01", on(3002, backing__fileName="[nowhere] a.iso"), *DATASTORE),
    ("a floppy drive while on", "db01", add(device.VirtualFloppy(key=-1)), *POWER),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "change", "kind", "prop"),
    [pytest.param(*case[1:], id=case[0]) for case in MODES + DISKS + PLACES + CARDS],
)
def test_refused_device(rig, name, change, kind, prop):
    made = change(rig, name) if callable(change) else change
    changes = made if isinstance(made, list) else [made]
    harmless = add(nic("backup net"))
    if name in ("web01", "db01", "old01") and len(changes) == 1:
        changes = [harmless, *changes]
    with unchanged(rig.sim), pytest.raises(kind) as caught:
        rig.reconfigure(name, *changes, annotation="must not stay")
    assert type(caught.value) is kind
    assert caught.value.msg
    where = getattr(caught.value, "property", None) or getattr(caught.value, "invalidProperty", "") or ""
    if prop:
        assert where.endswith(prop)
    if isinstance(caught.value, vim.fault.InvalidDeviceSpec):
        assert caught.value.deviceIndex == len(changes) - 1


NO_DEVICE = vim.vm.BootOptions(bootOrder=[vim.vm.BootOptions.BootableDiskDevice(deviceKey=2077)])
FIELDS = [
    ("a stale change version", "web01", {"changeVersion": "stale"}, fault.ConcurrentAccess, None),
    ("CPUs while on", "db01", {"numCPUs": 8}, fault.CpuHotPlugNotSupported, None),
    ("memory while on", "db01", {"memoryMB": 16384}, fault.MemoryHotPlugNotSupported, None),
    ("memory while suspended", "susp01", {"memoryMB": 8192}, fault.InvalidPowerState, None),
    ("the guest while on", "db01", {"guestId": "otherGuest"}, fault.InvalidPowerState, None),
    ("the firmware while on", "db01", {"firmware": "efi"}, fault.InvalidPowerState, None),
    ("too many CPUs", "web01", {"numCPUs": 33}, argument, "numCPUs"),
    ("too much memory", "web01", {"memoryMB": 1 << 20}, argument, "memoryMB"),
    ("odd memory", "web01", {"memoryMB": 1021}, argument, "memoryMB"),
    ("cores that do not fit", "web01", {"numCPUs": 4, "numCoresPerSocket": 3}, argument, "numCoresPerSocket"),
    ("an unknown guest", "web01", {"guestId": "beosGuest"}, argument, "guestId"),
    ("an unknown version", "web01", {"version": "vmx-99"}, argument, "version"),
    ("an older version", "web01", {"version": "vmx-10"}, argument, "version"),
    ("an unknown firmware", "web01", {"firmware": "coreboot"}, argument, "firmware"),
    ("a malformed UUID", "web01", {"uuid": "x"}, argument, "uuid"),
    ("a long name", "web01", {"name": "n" * 81}, fault.InvalidName, None),
    ("a name that is taken", "web01", {"name": "db01"}, fault.DuplicateName, None),
    ("a limit below the reservation", "web01",
     {"cpuAllocation": vim.ResourceAllocationInfo(reservation=1000, limit=500)}, argument, "limit"),
    ("an affinity beyond the host", "web01",
     {"cpuAffinity": vim.vm.AffinityInfo(affinitySet=[64])}, argument, "cpuAffinity"),
    ("a boot device that is not there", "web01",
     {"bootOptions": NO_DEVICE}, argument, "deviceKey"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fields", "kind", "prop"), [pytest.param(*case[1:], id=case[0]) for case in FIELDS])
def test_refused_field(rig, name, fields, kind, prop):
    with unchanged(rig.sim), pytest.raises(kind) as caught:
        rig.reconfigure(name, add(nic("backup net")), annotation="must not stay", **fields)
    assert type(caught.value) is kind
    if prop:
        assert caught.value.invalidProperty.endswith(prop)


def at(path):
    return vim.vm.FileInfo(vmPathName=path)


FIRST = add(scsi(key=-100, bus=0))
CREATIONS = [
    ("a disk that is not there", [FIRST, add(spare(99, controller=-100))], {}, fault.FileNotFound),
    ("a network that is not there", [add(nic("nowhere"))], {}, fault.InvalidDeviceBacking),
    ("an outdated mode", [FIRST, add(spare(1, controller=-100, mode="undoable"))], {}, fault.InvalidDeviceBacking),
    ("a name that is taken", [], {"name": "web01"}, fault.DuplicateName),
    ("a long name", [], {"name": "n" * 81}, fault.InvalidName),
    ("no name", [], {"name": ""}, argument),
    ("an unknown datastore", [], {"files": at("[nowhere]")}, fault.InvalidDatastorePath),
    ("a .vmx that is there", [], {"files": at("[datastore1] web01/web01.vmx")}, fault.FileAlreadyExists),
    ("too many CPUs", [], {"numCPUs": 99}, argument),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "fields", "kind"), [pytest.param(*case[1:], id=case[0]) for case in CREATIONS])
def test_refused_creation(rig, changes, fields, kind):
    with unchanged(rig.sim), pytest.raises(kind) as caught:
        rig.create(*changes, **fields)
    assert type(caught.value) is kind


def test_a_refused_creation_leaves_no_disk_that_it_made(rig):
    backing = flat(fileName="", diskMode="persistent")
    made = device.VirtualDisk(key=-1, controllerKey=-100, backing=backing, capacityInKB=1 << 20)
    with unchanged(rig.sim), pytest.raises(fault.InvalidDeviceBacking):
        rig.create(add(scsi(bus=0)), add(made, "create"), add(nic("nowhere")))


def test_hot_add_is_taken_where_it_was_enabled(rig):
    rig.reconfigure("web01", cpuHotAddEnabled=True, memoryHotAddEnabled=True)
    vm = rig.vm("web01")
    vm.PowerOnVM_Task()
    rig.reconfigure("web01", numCPUs=4, memoryMB=4096)
    assert (vm.config.hardware.numCPU, vm.config.hardware.memoryMB) == (4, 4096)
    with unchanged(rig.sim), pytest.raises(fault.MemoryHotPlugNotSupported):
        rig.reconfigure("web01", memoryMB=2048)


def test_the_change_version_changes_with_each_success_and_only_then(rig):
    vm = rig.vm("web01")
    versions = [vm.config.changeVersion]
    rig.reconfigure("web01", annotation="one", changeVersion=versions[0])
    versions.append(vm.config.changeVersion)
    with pytest.raises(fault.ConcurrentAccess):
        rig.reconfigure("web01", annotation="two", changeVersion=versions[0])
    versions.append(vm.config.changeVersion)
    assert versions[0] != versions[1] == versions[2]
