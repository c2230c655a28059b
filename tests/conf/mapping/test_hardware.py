"""Virtual hardware: one table, the newest version first, from which every limit is read."""

import pytest

from esxdriver.conf.mapping.hardware import DEFAULT_HARDWARE, OLDEST_HARDWARE, VERSIONS, most_vcpus, newest_of


def test_a_newer_version_came_later_and_takes_no_less():
    assert list(VERSIONS) == sorted(VERSIONS, reverse=True)
    assert [version.api for version in VERSIONS] == sorted((version.api for version in VERSIONS), reverse=True)
    assert [version.vcpus for version in VERSIONS] == sorted((version.vcpus for version in VERSIONS), reverse=True)


def test_the_default_and_the_oldest_are_in_it():
    assert {DEFAULT_HARDWARE, OLDEST_HARDWARE} <= {version.number for version in VERSIONS}


@pytest.mark.parametrize(("number", "vcpus"), [(999, 960), (19, 768), (16, 256), (12, 128), (5, 4), (1, 4)])
def test_a_version_between_two_has_the_older_ones_limit(number, vcpus):
    assert most_vcpus(number) == vcpus


@pytest.mark.parametrize(
    ("api", "number"), [((9, 1), 22), ((8, 0, 1), 20), ((7, 0, 2, 0), 19), ((6, 7, 1), 14), ((2, 5), 4)]
)
def test_an_esx_has_the_newest_version_of_its_time(api, number):
    assert newest_of(api) == number
