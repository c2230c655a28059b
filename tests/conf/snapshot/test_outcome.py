import pytest

from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.snapshot.outcome import Effect, deleted, reverted
from tests.conf.snapshot.cases import cdrom, disk, domain


@pytest.mark.parametrize(
    ("mode", "effect_of_revert", "effect_of_delete"),
    [
        (DiskMode.PERSISTENT, Effect.REVERTED, Effect.MERGED),
        (DiskMode.INDEPENDENT_PERSISTENT, Effect.UNTOUCHED, Effect.UNTOUCHED),
        (DiskMode.INDEPENDENT_NONPERSISTENT, Effect.DISCARDED, Effect.UNTOUCHED),
        (DiskMode.NONPERSISTENT, Effect.REVERTED, Effect.MERGED),
        (DiskMode.UNDOABLE, Effect.REVERTED, Effect.MERGED),
        (DiskMode.APPEND, Effect.REVERTED, Effect.MERGED),
    ],
)
def test_the_mode_decides_what_becomes_of_a_disk(mode, effect_of_revert, effect_of_delete):
    then = domain(disk(mode=mode), cdrom())
    now = domain(disk(mode=mode, source="[ds] web01/sda-000001.vmdk" if mode.snapshot else None), cdrom())
    assert [(each.target, each.mode, each.effect) for each in reverted(now, then)] == [("sda", mode, effect_of_revert)]
    assert [(each.target, each.effect) for each in deleted(now)] == [("sda", effect_of_delete)]


@pytest.mark.parametrize(
    ("now", "then", "effects"),
    [
        ([disk("sda"), disk("sdb", unit=1)], [disk("sda")], [("sda", Effect.REVERTED), ("sdb", Effect.DETACHED)]),
        ([disk("sda")], [disk("sda"), disk("sdb", unit=1)], [("sda", Effect.REVERTED), ("sdb", Effect.ATTACHED)]),
        (
            [disk("sda", source="[ds] other/other.vmdk")],
            [disk("sda")],
            [("sda", Effect.DETACHED), ("sda", Effect.ATTACHED)],
        ),
    ],
)
def test_disks_come_and_go_with_the_configuration(now, then, effects):
    assert [(each.target, each.effect) for each in reverted(domain(*now), domain(*then))] == effects
