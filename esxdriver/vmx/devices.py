"""Which devices a VMX file has, and where their keys stand: ``scsi0:1.``, ``ethernet0.``, ``usb_xhci.``.

What a device's keys say is the mapping engine's to read; here is what stands in their names.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from esxdriver.conf.devices.address import SCSI_OWN_UNIT, Bus, DriveAddress, names
from esxdriver.conf.devices.chardev import ParallelDef, SerialDef
from esxdriver.conf.devices.controller import ControllerDef, ControllerModel
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.filesystem import FilesystemDef
from esxdriver.conf.devices.graphics import GraphicsDef, VideoDef
from esxdriver.conf.devices.hostdev import HostdevBacking, HostdevDef, TpmDef
from esxdriver.conf.devices.interface import InterfaceDef
from esxdriver.conf.devices.sound import SoundDef, SoundModel
from esxdriver.conf.mapping.fields import InvalidValueError, load
from esxdriver.conf.mapping.hardware import HIGHEST_HARDWARE
from esxdriver.vmx.disk import DiskSurface
from esxdriver.vmx.interface import InterfaceSurface, SriovSurface, is_sriov
from esxdriver.vmx.paths import Paths
from esxdriver.vmx.ports import PciSurface, PortSurface
from esxdriver.vmx.surface import VmxSurface
from esxdriver.vmx.text import Keys

T = TypeVar("T")

Warn = Callable[[str], None]
"""Takes what is left out or kept as an option, with the line, in words."""

DEFAULT_VRAM = 4096  # KiB, of a machine whose VMX says nothing
TPM_HARDWARE = 14  # the first hardware version with a virtual TPM

_PRESENT = re.compile(r"([a-z_]+?)(0|[1-9]\d?)(?::(0|[1-9]\d?))?\.present")
_BUSES = (Bus.SCSI, Bus.SATA, Bus.NVME, Bus.IDE)
_TYPES = {"scsi": ControllerModel.SCSI, "sata": ControllerModel.SATA, "nvme": ControllerModel.NVME}
# USB controllers have no numbers: the prefix of their keys, and the model.
_USB = {"ehci": ControllerModel.EHCI, "usb_xhci": ControllerModel.XHCI, "usb": ControllerModel.USB}


class Present:
    """The devices of a VMX file that are present, by prefix: ``{"scsi": {(0, None), (0, 1)}}``."""

    def __init__(self, keys: Keys) -> None:
        self._found: dict[str, list[tuple[int, int | None]]] = {}
        for name in keys.values:
            if name.endswith(".present") and (match := _PRESENT.fullmatch(name)) and keys.is_on(name):
                unit = None if match[3] is None else int(match[3])
                self._found.setdefault(match[1], []).append((int(match[2]), unit))

    def numbers(self, prefix: str) -> list[int]:
        """Return the numbers of the devices whose names are ``prefix`` and a number."""
        return sorted(number for number, unit in self._found.get(prefix.lower(), ()) if unit is None)

    def addresses(self, bus: Bus) -> list[DriveAddress]:
        """Return the addresses on a bus."""
        return sorted(DriveAddress(number, unit) for number, unit in self._found.get(bus.vmx, ()) if unit is not None)

    def controllers(self, bus: Bus) -> list[int]:
        """Return the numbers of a bus' controllers that are there, of those a machine can have; IDE's always are."""
        present = range(bus.controllers) if bus is Bus.IDE else self.numbers(bus.vmx)
        return [number for number in present if number < bus.controllers]


class Devices:
    """Reads the devices of ``keys``. What libvirt's XML cannot say is left out, and logged with its line."""

    def __init__(self, keys: Keys, paths: Paths, hardware: int, warn: Warn) -> None:
        self.numbers: dict[str, list[int]] = {}  # of the devices that were read, by the name of their kind
        self._warn = warn
        self._keys = keys
        self._paths = paths
        self._hardware = hardware
        self._present = Present(keys)
        self._surface = VmxSurface(keys, paths)

    def read(self) -> dict[str, tuple[Any, ...]]:
        """Return every device, by the field of the domain's definition that lists it.

        Raises :class:`~esxdriver.vmx.paths.Missing` for a hard disk's file on a datastore that is not there.
        """
        disks = self._disks()
        return {
            "disks": disks,
            "controllers": (*self._controllers(), *_built_in(disks), *self._usb()),
            "filesystems": self._each("sharedFolder", self._folders(), FilesystemDef, VmxSurface, type="mount"),
            "interfaces": (
                *self._each("ethernet", self._present.numbers("ethernet"), InterfaceDef, InterfaceSurface),
                *self._each("sriov", self._passed(sriov=True), InterfaceDef, SriovSurface),
            ),
            "serials": self._ports("serial", SerialDef),
            "parallels": self._ports("parallel", ParallelDef),
            "tpms": self._tpm(),
            "graphics": self._graphics(),
            "sounds": self._sound(),
            "videos": (self._video(),),
            "hostdevs": self._each(
                "pciPassthru", self._passed(sriov=False), HostdevDef, PciSurface, backing=HostdevBacking.PCI
            ),
        }

    def _below(self, prefix: str) -> VmxSurface:
        return VmxSurface(self._keys, self._paths, prefix)

    def _unread(self, prefix: str) -> Callable[[InvalidValueError], None]:
        """Return what logs a value without meaning: its key stands in the domain's options then."""

        def log_unread(value: InvalidValueError) -> None:
            self._warn(f"{self._keys.where(prefix + value.path)}: {value}; kept as an option")

        return log_unread

    def _loaded(self, definition: type[T], surface: VmxSurface, **known: Any) -> T | None:
        """Return a device, or None when one of the values that make it what it is has no meaning."""
        try:
            device = load(definition, surface, self._unread(surface.prefix), **known)
        except InvalidValueError as error:
            self._left_out(surface, str(error))
            return None
        if lack := _lack(device):
            self._left_out(surface, lack)
            return None
        return device

    def _left_out(self, surface: VmxSurface, why: str) -> None:
        self._warn(f"{self._keys.where(surface.prefix + 'present')}: left out, kept as options: {why}")

    def _folders(self) -> list[int]:
        numbers = self._present.numbers("sharedFolder")
        return [number for number in numbers if self._below(f"sharedFolder{number}.").is_on("enabled")]

    def _passed(self, *, sriov: bool) -> list[int]:
        numbers = self._present.numbers("pciPassthru")
        return [number for number in numbers if is_sriov(self._keys, number) is sriov]

    def _each(
        self, name: str, numbers: Sequence[int], definition: type[T], kind: type[VmxSurface], **known: Any
    ) -> tuple[T, ...]:
        prefix = "pciPassthru" if kind is SriovSurface else name
        surfaces = {number: kind(self._keys, self._paths, f"{prefix}{number}.") for number in numbers}
        loaded = {number: self._loaded(definition, surface, **known) for number, surface in surfaces.items()}
        found = {number: device for number, device in loaded.items() if device is not None}
        self.numbers[name] = list(found)
        return tuple(found.values())

    def _disks(self) -> tuple[DiskDef, ...]:
        addresses = [(bus, address) for bus in _BUSES for address in self._present.addresses(bus)]
        addresses += [(Bus.FDC, DriveAddress(0, number)) for number in self._present.numbers("floppy")]
        addresses = [(bus, address) for bus, address in addresses if self._is_disk(bus, address)]
        disks = [self._disk(bus, address) for bus, address in addresses]
        return named([disk for disk in disks if disk is not None], self._hardware)

    def _is_disk(self, bus: Bus, address: DriveAddress) -> bool:
        why = None
        if address.unit >= bus.units(HIGHEST_HARDWARE) or (bus is Bus.SCSI and address.unit == SCSI_OWN_UNIT):
            why = "there is no such unit"
        elif bus is not Bus.FDC and address.controller not in self._present.controllers(bus):
            why = f"the controller {bus.vmx}{address.controller} is not there"
        if why is not None:
            self._left_out(self._below(disk_prefix(bus, address)), why)
        return why is None

    def _disk(self, bus: Bus, address: DriveAddress) -> DiskDef | None:
        surface = DiskSurface(self._keys, self._paths, disk_prefix(bus, address), bus)
        return self._loaded(DiskDef, surface, bus=bus, address=address)

    def _controllers(self) -> Iterator[ControllerDef]:
        for prefix, model in _TYPES.items():
            for number in self._present.numbers(prefix):
                surface = self._below(f"{prefix}{number}.")
                said = ControllerModel.of("vmx", surface.get("virtualDev")) if prefix == "scsi" else None
                controller = self._loaded(ControllerDef, surface, index=number, model=said or model)
                if controller is not None:
                    yield controller

    def _usb(self) -> Iterator[ControllerDef]:
        found = [prefix for prefix in _USB if self._keys.is_on(f"{prefix}.present")]
        if "ehci" in found and "usb" in found:
            found.remove("usb")
        for index, prefix in enumerate(found):
            surface = self._below(f"{prefix}.")
            controller = self._loaded(ControllerDef, surface, index=index, model=_USB[prefix])
            if controller is not None:
                yield controller

    def _ports(self, prefix: str, definition: type[Any]) -> tuple[Any, ...]:
        numbers = [number for number in self._present.numbers(prefix) if number < definition.MOST]
        surfaces = [(number, PortSurface(self._keys, self._paths, f"{prefix}{number}.")) for number in numbers]
        loaded = [self._loaded(definition, surface, port=number) for number, surface in surfaces]
        return tuple(port for port in loaded if port is not None)

    def _tpm(self) -> tuple[TpmDef, ...]:
        return (TpmDef(),) if self._keys.is_on("vtpm.present") and self._hardware >= TPM_HARDWARE else ()

    def _video(self) -> VideoDef:
        """Return the video card; where nothing is said of its memory, not even that it is automatic, it is 4 MiB."""
        video = load(VideoDef, self._surface, self._unread(""))
        return video if video.vram or self._keys.is_on("svga.autodetect") else replace(video, vram=DEFAULT_VRAM)

    def _sound(self) -> tuple[SoundDef, ...]:
        """Return the sound card; where nothing is said of the model, it is the one that VMware had first."""
        surface = self._below(SoundDef.PREFIX)
        unsaid = {} if surface.get("virtualDev") else {"model": SoundModel.ES1371}
        sound = self._loaded(SoundDef, surface, **unsaid) if surface.is_on("present") else None
        return (sound,) if sound else ()

    def _graphics(self) -> tuple[GraphicsDef, ...]:
        surface = self._below(GraphicsDef.PREFIX)
        graphics = self._loaded(GraphicsDef, surface, type="vnc") if surface.is_on("enabled") else None
        return (graphics,) if graphics else ()


def _lack(device: Any) -> str | None:
    """Return what a device cannot do without and has not."""
    if isinstance(device, DiskDef) and device.backing.is_hard_disk and not device.source:
        return "a hard disk without a file"
    if isinstance(device, HostdevDef) and not device.address:
        return "no device of the host is named"
    return None


def named(disks: Sequence[DiskDef], hardware: int) -> tuple[DiskDef, ...]:
    """Return the disks with the names that follow from their addresses."""
    targets = names([(disk.bus, disk.address) for disk in disks if disk.address], hardware)
    return tuple(replace(disk, target=target) for disk, target in zip(disks, targets, strict=True))


def disk_prefix(bus: Bus, address: DriveAddress) -> str:
    """Return the prefix of a disk's keys."""
    return f"floppy{address.unit}." if bus is Bus.FDC else f"{bus.vmx}{address.controller}:{address.unit}."


def _built_in(disks: Sequence[DiskDef]) -> Iterator[ControllerDef]:
    """Yield the controllers that every machine has, when there is something on them."""
    for bus, model in ((Bus.FDC, ControllerModel.FDC), (Bus.IDE, ControllerModel.IDE)):
        if any(disk.bus is bus for disk in disks):
            yield ControllerDef(index=0, model=model)
