"""Writes a definition's devices as keys: the contrary of :mod:`esxdriver.vmx.devices`."""

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

from esxdriver.conf.devices.address import Bus
from esxdriver.conf.devices.controller import ControllerDef, ControllerModel
from esxdriver.conf.devices.graphics import GraphicsDef, VideoDef
from esxdriver.conf.devices.hostdev import HostdevBacking
from esxdriver.conf.devices.sound import SoundDef
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.fields import dump
from esxdriver.vmx.devices import DEFAULT_VRAM, disk_prefix
from esxdriver.vmx.disk import DiskSurface
from esxdriver.vmx.numbering import KINDS, numbers_of
from esxdriver.vmx.paths import Paths
from esxdriver.vmx.ports import PortSurface
from esxdriver.vmx.surface import VmxSurface
from esxdriver.vmx.text import Keys

_FLOPPIES = 2

# What ESX itself writes for every machine from hardware version 7 on, and for one with SCSI disks.
_BRIDGED_HARDWARE = 7
_BRIDGES: Mapping[str, str | bool] = {
    "pciBridge0.present": True,
    **{
        f"pciBridge{number}.{path}": value
        for number in (4, 5, 6, 7)
        for path, value in (("present", True), ("virtualDev", "pcieRootPort"), ("functions", "8"))
    },
}


class DeviceWriter:
    """Puts devices into ``keys``."""

    def __init__(self, keys: Keys, paths: Paths) -> None:
        self._keys = keys
        self._paths = paths

    def put(self, definition: DomainDef) -> None:
        """Write every device."""
        for write in dict.fromkeys(self.WRITERS.values()):
            write(self, definition)

    def _surface(self, prefix: str) -> VmxSurface:
        return VmxSurface(self._keys, self._paths, prefix)

    def _controllers(self, definition: DomainDef) -> None:
        for controller in (*definition.controllers, *_implied(definition)):
            if controller.type == "usb":
                self._usb(controller)
            elif not controller.model.built_in:
                self._controller(controller)

    def _controller(self, controller: ControllerDef) -> None:
        surface = self._surface(f"{controller.type}{controller.index}.").turn_on("present")
        if controller.type == "scsi":
            surface.put("virtualDev", controller.model.vmx)
        dump(controller, surface, {"pci", "shared_bus"})

    def _usb(self, controller: ControllerDef) -> None:
        if controller.model is not ControllerModel.XHCI:
            self._surface("usb.").turn_on("present")
        prefixes = {ControllerModel.XHCI: "usb_xhci.", ControllerModel.EHCI: "ehci."}
        surface = self._surface(prefixes.get(controller.model, "usb.")).turn_on("present")
        dump(controller, surface, {"pci"})

    def _disks(self, definition: DomainDef) -> None:
        for disk in definition.disks:
            assert disk.address is not None  # parse() and the readers see to it
            surface = DiskSurface(self._keys, self._paths, disk_prefix(disk.bus, disk.address), disk.bus)
            dump(disk, surface.turn_on("present"))
        self._no_floppies(definition)

    def _no_floppies(self, definition: DomainDef) -> None:
        """Say that there are no floppies: VMware's hosted products have one unless a file denies it."""
        floppies = {disk.address.unit for disk in definition.disks if disk.bus is Bus.FDC and disk.address}
        for number in range(_FLOPPIES):
            if number not in floppies:
                self._keys.turn_off(f"floppy{number}.present")

    def _numbered(self, definition: DomainDef) -> None:
        taken: dict[str, set[int]] = {}
        for row in KINDS:
            numbers = numbers_of(row, definition, taken.setdefault(row.prefix, set()))
            taken[row.prefix].update(numbers)
            for device, number in zip(row.devices(definition), numbers, strict=True):
                surface = row.surface(self._keys, self._paths, f"{row.prefix}{number}.")
                dump(device, surface.turn_on(*row.switches))
        self._beside_numbered(definition)

    def _beside_numbered(self, definition: DomainDef) -> None:
        """Write what shared folders need in common, and USB devices, which have no keys of their own."""
        if definition.filesystems:
            self._keys.put("sharedFolder.maxNum", str(len(definition.filesystems)))
            self._keys.turn_off("isolation.tools.hgfs.disable")
        for number, usb in enumerate(each for each in definition.hostdevs if each.backing is HostdevBacking.USB):
            self._keys.put(f"usb.autoConnect.device{number}", f"0x{usb.vendor or 0:04x}:0x{usb.product or 0:04x}")

    def _ports(self, definition: DomainDef) -> None:
        for prefix, ports in (("serial", definition.serials), ("parallel", definition.parallels)):
            for port in ports:
                surface = PortSurface(self._keys, self._paths, f"{prefix}{port.port or 0}.")
                dump(port, surface.turn_on("present"))

    def _screen(self, definition: DomainDef) -> None:
        for graphics in definition.graphics:
            dump(graphics, self._surface(GraphicsDef.PREFIX).turn_on("enabled"))
        videos = definition.videos or (VideoDef(),) * bool(definition.graphics)
        for video in videos:
            if video.vram is None and definition.options is not None:
                self._keys.turn_on("svga.autodetect")
            else:
                self._keys.put("svga.vramSize", str((video.vram or DEFAULT_VRAM) * 1024))
            dump(video, self._surface(""), {"vram", "heads"} if video.heads > 1 else {"vram"})

    def _sound(self, definition: DomainDef) -> None:
        for sound in definition.sounds:
            surface = self._surface(SoundDef.PREFIX).turn_on("present")
            surface.put("fileName", SoundDef.ANY)
            dump(sound, surface)

    def _tpm(self, definition: DomainDef) -> None:
        if definition.tpms:
            self._keys.turn_on("vtpm.present")

    # What writes each kind of device, by its name in esxdriver.conf.devices.kinds, in the order of a VMX file.
    WRITERS: ClassVar[Mapping[str, Callable[["DeviceWriter", DomainDef], None]]] = {
        "controllers": _controllers,
        "disks": _disks,
        "interfaces": _numbered,
        "filesystems": _numbered,
        "hostdevs": _numbered,
        "serials": _ports,
        "parallels": _ports,
        "graphics": _screen,
        "videos": _screen,
        "sounds": _sound,
        "tpms": _tpm,
    }


def bridges(definition: DomainDef, hardware: int) -> Mapping[str, str | bool]:
    """Return the PCI bridges and the like that a machine of this hardware version has."""
    if hardware < _BRIDGED_HARDWARE:
        return {}
    has_scsi = any(disk.bus is Bus.SCSI for disk in definition.disks)
    return {**(_BRIDGES if has_scsi else {}), "vmci0.present": True}


def _implied(definition: DomainDef) -> Iterator[ControllerDef]:
    """Yield the controllers that disks need and the document does not list."""
    listed = {(each.type, each.index) for each in definition.controllers}
    needed = {(disk.bus.xml, disk.address.controller) for disk in definition.disks if disk.address} - listed
    models = {"scsi": ControllerModel.SCSI, "sata": ControllerModel.SATA, "nvme": ControllerModel.NVME}
    for bus, index in sorted(needed):
        if bus in models:
            yield ControllerDef(index=index, model=models[bus])
