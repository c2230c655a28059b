"""What vSphere would refuse, told before asking: every mode, kept and changed, at rest and not."""

from dataclasses import replace

import libvirt
import pytest

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.vsphere.change.plan import plan_creation, plan_edit
from esxdriver.vsphere.change.rules import check
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.machine import State
from esxdriver.vsphere.machine.match import match
from tests.conf.documents import domain
from tests.hosting import created

DISK = "<disk type='file' device='disk'><source file='[ds] a/a.vmdk'/><target dev='sda' bus='scsi'/></disk>"
AT_REST, RUNNING = State(off=True, snapshots=False), State(off=False, snapshots=False)
KEPT, BOTH = State(off=True, snapshots=True), State(off=False, snapshots=True)


def having(mode):
    config = created(plan_creation(match(None, domain_xml.parse(domain(DISK))), "[ds] a/a.vmx").spec)
    next(d for d in config.hardware.device if hasattr(d, "capacityInKB")).backing.diskMode = mode.vim
    return machine.read(config)


def wanting(have, mode):
    (disk,) = have.definition.disks
    return replace(have.definition, disks=(replace(disk, mode=mode),))


def refusal(code, have, want, state):
    with pytest.raises(libvirt.libvirtError) as caught:
        check(match(have, want), state)
    assert caught.value.get_error_code() == code
    return str(caught.value)


@pytest.mark.parametrize("state", [AT_REST, RUNNING, KEPT, BOTH])
@pytest.mark.parametrize("mode", DiskMode)
def test_a_mode_may_stay_whatever_it_is_and_whatever_the_domain_does(mode, state):
    have = having(mode)
    check(match(have, have.definition), state)


@pytest.mark.parametrize("want", [mode for mode in DiskMode if mode.definable])
@pytest.mark.parametrize("have", DiskMode)
def test_a_mode_may_change_to_any_that_exists_while_the_domain_rests(have, want):
    check(match(having(have), wanting(having(have), want)), AT_REST)


CHANGES = [(have, want) for have in DiskMode for want in DiskMode if have.aspects != want.aspects and want.definable]


@pytest.mark.parametrize(("have", "want"), CHANGES)
@pytest.mark.parametrize(("state", "advice"), [(RUNNING, "shut it down"), (KEPT, "delete them"), (BOTH, "delete them")])
def test_a_mode_does_not_change_under_a_running_domain_or_a_snapshot(have, want, state, advice):
    text = refusal(libvirt.VIR_ERR_OPERATION_INVALID, having(have), wanting(having(have), want), state)
    assert "sda" in text
    assert advice in text


@pytest.mark.parametrize("mode", [mode for mode in DiskMode if mode.definable])
def test_no_disk_gets_a_mode_that_esx_has_not(mode):
    have = having(mode)
    text = refusal(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, have, wanting(have, DiskMode.NONPERSISTENT), AT_REST)
    assert "sda" in text
    assert text.count("snapshot=") == 4  # the one refused, and the three that exist


def test_nor_does_a_new_domain():
    want = domain_xml.parse(domain(DISK.replace("<disk ", "<disk persistent='no' ")))
    text = refusal(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, None, want, AT_REST)
    assert "snapshot='no' persistent='no'" in text


def test_nor_does_another_disk_in_the_place_of_one_that_has_it():
    have = having(DiskMode.UNDOABLE)
    other = replace(have.definition.disks[0], source="[ds] a/other.vmdk")
    refusal(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, have, replace(have.definition, disks=(other,)), AT_REST)


@pytest.mark.parametrize("mode", [mode for mode in DiskMode if not mode.definable])
def test_an_outdated_mode_stays_though_the_document_does_not_say_which_it_is(mode):
    have = having(mode)
    text = domain_xml.format(have.definition)
    unsaid = domain_xml.parse(text.replace("esxdriver:disk ", "esxdriver:other "))
    check(match(have, unsaid), RUNNING)
    assert plan_edit(match(have, unsaid)) is None


