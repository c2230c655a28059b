"""The tables and texts of commands about pools and volumes, and how these are found."""

from unittest.mock import create_autospec

import libvirt
import pytest

from esxdriver.cli.sizes import shown as size
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.storage.pool import PoolDef, uuid_of
from esxdriver.conf.storage.volume import VolumeFormat
from esxdriver.driver.storage_pool import StoragePool
from esxdriver.driver.storage_vol import StorageVol
from esxdriver.errors import error
from esxdriver.vsphere.storage.datastores import Datastore
from esxdriver.vsphere.storage.search import StoredFile

GIB = 2**30


def a_pool(name, *, accessible=True):
    sizes = {"capacity": 100 * GIB, "allocation": 60 * GIB, "available": 40 * GIB} if accessible else {}
    path = f"/vmfs/volumes/{name}-id"
    known = Datastore(None, None, PoolDef("fs", name, str(uuid_of(path)), path=path, **sizes), accessible, path)
    pool = create_autospec(StoragePool, instance=True)
    pool.known = known
    pool.name.return_value, pool.UUIDString.return_value = name, known.definition.uuid
    pool.info.return_value = [known.state, *(sizes.get(each, 0) for each in ("capacity", "allocation", "available"))]
    pool.isPersistent.return_value = pool.autostart.return_value = 1
    file = StoredFile(DatastorePath(name, "web01/web01.vmdk"), VolumeFormat.VMDK, 3 * GIB, 16 * GIB)
    volume = create_autospec(StorageVol, instance=True)
    volume.file = file
    volume.name.return_value, volume.path.return_value = file.path.path, str(file.path)
    volume.key.return_value = "6000c290-0000-0000-0000-000000000001"
    volume.info.return_value = [0, 16 * GIB, 3 * GIB]
    volume.storagePoolLookupByVolume.return_value = pool
    pool.listAllVolumes.return_value = [volume]
    pool.storageVolLookupByName.side_effect = _lookup(
        [volume], libvirt.VIR_ERR_NO_STORAGE_VOL, lambda each: each.name()
    )
    return pool


def _lookup(found, code, key):
    def look(word):
        for each in found:
            if key(each) == word:
                return each
        raise error(code, f"none is '{word}'")

    return look


@pytest.fixture(autouse=True)
def pools(conn):
    found = [a_pool("datastore1"), a_pool("afar", accessible=False)]
    volumes = found[0].listAllVolumes()
    no_pool, no_volume = libvirt.VIR_ERR_NO_STORAGE_POOL, libvirt.VIR_ERR_NO_STORAGE_VOL
    conn.listAllStoragePools.return_value = found
    for pool in found:
        pool.connect.return_value = conn
    conn.storagePoolLookupByName.side_effect = _lookup(found, no_pool, lambda each: each.name())
    conn.storagePoolLookupByUUIDString.side_effect = _lookup(found, no_pool, lambda each: each.UUIDString())
    conn.storageVolLookupByPath.side_effect = _lookup(volumes, no_volume, lambda each: each.path())
    conn.storageVolLookupByKey.side_effect = _lookup(volumes, no_volume, lambda each: each.key())
    return found


def test_pools_are_listed_as_virsh_does(esxdriver):
    assert esxdriver("pool-list").output.splitlines() == [
        " Name         State    Autostart",
        "----------------------------------",
        " afar         active   yes",
        " datastore1   active   yes",
    ]


def test_details_say_what_is_not_reached(esxdriver):
    lines = [line.split() for line in esxdriver("pool-list", "--details").output.splitlines()]
    assert lines[2] == ["afar", "inaccessible", "yes", "yes", "-", "-", "-"]
    assert lines[3] == ["datastore1", "running", "yes", "yes", "100.00", "GiB", "60.00", "GiB", "40.00", "GiB"]


FLAGS = [
    ([], libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE),
    (["--all"], 0),
    (["--inactive"], libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE),
    (["--all", "--type", "netfs,iscsi-direct"],
     libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_NETFS | libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ISCSI_DIRECT),
    (["--type", "iscsi"],
     libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ISCSI | libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE),
    (["--all", "--no-autostart"], libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_NO_AUTOSTART),
]  # fmt: skip


@pytest.mark.parametrize(("options", "flags"), FLAGS)
def test_options_are_libvirts_flags(esxdriver, conn, options, flags):
    assert esxdriver("pool-list", *options).exit_code == 0
    conn.listAllStoragePools.assert_called_with(flags)


def test_a_pool_is_shown(esxdriver, pools):
    assert esxdriver("pool-info", "datastore1").output == (
        f"Name:           datastore1\nUUID:           {pools[0].UUIDString()}\nState:          running\n"
        "Persistent:     yes\nAutostart:      yes\n"
        "Capacity:       100.00 GiB\nAllocation:     60.00 GiB\nAvailable:      40.00 GiB\n"
    )
    assert "Capacity:       107374182400\n" in esxdriver("pool-info", "--bytes", pools[0].UUIDString()).output
    assert "State:          inaccessible\n" in esxdriver("pool-info", "--pool", "afar").output
    assert "Capacity" not in esxdriver("pool-info", "afar").output


def test_name_and_uuid_of_a_pool(esxdriver, pools):
    uuid = pools[0].UUIDString()
    assert esxdriver("pool-name", uuid).output == "datastore1\n"
    assert esxdriver("pool-uuid", "datastore1").output == f"{uuid}\n"
    assert esxdriver("pool-refresh", "datastore1").output == "Pool datastore1 refreshed\n"
    assert esxdriver("pool-list", "--uuid").output.splitlines()[1] == uuid


