"""Pools and volumes: what a live host has, found in every way, and how many calls it takes."""

import libvirt
import pytest

from tests.helpers import failing

pytestmark = pytest.mark.live

NO_POOL, NO_VOLUME = libvirt.VIR_ERR_NO_STORAGE_POOL, libvirt.VIR_ERR_NO_STORAGE_VOL
THICK, ISO = "spare/spare-1.vmdk", "iso/install.iso"
both = pytest.mark.parametrize(
    "model", [pytest.param(each, marks=pytest.mark.esx(model=each)) for each in ("esx", "vpx")]
)


@pytest.fixture
def pool(esx):
    return esx.storagePoolLookupByName("datastore1")


@both
def test_pools_are_listed_in_one_call_and_found_in_every_way(esx, sim, model):
    sim.reset_calls()
    pools = esx.listAllStoragePools()
    assert sim.calls() == ["RetrievePropertiesEx"]
    assert sorted(each.name() for each in pools) == ["datastore1", "nfs store"] == sorted(esx.listStoragePools())
    assert (esx.numOfStoragePools(), esx.numOfDefinedStoragePools(), esx.listDefinedStoragePools()) == (2, 0, [])
    for each in pools:
        path = each.known.path
        ways = [
            esx.storagePoolLookupByName(each.name()), esx.storagePoolLookupByUUID(each.UUID()),
            esx.storagePoolLookupByUUIDString(each.UUIDString()), esx.storagePoolLookupByTargetPath(path),
            esx.storagePoolLookupByTargetPath(f"/vmfs/volumes/{each.name()}"),
        ]  # fmt: skip
        assert {way.UUIDString() for way in ways} == {each.UUIDString()}
        assert each.info()[0] == libvirt.VIR_STORAGE_POOL_RUNNING
        assert each.info()[1] == each.info()[2] + each.info()[3]
        assert (each.isActive(), each.isPersistent(), each.autostart()) == (1, 1, 1)


def test_what_is_not_there_is_refused_and_what_there_is_is_named(esx):
    for look, word in (
        (esx.storagePoolLookupByName, "none"),
        (esx.storagePoolLookupByUUIDString, "00000000-0000-0000-0000-000000000001"),
        (esx.storagePoolLookupByTargetPath, "/vmfs/volumes/none"),
    ):
        assert "datastore1, nfs store" in failing(NO_POOL, look, word)


FILTERS = [
    (libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_FS, ["datastore1"]),
    (libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_NETFS, ["nfs store"]),
    (libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_DIR, []),
    (libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE, []),
    (libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE | libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_FS, ["datastore1"]),
    (libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT, []),
    (libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_NO_AUTOSTART, []),
]


def test_filters_choose(esx):
    assert [[each.name() for each in esx.listAllStoragePools(flags)] for flags, _ in FILTERS] == [
        names for _, names in FILTERS
    ]
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.listAllStoragePools, 1 << 30)


@both
def test_volumes_are_listed_by_one_search(esx, sim, pool, model):
    sim.reset_calls()
    volumes = pool.listAllVolumes()
    assert sim.calls().count("SearchDatastoreSubFolders_Task") == 1
    assert len(sim.calls()) <= 3
    names = [each.name() for each in volumes]
    assert {THICK, ISO, "db01/db01.vmdk"} <= set(names)
    assert not [name for name in names if name.endswith((".vmx", ".nvram", ".log"))]
    assert len(names) == len(set(names)) == pool.numOfVolumes()
    assert sorted(pool.listVolumes()) == sorted(names)


def test_a_volume_is_found_by_name_key_and_every_path(esx, pool):
    volume = pool.storageVolLookupByName(THICK)
    ways = [
        esx.storageVolLookupByKey(volume.key()), esx.storageVolLookupByKey(volume.path()),
        esx.storageVolLookupByPath("[datastore1] spare/spare-1.vmdk"),
        esx.storageVolLookupByPath("/vmfs/volumes/datastore1/spare/spare-1.vmdk"),
        esx.storageVolLookupByPath(f"{pool.known.path}/spare/spare-1.vmdk"),
        esx.storageVolLookupByPath("/home/me/[datastore1] spare/spare-1.vmdk"),
    ]  # fmt: skip
    assert {way.path() for way in ways} == {volume.path()}
    assert {way.storagePoolLookupByVolume().name() for way in ways} == {"datastore1"}


def test_a_disks_key_is_its_uuid_on_esx_and_found_among_all(esx, sim, pool):
    key = pool.storageVolLookupByName(THICK).key()
    assert (len(key), key) == (36, key.lower())
    sim.reset_calls()
    assert esx.storageVolLookupByKey(key).name() == THICK
    assert sim.calls().count("QueryVirtualDiskUuid") == 1  # it is known where the disk was
    assert "SearchDatastoreSubFolders_Task" not in sim.calls()
    esx.backend.volume_paths.clear()
    assert esx.storageVolLookupByKey(key).name() == THICK
    assert pool.storageVolLookupByName(ISO).key() == "[datastore1] iso/install.iso"


