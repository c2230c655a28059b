"""Disks in VMX: what their keys say of a medium.

| ``deviceType``                    | ``fileName``, ``clientDevice`` | libvirt ``type``, ``device`` |
|-----------------------------------|--------------------------------|------------------------------|
| none, ``disk``, ``*-hardDisk``    | a file                         | file, disk                   |
| ``rdm``, ``scsi-*passthru-rdm``   | a file                         | file, disk (a raw device mapping) |
| ``cdrom-image``                   | a file                         | file, cdrom                  |
| ``cdrom-image``                   | none, ``emptyBackingString``   | file, cdrom, without source  |
| ``atapi-cdrom``, ``cdrom-raw``    | ``clientDevice``               | file, cdrom, without source  |
| ``atapi-cdrom``                   | a device, ``auto detect``      | block, cdrom                 |
| ``cdrom-raw``, ``scsi-passthru``  | a device, ``auto detect``      | block, lun                   |

A floppy's ``fileType`` is ``file`` or ``device``.
"""

from typing import ClassVar

from esxdriver.conf.devices.address import Bus
from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.mapping.fields import InvalidValueError
from esxdriver.vmx.paths import Missing, Paths
from esxdriver.vmx.surface import VmxSurface
from esxdriver.vmx.text import Keys

_EMPTY = "emptyBackingString"
_DETECT = "auto detect"
_CDROM_DEVICES = "/vmfs/devices/cdrom/"

# deviceType -> the value of the table in Backing, where they are not the same.
_SYNONYMS = {
    "disk": "hardDisk", "scsi-harddisk": "hardDisk", "ata-harddisk": "hardDisk", "sata-harddisk": "hardDisk",
    "nvme-harddisk": "hardDisk", "plaindisk": "hardDisk", "rawdisk": "rdm",
    "scsi-passthru-rdm": "rdm", "scsi-nonpassthru-rdm": "rdm", "scsi-passthru": "cdrom-raw",
}  # fmt: skip
_COMPATIBILITY = {"scsi-passthru-rdm": "physicalMode", "scsi-nonpassthru-rdm": "virtualMode"}
_RDMS = {mode: value for value, mode in _COMPATIBILITY.items()}
_CLIENTS = {"atapi-cdrom": "cdrom-client", "cdrom-raw": "cdrom-empty"}
_HARD_DISKS = {Bus.SCSI: "scsi-hardDisk", Bus.IDE: "ata-hardDisk"}


class DiskSurface(VmxSurface):
    """The keys of one disk on ``bus``."""

    def __init__(self, keys: Keys, paths: Paths, prefix: str, bus: Bus) -> None:
        super().__init__(keys, paths, prefix)
        self.bus = bus

    def backing(self) -> str:
        """Return the value of the table in :class:`Backing`; raise InvalidValueError where libvirt has none."""
        if self.bus is Bus.FDC:
            return self._floppy()
        value = (self.get("deviceType") or "").lower()
        name = self.get("fileName") or ""
        kind = _SYNONYMS.get(value, value)
        if kind in _CLIENTS and self.is_on("clientDevice"):
            return _CLIENTS[kind]
        if kind == "cdrom-image":
            return "cdrom-empty" if self._is_empty(name) else kind
        if value == "scsi-passthru" and not name.lower().startswith(_CDROM_DEVICES):
            raise InvalidValueError("deviceType", value)
        return kind if kind in _KNOWN else self._guessed(value, name)

    def _floppy(self) -> str:
        if self.is_on("clientDevice"):
            return "floppy-client"
        if (self.get("fileType") or "device").lower() == "file":
            return "floppy-client" if self._is_empty(self.get("fileName") or "") else "file"
        return "device"

    def _is_empty(self, name: str) -> bool:
        if name.lower() in ("", _EMPTY.lower()):
            return True
        try:
            self.paths.read(name)
        except Missing:
            return True
        return False

    def _guessed(self, value: str, name: str) -> str:
        """Return what a medium is whose type is not said or unknown, by its file's ending."""
        if name.lower().endswith(".iso"):
            return "cdrom-image"
        if name and (not value or name.lower().endswith(".vmdk")):
            return "hardDisk"
        raise InvalidValueError("deviceType", value)

    def set_backing(self, value: str) -> None:
        """Write the keys that make the medium one of ``value``."""
        if self.bus is Bus.FDC:
            self.put("clientDevice", value == "floppy-client" or None)
            self.put("fileType", None if value == "floppy-client" else value)
        elif value == "hardDisk":
            self.put("deviceType", _HARD_DISKS.get(self.bus, "disk"))
        elif value == "cdrom-empty":
            self.put("deviceType", "cdrom-image")
            self.put("fileName", _EMPTY)
        elif value == "cdrom-client":
            self.put("deviceType", "atapi-cdrom")
            self.turn_on("clientDevice")
            self.put("fileName", _EMPTY)
        else:
            self.put("deviceType", value)

    def device(self) -> str | None:
        """Return the host's device; None when it is to be found, or there is none."""
        name = self.get("fileName") or ""
        return None if name.lower() in ("", _DETECT, _EMPTY.lower()) else name

    def set_device(self, name: str | None) -> None:
        """Name the host's device; a CD-ROM of ESX itself is passed through."""
        self.put("fileName", name)
        raw = self.bus is Bus.SCSI and self.get("deviceType") == Backing.CDROM_RAW.vmx
        if raw and str(name).lower().startswith(_CDROM_DEVICES):
            self.put("deviceType", "scsi-passthru")

    def autodetect(self) -> bool:
        """Whether the host finds the device."""
        return (self.get("fileName") or "").lower() == _DETECT or self.is_on("autodetect")

    def set_autodetect(self, value: bool | None) -> None:
        """Let the host find the device."""
        if value:
            self.turn_on("autodetect")
            self.put("fileName", self.get("fileName") or _DETECT)

    def compatibility(self) -> str | None:
        """Return how a raw device mapping passes commands on."""
        return None if self.bus is Bus.FDC else _COMPATIBILITY.get((self.get("deviceType") or "").lower())

    def set_compatibility(self, value: str | None) -> None:
        """Say how a raw device mapping passes commands on."""
        if value in _RDMS and self.get("deviceType") == "rdm":
            self.put("deviceType", _RDMS[value])

    readers: ClassVar = {
        "@backing": backing, "@device": device, "@autodetect": autodetect, "@compatibility": compatibility,
    }  # fmt: skip
    writers: ClassVar = {
        "@backing": set_backing, "@device": set_device, "@autodetect": set_autodetect,
        "@compatibility": set_compatibility,
    }  # fmt: skip


_KNOWN = {row.vmx for row in Backing if row.device != "floppy"}
