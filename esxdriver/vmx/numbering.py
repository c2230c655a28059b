"""Devices whose names in VMX have a number for which libvirt's XML has no place: ``ethernet3``, ``pciPassthru31``.

Where the numbers of a file are not those that its devices would be given, an option remembers them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esxdriver.conf.devices.hostdev import HostdevBacking
from esxdriver.conf.devices.interface import NicModel
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.keys import NUMBERS
from esxdriver.vmx.interface import InterfaceSurface, SriovSurface
from esxdriver.vmx.ports import PciSurface
from esxdriver.vmx.surface import VmxSurface

_MOST = 32  # pciPassthru31 is the last
_DIGITS = 2  # of a number


@dataclass(frozen=True)
class Numbered:
    """A kind of such devices: its prefix, the field that lists it, what reads its keys, and which of the field it is.

    ``switches`` are on in a device that is there. ``last`` is the highest number, where they count down from it.
    """

    name: str
    prefix: str
    field: str
    surface: type[VmxSurface]
    holds: Callable[[Any], bool]
    switches: Sequence[str] = ("present",)
    last: int | None = None

    def usual(self, count: int) -> list[int]:
        """Return the numbers that ``count`` devices have when nothing else is known."""
        return list(range(count) if self.last is None else range(self.last - count + 1, self.last + 1))

    def devices(self, definition: DomainDef) -> list[Any]:
        """Return the devices of this kind."""
        return [each for each in getattr(definition, self.field) if self.holds(each)]


CARDS = Numbered("ethernet", "ethernet", "interfaces", InterfaceSurface, lambda nic: nic.model is not NicModel.SRIOV)
KINDS = (
    CARDS,
    Numbered(
        "sriov", "pciPassthru", "interfaces", SriovSurface, lambda nic: nic.model is NicModel.SRIOV, last=_MOST - 1
    ),
    Numbered(
        "sharedFolder", "sharedFolder", "filesystems", VmxSurface, lambda _: True, ("present", "enabled", "readAccess")
    ),
    Numbered("pciPassthru", "pciPassthru", "hostdevs", PciSurface, lambda device: device.backing is HostdevBacking.PCI),
)


def remembered(numbers: Mapping[str, Sequence[int]]) -> dict[str, str]:
    """Return the options that hold numbers which are not the usual ones; ``numbers`` are by the row's name."""
    return {
        NUMBERS + row.name: ",".join(map(str, numbers[row.name]))
        for row in KINDS
        if list(numbers[row.name]) != row.usual(len(numbers[row.name]))
    }


def numbers_of(row: Numbered, definition: DomainDef, taken: Collection[int]) -> list[int]:
    """Return a number for each device of a kind: the remembered ones, then usual ones, then any that is free."""
    count = len(row.devices(definition))
    values = (definition.options or {}).get(NUMBERS + row.name, "").split(",")
    known = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) <= _DIGITS]
    candidates = dict.fromkeys((*known[:count], *row.usual(count), *range(count + len(known) + len(taken))))
    return [number for number in candidates if number not in taken][:count]


def left(
    definition: DomainDef, numbers: Mapping[str, Sequence[int]], kept: Mapping[str, Collection[int]]
) -> dict[str, list[int]]:
    """Return the numbers of those devices that stay: ``kept`` has their indexes in the definition's lists, by field."""
    found = {}
    for row in KINDS:
        indexes = [index for index, each in enumerate(getattr(definition, row.field)) if row.holds(each)]
        found[row.name] = [
            number for index, number in zip(indexes, numbers[row.name], strict=True) if index in kept[row.field]
        ]
    return found
