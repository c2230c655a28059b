"""One disk's mode, from libvirt's words for QEMU to this project's and back.

| snapshot, persistent | stored by libvirt                        |
|----------------------|------------------------------------------|
| yes, yes             | nothing                                  |
| no, yes              | snapshot='no'                            |
| no, no               | snapshot='no' and ``<transient/>``       |
| yes, no              | snapshot='external' and ``<transient/>`` |

Where libvirt's own value says more than yes or no (``manual``, or ``internal`` where nothing is needed), it stays.
Sources: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms; libvirt src/qemu/qemu_validate.c.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import libvirt

from esxdriver.conf.devices.disk_mode_xml import SNAPSHOT, aspects_said
from esxdriver.conf.mapping.enums import DiskMode, DiskModeXML
from esxdriver.conf.mapping.fields import InvalidValueError
from esxdriver.conf.xml.edit import Change
from esxdriver.conf.xml.surface import ElementSurface
from esxdriver.errors import error

# libvirt's values of snapshot=, beside yes: whether a snapshot that libvirt takes holds the disk.
LOCATIONS: Mapping[str, bool] = {"internal": True, "external": True, "manual": False, "no": False}
_ACCEPTED = {**SNAPSHOT, **LOCATIONS}


@dataclass(frozen=True)
class Disk:
    """A disk as libvirt has it. ``location`` is its own value of ``snapshot=``, which may say more than the mode.

    ``sharing`` is whether ``<transient>`` says more than that it is there, as ``shareBacking='yes'`` does.
    """

    target: str
    source: str | None
    type: str
    device: str
    readonly: bool
    sharing: bool
    location: str | None
    mode: DiskMode

    @property
    def is_hard_disk(self) -> bool:
        """Whether it has a mode: CD-ROMs and floppies have none."""
        return self.device in ("disk", "lun")

    @property
    def label(self) -> str:
        """How errors name it."""
        return f"disk '{self.target}'" + (f" ({self.source})" if self.source else "")

    @property
    def implied(self) -> str | None:
        """The value of ``snapshot=`` that the mode alone stands for; a read-only disk joins when that is asked for."""
        return "external" if self.readonly and self.mode.snapshot else self.mode.qemu

    @property
    def more(self) -> str | None:
        """Its location, where that is not what the mode stands for."""
        return None if self.location in (None, self.implied) else self.location


def read(element: ElementSurface) -> Disk:
    """Return a ``<disk>`` of a document that libvirt wrote."""
    location = element.get("@snapshot")
    readonly = element.get("readonly") is not None
    joins = not readonly if location is None else LOCATIONS.get(location, True)
    return _disk(element, location, DiskMode.having(joins, element.get("transient") is None))


def _disk(element: ElementSurface, location: str | None, mode: DiskMode) -> Disk:
    return Disk(
        target=element.get("target/@dev") or "",
        source=_source(element),
        type=element.get("@type") or "file",
        device=element.get("@device") or "disk",
        readonly=element.get("readonly") is not None,
        sharing=any(child.name == "transient" and child.element.attrib for child in element.children()),
        location=location,
        mode=mode,
    )


def _source(element: ElementSurface) -> str | None:
    """Return what names a disk's source: a file, a device, a volume, or a name on a server."""
    paths = ("source/@file", "source/@dev", "source/@volume", "source/@name", "source/@dir")
    return next((found for path in paths if (found := element.get(path))), None)


# -- from libvirt


def shown(element: ElementSurface, style: DiskModeXML) -> Change:
    """Return how to edit a ``<disk>`` of libvirt's so that it says its mode in this project's words."""
    disk = read(element)
    return _SHOWN[style](disk) if disk.is_hard_disk else Change()


def _shown_attributes(disk: Disk) -> Change:
    attributes = {"snapshot": disk.more or _yes(disk.mode.snapshot), "persistent": _yes(disk.mode.persistent)}
    return Change(attributes, {} if disk.sharing else {"transient": False})


def _shown_elements(disk: Disk) -> Change:
    elements = {
        "independent": disk.more is None and not disk.mode.snapshot,
        "nonpersistent": not disk.mode.persistent,
    }
    if not disk.sharing:
        return Change({"snapshot": disk.more}, elements | {"transient": False})
    # <transient/> stays, and alone it would be read as (no, no).
    return Change({"snapshot": disk.more or disk.implied}, elements)


def _shown_libvirt(disk: Disk) -> Change:
    # <transient/> alone is read as (no, no) here, and joins snapshots there: say so.
    alone = disk.location is None and not disk.mode.persistent and disk.mode.snapshot
    return Change({"snapshot": disk.implied}) if alone else Change()


_SHOWN: Mapping[DiskModeXML, Callable[[Disk], Change]] = {
    DiskModeXML.ATTRIBUTES: _shown_attributes,
    DiskModeXML.ELEMENTS: _shown_elements,
    DiskModeXML.LIBVIRT: _shown_libvirt,
}


# -- to libvirt


def stored(element: ElementSurface) -> Change:
    """Return how to edit a ``<disk>`` of a document in any of the three spellings so that libvirt understands it.

    Raises XML_ERROR for what contradicts itself or is no value, CONFIG_UNSUPPORTED for a disk that cannot be transient
    on QEMU. What says nothing of a mode stays as it is.
    """
    snapshot, persistent = said_of(element, element.get("target/@dev") or "")
    location = element.get("@snapshot")
    if (snapshot, persistent, location) == (None, None, None):
        return Change()
    disk = _disk(element, location, DiskMode.having(snapshot is not False, persistent is not False))
    if not disk.mode.persistent and (reason := _never_transient(disk)):
        raise error(
            libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
            f"{disk.label}: persistent='no' needs <transient/>, but it {reason}; write persistent='yes'",
        )
    elements = {"independent": False, "nonpersistent": False, "transient": not disk.mode.persistent}
    return Change({"snapshot": _stored_location(disk, snapshot), "persistent": None}, elements)


def said_of(element: ElementSurface, target: str) -> tuple[bool | None, bool | None]:
    """Return what an element says of (joins snapshots, is kept), in any spelling; None for what it does not say.

    Raises XML_ERROR that names the disk.
    """
    try:
        return aspects_said(element, _ACCEPTED)
    except InvalidValueError as cause:
        raise error(libvirt.VIR_ERR_XML_ERROR, f"disk '{target}': {cause}") from None


def _stored_location(disk: Disk, snapshot: bool | None) -> str | None:
    if disk.location in LOCATIONS:
        return disk.location
    if not disk.is_hard_disk or (disk.readonly and snapshot is None):
        return None if snapshot is not False else "no"
    return disk.implied


def _never_transient(disk: Disk) -> str | None:
    """Return why a disk cannot be transient there, None when it can. Source: libvirt src/qemu/qemu_validate.c."""
    if disk.device != "disk":
        return f"is a {disk.device}"
    if disk.readonly:
        return "is read-only"
    if disk.type != "file":
        return f"is of type '{disk.type}', and QEMU's overlay stands beside a file"
    return None if disk.source else "has no source"


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"
