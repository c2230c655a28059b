"""Which disk has become which, and what its mode has to become."""

import pytest

from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.qemu import documents
from esxdriver.qemu.carry import Result, Volume, carried, paired

KEPT, OUTSIDE, LOST = DiskMode.PERSISTENT, DiskMode.INDEPENDENT_PERSISTENT, DiskMode.INDEPENDENT_NONPERSISTENT
GIB = 2**30


def disks(*rows):
    return [Volume(target, mode, size) for target, mode, size in rows]


ORIGINALS = disks(("sda", KEPT, GIB), ("sdb", OUTSIDE, 2 * GIB), ("sdc", LOST, GIB))


def found(pairs):
    return [(each.original.target, each.converted and each.converted.target, each.result.value) for each in pairs]


@pytest.mark.parametrize(
    ("converted", "named", "pairs"),
    [
        # by target, whatever the order
        (disks(("sdc", KEPT, GIB), ("sda", KEPT, GIB), ("sdb", OUTSIDE, 2 * GIB)), {},
         [("sda", "sda", "same"), ("sdb", "sdb", "same"), ("sdc", "sdc", "set")]),
        (disks(("sda", KEPT, None), ("sdb", KEPT, None), ("sdc", KEPT, None)), {},
         [("sda", "sda", "same"), ("sdb", "sdb", "set"), ("sdc", "sdc", "set")]),
        # by order, where sizes are known
        (disks(("vda", KEPT, GIB), ("vdb", KEPT, 2 * GIB), ("vdc", LOST, GIB)), {},
         [("sda", "vda", "same"), ("sdb", "vdb", "set"), ("sdc", "vdc", "same")]),
        (disks(("vda", KEPT, GIB), ("vdb", KEPT, None), ("vdc", LOST, GIB)), {},
         [("sda", "vda", "same"), ("sdb", "vdb", "refused"), ("sdc", "vdc", "same")]),
        # sizes differ
        (disks(("sda", KEPT, GIB), ("sdb", KEPT, GIB), ("sdc", KEPT, GIB)), {},
         [("sda", "sda", "same"), ("sdb", "sdb", "refused"), ("sdc", "sdc", "set")]),
        (disks(("vda", KEPT, 2 * GIB), ("vdb", KEPT, GIB), ("vdc", KEPT, GIB)), {},
         [("sda", "vda", "refused"), ("sdb", "vdb", "refused"), ("sdc", "vdc", "set")]),
        # their numbers differ
        (disks(("sda", KEPT, GIB)), {}, [("sda", None, "refused"), ("sdb", None, "refused"), ("sdc", None, "refused")]),
        ([], {}, [("sda", None, "refused"), ("sdb", None, "refused"), ("sdc", None, "refused")]),
        # as it is said
        (disks(("vda", KEPT, GIB), ("vdb", KEPT, GIB), ("vdc", KEPT, 3 * GIB), ("vdd", KEPT, None)),
         {"sda": "vdb", "sdb": "vdc", "sdc": "vdd"}, [("sda", "vdb", "same"), ("sdb", "vdc", "set"), ("sdc", "vdd", "set")]),
        (disks(("vda", KEPT, GIB), ("vdb", KEPT, GIB)), {"sda": "vda", "sdb": "vdz", "sdd": "vdb"},
         [("sda", "vda", "same"), ("sdb", None, "refused"), ("sdc", None, "refused"), ("sdd", None, "refused")]),
        (disks(("vda", KEPT, GIB)), {"sda": "vda", "sdb": "vda", "sdc": "vda"},
         [("sda", "vda", "refused"), ("sdb", "vda", "refused"), ("sdc", "vda", "refused")]),
    ],
)  # fmt: skip
def test_disks_are_paired_or_refused(converted, named, pairs):
    assert found(paired(ORIGINALS, converted, named)) == pairs
    assert all(
        (each.why is None) is (each.result is not Result.REFUSED) for each in paired(ORIGINALS, converted, named)
    )


DOMAIN = """<domain type='kvm'>
  <devices>
    <disk type='file' device='disk' snapshot='yes' persistent='yes'>
      <source file='/a'/><target dev='vda'/>
    </disk>
    <disk type='file' device='disk' snapshot='no' persistent='no'>
      <source file='/b'/><target dev='vdb'/>
    </disk>
  </devices>
</domain>
"""


@pytest.mark.parametrize("mode", DiskMode)
def test_a_mode_is_carried_and_nothing_else_is_touched(mode):
    pairs = paired(disks(("sda", mode, 1), ("sdb", LOST, 1)), disks(("vda", KEPT, 1), ("vdb", LOST, 1)), {})
    first, _, rest = carried(DOMAIN, pairs).partition(">\n      <source file='/a'/>")
    snapshot, persistent = ("yes" if aspect else "no" for aspect in mode.aspects)
    assert first == DOMAIN.partition(" snapshot")[0] + f" snapshot='{snapshot}' persistent='{persistent}'"
    assert rest == DOMAIN.partition(">\n      <source file='/a'/>")[2]
    assert documents.read(documents.stored(carried(DOMAIN, pairs)))[0].mode.aspects == mode.aspects
