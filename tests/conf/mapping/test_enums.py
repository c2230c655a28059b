"""The table of disk modes, as the design has it."""

import pytest

from esxdriver.conf.mapping.enums import DiskMode, ShareLevel

MODES = [
    # vSphere                     VMX                          snapshot persistent definable
    ("persistent", "persistent", True, True, True),
    ("independent_persistent", "independent-persistent", False, True, True),
    ("independent_nonpersistent", "independent-nonpersistent", False, False, True),
    ("nonpersistent", "nonpersistent", True, False, False),
    ("undoable", "undoable", True, False, False),
    ("append", "append", True, False, False),
]


@pytest.mark.parametrize(("vim", "vmx", "snapshot", "persistent", "definable"), MODES)
def test_a_mode_has_one_row(vim, vmx, snapshot, persistent, definable):
    mode = DiskMode.of("vim", vim)
    assert mode is DiskMode.of("vmx", vmx)
    assert (mode.vim, mode.vmx) == (vim, vmx)
    assert (mode.snapshot, mode.persistent, mode.definable) == (snapshot, persistent, definable)


def test_there_are_no_other_modes():
    assert [mode.vim for mode in DiskMode] == [row[0] for row in MODES]


@pytest.mark.parametrize("word", ["INDEPENDENT_PERSISTENT", "Independent-Persistent", "independent_persistent"])
def test_modes_are_read_in_any_case_and_with_either_hyphen(word):
    assert DiskMode.of("vmx", word) is DiskMode.of("vim", word) is DiskMode.INDEPENDENT_PERSISTENT


@pytest.mark.parametrize("mode", [mode for mode in DiskMode if mode.definable])
def test_the_aspects_of_a_definable_mode_mean_that_mode(mode):
    assert DiskMode.having(*mode.aspects) is mode


def test_the_aspects_that_no_mode_of_esx_has_mean_an_outdated_one():
    assert not DiskMode.having(snapshot=True, persistent=False).definable


@pytest.mark.parametrize(
    ("shares", "vcpus", "level"),
    [(500, 1, "low"), (2000, 2, "normal"), (8000, 4, "high"), (2000, 1, "high"), (1234, 1, "custom")],
)
def test_shares_have_a_name_where_the_number_is_a_levels(shares, vcpus, level):
    assert ShareLevel.naming(shares, vcpus).vim == level
