from itertools import product

import libvirt
import pytest

from esxdriver.conf.devices.controller import ControllerDef, ControllerModel
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.mapping.states import PowerState
from esxdriver.conf.snapshot.snapshot import SnapshotDef, SnapshotDiskDef, align, obstacle
from tests.conf.snapshot.cases import cdrom, disk, domain

RUNNING, PAUSED, SHUTOFF = PowerState.RUNNING, PowerState.PAUSED, PowerState.SHUTOFF

#        mode                       snapshot persistent
MODES = {
    DiskMode.PERSISTENT: (True, True),
    DiskMode.INDEPENDENT_PERSISTENT: (False, True),
    DiskMode.INDEPENDENT_NONPERSISTENT: (False, False),
    DiskMode.NONPERSISTENT: (True, False),
    DiskMode.UNDOABLE: (True, False),
    DiskMode.APPEND: (True, False),
}

#    memory said, disks only, power state -> memory in it, or the error
MEMORY = {
    (None, False, RUNNING): True,
    (None, False, PAUSED): True,
    (None, False, SHUTOFF): False,
    (None, True, RUNNING): False,
    (None, True, PAUSED): False,
    (None, True, SHUTOFF): False,
    (False, False, RUNNING): False,
    (False, False, PAUSED): False,
    (False, False, SHUTOFF): False,
    (False, True, RUNNING): False,
    (False, True, PAUSED): False,
    (False, True, SHUTOFF): False,
    (True, False, RUNNING): True,
    (True, False, PAUSED): True,
    (True, False, SHUTOFF): libvirt.VIR_ERR_OPERATION_INVALID,
    (True, True, RUNNING): libvirt.VIR_ERR_XML_ERROR,
    (True, True, PAUSED): libvirt.VIR_ERR_XML_ERROR,
    (True, True, SHUTOFF): libvirt.VIR_ERR_XML_ERROR,
}

SETTINGS = list(product((None, True, False), repeat=2))


def refusal(want, *arguments, **options):
    with pytest.raises(libvirt.libvirtError) as raised:
        align(want, *arguments, **options)
    return raised.value


def test_every_mode_is_in_the_table():
    assert set(MODES) == set(DiskMode)


@pytest.mark.parametrize(("said", "disk_only", "state"), MEMORY)
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("mode", DiskMode)
def test_a_listed_disk_has_to_agree_with_its_domain(mode, setting, said, disk_only, state):
    listed = SnapshotDiskDef(name="sda", snapshot=setting[0], persistent=setting[1])
    want = SnapshotDef(name="s", memory=said, disks=(listed,))
    agrees = all(each in (None, so) for each, so in zip(setting, MODES[mode], strict=True))
    memory = MEMORY[said, disk_only, state]

    if agrees and isinstance(memory, bool):
        taken = align(want, domain(disk(mode=mode)), state, disk_only=disk_only)
        assert [(each.name, each.snapshot, each.persistent) for each in taken.disks] == [("sda", *MODES[mode])]
        assert taken.memory is memory
        assert taken.state is (state if memory else SHUTOFF)
    else:
        raised = refusal(want, domain(disk(mode=mode)), state, disk_only=disk_only)
        assert raised.get_error_code() == (memory if agrees else libvirt.VIR_ERR_CONFIG_UNSUPPORTED)
        assert agrees or ("disk 'sda'" in str(raised) and mode.vim in str(raised))


ALLOWED = [case for case, memory in MEMORY.items() if isinstance(memory, bool)]


@pytest.mark.parametrize(("said", "disk_only", "state"), ALLOWED)
@pytest.mark.parametrize("mode", DiskMode)
def test_a_disk_that_is_not_listed_takes_its_domains_setting(mode, said, disk_only, state):
    taken = align(SnapshotDef(memory=said), domain(disk(mode=mode)), state, disk_only=disk_only)
    assert [(each.name, each.snapshot, each.persistent) for each in taken.disks] == [("sda", *MODES[mode])]


def test_a_disk_may_be_named_by_its_source():
    want = SnapshotDef(disks=(SnapshotDiskDef(name="[ds] web01/sda.vmdk", snapshot=True),))
    assert align(want, domain(disk()), SHUTOFF).disks[0].name == "sda"


def test_a_cdrom_may_be_listed_as_outside_and_is_not_told_of():
    want = SnapshotDef(disks=(SnapshotDiskDef(name="hdc", snapshot=False),))
    assert [each.name for each in align(want, domain(disk(), cdrom()), SHUTOFF).disks] == ["sda"]


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ([("sdz", None)], "no disk 'sdz'; the domain has: sda, hdc"),
        ([("sda", True), ("sda", True)], "disk 'sda' is listed twice"),
        ([("sda", True), ("[ds] web01/sda.vmdk", True)], "disk 'sda' is listed twice"),
        ([("hdc", True)], "it is a cdrom (snapshot='no')"),
        ([("sda", False)], "its mode is persistent (snapshot='yes')"),
    ],
)
def test_what_is_listed_has_to_be_there_once_and_be_so(listed, words):
    want = SnapshotDef(disks=tuple(SnapshotDiskDef(name=name, snapshot=word) for name, word in listed))
    raised = refusal(want, domain(disk(), cdrom()), SHUTOFF)
    assert raised.get_error_code() == libvirt.VIR_ERR_CONFIG_UNSUPPORTED
    assert words in str(raised)


SHARED = ControllerDef(model=ControllerModel.LSILOGIC, index=0, shared_bus="physicalSharing")
OTHER_SHARED = ControllerDef(model=ControllerModel.LSILOGIC, index=1, shared_bus="virtualSharing")
DEPENDENT, INDEPENDENT = DiskMode.PERSISTENT, DiskMode.INDEPENDENT_PERSISTENT


@pytest.mark.parametrize(
    ("one", "controllers", "words"),
    [
        (disk(), (), None),
        (disk(compatibility="virtualMode"), (), None),
        (disk(compatibility="physicalMode"), (), "physical mode"),
        (disk(mode=INDEPENDENT, compatibility="physicalMode"), (), None),
        (disk(shareable=True), (), "several domains"),
        (disk(mode=INDEPENDENT, shareable=True), (), None),
        (disk(), (SHARED,), "controller 0, whose bus other domains share"),
        (disk(mode=INDEPENDENT), (SHARED,), "controller 0, whose bus other domains share"),
        (disk(), (OTHER_SHARED,), None),
    ],
)
def test_some_disks_are_in_the_way_of_any_snapshot(one, controllers, words):
    found = obstacle(one, domain(one, controllers=controllers))
    assert (found is None) if words is None else (words in found)
