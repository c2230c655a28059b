"""Disks: hard disks, CD-ROMs and floppies.

| libvirt                            | vSphere                           | VMX            |
|------------------------------------|-----------------------------------|----------------|
| ``type= device=``                  | class of ``backing``              | ``deviceType`` |
| ``source/@file``, ``source/@dev``  | ``backing.fileName, .deviceName`` | ``fileName``   |
| ``@snapshot``, ``@persistent``     | ``backing.diskMode``              | ``mode``       |
| ``driver/@cache='writethrough'``   | ``backing.writeThrough``          | ``writeThrough`` |
| ``shareable``                      | ``backing.sharing``               | ``sharing``    |
"""

from dataclasses import dataclass, field

from esxdriver.conf.devices.address import Bus, DriveAddress, bus_of
from esxdriver.conf.devices.disk_backing import BACKING_CLASS, BACKING_XML, SOURCE, Backing
from esxdriver.conf.devices.disk_blank import BLANK_XML, Blank
from esxdriver.conf.devices.disk_mode_xml import MODE_XML
from esxdriver.conf.mapping.codecs import EXISTS, NUMBER, POSITIVE, TEXT, Switch
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.mapping.fields import At, Surface, UnsupportedValueError, fact


class _VmxMode:
    """A mode in VMX, which has no line for the default."""

    def read(self, surface: Surface, path: str) -> DiskMode | None:
        return DiskMode.read(surface, path)

    def write(self, surface: Surface, path: str, value: DiskMode) -> None:
        surface.put(path, None if value is DiskMode.PERSISTENT else value.vmx)


class _Cache:
    """``cache='writethrough'`` or the default; ESX has no other."""

    _SWITCH = Switch(yes="writethrough", no=None, vmx=(True, None), vim=(True, False))

    def read(self, surface: Surface, path: str) -> bool | None:
        return None if surface.get(path) == "default" else self._SWITCH.read(surface, path)

    def write(self, surface: Surface, path: str, value: bool) -> None:
        self._SWITCH.write(surface, path, value)


class _CacheXML(_Cache):
    """``cache=`` of a document, which may want another."""

    def read(self, surface: Surface, path: str) -> bool | None:
        if surface.get(path) not in (None, "default", "writethrough"):
            raise UnsupportedValueError(f"driver/@cache '{surface.get(path)}': ESX has default and writethrough")
        return super().read(surface, path)


class _Shared:
    """Whether several running domains write the disk at once: vSphere's multi-writer, ``<shareable/>`` in XML."""

    _SWITCH = Switch(vmx=("multi-writer", None), vim=("sharingMultiWriter", "sharingNone"))

    def read(self, surface: Surface, path: str) -> bool | None:
        value = surface.get(path)
        return None if value is None else str(value).lower() in ("sharingmultiwriter", "multi-writer")

    def write(self, surface: Surface, path: str, value: bool) -> None:
        if value or surface.get(path) is not None:
            self._SWITCH.write(surface, path, value)


class _BusXML:
    """A bus; without ``bus=``, the one that the target's name suggests."""

    def read(self, surface: Surface, path: str) -> Bus | None:
        return Bus.read(surface, path) or bus_of(surface.get("target/@dev") or "")

    def write(self, surface: Surface, path: str, value: Bus) -> None:
        Bus.write(surface, path, value)


class _AddressXML:
    """``<address type='drive'>``."""

    def read(self, surface: Surface, path: str) -> DriveAddress | None:
        if surface.get("address") is None:
            return None
        if surface.get("address/@type") not in ("drive", None):
            raise UnsupportedValueError(
                f"address/@type '{surface.get('address/@type')}': a disk's address is of type 'drive'"
            )
        return DriveAddress(NUMBER.read(surface, path) or 0, NUMBER.read(surface, "address/@unit") or 0)

    def write(self, surface: Surface, path: str, value: DriveAddress) -> None:
        for attribute, text in (("type", "drive"), ("controller", "0"), ("bus", "0"), ("target", "0")):
            surface.put(f"address/@{attribute}", text)
        NUMBER.write(surface, path, value.controller)
        NUMBER.write(surface, "address/@unit", value.unit)


