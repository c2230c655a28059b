"""What a clone's cards become, where copies of disks go, and what is not cloned."""

from dataclasses import replace
from types import SimpleNamespace

import libvirt
import pytest
from pyVmomi import vim

from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.devices.hostdev import TpmDef
from esxdriver.conf.domain import xml
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.vsphere.change.clone import CloneOptions, card_changes, check_clone
from esxdriver.vsphere.change.duplicate import copies, new_definition
from esxdriver.vsphere.machine.machine import State
from esxdriver.vsphere.storage.disks import Allocation
from tests.conf.documents import domain
from tests.helpers import failing

UNSUPPORTED, CONFIG = libvirt.VIR_ERR_OPERATION_UNSUPPORTED, libvirt.VIR_ERR_CONFIG_UNSUPPORTED
OFF, ON = State(off=True, snapshots=False), State(off=False, snapshots=False)
DISK = xml.parse(
    domain("<disk type='file' device='disk'><source file='[ds] web01/a.vmdk'/><target dev='sda' bus='scsi'/></disk>")
).disks[0]
BACKING = vim.vm.device.VirtualDisk.FlatVer2BackingInfo
THIN, EAGER, THICK = BACKING(thinProvisioned=True), BACKING(eagerlyScrub=True), BACKING()


def machine(*disks, backings=(), **fields):
    definition = SimpleNamespace(disks=disks, **{"tpms": (), **fields})
    devices = [SimpleNamespace(backing=each) for each in backings or [THICK] * len(disks)]
    return SimpleNamespace(definition=definition, devices=list(zip(disks, devices, strict=True)))


def with_mode(mode, **fields):
    return replace(DISK, mode=mode, **fields)


def card(kind, mac):
    return vim.vm.device.VirtualVmxnet3(key=4000, addressType=kind, macAddress=mac)


# The cards' kinds of addresses, the MACs that are asked for, and what becomes of each; None: it stays.
CARDS = [
    (["generated"], [], [None]),
    (["assigned"], [None], [None]),
    (["manual"], [], [("generated", "")]),
    (["Manual"], [None], [("generated", "")]),
    (["generated"], ["00:50:56:00:00:01"], [("manual", "00:50:56:00:00:01")]),
    (["manual", "manual"], [None, "00:50:56:00:00:02"], [("generated", ""), ("manual", "00:50:56:00:00:02")]),
]


@pytest.mark.parametrize(("kinds", "macs", "expected"), CARDS)
def test_no_address_that_somebody_chose_stays_with_a_clone(kinds, macs, expected):
    config = SimpleNamespace(hardware=SimpleNamespace(device=[card(kind, "00:50:56:11:22:33") for kind in kinds]))
    made = [(change.device.addressType, change.device.macAddress) for change in card_changes(config, macs)]
    assert made == [each for each in expected if each]


MODES = [
    # the mode, whether it is off, whether it is from a snapshot, and whether vSphere clones it
    (DiskMode.PERSISTENT, ON, False, True),
    (DiskMode.PERSISTENT, ON, True, True),
    (DiskMode.INDEPENDENT_PERSISTENT, OFF, False, True),
    (DiskMode.INDEPENDENT_PERSISTENT, ON, False, False),
    (DiskMode.INDEPENDENT_PERSISTENT, OFF, True, False),
    (DiskMode.INDEPENDENT_NONPERSISTENT, OFF, False, True),
    (DiskMode.INDEPENDENT_NONPERSISTENT, ON, False, False),
]


@pytest.mark.parametrize(("mode", "state", "snapshot", "may"), MODES)
def test_independent_disks_are_refused_where_vsphere_refuses_them(mode, state, snapshot, may):
    options = CloneOptions("web02", snapshot="snapshot-1" if snapshot else None)
    if may:
        check_clone(machine(with_mode(mode)), state, options)
    else:
        assert "disk 'sda'" in failing(UNSUPPORTED, check_clone, machine(with_mode(mode)), state, options)


def test_copies_lie_in_a_directory_of_their_own_as_thin_as_before():
    chain = BACKING(parent=BACKING(parent=THIN))
    disks = [replace(DISK, target=f"sd{letter}") for letter in "abcd"]
    planned = copies(machine(*disks, backings=[THIN, EAGER, THICK, chain]), "web/02", "ds 2")
    assert [(str(path), allocation) for _, path, allocation in planned] == [
        ("[ds 2] web_02/web_02.vmdk", Allocation.THIN),
        ("[ds 2] web_02/web_02_1.vmdk", Allocation.EAGER),
        ("[ds 2] web_02/web_02_2.vmdk", Allocation.THICK),
        ("[ds 2] web_02/web_02_3.vmdk", Allocation.THIN),
    ]


NO_COPY = [
    (machine(), "no hard disk"),
    (machine(replace(DISK, backing=Backing.RDM)), "mapped LUN"),
    (machine(DISK, tpms=(TpmDef(),)), "TPM"),
]


@pytest.mark.parametrize(("found", "why"), NO_COPY)
def test_what_cannot_be_copied_is_refused(found, why):
    assert why in failing(CONFIG, copies, found, "web02", "ds")


def test_a_copy_keeps_all_but_what_is_one_machines_own():
    card = "<interface type='bridge'><mac address='00:50:56:11:22:33'/><source bridge='VM Network'/></interface>"
    have = xml.parse(domain(
        "<disk type='file' device='disk' snapshot='no' persistent='no'><source file='[ds] web01/a.vmdk'/>"
        f"<target dev='sda' bus='scsi'/></disk>{card}{card.replace('33', '44')}"
    ))  # fmt: skip
    made = new_definition(have, "web02", {have.disks[0]: "[ds] web02/web02.vmdk"}, ["00:50:56:00:00:01"], None)
    assert (made.name, made.uuid, made.hwuuid) == ("web02", None, None)
    assert made.disks == (replace(have.disks[0], source="[ds] web02/web02.vmdk"),)
    assert [each.mac for each in made.interfaces] == ["00:50:56:00:00:01", None]
    assert isinstance(made.disks[0], DiskDef)
    assert replace(made, name=have.name, uuid=have.uuid, hwuuid=have.hwuuid, genid=have.genid,
                   disks=have.disks, interfaces=have.interfaces) == have  # fmt: skip