@pytest.mark.esx(model="vpx")
def test_a_disks_key_is_its_path_on_a_vcenter(pool):
    assert pool.storageVolLookupByName(THICK).key() == f"[datastore1] {THICK}"


@pytest.mark.parametrize(
    "name",
    [
        "none.vmdk",
        "spare/none.vmdk",
        "none/a.vmdk",
        "../spare/a.vmdk",
        "",
        "spare",
        "spare/spare-?.vmdk",
        "web01/web01.vmx",
    ],
)
def test_a_volume_that_is_not_there(pool, name):
    assert "datastore1" in failing(NO_VOLUME, pool.storageVolLookupByName, name)


@pytest.mark.parametrize(
    "path", ["", "spare/spare-1.vmdk", "[none] a.vmdk", "/vmfs/volumes/none/a.vmdk", "/etc/passwd"]
)
def test_a_path_that_leads_nowhere(esx, path):
    failing(NO_VOLUME, esx.storageVolLookupByPath, path)


def test_a_volume_says_what_it_is(pool):
    thick, image = pool.storageVolLookupByName(THICK), pool.storageVolLookupByName(ISO)
    assert thick.info() == [libvirt.VIR_STORAGE_VOL_FILE, 8 << 30, 8 << 30] == thick.infoFlags(1)
    assert image.info() == [libvirt.VIR_STORAGE_VOL_FILE, 700 << 20, 700 << 20]
    assert "<format type='iso'/>" in image.XMLDesc()
    assert "<path>[datastore1] spare/spare-1.vmdk</path>" in thick.XMLDesc()


def test_a_pool_that_is_not_reached_says_so(esx, sim, pool):
    sim.fault("RetrievePropertiesEx", kind="withheld", property="summary.accessible", times=9)
    assert pool.info() == [libvirt.VIR_STORAGE_POOL_INACCESSIBLE, 0, 0, 0]
    for ask in (pool.listAllVolumes, lambda: pool.storageVolLookupByName(THICK)):
        assert "'datastore1' is inaccessible" in failing(libvirt.VIR_ERR_OPERATION_INVALID, ask)
    assert pool.isActive() == 1


def test_refresh_is_asked_of_the_host(esx, sim, pool):
    sim.reset_calls()
    assert pool.refresh() == 0
    assert sim.calls() == ["RefreshDatastore"]


DOMAIN = """<domain type='vmware'><name>new01</name><memory>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os>
<devices><disk type='file' device='disk' snapshot='no' persistent='yes'><source file='{}'/><target dev='sda' bus='scsi'/></disk>
<disk type='file' device='cdrom'><source file='{}'/><target dev='hda' bus='ide'/></disk></devices></domain>"""

SOURCES = [
    ("/vmfs/volumes/datastore1/spare/spare-1.vmdk", "[datastore1] spare/spare-1.vmdk"),
    ("{path}/spare/spare-1.vmdk", "[datastore1] spare/spare-1.vmdk"),
    ("{path}/made.img", "[datastore1] made/made.vmdk"),
    ("/vmfs/volumes/datastore1/made", "[datastore1] made/made.vmdk"),
]


@pytest.mark.parametrize(("source", "shown"), SOURCES)
def test_a_domain_may_name_its_disks_as_files_of_the_host(esx, pool, source, shown):
    pool.createXML("<volume><name>made.img</name><capacity>1073741824</capacity></volume>")
    image = f"/vmfs/volumes/{pool.name()}/iso/install.iso"
    text = DOMAIN.format(source.format(path=pool.known.path), image)
    document = esx.defineXML(text).XMLDesc()
    assert (
        f"<disk type='file' device='disk' snapshot='no' persistent='yes'>\n      <source file='{shown}'/>" in document
    )
    assert "<source file='[datastore1] iso/install.iso'/>" in document


@both
def test_an_edit_may_name_them_so_and_changes_nothing(esx, sim, model):
    want = esx.lookupByName("web01").XMLDesc()
    named = want.replace("[datastore1] web01/web01.vmdk", "/vmfs/volumes/datastore1/web01/web01.vmdk")
    assert named != want
    sim.reset_calls()
    assert esx.defineXML(named).XMLDesc() == want
    assert "ReconfigVM_Task" not in sim.calls()


def test_a_volume_that_is_on_no_datastore_is_refused(esx, sim):
    before = sim.inventory()
    for source in ("/vmfs/volumes/none/a.vmdk", "/vmfs/volumes/datastore1/none.img"):
        with pytest.raises(libvirt.libvirtError):
            esx.defineXML(DOMAIN.format(source, "[datastore1] iso/install.iso"))
    assert sim.inventory() == before


def test_a_disk_is_found_by_the_name_that_it_was_made_by(pool):
    made = pool.createXML("<volume><name>web 9</name><capacity>1073741824</capacity></volume>")
    assert made.name() == "web 9/web 9.vmdk" == pool.storageVolLookupByName("web 9").name()
