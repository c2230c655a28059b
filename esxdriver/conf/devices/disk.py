"""Disks: hard disks, CD-ROMs and floppies, and how their modes are spelled.

| libvirt                            | vSphere                           | VMX            |
|------------------------------------|-----------------------------------|----------------|
| ``type= device=``                  | class of ``backing``              | ``deviceType`` |
| ``source/@file``, ``source/@dev``  | ``backing.fileName, .deviceName`` | ``fileName``   |
| ``@snapshot``, ``@persistent``     | ``backing.diskMode``              | ``mode``       |
| ``driver/@cache='writethrough'``   | ``backing.writeThrough``          | ``writeThrough`` |
| ``shareable``                      | ``backing.sharing``               | ``sharing``    |
"""

from dataclasses import dataclass, field
from functools import cache

from esxdriver.conf.devices.address import Bus, DriveAddress, bus_of
from esxdriver.conf.devices.disk_mode_xml import MODE_XML
from esxdriver.conf.mapping.codecs import EXISTS, NUMBER, POSITIVE, TEXT, Switch
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.mapping.enums import DiskMode, MappedEnum
from esxdriver.conf.mapping.fields import At, InvalidValueError, Surface, UnsupportedValueError, fact


class _Source:
    """What a disk stands on: a file or a device. A file of the host itself is ``[] /vmimages/...`` in vSphere alone."""

    def read(self, surface: Surface, path: str) -> str | None:
        text = TEXT.read(surface, path)
        file = DatastorePath.parse(text)
        return text if file is None or file.datastore else file.path or None

    def write(self, surface: Surface, path: str, value: str) -> None:
        outside = path == "backing.fileName" and value.startswith("/") and not DatastorePath.of_volume(value)
        surface.put(path, str(DatastorePath("", value)) if outside else value or None)


SOURCE = _Source()


class Backing(MappedEnum):
    """What a disk stands on: libvirt's ``type`` and ``device``, and the class of vSphere's backing.

    ``attribute`` is the one of ``<source>`` that names it, ``vmx`` is VMX's ``deviceType`` (without its bus) or a
    floppy's ``fileType``. Of rows with the same type and device the first is meant unless
    ``<metadata>`` says another; rows without an attribute hold no medium.
    """

    FLAT = "file", "disk", "file", "VirtualDiskFlatVer2BackingInfo", "hardDisk"
    SESPARSE = "file", "disk", "file", "VirtualDiskSeSparseBackingInfo", "hardDisk"
    RDM = "file", "disk", "file", "VirtualDiskRawDiskMappingVer1BackingInfo", "rdm"
    PMEM = "file", "disk", "file", "VirtualDiskLocalPMemBackingInfo", "hardDisk"
    SPARSE = "file", "disk", "file", "VirtualDiskSparseVer2BackingInfo", "hardDisk"
    FLAT_1 = "file", "disk", "file", "VirtualDiskFlatVer1BackingInfo", "hardDisk"
    SPARSE_1 = "file", "disk", "file", "VirtualDiskSparseVer1BackingInfo", "hardDisk"
    CDROM_FILE = "file", "cdrom", "file", "VirtualCdromIsoBackingInfo", "cdrom-image"
    CDROM_EMPTY = "file", "cdrom", None, "VirtualCdromRemotePassthroughBackingInfo", "cdrom-empty"
    CDROM_CLIENT = "file", "cdrom", None, "VirtualCdromRemoteAtapiBackingInfo", "cdrom-client"
    CDROM_DEVICE = "block", "cdrom", "dev", "VirtualCdromAtapiBackingInfo", "atapi-cdrom"
    CDROM_RAW = "block", "lun", "dev", "VirtualCdromPassthroughBackingInfo", "cdrom-raw"
    FLOPPY_FILE = "file", "floppy", "file", "VirtualFloppyImageBackingInfo", "file"
    FLOPPY_EMPTY = "file", "floppy", None, "VirtualFloppyRemoteDeviceBackingInfo", "floppy-client"
    FLOPPY_DEVICE = "block", "floppy", "dev", "VirtualFloppyDeviceBackingInfo", "device"

    def __init__(self, type_: str, device: str, attribute: str | None, vim: str, vmx: str) -> None:
        self.type = type_
        self.device = device
        self.attribute = attribute
        self.vim = vim
        self.vmx = vmx
        self.is_hard_disk = device == "disk"  # it has a mode, and so a say in snapshots
        self.is_file = attribute == "file"
        self.is_host_device = attribute == "dev"

    @property
    def vim_device(self) -> str:
        """VSphere's class of the device that may stand on it."""
        return {"disk": "VirtualDisk", "floppy": "VirtualFloppy"}.get(self.device, "VirtualCdrom")

    @property
    def empty(self) -> "Backing":
        """The row of such a drive without a medium."""
        return _plain("file", self.device, medium=False) or self

    def lacks_medium(self, surface: Surface) -> bool:
        """Whether a drive of vSphere's that may hold a file holds none: ``[]`` is no file."""
        return self.is_file and not self.is_hard_disk and SOURCE.read(surface, "backing.fileName") is None

    @property
    def plain(self) -> "Backing":
        """The row that its XML means where ``<metadata>`` says nothing."""
        return _plain(self.type, self.device, self.attribute is not None) or self


@cache
def _plain(type_: str, device: str, medium: bool) -> Backing | None:
    alike = [row for row in Backing if (row.type, row.device) == (type_, device)]
    exact = [row for row in alike if (row.attribute is not None) is medium]
    return next(iter(exact or alike), None)


class _BackingXML:
    """``type``, ``device``, and what ``<metadata>`` adds to them."""

    def read(self, surface: Surface, _: str) -> Backing | None:
        type_, device = surface.get("@type") or "file", surface.get("@device") or "disk"
        medium = bool(SOURCE.read(surface, "source/@file") or surface.get("source/@dev"))
        plain = _plain(type_, device, medium)
        if plain is None:
            raise InvalidValueError(
                "disk/@type, @device", f"{type_}, {device}", {f"{b.type}, {b.device}" for b in Backing}
            )
        named = surface.get("meta:@backing")
        row = Backing.__members__.get(named.upper().replace("-", "_")) if named else None
        return row if row is not None and row.plain is plain else plain

    def write(self, surface: Surface, _: str, value: Backing) -> None:
        surface.put("@type", value.type)
        surface.put("@device", value.device)
        if value is not value.plain:
            surface.put("meta:@backing", value.name.lower().replace("_", "-"))


class _BackingClass:
    """The class of vSphere's backing; one for a file holds none where its name is ``[]``."""

    def read(self, surface: Surface, path: str) -> Backing | None:
        row = Backing.read(surface, path)
        return row.empty if row and row.lacks_medium(surface) else row

    def write(self, surface: Surface, path: str, value: Backing) -> None:
        Backing.write(surface, path, value)


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

    ``compatibility`` is an RDM's ``virtualMode`` or ``physicalMode``, ``lun`` its LUN's UUID; libvirt has no
    words for either, so they stand in ``<metadata>``.
    """

    backing: Backing = fact(
        Backing, xml=At(".", codec=_BackingXML()), vim=At("backing@class", codec=_BackingClass()), vmx="@backing"
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

    # The files that this one is the delta of, from the youngest to the base: what a dump before a snapshot names.
    chain: tuple[str, ...] = field(default=(), compare=False)

    @property
    def vim_class(self) -> str | None:
        """VSphere's class, None where the document leaves it open."""
        return self.backing.vim_device

    @property
    def label(self) -> str:
        """How errors name it."""
        return f"disk '{self.target}'" + (f" ({self.source})" if self.source else "")
