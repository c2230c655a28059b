"""Typed parameters: libvirt-python's dictionaries to the wire and back.

Python's numbers do not say which of libvirt's types they are, and clients ask for exact types. A value of the wrong
type counts as missing, so the types of the names are kept here.
Source: https://libvirt.org/html/libvirt-libvirt-domain.html , the names' own pages
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

INT, UINT, LLONG, ULLONG, DOUBLE, BOOLEAN, STRING = range(1, 8)

# For whole numbers, the first pattern that fits the whole name decides; where none fits, the value does.
_TYPES = [
    (re.compile(pattern), kind)
    for pattern, kind in {
        # virConnectGetAllDomainStats and virDomainGetGuestInfo
        r"state\.(state|reason)|vcpu\.\d+\.state": INT,
        r"vcpu\.(current|maximum)|(\w+|fs\.\d+\.disk|if\.\d+\.addr)\.count|block\.\d+\.backingIndex": UINT,
        r"if\.\d+\.addr\.\d+\.prefix": UINT,
        # parameters of schedulers, of network cards and of a guest's CPUs
        r"weight|cap|(inbound|outbound)\.\w+": UINT,
        r"shares|numa_mode|operation": INT,
        r"\w*_quota|reservation|limit": LLONG,
        # virDomainBlockStatsFlags
        r"(rd|wr|flush)_(bytes|operations|total_times)|errs": LLONG,
    }.items()
]
_BY_CLASS: list[tuple[type, int]] = [(bool, BOOLEAN), (str, STRING), (float, DOUBLE)]


def to_wire(values: Mapping[str, Any]) -> list[tuple[str, tuple[int, Any]]]:
    """Return the parameters of a dictionary, each with its type."""
    return [(name, (kind_of(name, value), value)) for name, value in values.items()]


def kind_of(name: str, value: Any) -> int:
    """Return the type with which clients ask for ``name``."""
    for kind_class, kind in _BY_CLASS:
        if isinstance(value, kind_class):
            return kind
    for pattern, kind in _TYPES:
        if pattern.fullmatch(name):
            return kind
    return ULLONG if value >= 0 else LLONG


def from_wire(parameters: Iterable[tuple[str, tuple[int, Any]]]) -> dict[str, Any]:
    """Return the dictionary that libvirt-python's methods take."""
    return {name: bool(value) if kind == BOOLEAN else value for name, (kind, value) in parameters}
