import pytest

from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.snapshot.audit import Finding, report
from tests.conf.snapshot.cases import cdrom, disk, domain

OUTSIDE, MEMORY = "not-in-snapshots", "no-memory-snapshots"

#    mode -> in snapshots, kept, findings
MODES = {
    DiskMode.PERSISTENT: (True, True, []),
    DiskMode.INDEPENDENT_PERSISTENT: (False, True, [OUTSIDE, MEMORY]),
    DiskMode.INDEPENDENT_NONPERSISTENT: (False, False, [OUTSIDE, "changes-lost", MEMORY]),
    DiskMode.NONPERSISTENT: (True, False, ["changes-lost", "outdated-mode"]),
    DiskMode.UNDOABLE: (True, False, ["changes-lost", "outdated-mode"]),
    DiskMode.APPEND: (True, False, ["changes-lost", "outdated-mode"]),
}


def reported(one, *, snapshots=False):
    (found,) = report(domain(one, cdrom()), uuid="u", snapshots=snapshots)
    return found.in_snapshots, found.kept, [each.code for each in found.findings]


@pytest.mark.parametrize("mode", DiskMode)
def test_each_mode_has_its_findings(mode):
    assert reported(disk(mode=mode)) == MODES[mode]


@pytest.mark.parametrize("mode", DiskMode)
def test_a_snapshot_locks_the_mode(mode):
    assert reported(disk(mode=mode), snapshots=True)[2] == [*MODES[mode][2], "mode-locked"]


def test_a_physical_mapping_is_never_promised_to_be_in_snapshots():
    assert reported(disk(compatibility="physicalMode")) == (False, True, [OUTSIDE, "no-snapshots"])


def test_codes_differ():
    assert len({each.code for each in Finding}) == len(Finding)
