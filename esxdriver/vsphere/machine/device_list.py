"""What is remembered of a machine's devices to tell which have come and gone: little, and nothing that is secret."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyVmomi import vim

from esxdriver.conf.devices.address import Bus, DriveAddress, names
from esxdriver.vsphere.machine.guest import card_name
from esxdriver.vsphere.machine.types import bus_of, class_of, is_nic
from esxdriver.vsphere.machine.wiring import Wiring

DEVICES, HARDWARE = "config.hardware.device", "config.version"  # what has to be known of a machine

_DRIVES = (vim.vm.device.VirtualDisk, vim.vm.device.VirtualCdrom, vim.vm.device.VirtualFloppy)


@dataclass(frozen=True, slots=True)
class Device:
    """A device: vSphere's type, where a disk or drive hangs, and whether a CD-ROM drive's tray is closed."""

    kind: str
    is_card: bool = False
    drive: tuple[Bus, DriveAddress] | None = None
    closed: bool | None = None


Devices = Mapping[int, Device]
"""Devices by their keys."""


def summary(devices: Iterable[Any] | None) -> Devices | None:
    """Return what is remembered of a machine's ``config.hardware.device``; None of a list that is withheld."""
    if devices is None:
        return None
    wiring = Wiring(devices)
    return {key: _device(device, wiring) for key, device in wiring.devices.items()}


def _device(device: Any, wiring: Wiring) -> Device:
    drive = _drive(device, wiring) if isinstance(device, _DRIVES) else None
    closed = (
        device.connectable.connected if isinstance(device, vim.vm.device.VirtualCdrom) and device.connectable else None
    )
    return Device(class_of(device) or "", is_nic(device), drive, closed)


def _drive(device: Any, wiring: Wiring) -> tuple[Bus, DriveAddress] | None:
    controller = wiring.controller(device)
    bus = bus_of(controller) if controller is not None else None
    return (
        None
        if bus is None or device.unitNumber is None
        else (bus, DriveAddress(controller.busNumber, device.unitNumber))
    )


def aliases(devices: Devices, version: str | None) -> dict[int, str]:
    """Return what events call each device: a disk's target, a card's name (``nic0``), else ``ua-`` and its key.

    ``version`` is the machine's ``config.version``, by which targets are counted.
    """
    digits = (version or "").rpartition("-")[2]
    drives = {key: device.drive for key, device in devices.items() if device.drive is not None}
    targets = names(list(drives.values()), int(digits) if digits.isdecimal() else 0)
    called = {key: card_name(key) if device.is_card else f"ua-{key}" for key, device in devices.items()}
    return called | dict(zip(drives, targets, strict=True))
