"""Versions of virtual hardware: what each takes, and with which ESX it came.

Sources: "Hardware Features Available with Virtual Machine Compatibility Settings", vSphere Virtual Machine
Administration; VMware's knowledge base, article 1003746, "Virtual machine hardware versions".
"""

from typing import NamedTuple


class Version(NamedTuple):
    """A version, the API version of the first ESX that has it, and how many vCPUs a machine may have."""

    number: int
    api: tuple[int, ...]
    vcpus: int


# Newest first.
VERSIONS = (
    Version(22, (9, 0), 960),
    Version(21, (8, 0, 2), 768),
    Version(20, (8, 0), 768),
    Version(19, (7, 0, 2), 768),
    Version(18, (7, 0, 1), 768),
    Version(17, (7, 0), 256),
    Version(15, (6, 7, 2), 256),
    Version(14, (6, 7), 128),
    Version(13, (6, 5), 128),
    Version(11, (6, 0), 128),
    Version(10, (5, 5), 64),
    Version(9, (5, 1), 64),
    Version(8, (5, 0), 32),
    Version(7, (4, 0), 8),
    Version(4, (), 4),
)

OLDEST_HARDWARE = VERSIONS[-1].number
# What a machine gets where nobody says: ESXi 7.0 U2 and later run it.
DEFAULT_HARDWARE = 19
# The largest number that is read as a version, far beyond any that there is: it has every limit's best.
HIGHEST_HARDWARE = 999


def most_vcpus(number: int) -> int:
    """Return how many vCPUs a machine of this version may have."""
    return next((version.vcpus for version in VERSIONS if number >= version.number), VERSIONS[-1].vcpus)


def newest_of(api: tuple[int, ...]) -> int:
    """Return the newest version that an ESX of this API version has."""
    return next(version.number for version in VERSIONS if api >= version.api)