def snapshotted():
    """Return a machine whose disk has become a delta since the document was dumped."""
    have = having(DiskMode.PERSISTENT)
    disk = next(device for device in have.config.hardware.device if hasattr(device, "capacityInKB"))
    base = disk.backing
    disk.backing = type(base)(fileName="[ds] a/a-000001.vmdk", diskMode="persistent", parent=base)
    return machine.read(have.config)


def test_a_dump_of_before_a_snapshot_means_the_disk_that_is_now_its_delta():
    have = snapshotted()
    before = domain_xml.parse(domain(DISK))
    assert have.definition.disks[0].source == "[ds] a/a-000001.vmdk"
    check(match(have, before), KEPT)
    assert plan_edit(match(have, replace(before, shares=have.definition.shares))) is None


@pytest.mark.parametrize("devices", ["", DISK.replace("a.vmdk", "other.vmdk")])
def test_a_disk_that_snapshots_hold_is_neither_removed_nor_replaced(devices):
    text = refusal(libvirt.VIR_ERR_OPERATION_INVALID, snapshotted(), domain_xml.parse(domain(devices)), KEPT)
    assert "a-000001.vmdk" in text
    check(match(snapshotted(), domain_xml.parse(domain(devices))), AT_REST)


def test_a_disk_that_came_after_the_snapshots_may_be_removed():
    have, without = snapshotted(), domain_xml.parse(domain(""))
    files = {file for each in have.definition.disks for file in (each.source, *each.chain)}
    check(match(have, without), replace(KEPT, held=frozenset({"[ds] web01/another.vmdk"})))
    for file in files - {None}:
        assert "snapshots" in refusal(
            libvirt.VIR_ERR_OPERATION_INVALID, have, without, replace(KEPT, held=frozenset({file}))
        )


def test_two_new_cards_do_not_share_an_address_but_two_old_ones_may():
    cards = "<interface type='bridge'><mac address='00:50:56:00:00:01'/><source bridge='n'/></interface>" * 2
    want = domain_xml.parse(domain(DISK + cards))
    refusal(libvirt.VIR_ERR_XML_ERROR, None, want, AT_REST)
    have = machine.read(created(plan_creation(match(None, want), "[ds] a/a.vmx").spec))
    check(match(have, have.definition), AT_REST)
    assert plan_edit(match(have, domain_xml.parse(domain_xml.format(have.definition)))) is None


def test_the_hardware_version_of_a_domain_stays():
    have = having(DiskMode.PERSISTENT)
    refusal(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, have, replace(have.definition, hardware=21), AT_REST)


def test_a_unit_has_to_exist_on_the_controller_that_is_there():
    have = having(DiskMode.PERSISTENT)  # an LSI Logic controller: 16 units
    disk = have.definition.disks[0]
    far = replace(disk, address=replace(disk.address, unit=20))
    text = refusal(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, have, replace(have.definition, disks=(far,)), AT_REST)
    assert "0 to 15" in text


NEEDS = [
    # the device, and the first hardware version that has it
    (DISK.replace("'sda'", "'nvme0n1'").replace("scsi", "nvme"), "nvme", 13),
    (DISK.replace("scsi", "sata"), "sata", 10),
    (DISK + "<controller type='usb' model='nec-xhci'/>", "nec-xhci", 8),
    (DISK + "<interface type='bridge'><source bridge='n'/><model type='e1000e'/></interface>", "e1000e", 8),
    (DISK + "<tpm model='tpm-crb'/>", "tpm", 14),
]
HARDWARE = "<metadata><e:domain xmlns:e='urn:x-esxdriver:domain:1'><e:hardwareVersion>{}</e:hardwareVersion></e:domain></metadata>"


@pytest.mark.parametrize(("devices", "named", "first"), NEEDS)
def test_a_device_is_as_new_as_the_hardware_version_at_most(devices, named, first):
    older = domain_xml.parse(domain(devices, HARDWARE.format(first - 1)))
    text = refusal(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, None, older, AT_REST)
    assert f"'{named}' needs hardware version {first}, the domain has {first - 1}" in text
    check(match(None, domain_xml.parse(domain(devices, HARDWARE.format(first)))), AT_REST)
    check(match(None, domain_xml.parse(domain(devices))), AT_REST)
