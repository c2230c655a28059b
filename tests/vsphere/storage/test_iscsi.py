"""What a host's iSCSI adapters and their targets are as pools, made of vSphere's own objects."""

import pytest
from pyVmomi import vim

from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.storage.iscsi import targets_of
from esxdriver.vsphere.storage.pools import _one_host

PROD, SPARE = "iqn.2001-05.com.example:prod", "iqn.2001-05.com.example:spare"
HOST = vim.HostSystem("host-1")


def adapter(device, *targets):
    known = [
        vim.host.InternetScsiHba.StaticTarget(iScsiName=iqn, address=address, port=port)
        for iqn, address, port in targets
    ]
    return vim.host.InternetScsiHba(device=device, iScsiName=f"iqn.1998-01.com.vmware:{device}",
                                    configuredStaticTarget=known)  # fmt: skip


def disk(name, blocks):
    return vim.host.ScsiDisk(
        key=f"key-{name}", uuid=f"uuid-{name}", deviceName=f"/vmfs/devices/disks/{name}",
        devicePath=f"/vmfs/devices/disks/{name}", capacity=vim.host.DiskDimensions.Lba(block=blocks, blockSize=512),
    )  # fmt: skip


def topology(*connected):
    """Return a topology: of each target's name, or None of what is no iSCSI, the keys of its LUNs."""

    def transport(iqn):
        if iqn is None:
            return vim.host.ParallelScsiTargetTransport()
        return vim.host.InternetScsiTargetTransport(iScsiName=iqn)

    found = [
        vim.host.ScsiTopology.Target(
            transport=transport(iqn), lun=[vim.host.ScsiTopology.Lun(scsiLun=key) for key in keys]
        )
        for iqn, *keys in connected
    ]
    return vim.host.ScsiTopology(adapter=[vim.host.ScsiTopology.Interface(target=found)])


def found(adapters=None, luns=None, reached=None):
    known = {
        "config.storageDevice.hostBusAdapter": adapters, "config.storageDevice.scsiLun": luns,
        "config.storageDevice.scsiTopology": reached,
        "configManager.storageSystem": vim.host.StorageSystem("storageSystem-1"),
    }  # fmt: skip
    return Found(HOST, {path: value for path, value in known.items() if value is not None})


LUNS = [disk("naa.1", 10), disk("naa.2", 20), vim.host.ScsiLun(key="key-cd", uuid="cd", deviceName="cd")]
ONE = adapter("vmhba65", (PROD, "192.0.2.1", 3260))

# the host, and of each pool its name, portals, adapters and the names of its volumes
HOSTS = [
    ("it says nothing", found(), []),
    ("no adapter of iSCSI", found([vim.host.BlockHba(device="vmhba0")], LUNS, topology((None, "key-naa.1"))), []),
    ("an adapter without targets", found([adapter("vmhba65")]), []),
    ("no topology", found([ONE], LUNS), [(PROD, [("192.0.2.1", 3260)], ["vmhba65"], [])]),
    ("LUNs, of which the disks are volumes",
     found([ONE], LUNS, topology((None, "key-naa.2"), (PROD, "key-naa.1", "key-cd"))),
     [(PROD, [("192.0.2.1", 3260)], ["vmhba65"], ["naa.1"])]),
    ("two portals and two paths: one pool, each LUN once",
     found([adapter("vmhba65", (PROD, "192.0.2.1", 3260), (PROD, "192.0.2.2", None))], LUNS,
           topology((PROD, "key-naa.1", "key-naa.2"), (PROD, "key-naa.1", "key-naa.2"))),
     [(PROD, [("192.0.2.1", 3260), ("192.0.2.2", None)], ["vmhba65"], ["naa.1", "naa.2"])]),
    ("two adapters that lead to the same",
     found([ONE, adapter("vmhba66", (PROD, "192.0.2.1", 3260), (SPARE, "192.0.2.1", 3261))]),
     [(PROD, [("192.0.2.1", 3260)], ["vmhba65", "vmhba66"], []), (SPARE, [("192.0.2.1", 3261)], ["vmhba66"], [])]),
    ("a LUN that the list of LUNs lacks", found([ONE], [], topology((PROD, "key-naa.1"))),
     [(PROD, [("192.0.2.1", 3260)], ["vmhba65"], [])]),
]  # fmt: skip


@pytest.mark.parametrize(("host", "expected"), [pytest.param(*case[1:], id=case[0]) for case in HOSTS])
def test_each_target_is_a_pool_with_its_disks(host, expected):
    assert [
        (
            each.name,
            list(each.definition.portals),
            list(each.adapters),
            [lun.name.rpartition("/")[2] for lun in each.luns],
        )
        for each in targets_of(host)
    ] == expected


def test_a_target_has_the_uuid_of_its_iqn_and_the_size_of_its_luns():
    target = targets_of(found([ONE], LUNS, topology((PROD, "key-naa.1", "key-naa.2"))))[0]
    made = target.definition
    assert (made.type, made.uuid) == ("iscsi", "4d1338d5-aa42-1ff4-9af7-0ee45919c3d2")
    assert (made.device, made.initiator) == (PROD, "iqn.1998-01.com.vmware:vmhba65")
    assert (made.capacity, made.allocation, made.available) == (30 * 512, 30 * 512, 0)
    assert not target.is_at(target.path)


def test_a_lun_has_the_md5_of_its_uuid_for_a_key():
    lun = targets_of(found([ONE], LUNS, topology((PROD, "key-naa.1"))))[0].luns[0]
    assert lun.key == "b7be6c45-0650-983b-b16f-f6cce1f562ab"
    made = lun.definition(lun.key)
    assert (made.type, made.format.xml, made.capacity, made.allocation) == ("block", "raw", 5120, 5120)


ROOT, DATACENTER = vim.Folder("root"), vim.Datacenter("dc")
SCOPES = [
    ("an ESX host", Scope(ROOT, "ha-datacenter"), ROOT),
    ("a datacenter", Scope(DATACENTER, "dc", DATACENTER), None),
    ("a host of a vCenter", Scope(HOST, "dc", DATACENTER, vim.ComputeResource("c"), HOST), HOST),
]


@pytest.mark.parametrize(("scope", "start"), [pytest.param(*case[1:], id=case[0]) for case in SCOPES])
def test_targets_are_those_of_one_host(scope, start):
    assert _one_host(scope) is start
