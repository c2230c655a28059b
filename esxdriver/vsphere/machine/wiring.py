"""How a machine's devices hang together, and the keys that vSphere gives to new ones."""

from collections.abc import Iterable
from typing import Any

from esxdriver.conf.devices.address import Bus
from esxdriver.vsphere.machine.types import bus_of, class_of, numbered_as

# The first key of each kind of device. vSphere gives a device the first key of its kind plus its number.
_FIRST_CARD_KEYS = {"ethernet": 4000, "pciPassthru": 13000}
_STEP = 1000
_FIRST_DISK_KEYS = {Bus.SCSI: 2000, Bus.IDE: 3000, Bus.FDC: 8000, Bus.SATA: 16000, Bus.NVME: 32000}


class Wiring:
    """How a machine's devices hang together: controllers by bus and index, and the boot order."""

    def __init__(self, devices: Iterable[Any], boot_order: Iterable[Any] = ()) -> None:
        self.devices = {device.key: device for device in devices}
        self.boot = dict(_boot_orders(self.devices.values(), boot_order))
        self._keys: dict[tuple[Bus, int], int] = {}
        for device in self.devices.values():
            self.add(device)

    def copied(self) -> "Wiring":
        """Return a copy, in which additions are not seen here."""
        copy = Wiring(self.devices.values())
        copy.boot = dict(self.boot)
        return copy

    def add(self, controller: Any) -> None:
        """Make a controller known under its bus and index; of two with the same, the later one counts."""
        bus = bus_of(controller)
        if bus is not None:
            self._keys[bus, controller.busNumber] = controller.key
            self.devices[controller.key] = controller

    def rekey(self, device: Any, key: int) -> None:
        """Give a new device another key, unless a device has that one."""
        if key not in self.devices:
            del self.devices[device.key]
            device.key = key
            self.devices[key] = device

    def key(self, bus: Bus, index: int) -> int:
        """Return the key of a controller."""
        return self._keys[bus, index]

    def number(self, card: Any) -> int:
        """Return the N of ``ethernetN`` or ``pciPassthruN`` of a card; a new one's is that which the host will give."""
        if card.key > 0:
            return int(card.key) % _STEP
        cards = [device for device in self.devices.values() if numbered_as(device) == numbered_as(card)]
        taken = {device.key % _STEP for device in cards if device.key > 0}
        free = (number for number in range(len(cards) + 1) if number not in taken)
        new = [device.key for device in cards if device.key < 0]
        return int(dict(zip(new, free, strict=False))[card.key])

    def controller(self, device: Any) -> Any:
        """Return the controller that a device hangs on, None when there is none."""
        return self.devices.get(device.controllerKey)


def _boot_orders(devices: Iterable[Any], order: Iterable[Any]) -> Iterable[tuple[int, int]]:
    """Yield device keys and their number in the boot order, from 1; CD-ROMs and floppies boot as a kind."""
    kinds = {
        "VirtualMachineBootOptionsBootableCdromDevice": "VirtualCdrom",
        "VirtualMachineBootOptionsBootableFloppyDevice": "VirtualFloppy",
    }
    everything = list(devices)
    for number, bootable in enumerate(order or (), start=1):
        key = getattr(bootable, "deviceKey", None)
        if key is None:
            kind = kinds.get(class_of(bootable) or "")
            key = next((device.key for device in everything if class_of(device) == kind), None)
        if key is not None:
            yield key, number


def predicted_key(device: Any, wiring: Wiring) -> int:
    """Return the key a device has, or, of one that is still to be added, the key that vSphere will give it.

    A boot order names devices by key, and is in the same specification that adds them.
    """
    if device.key > 0:
        return int(device.key)
    kind = numbered_as(device)
    if kind is not None:
        return _FIRST_CARD_KEYS[kind] + wiring.number(device)
    controller = wiring.controller(device)
    bus = bus_of(controller) or (Bus.IDE if device.controllerKey in (200, 201) else Bus.SCSI)
    index = controller.busNumber if controller is not None else device.controllerKey - 200
    step = {Bus.SCSI: 16, Bus.IDE: 2, Bus.FDC: 2, Bus.SATA: 30, Bus.NVME: 15}[bus]
    return int(_FIRST_DISK_KEYS[bus] + index * step + device.unitNumber)
