"""libvirt's ``<device>``: a device of a host, and the host itself, which is where they all begin.

Source: https://libvirt.org/formatnode.html .
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from esxdriver.conf.xml import surface as xml

COMPUTER = "computer"


@dataclass(frozen=True)
class PciDevice:
    """A PCI device: its domain, bus, slot and function, and its class with the subclass (``kind``, 16 bits).

    ``functions`` is how many virtual functions it can be split into, None where it cannot.
    """

    address: Sequence[int]
    kind: int
    vendor: int
    product: int
    vendor_name: str = ""
    product_name: str = ""
    functions: int | None = None


@dataclass(frozen=True)
class System:
    """What a host's firmware says of it. libvirt's document needs its UUID."""

    uuid: str
    product: str | None = None
    hardware: Mapping[str, str | None] = field(default_factory=dict)
    firmware: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class NodeDevice:
    """A device: its name, that of the device above it, and the driver that has it, where the host says so."""

    name: str
    about: PciDevice | System
    parent: str | None = None
    driver: str | None = None

    @property
    def capability(self) -> str:
        """What it is, in libvirt's word."""
        return "pci" if isinstance(self.about, PciDevice) else "system"


def pci_name(address: str) -> str:
    """Return libvirt's name of the PCI device at an address: ``pci_0000_03_00_0`` at ``0000:03:00.0``."""
    return "pci_" + address.replace(":", "_").replace(".", "_")


def node_device_xml(device: NodeDevice) -> str:
    """Return the document of a device."""
    root = xml.new("device")
    root.put("name", device.name)
    root.put("parent", device.parent)
    root.put("driver/name", device.driver)
    capability = root.added("capability", type=device.capability)
    if isinstance(device.about, PciDevice):
        _put_pci(capability, device.about)
    else:
        _put_system(capability, device.about)
    return xml.text_of(root)


def _put_pci(root: xml.ElementSurface, pci: PciDevice) -> None:
    root.put("class", f"0x{pci.kind:04x}00")
    for name, number in zip(("domain", "bus", "slot", "function"), pci.address, strict=True):
        root.put(name, str(number))
    root.added("product", id=f"0x{pci.product:04x}").put(".", pci.product_name)
    root.added("vendor", id=f"0x{pci.vendor:04x}").put(".", pci.vendor_name)
    if pci.functions is not None:
        root.added("capability", type="virt_functions", maxCount=str(pci.functions))


def _put_system(root: xml.ElementSurface, system: System) -> None:
    root.put("product", system.product)
    hardware = root.added("hardware")
    for name, value in {**system.hardware, "uuid": system.uuid}.items():
        hardware.put(name, value)
    firmware = root.added("firmware")
    for name, value in system.firmware.items():
        firmware.put(name, value)
