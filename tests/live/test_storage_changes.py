"""Volumes that are made, copied, grown, wiped and deleted, and what is never touched."""

import libvirt
import pytest

import esxdriver
from esxdriver.driver.storage_vol import StorageVol
from tests.conftest import password_auth
from tests.helpers import failing
from tests.live.rig import unchanged

pytestmark = pytest.mark.live

GIB = 1 << 30
INVALID, IN_USE = libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_OPERATION_INVALID
EAGER = libvirt.VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA
THICK, THIN, ISO = "spare/spare-1.vmdk", "spare/spare-2.vmdk", "iso/install.iso"
both = pytest.mark.parametrize(
    "model", [pytest.param(each, marks=pytest.mark.esx(model=each)) for each in ("esx", "vpx")]
)


@pytest.fixture
def pool(esx):
    return esx.storagePoolLookupByName("datastore1")


def stored(sim, name, store="datastore1"):
    return next((each for each in sim.inventory()["files"][store] if each["path"] == name), None)


def document(name, capacity=GIB, more=""):
    return f"<volume><name>{name}</name><capacity>{capacity}</capacity>{more}</volume>"


KINDS = [
    ("", 0, {"size": GIB}),
    ("<allocation>0</allocation>", 0, {"thin": True}),
    ("<allocation unit='MiB'>5</allocation>", 0, {"thin": True}),
    (f"<allocation>{GIB}</allocation><target><format type='vmdk'/></target>", 0, {"size": GIB}),
    ("", EAGER, {"size": GIB, "eager": True}),
]


@pytest.mark.parametrize(("more", "flags", "kept"), KINDS)
def test_a_disk_is_made_as_its_allocation_says(sim, pool, more, flags, kept):
    made = pool.createXML(document("new/data.vmdk", more=more), flags)
    assert (made.name(), made.path(), made.info()[1]) == ("new/data.vmdk", "[datastore1] new/data.vmdk", GIB)
    found = stored(sim, "new/data.vmdk")
    assert {name: found[name] for name in ("thin", "size", "eager") if found.get(name)} == kept


@both
def test_a_name_without_a_directory_gets_one(sim, pool, model):
    made = pool.createXML(document("web02.img", more="<target><format type='raw'/></target>"))
    assert made.name() == "web02/web02.vmdk"
    assert pool.storageVolLookupByName(made.name()).info()[1] == GIB


def test_an_image_is_made_empty(sim, pool):
    made = pool.createXML(document("iso/new.iso", more="<target><format type='iso'/></target>"))
    assert made.info() == [libvirt.VIR_STORAGE_VOL_FILE, 0, 0]
    assert not [each for each in sim.inventory()["files"]["datastore1"] if "part" in each["path"]]


REFUSED = [
    (document("../evil.vmdk"), INVALID),
    (document("a/b.qcow2"), INVALID),
    (document("a/b.vmdk", 0), INVALID),
    (document("a/b.vmdk", 100), INVALID),  # less than the host takes: the directory is taken away again
    (document(THICK), libvirt.VIR_ERR_STORAGE_VOL_EXIST),
    (document(ISO, more="<target><format type='iso'/></target>"), libvirt.VIR_ERR_STORAGE_VOL_EXIST),
    ("<volume><name>a/b.vmdk</name></volume>", libvirt.VIR_ERR_XML_ERROR),
    (document("a/b.vmdk", more="<backingStore><path>x</path></backingStore>"), libvirt.VIR_ERR_CONFIG_UNSUPPORTED),
]


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_a_refused_volume_leaves_nothing(sim, pool, text, code):
    with unchanged(sim):
        failing(code, pool.createXML, text)


def test_what_fails_on_the_host_leaves_nothing(sim, pool):
    for kind, options in (("task", {"fault": "NoDiskSpace"}), ("fault", {"fault": "NoPermission"})):
        sim.fault("CreateVirtualDisk_Task", kind=kind, **options)
        with unchanged(sim):
            text = failing_of(pool.createXML, document("new/deep/data.vmdk"))
        assert "new/deep/data.vmdk" in text


def failing_of(ask, *arguments):
    with pytest.raises(libvirt.libvirtError) as caught:
        ask(*arguments)
    return str(caught.value)


def test_an_unknown_outcome_is_told_and_nothing_repeated_or_taken_away(sim, pool):
    sim.reset_calls()
    sim.fault("CreateVirtualDisk_Task", kind="close-after")
    text = failing_of(pool.createXML, document("new/data.vmdk"))
    assert "whether it was done is unknown" in text
    assert sim.calls().count("CreateVirtualDisk_Task") == 1
    assert "DeleteDatastoreFile_Task" not in sim.calls()


