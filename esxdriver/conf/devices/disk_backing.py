"""What a disk stands on: a file, a device of the host or nothing, in two attributes of XML and a class of vSphere."""

from functools import cache

from esxdriver.conf.mapping.codecs import TEXT
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.mapping.enums import MappedEnum
from esxdriver.conf.mapping.fields import InvalidValueError, Surface


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
        """The class in vSphere of the device that may stand on it."""
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


BACKING_XML, BACKING_CLASS = _BackingXML(), _BackingClass()
