"""iSCSI targets as pools: found in every way and with few calls, and changed in none."""

import libvirt
import pytest
from click.testing import CliRunner

import esxdriver
from esxdriver.cli import cli
from esxdriver.conf.xml.schema import check_schema
from tests.conftest import password_auth
from tests.helpers import failing

pytestmark = [pytest.mark.live, pytest.mark.esx(model="esx-iscsi")]

PROD, SPARE = "iqn.2001-05.com.example:array1.prod", "iqn.2001-05.com.example:array1.spare"
DATASTORES = ["datastore1", "nfs store"]
ALL = ["datastore1", PROD, SPARE, "nfs store"]
LUNS = [f"/vmfs/devices/disks/naa.60003ff44dc75adc8f3a6b1e0000000{number}" for number in (1, 2)]
GIB = 2**30
LIST = "VIR_CONNECT_LIST_STORAGE_POOLS_"
UNSUPPORTED, NO_SUPPORT = libvirt.VIR_ERR_OPERATION_UNSUPPORTED, libvirt.VIR_ERR_NO_SUPPORT
DISK = "<volume><name>a/a.vmdk</name><capacity>1048576</capacity></volume>"


@pytest.fixture
def pool(esx):
    return esx.storagePoolLookupByName(PROD)


@pytest.fixture
def volume(pool):
    return pool.storageVolLookupByName(LUNS[0])


def names(pools):
    return sorted(each.name() for each in pools)


def test_targets_are_listed_with_the_datastores_in_one_call(esx, sim):
    sim.reset_calls()
    assert names(esx.listAllStoragePools()) == ALL
    assert sim.calls() == ["RetrievePropertiesEx"]
    assert sorted(esx.listStoragePools()) == ALL
    assert (esx.numOfStoragePools(), esx.listDefinedStoragePools()) == (4, [])


@pytest.mark.parametrize(
    ("types", "shown"),
    [(["ISCSI"], [PROD, SPARE]), (["FS"], ["datastore1"]), (["NETFS"], ["nfs store"]), (["ISCSI_DIRECT"], []),
     (["ISCSI", "FS"], ["datastore1", PROD, SPARE]), (["ISCSI", "INACTIVE"], []), (["ISCSI", "TRANSIENT"], [])],
)  # fmt: skip
def test_filters_choose(esx, types, shown):
    assert names(esx.listAllStoragePools(sum(getattr(libvirt, LIST + name) for name in types))) == shown


def test_a_target_is_found_by_its_iqn_and_uuid(esx, sim, pool):
    for found in (esx.storagePoolLookupByUUIDString(pool.UUIDString()), esx.storagePoolLookupByUUID(pool.UUID())):
        assert (found.name(), isinstance(found, esxdriver.StoragePool)) == (PROD, True)
    assert pool.UUIDString() == "4c635f52-1440-f43c-ea34-09a7d26fd6ae"  # the IQN's MD5, as libvirt's own driver has it
    sim.reset_calls()
    esx.storagePoolLookupByName("datastore1")
    assert sim.calls() == ["RetrievePropertiesEx"]  # targets are read only when no datastore is meant
    assert SPARE in failing(libvirt.VIR_ERR_NO_STORAGE_POOL, esx.storagePoolLookupByName, "none")


def test_a_target_says_what_it_is(esx, pool):
    assert pool.info() == [libvirt.VIR_STORAGE_POOL_RUNNING, 350 * GIB, 350 * GIB, 0]
    assert esx.storagePoolLookupByName(SPARE).info() == [libvirt.VIR_STORAGE_POOL_RUNNING, 0, 0, 0]
    assert (pool.isActive(), pool.isPersistent(), pool.autostart(), pool.setAutostart(1)) == (1, 1, 1, 0)
    text = pool.XMLDesc()
    check_schema(text, "pool", "storagepool")
    assert "<host name='192.0.2.20' port='3260'/>\n    <host name='192.0.2.21' port='3260'/>" in text
    assert f"<device path='{PROD}'/>" in text
    assert "<iqn name='iqn.1998-01.com.vmware:esx1-4b2ac7f1'/>" in text


def test_its_volumes_are_its_luns(esx, sim, pool, volume):
    sim.reset_calls()
    assert [each.path() for each in pool.listAllVolumes()] == LUNS
    assert sim.calls() == ["RetrievePropertiesEx"]
    assert (pool.listVolumes(), pool.numOfVolumes()) == (LUNS, 2)
    assert volume.info() == volume.infoFlags() == [libvirt.VIR_STORAGE_VOL_BLOCK, 100 * GIB, 100 * GIB]
    check_schema(volume.XMLDesc(), "volume", "storagevol")
    assert volume.XMLDesc().startswith("<volume type='block'>")
    assert (volume.name(), volume.key()) == (LUNS[0], "5f893dbd-f33c-9407-62c4-db131cfa527a")
    failing(libvirt.VIR_ERR_NO_STORAGE_VOL, pool.storageVolLookupByName, "none")


