import pytest

from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.snapshot.outcome import Fate, deleted, reverted
from tests.conf.snapshot.cases import cdrom, disk, domain


@pytest.mark.parametrize(
    ("mode", "fate_of_revert", "fate_of_delete"),
    [
        (DiskMode.PERSISTENT, Fate.REVERTED, Fate.MERGED),
        (DiskMode.INDEPENDENT_PERSISTENT, Fate.UNTOUCHED, Fate.UNTOUCHED),
        (DiskMode.INDEPENDENT_NONPERSISTENT, Fate.DISCARDED, Fate.UNTOUCHED),
        (DiskMode.NONPERSISTENT, Fate.REVERTED, Fate.MERGED),
        (DiskMode.UNDOABLE, Fate.REVERTED, Fate.MERGED),
        (DiskMode.APPEND, Fate.REVERTED, Fate.MERGED),
    ],
)
def test_the_mode_decides_what_becomes_of_a_disk(mode, fate_of_revert, fate_of_delete):
    then = domain(disk(mode=mode), cdrom())
    now = domain(disk(mode=mode, source="[ds] web01/sda-000001.vmdk" if mode.snapshot else None), cdrom())
    assert [(each.target, each.mode, each.fate) for each in reverted(now, then)] == [("sda", mode, fate_of_revert)]
    assert [(each.target, each.fate) for each in deleted(now)] == [("sda", fate_of_delete)]


@pytest.mark.parametrize(
    ("now", "then", "fates"),
    [
        ([disk("sda"), disk("sdb", unit=1)], [disk("sda")], [("sda", Fate.REVERTED), ("sdb", Fate.DETACHED)]),
        ([disk("sda")], [disk("sda"), disk("sdb", unit=1)], [("sda", Fate.REVERTED), ("sdb", Fate.ATTACHED)]),
        (
            [disk("sda", source="[ds] other/other.vmdk")],
            [disk("sda")],
            [("sda", Fate.DETACHED), ("sda", Fate.ATTACHED)],
        ),
    ],
)
def test_disks_come_and_go_with_the_configuration(now, then, fates):
    assert [(each.target, each.fate) for each in reverted(domain(*now), domain(*then))] == fates
