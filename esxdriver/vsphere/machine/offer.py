"""What a host offers to machines of one hardware version: vSphere's configuration options as plain values.

Source: vSphere API, VirtualMachineConfigOption, VirtualHardwareOption, VirtualDeviceOption, GuestOsDescriptor.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from esxdriver.conf.domain.guest import arch_of
from esxdriver.conf.mapping.enums import DiskMode, Firmware


@dataclass(frozen=True)
class Offer:
    """``classes`` and ``backings`` are vSphere's names of devices, and of what they may stand on.

    ``modes`` are those of new disks, ``archs`` libvirt's architectures of the guests; ``vcpus`` is None where the host
    sets no limit.
    """

    vcpus: int | None
    classes: frozenset[str]
    backings: frozenset[str]
    modes: frozenset[DiskMode]
    firmware: frozenset[Firmware]
    secure_boot: bool
    archs: frozenset[str]


def offer_of(option: Any) -> Offer:
    """Return what is in a ConfigOption; a device that pyVmomi does not know is left out."""
    hardware, guests = option.hardwareOptions, option.guestOSDescriptor or ()
    devices = list(hardware.virtualDeviceOption or ())
    backings = [backing for device in devices for backing in device.backingOption or ()]
    firmware = {name for guest in guests for name in guest.supportedFirmware or ()}
    return Offer(
        vcpus=max(hardware.numCPU or (), default=None),
        classes=_named(devices),
        backings=_named(backings),
        modes=frozenset(filter(None, (DiskMode.of("vim", name) for backing in backings for name in _modes(backing)))),
        firmware=frozenset(filter(None, (Firmware.of("vim", name) for name in firmware))),
        secure_boot=bool(getattr(option.capabilities, "secureBootSupported", None))
        or any(guest.supportsSecureBoot for guest in guests),
        archs=frozenset(arch_of(guest.id) for guest in guests),
    )


def _named(options: Iterable[Any]) -> frozenset[str]:
    return frozenset(filter(None, (getattr(each.type, "_wsdlName", None) for each in options)))


def _modes(backing: Any) -> list[str]:
    choice = getattr(backing, "diskMode", None)
    return [each.key for each in (choice.choiceInfo or ())] if choice is not None else []
