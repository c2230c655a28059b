"""How a disk's mode is spelled in XML: one of three ways is written, all are read.

| snapshot, persistent | attributes                      | elements                   | libvirt                        |
|----------------------|---------------------------------|----------------------------|--------------------------------|
| yes, yes             | snapshot='yes' persistent='yes' |                            |                                |
| no, yes              | snapshot='no' persistent='yes'  | independent                | snapshot='no'                  |
| no, no               | snapshot='no' persistent='no'   | independent, nonpersistent | snapshot='no', transient       |
| yes, no (outdated)   | snapshot='yes' persistent='no'  | nonpersistent              | snapshot='internal', transient |
"""

from collections.abc import Mapping

from esxdriver.conf.mapping.enums import DiskMode, DiskModeXML
from esxdriver.conf.mapping.fields import InvalidValueError, Surface, UnsupportedValueError


class _ModeXML:
    """A mode in XML: one of three spellings is written, all are read, in any mix that does not contradict itself."""

    def read(self, surface: Surface, _: str) -> DiskMode | None:
        snapshot, persistent = aspects_said(surface)
        mode = DiskMode.having(snapshot is not False, persistent is not False)
        # <metadata> tells outdated modes apart, as long as the attributes still agree with it.
        outdated = DiskMode.of("vim", surface.get("meta:@mode") or "")
        return outdated if outdated is not None and outdated.aspects == mode.aspects else mode

    def write(self, surface: Surface, _: str, value: DiskMode) -> None:
        _WRITERS[getattr(surface, "options", {}).get("disk_mode", DiskModeXML.ATTRIBUTES)](surface, value)
        if not value.definable:
            surface.put("meta:@mode", value.vim)


SNAPSHOT: Mapping[str, bool] = {"yes": True, "internal": True, "external": True, "no": False}
_PERSISTENT = {"yes": True, "no": False}


def aspects_said(surface: Surface, values: Mapping[str, bool] = SNAPSHOT) -> tuple[bool | None, bool | None]:
    """Return what an element says of (joins snapshots, is kept at power off), None for what it does not say.

    ``values`` are those of ``snapshot=``. ``<transient/>`` where nothing speaks of snapshots means (no, no). Raises
    InvalidValueError for what contradicts itself and for a value that there is not.
    """
    snapshot = _agreed("snapshot", _snapshot_said(surface, values))
    persistent = _agreed("persistent", _persistent_said(surface))
    if snapshot is None and surface.get("transient") is not None:
        snapshot = False
    return snapshot, persistent


def _snapshot_said(surface: Surface, values: Mapping[str, bool]) -> list[bool]:
    said = _attribute(surface, "snapshot", values)
    return said + ([False] if surface.get("independent") is not None else [])


def _persistent_said(surface: Surface) -> list[bool]:
    said = _attribute(surface, "persistent", _PERSISTENT)
    elements = [name for name in ("nonpersistent", "transient") if surface.get(name) is not None]
    return said + [False] * len(elements)


def _attribute(surface: Surface, name: str, values: Mapping[str, bool]) -> list[bool]:
    value = surface.get(f"@{name}")
    if value is None:
        return []
    if value == "manual" and values is SNAPSHOT:
        raise UnsupportedValueError("snapshot='manual': ESX takes every snapshot itself; write yes or no")
    if value not in values:
        raise InvalidValueError(f"disk/@{name}", value, values)
    return [values[value]]


def _agreed(aspect: str, said: list[bool]) -> bool | None:
    if len(set(said)) > 1:
        raise InvalidValueError(f"disk/@{aspect}", "yes and no, in two spellings that contradict each other")
    return said[0] if said else None


def _write_attributes(surface: Surface, mode: DiskMode) -> None:
    surface.put("@snapshot", "yes" if mode.snapshot else "no")
    surface.put("@persistent", "yes" if mode.persistent else "no")


def _write_elements(surface: Surface, mode: DiskMode) -> None:
    surface.put("independent", None if mode.snapshot else "")
    surface.put("nonpersistent", None if mode.persistent else "")


def _write_libvirt(surface: Surface, mode: DiskMode) -> None:
    if not mode.snapshot:
        surface.put("@snapshot", "no")
    elif not mode.persistent:
        # <transient/> alone means (no, no): say that this one does join snapshots.
        surface.put("@snapshot", "internal")
    surface.put("transient", None if mode.persistent else "")


_WRITERS = {
    DiskModeXML.ATTRIBUTES: _write_attributes,
    DiskModeXML.ELEMENTS: _write_elements,
    DiskModeXML.LIBVIRT: _write_libvirt,
}


MODE_XML = _ModeXML()
