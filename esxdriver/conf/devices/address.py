"""Where a disk hangs: buses, their limits, and the rule between a target's name and its address.

libvirt derives an address from a name (``sdc`` is the third disk of the first SCSI controller); vSphere has the
address alone. :func:`names` gives every disk a name that is unique in its domain, and where the in-tree driver's
name is unique, that one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from esxdriver.conf.mapping.enums import MappedEnum


class Bus(MappedEnum):
    """A disk bus: its name, the controllers a domain may have, the letters of its targets.

    Of IDE, libvirt has one controller with two buses where vSphere has two controllers (``is_one_controller``).
    ``step`` is how many names each controller has where an address follows from a name: libvirt's number, but of SATA
    all 30 of the controller, of which libvirt knows 6.
    """

    SCSI = "scsi", 4, "sd", 15
    SATA = "sata", 4, "sd", 30
    NVME = "nvme", 4, "nvme", 64
    IDE = "ide", 2, "hd", 2
    FDC = "fdc", 1, "fd", 2

    def __init__(self, value: str, controllers: int, prefix: str, step: int) -> None:
        self.xml = self.vim = self.vmx = value
        self.controllers = controllers
        self.prefix = prefix
        self.is_one_controller = value == "ide"
        self.step = step

    def units(self, hardware: int, model: str | None = None) -> int:
        """Return how many units a controller has under hardware version ``hardware``.

        Source: VMware's configuration maximums. PVSCSI has 64 (0 to 64 without 7, which is the controller's own) from
        version 14 on, and the in-tree driver reads them from 13 on; other SCSI models have 16. NVMe has 15, and 64
        from version 21 on.
        """
        if self is Bus.SCSI:
            return 65 if hardware >= 13 and model in ("vmpvscsi", None) else 16
        if self is Bus.NVME:
            return 64 if hardware >= 21 else 15
        return {Bus.SATA: 30, Bus.IDE: 2, Bus.FDC: 2}[self]


SCSI_OWN_UNIT = 7

# Above every name that SCSI disks (at most 64 on each of 4 controllers) or SATA disks (30) can have.
_BEYOND = 4 * 64


@dataclass(frozen=True, order=True)
class DriveAddress:
    """A disk's address: the controller's index on its bus, and the unit on the controller."""

    controller: int
    unit: int


def names(addresses: Sequence[tuple[Bus, DriveAddress]], hardware: int) -> list[str]:
    """Return a unique target name for each disk, in order, on a machine of this hardware version.

    A SCSI disk has the in-tree driver's name. A SATA disk has it, too, unless a SCSI disk would have the same:
    then its names start after all of SCSI's.
    """
    scsi_step = 15 if hardware < 13 else max(63, *(address.unit for bus, address in addresses if bus is Bus.SCSI), 0)
    taken = {_scsi_index(address, scsi_step) for bus, address in addresses if bus is Bus.SCSI}
    return [_name(bus, address, scsi_step, taken) for bus, address in addresses]


def _name(bus: Bus, address: DriveAddress, scsi_step: int, taken: set[int]) -> str:
    if bus is Bus.NVME:
        return f"nvme{address.controller}n{address.unit + 1}"
    if bus is Bus.SCSI:
        return "sd" + letters(_scsi_index(address, scsi_step))
    index = address.controller * bus.step + address.unit
    if bus is Bus.SATA and index in taken:
        index += _BEYOND
    return bus.prefix + letters(index)


def _scsi_index(address: DriveAddress, step: int) -> int:
    return address.controller * step + address.unit - (address.unit > SCSI_OWN_UNIT)


def derived_address(target: str, bus: Bus) -> DriveAddress | None:
    """Return the address that libvirt derives from a target's name, or None when the name has no such form.

    It is used only for a disk without an ``<address>``.
    """
    if match := re.fullmatch(r"nvme(\d{1,4})n([1-9]\d{0,4})", target):
        return DriveAddress(int(match[1]), int(match[2]) - 1)
    match = re.fullmatch(r"(?:sd|hd|fd|vd|xvd)([a-z]{1,4})", target)
    if match is None or bus is Bus.NVME:
        return None
    controller, unit = divmod(index_of(match[1]), bus.step)
    if bus is Bus.SCSI and unit >= SCSI_OWN_UNIT:
        unit += 1
    return DriveAddress(controller, unit)


def bus_of(target: str) -> Bus | None:
    """Return the bus that a target's name suggests, as libvirt does when ``bus=`` is missing."""
    prefixes: Iterable[tuple[str, Bus]] = (
        ("hd", Bus.IDE), ("sd", Bus.SCSI), ("fd", Bus.FDC), ("nvme", Bus.NVME),
    )  # fmt: skip
    return next((bus for prefix, bus in prefixes if target.startswith(prefix)), None)


def letters(index: int) -> str:
    """Return the letters of the disk number ``index``: a, b, ... z, aa, ab, ..."""
    text = ""
    while index >= 0:
        index, letter = divmod(index, 26)
        text = chr(ord("a") + letter) + text
        index -= 1
    return text


def index_of(text: str) -> int:
    """Return the number that :func:`letters` made ``text`` of."""
    index = -1
    for letter in text:
        index = (index + 1) * 26 + ord(letter) - ord("a")
    return index
