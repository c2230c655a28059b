"""The devices of a host: itself, and what is on its PCI buses.

Source: vSphere API, HostPciDevice, HostPciPassthruInfo, HostSriovInfo.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from esxdriver.conf.node_device import COMPUTER, NodeDevice, PciDevice, System, pci_name
from esxdriver.vsphere.query.retrieve import Found

_PCI, _PASSED = "hardware.pciDevice", "config.pciPassthruInfo"
_SYSTEM, _BIOS = "hardware.systemInfo", "hardware.biosInfo"
PATHS = (_PCI, _PASSED, _SYSTEM, _BIOS)

_ADDRESS = re.compile(r"([0-9a-f]{4,8}):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])", re.IGNORECASE)
# What ESX calls the driver of a device that machines may have.
_PASSTHROUGH = "pcipassthru"


def node_devices(host: Found) -> list[NodeDevice]:
    """Return the host, where it says which it is, and its PCI devices in the order of their addresses."""
    passed = {each.id: each for each in host[_PASSED] or ()}
    addresses = {each.id for each in host[_PCI] or ()}
    pci = sorted(_pci_devices(host[_PCI] or (), addresses, passed), key=lambda device: device.name)
    return [*_computer(host), *pci]


def _computer(host: Found) -> Iterator[NodeDevice]:
    system, bios = host[_SYSTEM], host[_BIOS]
    if system is None or not system.uuid:
        return
    date = getattr(bios, "releaseDate", None)
    firmware = {
        "vendor": getattr(bios, "vendor", None),
        "version": getattr(bios, "biosVersion", None),
        "release_date": date.strftime("%m/%d/%Y") if date is not None else None,
    }
    hardware = {"vendor": system.vendor, "serial": getattr(system, "serialNumber", None)}
    yield NodeDevice(COMPUTER, System(system.uuid, system.model, hardware, firmware))


def _pci_devices(devices: Any, addresses: set[str], passed: Mapping[str, Any]) -> Iterator[NodeDevice]:
    """Yield the devices whose address has libvirt's form; the others, no document can tell of."""
    for each in devices:
        match = _ADDRESS.fullmatch(each.id)
        if match is None:
            continue
        use = passed.get(each.id)
        above = each.parentBridge if each.parentBridge in addresses and each.parentBridge != each.id else None
        yield NodeDevice(
            name=pci_name(each.id.lower()),
            about=_pci(each, tuple(int(part, 16) for part in match.groups()), _functions(use)),
            parent=pci_name(above.lower()) if above else COMPUTER,
            driver=_PASSTHROUGH if getattr(use, "passthruActive", False) else None,
        )


def _pci(device: Any, address: Sequence[int], functions: int | None) -> PciDevice:
    return PciDevice(
        address=address,
        kind=_unsigned(device.classId),
        vendor=_unsigned(device.vendorId),
        product=_unsigned(device.deviceId),
        vendor_name=device.vendorName or "",
        product_name=device.deviceName or "",
        functions=functions,
    )


def _functions(use: Any) -> int | None:
    """Return how many virtual functions an SR-IOV card can have."""
    if not getattr(use, "sriovCapable", False):
        return None
    return int(use.maxVirtualFunctionSupported or 0)


def _unsigned(number: int) -> int:
    """Return a number of 16 bits, of which vSphere takes one for a sign."""
    return int(number) & 0xFFFF