def test_a_copy_keeps_its_kind_and_may_be_larger(sim, pool, esx):
    source = pool.storageVolLookupByName(THIN)
    text = source.XMLDesc().replace(THIN, "copy/a.vmdk")
    assert pool.createXMLFrom(text, source).name() == "copy/a.vmdk"
    assert stored(sim, "copy/a.vmdk")["thin"]
    other = esx.storagePoolLookupByName("nfs store")
    made = other.createXMLFrom(document("copy/b.vmdk", 20 * GIB), pool.storageVolLookupByName(THICK))
    assert made.info()[1] == 20 * GIB
    assert "thin" not in stored(sim, "copy/b.vmdk", "nfs store")
    smaller = pool.createXMLFrom(document("copy/c.vmdk", GIB), source)
    assert smaller.info()[1] == source.info()[1]
    image = pool.createXMLFrom(document("iso/b.iso"), pool.storageVolLookupByName(ISO))
    assert image.info() == pool.storageVolLookupByName(ISO).info()


def test_a_copy_that_cannot_grow_is_deleted_again(sim, pool):
    sim.fault("ExtendVirtualDisk_Task", kind="task", fault="NoDiskSpace")
    with unchanged(sim):
        failing_of(pool.createXMLFrom, document("copy/b.vmdk", 20 * GIB), pool.storageVolLookupByName(THICK))


@pytest.mark.esx(model="vpx")
def test_a_vcenter_that_chooses_the_allocation_makes_no_thin_copy(sim, pool):
    sim.fault("CopyVirtualDisk_Task", fault="NotImplemented", times=1)
    with unchanged(sim):
        failing(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, pool.createXMLFrom,
                document("copy/a.vmdk", more="<allocation>0</allocation>"), pool.storageVolLookupByName(THIN))  # fmt: skip
    sim.fault("CopyVirtualDisk_Task", fault="NotImplemented", times=1)
    assert pool.createXMLFrom(document("copy/a.vmdk"), pool.storageVolLookupByName(THIN)).name() == "copy/a.vmdk"


def test_a_copy_of_another_kind_is_refused(sim, pool):
    with unchanged(sim):
        failing(INVALID, pool.createXMLFrom, document("a/a.vmdk"),
                pool.storageVolLookupByName(ISO))  # fmt: skip


def test_a_disk_grows(sim, pool):
    volume = pool.storageVolLookupByName(THIN)
    before = volume.info()[1]
    assert volume.resize(before + GIB) == 0
    assert volume.info()[1] == before + GIB
    volume.resize(GIB, libvirt.VIR_STORAGE_VOL_RESIZE_DELTA)
    assert volume.info()[1] == before + 2 * GIB
    assert stored(sim, THIN)["thin"]
    thick = pool.storageVolLookupByName(THICK)
    thick.resize(before + GIB, libvirt.VIR_STORAGE_VOL_RESIZE_ALLOCATE)
    assert stored(sim, THICK)["eager"]


@pytest.mark.parametrize(
    ("size", "flags"),
    [
        (GIB, 0),
        (GIB, libvirt.VIR_STORAGE_VOL_RESIZE_SHRINK),
        (GIB, libvirt.VIR_STORAGE_VOL_RESIZE_SHRINK | libvirt.VIR_STORAGE_VOL_RESIZE_DELTA),
    ],
)
def test_no_disk_becomes_smaller(sim, pool, size, flags):
    with unchanged(sim):
        failing(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, pool.storageVolLookupByName(THICK).resize, size, flags)


def test_the_same_size_asks_for_nothing(sim, pool):
    volume = pool.storageVolLookupByName(THICK)
    sim.reset_calls()
    volume.resize(volume.info()[1])
    assert "ExtendVirtualDisk_Task" not in sim.calls()


def test_a_disk_is_wiped_with_zeros_and_in_no_other_way(sim, pool):
    volume = pool.storageVolLookupByName(THICK)
    sim.reset_calls()
    assert (volume.wipe(), volume.wipePattern(libvirt.VIR_STORAGE_VOL_WIPE_ALG_ZERO)) == (0, 0)
    assert sim.calls().count("ZeroFillVirtualDisk_Task") == 2
    with unchanged(sim):
        failing(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, volume.wipePattern, libvirt.VIR_STORAGE_VOL_WIPE_ALG_DOD)
        failing(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, pool.storageVolLookupByName(ISO).wipe)


