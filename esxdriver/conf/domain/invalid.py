"""Devices that a machine or a file has and no definition may: they are left out, so what is read can be defined."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import libvirt

from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.kinds import KINDS
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.domain.validate import validate
from esxdriver.conf.mapping.fields import altered

Report = Callable[[Any, Any, str], None]
"""Takes what cannot stay as it is: the device, what stays of it (None for nothing), and why."""

# Controllers come first: how many disks one takes depends on its model.
_ORDER = sorted((kind.name for kind in KINDS), key=lambda name: name != "controllers")


def without_invalid(definition: DomainDef, report: Report) -> tuple[DomainDef, Mapping[int, Any]]:
    """Return a definition with the devices that make it invalid left out, and what has become of each device.

    The latter is empty for a valid definition, which is returned as it is; otherwise it has by ``id()`` of each device
    of ``definition`` what stays of it: itself, None, or a copy without its place in the boot order, if it is only too
    far back there. Of two devices that exclude each other a hard disk stays before any other drive, then the first.
    What is wrong with the domain itself is left: writing will tell.
    """
    if _why(definition) is None:
        return definition, {}
    stays: dict[int, Any] = {}
    for device, kept, why in _sifted(definition):
        stays[id(device)] = kept
        if kept is not device:
            report(device, kept, why)
    changes: dict[str, Any] = {
        name: tuple(stays[id(each)] for each in getattr(definition, name) if stays[id(each)] is not None)
        for name in _ORDER
    }
    return replace(definition, **changes), stays


def _why(definition: DomainDef) -> str | None:
    """Return what :func:`validate` says of a definition, None when it is valid."""
    try:
        validate(definition)
    except libvirt.libvirtError as error:
        return str(error)
    return None


def _sifted(definition: DomainDef) -> Iterator[tuple[Any, Any, str]]:
    """Yield each device, what stays of it, and why it cannot stay as it is."""
    none: dict[str, Any] = dict.fromkeys(_ORDER, ())
    valid = replace(definition, **none)
    before = _why(valid)
    for name in _ORDER:
        for device in sorted(getattr(definition, name), key=_is_secondary):
            why = ""
            for tried in (device, _without_boot_order(device)):
                change: dict[str, Any] = {name: (*getattr(valid, name), tried)}
                reason = _why(replace(valid, **change))
                why = why or str(reason)
                if reason == before:
                    valid = replace(valid, **change)
                    yield device, tried, why
                    break
            else:
                yield device, None, why


def _is_secondary(device: Any) -> bool:
    return isinstance(device, DiskDef) and not device.backing.is_hard_disk


def _without_boot_order(device: Any) -> Any:
    return altered(device, boot_order=None) if getattr(device, "boot_order", None) else device