class _AddressOfDevice:
    """The controller and the unit of a vSphere device."""

    def read(self, surface: Surface, path: str) -> DriveAddress | None:
        return DriveAddress(surface.get(path), surface.get("unitNumber") or 0)

    def write(self, surface: Surface, path: str, value: DriveAddress) -> None:
        surface.put(path, value.controller)
        surface.put("unitNumber", value.unit)


@dataclass(frozen=True, kw_only=True)
class DiskDef:
    """A disk of any kind. ``source`` is a datastore path, ``[datastore] directory/file``, a file or a host device.

    ``blank`` says how the file is to be made, where there is none yet.
    ``compatibility`` is an RDM's ``virtualMode`` or ``physicalMode``, ``lun`` its LUN's UUID; libvirt has no
    words for either, so they stand in ``<metadata>``.
    """

    backing: Backing = fact(
        Backing, xml=At(".", codec=BACKING_XML), vim=At("backing@class", codec=BACKING_CLASS), vmx="@backing"
    )
    write_through: bool = fact(
        _Cache(),
        xml=At("driver/@cache", codec=_CacheXML()),
        vim="backing.writeThrough",
        vmx="writeThrough",
        default=False,
    )
    source: str | None = fact(
        SOURCE,
        xml=(At("source/@file", where="backing.is_file"), At("source/@dev", where="backing.is_host_device")),
        vim=(At("backing.fileName", where="backing.is_file"), At("backing.deviceName", where="backing.is_host_device")),
        vmx=(At("file:fileName", where="backing.is_file"), At("@device", where="backing.is_host_device")),
        default=None,
    )
    autodetect: bool = fact(
        Switch(yes="optional"), xml="source/@startupPolicy", vim="backing.useAutoDetect", vmx="@autodetect",
        where="backing.is_host_device", default=False,
    )  # fmt: skip
    target: str = fact(TEXT, xml="target/@dev", default="")
    driver: str | None = fact(TEXT, xml="driver/@name", default=None)
    bus: Bus = fact(Bus, xml=At("target/@bus", codec=_BusXML()), vim="@bus")
    mode: DiskMode = fact(
        DiskMode, xml=At(".", codec=MODE_XML), vim="backing.diskMode", vmx=At("mode", codec=_VmxMode()),
        where="backing.is_hard_disk", default=DiskMode.PERSISTENT,
    )  # fmt: skip
    shareable: bool = fact(
        _Shared(),
        xml=At("shareable", codec=EXISTS),
        vim=At("backing.sharing", where="backing.is_hard_disk"),
        vmx="sharing",
        default=False,
    )  # fmt: skip
    boot_order: int | None = fact(POSITIVE, xml="boot/@order", vim="@boot", default=None)
    compatibility: str | None = fact(
        TEXT, xml="meta:@compatibilityMode", vim="backing.compatibilityMode", vmx="@compatibility", default=None
    )
    lun: str | None = fact(TEXT, xml="meta:@lunUuid", vim="backing.lunUuid", default=None)
    address: DriveAddress | None = fact(
        _AddressXML(), xml=(At("address/@bus", where="bus.is_one_controller"), At("address/@controller")),
        vim=At("@controller", codec=_AddressOfDevice()), default=None,
    )  # fmt: skip

    blank: Blank | None = fact(BLANK_XML, xml="meta:@capacity", default=None)

    # The files below this one in a chain of snapshots, the youngest first. A dump from before a snapshot names one.
    chain: tuple[str, ...] = field(default=(), compare=False)

    @property
    def vim_class(self) -> str | None:
        """The class that vSphere gives it, None where the document leaves it open."""
        return self.backing.vim_device

    @property
    def label(self) -> str:
        """How errors name it."""
        return f"disk '{self.target}'" + (f" ({self.source})" if self.source else "")