@both
@pytest.mark.parametrize("name", [THICK, THIN, "iso/free.iso"])
def test_a_volume_is_deleted(sim, pool, name, model):
    if name.endswith(".iso"):
        pool.createXML(document(name))
    volume = pool.storageVolLookupByName(name)
    assert volume.delete() == 0
    assert stored(sim, name) is None
    failing(libvirt.VIR_ERR_NO_STORAGE_VOL, volume.info)
    failing(libvirt.VIR_ERR_NO_STORAGE_VOL, volume.delete)


# A file, and by whom it is in use: a running, a suspended and a stopped machine, a drive, a chain of snapshots.
USED = [
    ("db01/db01.vmdk", "db01"),
    ("susp01/susp01.vmdk", "susp01"),
    ("web01/web01_1.vmdk", "web01"),
    (ISO, "web01"),
    ("snap01/snap01.vmdk", "snap01"),
    ("snap01/snap01-000001.vmdk", "snap01"),
]


@both
@pytest.mark.parametrize(("name", "machine"), USED)
def test_what_a_machine_or_its_snapshot_has_is_never_touched(sim, pool, name, machine, model):
    volume = pool.storageVolLookupByName(name)
    changes = [volume.delete]
    if name.endswith(".vmdk"):
        changes += [volume.wipe, lambda: volume.resize(99 * GIB)]
    sim.reset_calls()
    with unchanged(sim):
        for change in changes:
            text = failing(IN_USE, change)
            assert f"domain '{machine}' has it" in text
            assert name in text
    assert not [call for call in sim.calls() if "Virtual" in call or "Delete" in call]


@pytest.mark.esx(model="vpx")
def test_a_machine_outside_of_the_scope_counts(sim, request):
    uri = f"vpx://{sim.user}@{sim.host}:{sim.port}/Lab/DC%201/esx3.example.test?no_verify=1"
    with esxdriver.openAuth(uri, password_auth(sim.password)) as conn:
        assert "db01" not in {each.name() for each in conn.listAllDomains()}
        volume = conn.storagePoolLookupByName("datastore1").storageVolLookupByName("db01/db01.vmdk")
        with unchanged(sim):
            assert "domain 'db01'" in failing(IN_USE, volume.delete)


def test_a_running_machines_disk_is_not_copied(sim, pool):
    with unchanged(sim):
        text = failing(IN_USE, pool.createXMLFrom, document("a/a.vmdk"), pool.storageVolLookupByName("db01/db01.vmdk"))
        assert "domain 'db01'" in text
    assert (
        pool.createXMLFrom(document("a/a.vmdk"), pool.storageVolLookupByName("web01/web01.vmdk")).name() == "a/a.vmdk"
    )


def test_a_read_only_connection_changes_nothing(esx, sim, pool, monkeypatch):
    volume = pool.storageVolLookupByName(THICK)
    monkeypatch.setattr(esx.backend, "readonly", True)
    denied = [
        (pool.createXML, document("a/a.vmdk")), (pool.createXMLFrom, document("a/a.vmdk"), volume), (volume.delete,),
        (volume.wipe,), (volume.wipePattern, 0), (volume.resize, 99 * GIB), (pool.refresh,), (pool.setAutostart, 1),
    ]  # fmt: skip
    with unchanged(sim):
        for ask, *arguments in denied:
            failing(libvirt.VIR_ERR_OPERATION_DENIED, ask, *arguments)


def test_nothing_is_changed_in_a_pool_that_is_not_reached(sim, pool):
    volume = pool.storageVolLookupByName(THICK)
    sim.fault("RetrievePropertiesEx", kind="withheld", property="summary.accessible", times=99)
    with unchanged(sim):
        stream = pool.connect().newStream
        for ask, *arguments in (
            (pool.createXML, document("a/a.vmdk")), (pool.createXMLFrom, document("a/a.vmdk"), volume),
            (pool.listVolumes,), (pool.numOfVolumes,), (pool.listAllVolumes,), (pool.storageVolLookupByName, THICK),
            (volume.delete,), (volume.wipe,), (volume.wipePattern, 0), (volume.resize, 99 * GIB),
            (volume.upload, stream(), 0, 0), (volume.download, stream(), 0, 0),
            (pool.connect().storageVolLookupByPath, f"[datastore1] {THICK}"),
        ):  # fmt: skip
            assert "'datastore1' is inaccessible" in failing(IN_USE, ask, *arguments)


def test_volumes_are_of_the_drivers_class(pool):
    assert type(pool.storageVolLookupByName(THICK)) is StorageVol
    with pytest.raises(TypeError, match="'clonevol' is of the wrong type"):
        pool.createXMLFrom(document("a/a.vmdk"), "no volume")