def test_volumes_are_listed_as_virsh_does(esxdriver):
    assert esxdriver("vol-list", "datastore1").output.splitlines()[2] == (
        " web01/web01.vmdk   [datastore1] web01/web01.vmdk"
    )
    assert esxdriver("vol-list", "datastore1", "--details").output.splitlines()[2].split() == [
        "web01/web01.vmdk", "[datastore1]", "web01/web01.vmdk", "file", "16.00", "GiB", "3.00", "GiB",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ["--pool", "datastore1", "web01/web01.vmdk"],
        ["[datastore1] web01/web01.vmdk"],
        ["--vol", "[datastore1] web01/web01.vmdk", "--pool", "datastore1"],
        ["6000c290-0000-0000-0000-000000000001"],
    ],
)
def test_a_volume_is_given_by_name_path_or_key(esxdriver, words):
    assert esxdriver("vol-name", *words).output == "web01/web01.vmdk\n"
    assert esxdriver("vol-path", *words).output == "[datastore1] web01/web01.vmdk\n"
    assert esxdriver("vol-pool", *words).output == "datastore1\n"
    assert esxdriver("vol-info", *words).output == (
        "Name:           web01/web01.vmdk\nType:           file\nCapacity:       16.00 GiB\nAllocation:     3.00 GiB\n"
    )


def test_a_lun_that_two_targets_have_is_that_of_the_pool_that_is_named(esxdriver, conn, pools):
    esxdriver("vol-info", "--pool", "afar", "/vmfs/devices/disks/naa.1")
    pools[1].storageVolLookupByName.assert_called_once_with("/vmfs/devices/disks/naa.1")
    conn.storageVolLookupByPath.assert_not_called()


def test_a_volume_of_another_pool_is_none_of_this(esxdriver):
    failed = esxdriver("vol-name", "--pool", "afar", "[datastore1] web01/web01.vmdk")
    assert failed.exit_code == 1
    assert "is not in storage pool 'afar'" in str(failed.exception) + failed.output


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0.00 B"), (1023, "1023.00 B"), (1024, "1.00 KiB"), (1536 * 2**20, "1.50 GiB"), (2**63, "8.00 EiB")],
)
def test_sizes(number, shown):
    assert size(number) == shown
    assert size(number, exact=True) == str(number)


@pytest.fixture
def made(pools):
    """What the pool has made of the last document."""
    pool = pools[0]
    volume = pool.listAllVolumes()[0]
    volume.read.return_value = volume.file
    pool.createXML.return_value = pool.createXMLFrom.return_value = volume
    return pool


DOCUMENTS = [
    (["a/b.vmdk", "2G"], "<name>a/b.vmdk</name>\n  <capacity>2147483648</capacity>\n</volume>"),
    (["a&b", "5MB", "--allocation", "0"], "<name>a&amp;b</name>\n  <capacity>5000000</capacity>\n  <allocation>0</allocation>"),
    (["x.iso", "1k", "--format", "iso"], "<format type='iso'/>"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "part"), DOCUMENTS)
def test_a_volume_is_described(esxdriver, made, words, part):
    assert part in esxdriver("vol-create-as", "datastore1", *words, "--print-xml").output
    made.createXML.assert_not_called()
    assert esxdriver("vol-create-as", "datastore1", *words).output == "Vol web01/web01.vmdk created\n"
    (text, flags), _ = made.createXML.call_args
    assert part in text
    assert flags == 0


def test_a_volume_is_made_of_a_file(esxdriver, made, tmp_path):
    (tmp_path / "v.xml").write_text("<volume/>")
    eager = libvirt.VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA
    assert esxdriver("vol-create", "datastore1", tmp_path / "v.xml", "--prealloc-metadata").exit_code == 0
    assert made.createXML.call_args.args == ("<volume/>", eager)
    words = ["vol-create-from", "datastore1", tmp_path / "v.xml", "web01/web01.vmdk", "--inputpool", "datastore1"]
    assert esxdriver(*words).output == "Vol web01/web01.vmdk created from input vol web01/web01.vmdk\n"


def test_a_clone_is_as_its_source(esxdriver, made):
    out = esxdriver("vol-clone", "--pool", "datastore1", "web01/web01.vmdk", "web03", "--print-xml").output
    assert f"<capacity>{16 * GIB}</capacity>\n  <allocation>{3 * GIB}</allocation>" in out
    out = esxdriver("vol-clone", "--pool", "datastore1", "web01/web01.vmdk", "web03").output
    assert out == "Vol web01/web01.vmdk cloned from web01/web01.vmdk\n"


def test_changes_of_a_volume(esxdriver, made):
    volume, it = made.listAllVolumes()[0], ["--pool", "datastore1", "web01/web01.vmdk"]
    assert esxdriver("vol-resize", *it, "20G").output.endswith("successfully changed to 20.00 GiB\n")
    assert volume.resize.call_args.args == (20 * GIB, 0)
    assert esxdriver("vol-resize", *it, "1G", "--delta").output.endswith("successfully changed by 1.00 GiB\n")
    assert esxdriver("vol-wipe", *it).output == "Vol web01/web01.vmdk wiped\n"
    assert volume.wipePattern.call_args.args == (libvirt.VIR_STORAGE_VOL_WIPE_ALG_ZERO, 0)
    assert esxdriver("vol-delete", *it).output == "Vol web01/web01.vmdk deleted\n"
    volume.delete.assert_called_once_with(0)


@pytest.mark.parametrize("size_", ["", "2X", "-1", "1.5G", "9999999E"])
def test_a_size_that_is_none(esxdriver, size_):
    assert esxdriver("vol-create-as", "datastore1", "a", "--capacity", size_).exit_code == 2
