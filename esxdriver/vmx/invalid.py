"""Devices that a VMX file has and no ESX could: they are left out, so that what is read can be defined."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import libvirt

from esxdriver.conf.devices.kinds import KINDS
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.domain.validate import validate
from esxdriver.vmx.devices import named
from esxdriver.vmx.numbering import left

_NAMES = [kind.name for kind in KINDS]
# Controllers come first: how many disks one takes depends on its model.
_ORDER = ("controllers", *(name for name in _NAMES if name != "controllers"))


def drop_invalid(
    definition: DomainDef, numbers: Mapping[str, list[int]], warn: Callable[[str], None]
) -> tuple[DomainDef, dict[str, list[int]]]:
    """Return the definition without the devices that make it invalid, and the numbers of those that are left.

    What is wrong with the domain itself is not for reading to decide: writing will tell.
    """
    if _why(definition) is None:
        return definition, {name: list(found) for name, found in numbers.items()}
    kept: dict[str, set[int]] = {}
    none: dict[str, Any] = dict.fromkeys(_NAMES, ())
    bare = replace(definition, **none)
    before = _why(bare)
    for name in _ORDER:
        kept[name] = set()
        for position, device in enumerate(getattr(definition, name)):
            change: dict[str, Any] = {name: (*getattr(bare, name), device)}
            tried = replace(bare, **change)
            why = _why(tried)
            if why == before:
                bare = tried
                kept[name].add(position)
            else:
                warn(f"{device.label}: left out, kept as options: {why}")
    return replace(bare, disks=named(bare.disks, definition.hardware or 0)), left(definition, numbers, kept)


def _why(definition: DomainDef) -> str | None:
    try:
        validate(definition)
    except libvirt.libvirtError as error:
        return str(error)
    return None
