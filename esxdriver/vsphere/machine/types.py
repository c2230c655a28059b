"""vSphere's types by name, and what a device of each is: a network card, a controller and of which bus."""

from functools import cache
from typing import Any

from pyVmomi import vim
from pyVmomi.VmomiSupport import GetWsdlType

from esxdriver.conf.devices.address import Bus

# Which bus a controller serves.
_BUSES: tuple[tuple[str, Bus], ...] = (
    ("VirtualSCSIController", Bus.SCSI),
    ("VirtualAHCIController", Bus.SATA),
    ("VirtualNVMEController", Bus.NVME),
    ("VirtualIDEController", Bus.IDE),
    ("VirtualSIOController", Bus.FDC),
)


@cache
def vim_type(name: str) -> Any:
    """Return pyVmomi's class of the vSphere type ``name``."""
    return GetWsdlType("urn:vim25", name)


def class_of(data: Any) -> str | None:
    """Return vSphere's name of an object's type, None for no object."""
    return None if data is None else str(type(data)._wsdlName)


def bus_of(controller: Any) -> Bus | None:
    """Return the bus that a controller serves, None for other devices."""
    return _served_by(controller.__class__)


@cache
def _served_by(controllers: Any) -> Bus | None:
    return next((bus for name, bus in _BUSES if issubclass(controllers, vim_type(name))), None)


def is_nic(device: Any) -> bool:
    """Whether a device is a network card."""
    return isinstance(device, vim.vm.device.VirtualEthernetCard)


def numbered_as(device: Any) -> str | None:
    """Return what stands before the number in the names of a card's options, None for what is not numbered so.

    A network card that is a function of a card of the host is numbered among the devices that are passed through.
    """
    if isinstance(device, (vim.vm.device.VirtualPCIPassthrough, vim.vm.device.VirtualSriovEthernetCard)):
        return "pciPassthru"
    return "ethernet" if is_nic(device) else None
