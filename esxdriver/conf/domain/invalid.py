"""Devices that a machine has and no definition may: which ones to leave out, so that what is dumped can be defined."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import libvirt

from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.kinds import KINDS
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.domain.validate import validate
from esxdriver.conf.mapping.fields import altered

# Controllers come first: how many disks one takes depends on its model.
_ORDER = sorted((kind.name for kind in KINDS), key=lambda name: name != "controllers")


def why_invalid(definition: DomainDef) -> str | None:
    """Return what :func:`validate` says of a definition, None when it is valid."""
    try:
        validate(definition)
    except libvirt.libvirtError as error:
        return str(error)
    return None


def sifted(definition: DomainDef) -> Iterator[tuple[Any, Any, str]]:
    """Yield each device of an invalid definition as it is and as it can stay, None for not at all, and why not.

    A device that is only too far back in the boot order stays without its place there. Of two devices that exclude
    each other a hard disk stays before any other drive, then the first. What is wrong with the domain itself is left.
    """
    none: dict[str, Any] = dict.fromkeys(_ORDER, ())
    kept = replace(definition, **none)
    before = why_invalid(kept)
    for name in _ORDER:
        for device in sorted(getattr(definition, name), key=_is_secondary):
            why = ""
            for tried in (device, _without_boot_order(device)):
                change: dict[str, Any] = {name: (*getattr(kept, name), tried)}
                reason = why_invalid(replace(kept, **change))
                why = why or str(reason)
                if reason == before:
                    kept = replace(kept, **change)
                    yield device, tried, why
                    break
            else:
                yield device, None, why


def _is_secondary(device: Any) -> bool:
    return isinstance(device, DiskDef) and not device.backing.is_hard_disk


def _without_boot_order(device: Any) -> Any:
    return altered(device, boot_order=None) if getattr(device, "boot_order", None) else device