def test_a_lun_is_found_by_its_path_and_key(esx, sim, volume):
    sim.reset_calls()
    for found in (
        esx.storageVolLookupByPath(LUNS[0]), esx.storageVolLookupByKey(LUNS[0]), esx.storageVolLookupByKey(volume.key()),
    ):  # fmt: skip
        assert (found.path(), found.storagePoolLookupByVolume().name()) == (LUNS[0], PROD)
    assert sim.calls() == ["RetrievePropertiesEx"] * 3  # no datastore is searched
    failing(libvirt.VIR_ERR_NO_STORAGE_VOL, esx.storageVolLookupByPath, "/vmfs/devices/disks/none")


def test_a_refresh_has_the_host_look_at_its_adapter_anew(sim, pool):
    sim.reset_calls()
    assert pool.refresh() == 0
    assert sim.calls() == ["RetrievePropertiesEx", "RescanHba"]


CHANGES = {
    "delete": lambda volume: volume.delete(),
    "wipe": lambda volume: volume.wipe(),
    "wipe by a pattern": lambda volume: volume.wipePattern(0),
    "resize": lambda volume: volume.resize(200 * GIB),
    "download": lambda volume: volume.download(volume.connect().newStream(), 0, 0),
    "upload": lambda volume: volume.upload(volume.connect().newStream(), 0, 0),
    "create": lambda volume: volume.storagePoolLookupByVolume().createXML(DISK),
    "create from one of a datastore": lambda volume: volume.storagePoolLookupByVolume().createXMLFrom(
        DISK, volume.connect().storageVolLookupByPath("[datastore1] spare/spare-1.vmdk")
    ),
    "copy to a datastore": lambda volume: volume.connect().storagePoolLookupByName("datastore1").createXMLFrom(
        DISK, volume
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_would_change_it_is_refused_with_a_way_out(sim, volume, change):
    sim.reset_calls()
    assert "on the storage array, then refresh the pool" in failing(UNSUPPORTED, change, volume)
    assert set(sim.calls()) <= {"RetrievePropertiesEx", "SearchDatastore_Task", "RetrieveProperties"}


@pytest.mark.parametrize("change", ["build", "create", "delete", "destroy", "undefine"])
def test_nor_is_a_pool_made_or_unmade(pool, change):
    failing(NO_SUPPORT, getattr(pool, change))


def test_one_that_a_read_only_connection_has_is_not_even_refreshed(sim, esx_uri):
    with esxdriver.openAuth(esx_uri, password_auth(sim.password), libvirt.VIR_CONNECT_RO) as conn:
        pool = conn.storagePoolLookupByName(PROD)
        for change in (pool.refresh, lambda: pool.createXML(DISK), pool.listAllVolumes()[0].delete):
            failing(libvirt.VIR_ERR_OPERATION_DENIED, change)


def test_a_target_that_goes_is_missed(sim, pool):
    sim.fault("RetrievePropertiesEx", "withheld", property="config.storageDevice.hostBusAdapter", times=2)
    failing(libvirt.VIR_ERR_NO_STORAGE_POOL, pool.info)


def test_a_user_who_may_not_see_the_hosts_storage_sees_datastores(esx, sim):
    sim.fault("RetrievePropertiesEx", "withheld", property="config.storageDevice.hostBusAdapter")
    assert names(esx.listAllStoragePools()) == DATASTORES


def test_events_of_one_are_waited_for_in_vain(esx, pool):
    number = esx.storagePoolEventRegisterAny(pool, libvirt.VIR_STORAGE_POOL_EVENT_ID_REFRESH, print, None)
    assert esx.storagePoolEventDeregisterAny(number) in (None, 0)


@pytest.mark.esx(model="vpx-iscsi")
@pytest.mark.parametrize(
    ("path", "shown"),
    [("", DATASTORES), ("/cluster1", DATASTORES), ("/cluster1/esx1.example.test", ALL)],
)
def test_on_a_vcenter_targets_are_those_of_the_host_that_the_uri_names(sim, path, shown):
    uri = f"vpx://{sim.user}@{sim.host}:{sim.port}/Lab/DC%201{path}?no_verify=1"
    with esxdriver.openAuth(uri, password_auth(sim.password)) as conn:
        sim.reset_calls()
        assert names(conn.listAllStoragePools()) == shown
        assert sim.calls() == ["RetrievePropertiesEx"]


COMMANDS = [
    ("pool-list --type iscsi", PROD),
    ("pool-list --details", "350.00 GiB"),
    (f"pool-info {PROD}", "running"),
    (f"pool-dumpxml {PROD}", "<pool type='iscsi'>"),
    (f"pool-refresh {PROD}", "refreshed"),
    (f"vol-list {PROD} --details", "block"),
    (f"vol-info {LUNS[0]} --pool {PROD}", "Type:           block"),
    (f"vol-key {LUNS[0]}", "5f893dbd-f33c-9407-62c4-db131cfa527a"),
    (f"vol-pool {LUNS[0]}", PROD),
]


@pytest.mark.parametrize(("line", "shown"), COMMANDS, ids=[line.split()[0] for line, _ in COMMANDS])
def test_commands_show_it(sim, esx_uri, monkeypatch, line, shown):
    monkeypatch.setenv("GOVC_URL", f"{sim.host}:{sim.port}")
    monkeypatch.setenv("GOVC_USERNAME", sim.user)
    monkeypatch.setenv("GOVC_PASSWORD", sim.password)
    result = CliRunner().invoke(cli, ["-c", esx_uri, *line.split()])
    assert result.exit_code == 0, result.output
    assert shown in result.stdout
