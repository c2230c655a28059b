"""Esxsim's disks and files by their paths, over the API and over HTTP, and machines that move, are copied and seen."""

import http.client
import ssl
import struct
from contextlib import closing
from urllib.parse import quote

import pytest
from pyVmomi import vim, vmodl

from tests.live.rig import add, finish, nic, scsi, spare, unchanged

pytestmark = pytest.mark.live

fault = vim.fault
argument = vmodl.fault.InvalidArgument
Spec, Plain = vim.VirtualDiskManager.FileBackedVirtualDiskSpec, vim.VirtualDiskManager.VirtualDiskSpec
vpx = pytest.mark.esx(model="vpx")
SPARE, NEW = "[datastore1] spare/spare-1.vmdk", "[datastore1] spare/new.vmdk"  # the first is thick
THIN = "[datastore1] spare/spare-2.vmdk"
GIB = 1 << 20  # KiB


def shape(kind="thin", adapter="lsiLogic", size=GIB):
    return Spec(diskType=kind, adapterType=adapter, capacityKb=size)


@pytest.fixture
def disks(rig):
    return rig.content.virtualDiskManager


def stored(rig, name):
    """Return what the simulator knows of a file."""
    store, _, path = name[1:].partition("] ")
    return next((each for each in rig.sim.inventory()["files"][store] if each["path"] == path), None)


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("thin", {"thin": True}),
        ("preallocated", {"size": 1 << 30}),
        ("eagerZeroedThick", {"size": 1 << 30, "eager": True}),
    ],
)
def test_a_disk_is_made(rig, disks, kind, kept):
    assert finish(disks.CreateVirtualDisk_Task(NEW, None, shape(kind))) == NEW
    made = stored(rig, NEW)
    assert made["capacity"] == 1 << 30
    assert {name: made[name] for name in ("thin", "size", "eager") if name in made} == kept
    rig.reconfigure("web01", add(spare_of(NEW)))


def spare_of(name):
    made = spare(unit=9)
    made.backing.fileName = name
    return made


def test_a_copy_is_thick_when_nothing_is_said(rig, disks):
    finish(disks.CopyVirtualDisk_Task(THIN, None, NEW))
    assert "thin" not in stored(rig, NEW)
    assert stored(rig, NEW)["uuid"] != stored(rig, THIN)["uuid"]
    other = NEW.replace("new", "other")
    finish(disks.CopyVirtualDisk_Task(SPARE, None, other, None, Plain(diskType="thin", adapterType="lsiLogic")))
    assert stored(rig, other)["thin"]
    assert stored(rig, other)["capacity"] == stored(rig, SPARE)["capacity"]


def test_a_disk_is_moved_and_force_replaces(rig, disks):
    uuid = disks.QueryVirtualDiskUuid(SPARE, None)
    finish(disks.MoveVirtualDisk_Task(SPARE, None, NEW))
    assert (stored(rig, SPARE), disks.QueryVirtualDiskUuid(NEW, None)) == (None, uuid)
    with pytest.raises(fault.FileAlreadyExists):
        finish(disks.MoveVirtualDisk_Task(NEW, None, THIN))
    finish(disks.MoveVirtualDisk_Task(NEW, None, THIN, None, force=True))
    assert stored(rig, THIN)["uuid"] == uuid


def test_a_disk_grows_and_stays_what_it_is(rig, disks):
    size = stored(rig, THIN)["capacity"] // 1024
    finish(disks.ExtendVirtualDisk_Task(THIN, None, size + GIB))
    assert stored(rig, THIN)["thin"]
    rig.reconfigure("web01", add(spare_of(SPARE)))
    finish(disks.ExtendVirtualDisk_Task(SPARE, None, size + GIB, eagerZero=True))
    assert stored(rig, SPARE)["eager"]
    assert rig.device("web01", 2009).capacityInKB == size + GIB


def test_a_thin_disk_is_inflated_and_a_thick_one_zeroed(rig, disks):
    rig.reconfigure("web01", add(spare_of(THIN)))
    finish(disks.InflateVirtualDisk_Task(THIN, None))
    assert "thin" not in stored(rig, THIN)
    assert rig.device("web01", 2009).backing.thinProvisioned is False
    finish(disks.EagerZeroVirtualDisk_Task(SPARE, None))
    assert stored(rig, SPARE)["eager"]
    before = stored(rig, SPARE)
    finish(disks.ZeroFillVirtualDisk_Task(SPARE, None))
    assert stored(rig, SPARE) == before


