"""Filters of ``listAll*``: within a group any flag may hold, and every group that has a flag set must."""

import pytest

from esxdriver.flags import Filters

EVEN, ODD, SMALL, LARGE = 1, 2, 4, 8
FILTERS = Filters(
    {EVEN: lambda number: number % 2 == 0, ODD: lambda number: number % 2 == 1},
    {SMALL: lambda number: number < 10, LARGE: lambda number: number >= 10},
)
CHOSEN = [
    # flags -> of 3, 4, 13 and 14
    (0, [3, 4, 13, 14]),
    (EVEN, [4, 14]),
    (EVEN | ODD, [3, 4, 13, 14]),
    (ODD | LARGE, [13]),
    (EVEN | ODD | SMALL, [3, 4]),
]


@pytest.mark.parametrize(("flags", "chosen"), CHOSEN)
def test_groups(flags, chosen):
    assert [number for number in (3, 4, 13, 14) if FILTERS.admit(flags, number)] == chosen


def test_all_flags_of_all_groups_are_known():
    assert FILTERS.known == EVEN | ODD | SMALL | LARGE


def test_a_test_may_take_more_than_one_thing():
    assert Filters({1: lambda number, most: number <= most}).admit(1, 3, 4)
