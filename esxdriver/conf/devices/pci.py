"""PCI slots: libvirt's ``<address type='pci'>`` and vSphere's single number.

The number holds function, bus and slot: ``function << 10 | bus << 5 | slot`` (libvirt's vmx.c reads it so).
"""

from dataclasses import dataclass
from typing import Any

from esxdriver.conf.mapping.codecs import NUMBER, whole
from esxdriver.conf.mapping.fields import At, InvalidValueError, Surface, fact


@dataclass(frozen=True)
class PciSlot:
    """Where a device stands on the virtual machine's PCI buses."""

    bus: int
    slot: int
    function: int

    @property
    def number(self) -> int:
        """The number that vSphere and VMX call ``pciSlotNumber``."""
        return self.function << 10 | self.bus << 5 | self.slot


class _SlotXML:
    """``<address type='pci'>``."""

    def read(self, surface: Surface, path: str) -> PciSlot | None:
        if surface.get(f"{path}/@type") != "pci":
            return None
        bus, slot, function = (NUMBER.read(surface, f"{path}/@{part}") or 0 for part in ("bus", "slot", "function"))
        if bus > 31 or slot > 31 or function > 7:
            raise InvalidValueError(path, f"bus {bus}, slot {slot}, function {function}")
        return PciSlot(bus, slot, function)

    def write(self, surface: Surface, path: str, value: PciSlot) -> None:
        attributes = {
            "type": "pci", "domain": "0x0000", "bus": f"0x{value.bus:02x}", "slot": f"0x{value.slot:02x}",
            "function": f"0x{value.function:x}",
        }  # fmt: skip
        for attribute, text in attributes.items():
            surface.put(f"{path}/@{attribute}", text)


class _SlotNumber:
    """vSphere's number; -1 is none."""

    def read(self, surface: Surface, path: str) -> PciSlot | None:
        number = whole(path, surface.get(path) or -1)
        return PciSlot(number >> 5 & 31, number & 31, number >> 10) if 0 < number < 1 << 13 else None

    def write(self, surface: Surface, path: str, value: PciSlot) -> None:
        NUMBER.write(surface, path, value.number)


def pci_slot() -> Any:
    """Make the field of a device's PCI slot: it stands in the same place for every device that has one."""
    return fact(
        _SlotNumber(), xml=At("address", codec=_SlotXML()), vim="slotInfo.pciSlotNumber", vmx="pciSlotNumber",
        default=None,
    )  # fmt: skip