def test_a_uuid_is_set(disks):
    disks.SetVirtualDiskUuid(SPARE, None, "60 00 c2 91 00 00 00 00-00 00 00 00 00 00 00 01")
    assert disks.QueryVirtualDiskUuid(SPARE, None).endswith("01")


RUNNING, CHAINED = "[datastore1] db01/db01.vmdk", "[datastore1] snap01/snap01.vmdk"
REFUSED = [
    ("over a file", lambda d: d.CreateVirtualDisk_Task(SPARE, None, shape()), fault.FileAlreadyExists),
    ("no directory", lambda d: d.CreateVirtualDisk_Task("[datastore1] none/a.vmdk", None, shape()), fault.FileNotFound),
    ("no datastore", lambda d: d.CreateVirtualDisk_Task("[none] a.vmdk", None, shape()), fault.InvalidDatastorePath),
    ("no size", lambda d: d.CreateVirtualDisk_Task(NEW, None, shape(size=0)), argument),
    ("a hosted kind", lambda d: d.CreateVirtualDisk_Task(NEW, None, shape("sparse2Gb")), argument),
    ("a strange adapter", lambda d: d.CreateVirtualDisk_Task(NEW, None, shape(adapter="pvscsi")), argument),
    ("smaller", lambda d: d.ExtendVirtualDisk_Task(SPARE, None, GIB), argument),
    ("larger in a chain", lambda d: d.ExtendVirtualDisk_Task(CHAINED, None, 99 * GIB), fault.FileFault),
    ("the loss of one in use", lambda d: d.DeleteVirtualDisk_Task(RUNNING, None), fault.FileLocked),
    ("a copy of one in use", lambda d: d.CopyVirtualDisk_Task(RUNNING, None, NEW), fault.FileLocked),
    ("growth of one in use", lambda d: d.ExtendVirtualDisk_Task(RUNNING, None, 99 * GIB), fault.FileLocked),
    ("a wipe of one in use", lambda d: d.ZeroFillVirtualDisk_Task(RUNNING, None), fault.FileLocked),
    ("one that is not there", lambda d: d.InflateVirtualDisk_Task(NEW, None), fault.FileNotFound),
    ("an image", lambda d: d.EagerZeroVirtualDisk_Task("[datastore1] iso/install.iso", None), fault.FileFault),
    ("a copy over another", lambda d: d.CopyVirtualDisk_Task(SPARE, None, THIN, force=True), fault.FileAlreadyExists),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "kind"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED])
def test_refused(rig, disks, ask, kind):
    with unchanged(rig.sim), pytest.raises(kind) as caught:
        finish(ask(disks))
    assert type(caught.value) is kind
    assert caught.value.msg


@vpx
def test_a_vcenter_wants_the_datacenter_of_a_path(rig, disks):
    with pytest.raises(argument):
        disks.QueryVirtualDiskUuid(SPARE, None)
    assert disks.QueryVirtualDiskUuid(SPARE, rig.all(vim.Datacenter)[0])


def test_files_are_copied_moved_and_deleted(rig):
    files = rig.content.fileManager
    files.MakeDirectory("[datastore1] a", None)
    with pytest.raises(fault.FileNotFound):
        files.MakeDirectory("[datastore1] b/c/d", None)
    files.MakeDirectory("[datastore1] b/c/d", None, createParentDirectories=True)
    finish(files.CopyDatastoreFile_Task("[datastore1] iso/install.iso", None, "[datastore1] a/a.iso"))
    finish(files.MoveDatastoreFile_Task("[datastore1] a/a.iso", None, "[nfs store] iso/a.iso"))
    assert stored(rig, "[nfs store] iso/a.iso")["size"] == 700 << 20
    with pytest.raises(fault.FileAlreadyExists):
        finish(files.CopyDatastoreFile_Task("[nfs store] iso/a.iso", None, "[datastore1] iso/install.iso"))
    finish(files.DeleteDatastoreFile_Task("[datastore1] b", None))
    assert stored(rig, "[datastore1] b/c") is None
    with unchanged(rig.sim), pytest.raises(fault.FileLocked):
        finish(files.DeleteDatastoreFile_Task("[datastore1] db01", None))


def web(rig, method, path, body=None, **headers):
    """Return status, headers and body of an answer to those who are logged in."""
    context = ssl.create_default_context(cadata=rig.sim.cacert_pem)
    with closing(http.client.HTTPSConnection(rig.sim.host, rig.sim.port, context=context)) as connection:
        connection.request(method, path, body, {"Cookie": rig.si._stub.cookie.split(";")[0], **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def folder(name):
    return f"/folder/{quote(name)}?dcPath=ha-datacenter&dsName=datastore1"


def test_a_file_is_put_and_read_in_ranges(rig):
    assert web(rig, "PUT", folder("iso/a b.iso"), b"0123456789")[0] == 201
    status, headers, body = web(rig, "GET", folder("iso/a b.iso"), Range="bytes=4-")
    assert (status, headers["Content-Range"], body) == (206, "bytes 4-9/10", b"456789")
    assert web(rig, "GET", folder("iso/a b.iso"), Range="bytes=99-")[0] == 416
    status, headers, body = web(rig, "HEAD", folder("iso/a b.iso"))
    assert (status, headers["Content-Length"], body) == (200, "10", b"")
    web(rig, "PUT", folder("iso/a b.iso"), b"xy", **{"Content-Range": "bytes 4-5/10"})
    assert web(rig, "GET", folder("iso/a b.iso"))[2] == b"xy"
    assert web(rig, "DELETE", folder("iso/a b.iso"))[0] == 204
    assert web(rig, "GET", folder("iso/a b.iso"))[0] == 404


def test_the_data_of_a_disk_lies_beside_its_descriptor(rig, disks):
    text = web(rig, "GET", folder("spare/spare-1.vmdk"))[2].decode()
    assert text.startswith("# Disk DescriptorFile")
    assert 'VMFS "spare-1-flat.vmdk"' in text
    finish(disks.CreateVirtualDisk_Task(NEW, None, shape("preallocated", size=1024)))
    assert web(rig, "PUT", folder("spare/new-flat.vmdk"), b"data")[0] == 201
    body = web(rig, "GET", folder("spare/new-flat.vmdk"))[2]
    assert (len(body), body[:6]) == (1 << 20, b"data\0\0")
    finish(disks.ZeroFillVirtualDisk_Task(NEW, None))
    assert web(rig, "GET", folder("spare/new-flat.vmdk"), Range="bytes=0-3")[2] == b"\0\0\0\0"


def test_a_file_that_runs_is_locked(rig):
    with unchanged(rig.sim):
        assert web(rig, "GET", folder("db01/db01-flat.vmdk"))[0] == 500
        assert web(rig, "PUT", folder("db01/db01-flat.vmdk"), b"x")[0] == 500
        assert web(rig, "DELETE", folder("db01/db01.vmdk"))[0] == 500


def test_a_screen_is_seen(rig):
    _, headers, body = web(rig, "GET", f"/screen?id={rig.vm('db01')._moId}")
    assert headers["Content-Type"] == "image/png"
    assert struct.unpack(">II", body[16:24]) == (720, 400)
    assert web(rig, "GET", f"/screen?id={rig.vm('web01')._moId}")[0] == 500
    assert web(rig, "GET", "/screen?id=none")[0] == 404
    name = finish(rig.vm("db01").CreateScreenshot_Task())
    assert name == "[datastore1] db01/db01-1.png"
    assert web(rig, "GET", folder("db01/db01-1.png"))[2] == body
    with pytest.raises(fault.InvalidPowerState):
        finish(rig.vm("web01").CreateScreenshot_Task())


def test_the_free_space_is_brought_up_to_date(rig, disks):
    store = next(each for each in rig.all(vim.Datastore) if each.name == "datastore1")
    before = store.summary.freeSpace
    finish(disks.CreateVirtualDisk_Task(NEW, None, shape("preallocated")))
    assert store.summary.freeSpace == before
    store.RefreshDatastore()
    assert store.summary.freeSpace == store.info.freeSpace == before - (1 << 30)
    store.RefreshDatastoreStorageInfo()


@vpx
def test_a_machine_is_cloned(rig):
    vm = rig.vm("snap01")
    made = finish(vm.CloneVM_Task(vm.parent, "copy", vim.vm.CloneSpec(location=vim.vm.RelocateSpec(), powerOn=True)))
    assert (made.name, made.runtime.powerState, made.snapshot) == ("copy", "poweredOn", None)
    pairs = list(zip(made.config.hardware.device, vm.config.hardware.device, strict=True))
    disk = vim.vm.device.VirtualDisk
    assert [one.backing.fileName for one, _ in pairs if isinstance(one, disk)] == [
        "[datastore1] copy/copy.vmdk",
        "[datastore1] copy/copy_1.vmdk",
    ]
    modes = [(one.backing.diskMode, other.backing.diskMode) for one, other in pairs if isinstance(one, disk)]
    assert all(one == other for one, other in modes)
    assert all(one.backing.parent is None for one, _ in pairs if isinstance(one, disk))
    cards = [(a.macAddress, b.macAddress) for a, b in pairs if isinstance(a, vim.vm.device.VirtualEthernetCard)]
    assert all(one != other for one, other in cards)
    assert made.config.uuid != vm.config.uuid


@vpx
def test_no_clone_of_a_running_machine_with_an_independent_disk(rig):
    vm, spec = rig.vm("db01"), vim.vm.CloneSpec(location=vim.vm.RelocateSpec())
    with unchanged(rig.sim), pytest.raises(vmodl.fault.SystemError):
        finish(vm.CloneVM_Task(vm.parent, "copy", spec))
    with unchanged(rig.sim), pytest.raises(fault.DuplicateName):
        finish(vm.CloneVM_Task(vm.parent, "web01", spec))


@vpx
def test_a_machine_moves_to_another_host_and_another_datastore(rig):
    vm = rig.vm("snap01")
    second = next(each for each in rig.all(vim.HostSystem) if each.name.startswith("esx2"))
    finish(vm.MigrateVM_Task(host=second, priority="defaultPriority"))
    assert vm.runtime.host.name == second.name
    assert vm in second.vm
    store = next(each for each in rig.all(vim.Datastore) if each.name == "nfs store")
    finish(vm.RelocateVM_Task(vim.vm.RelocateSpec(datastore=store)))
    assert vm.config.files.vmPathName == "[nfs store] snap01/snap01.vmx"
    assert [each.name for each in vm.datastore] == ["nfs store"]
    assert not any(name.startswith("[datastore1] snap01") for name in rig.files())
    finish(vm.snapshot.currentSnapshot.RevertToSnapshot_Task())
    finish(vm.RemoveAllSnapshots_Task())
    finish(vm.Destroy_Task())
    assert not any("snap01" in name for name in rig.files())


@vpx
def test_a_running_machine_keeps_its_nonpersistent_disks_where_they_are(rig):
    vm = rig.create(
        add(scsi(key=-100, bus=0)), add(spare(controller=-100, mode="independent_nonpersistent")), add(nic())
    )
    finish(vm.PowerOnVM_Task())
    store = next(each for each in rig.all(vim.Datastore) if each.name == "nfs store")
    with unchanged(rig.sim), pytest.raises(fault.NonPersistentDisksNotSupported):
        finish(vm.RelocateVM_Task(vim.vm.RelocateSpec(datastore=store)))
    third = next(each for each in rig.all(vim.HostSystem) if each.name.startswith("esx3"))
    pool = third.parent.resourcePool
    finish(vm.RelocateVM_Task(vim.vm.RelocateSpec(host=third, pool=pool)))
    assert (vm.runtime.host, vm.resourcePool) == (third, pool)


def test_a_host_alone_neither_clones_nor_moves(rig):
    vm = rig.vm("web01")
    with pytest.raises(vmodl.fault.NotSupported):
        finish(vm.CloneVM_Task(vm.parent, "copy", vim.vm.CloneSpec(location=vim.vm.RelocateSpec())))
    with pytest.raises(vmodl.fault.NotSupported):
        finish(vm.RelocateVM_Task(vim.vm.RelocateSpec()))
