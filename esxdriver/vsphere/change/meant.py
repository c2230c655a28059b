"""Which device of a domain a document means, to detach or to change it: nobody guesses which disk goes.

A disk is known by its target or address and its file, a network card by its MAC address. Any other device is known by
all that is said of it or, where it is to be changed, by what identifies a device of its kind. Where a definition is
given, :mod:`esxdriver.vsphere.machine.match` pairs its devices instead: there what is not meant goes.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import libvirt

from esxdriver.conf.devices.address import derived_address
from esxdriver.conf.devices.chardev import ChardevDef
from esxdriver.conf.devices.controller import ControllerModel
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.interface import InterfaceDef
from esxdriver.conf.devices.kinds import KIND_OF
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.errors import error

Means = Callable[[DomainDef, Any, Any], bool]
"""Whether a device of a domain is the one that a document means."""


def the_one(domain: DomainDef, device: Any, *, changing: bool = False) -> Any:
    """Return the one device that ``device`` describes; of one that is ``changing``, what tells it from others.

    Raises DEVICE_MISSING when there is none, OPERATION_FAILED when there are several.
    """
    means = _CHANGING.get(type(device), _is_its_kind) if changing else _MEANS.get(type(device), _is_alike)
    devices = those(domain, device, means)
    if len(devices) == 1:
        return devices[0]
    kind = KIND_OF[type(device)]
    has = ", ".join(each.label for each in getattr(domain, kind.name)) or f"no {kind.element}"
    if not devices:
        why = f"{device.label} is none of the domain's as it is described; it has {has}"
        raise error(libvirt.VIR_ERR_DEVICE_MISSING, why)
    raise error(libvirt.VIR_ERR_OPERATION_FAILED, f"{device.label} may be one of several: say which; it has {has}")


def those(domain: DomainDef, device: Any, means: Means) -> Sequence[Any]:
    """Return the domain's devices that ``device`` may mean, as ``means`` has it."""
    return [each for each in getattr(domain, KIND_OF[type(device)].name) if means(domain, each, device)]


def is_drive(domain: DomainDef, have: DiskDef, said: DiskDef) -> bool:
    """Whether ``said`` names the target of a disk; by the address where no disk on the bus has that name."""
    if (have.bus, have.backing.device) != (said.bus, said.backing.device):
        return False
    if any((each.bus, each.target) == (said.bus, said.target) for each in domain.disks):
        return have.target == said.target and said.address in (None, have.address)
    return have.address == (said.address or derived_address(said.target, said.bus))


def _is_disk(domain: DomainDef, have: DiskDef, said: DiskDef) -> bool:
    """Whether ``said`` means a disk: a hard disk's file must agree, too, that of a drive may have changed meanwhile."""
    holds = not have.backing.is_hard_disk or said.source in (None, have.source, *have.chain)
    return is_drive(domain, have, said) and holds


def _is_interface(_: DomainDef, have: InterfaceDef, said: InterfaceDef) -> bool:
    names = ("model", "target") if said.mac else ("network", "source", "switch", "portgroup", "model", "target", "name")
    return said.mac in (None, have.mac) and all(_agrees(have, said, name) for name in names)


def _is_named_interface(domain: DomainDef, have: InterfaceDef, said: InterfaceDef) -> bool:
    if said.mac or said.target or said.name:
        return all(_agrees(have, said, name) for name in ("mac", "target", *(() if said.mac else ("name",))))
    return len(domain.interfaces) == 1


def _is_alike(_: DomainDef, have: Any, said: Any) -> bool:
    """Whether all that ``said`` speaks of is so."""
    named = [each.name for each in fields(said) if getattr(said, each.name) not in (None, each.default)]
    return _is_same(have, said) and all(_agrees(have, said, name) for name in named)


def _is_its_kind(_: DomainDef, have: Any, said: Any) -> bool:
    return _is_same(have, said)


def _is_same(have: Any, said: Any) -> bool:
    unnumbered = isinstance(said, ChardevDef) and said.port is None
    return unnumbered or any(same(have, said) for same in KIND_OF[type(said)].identity)


def _agrees(have: Any, said: Any, name: str) -> bool:
    wanted = getattr(said, name)
    unsaid = isinstance(wanted, ControllerModel) and wanted.unsaid
    return unsaid or wanted in (None, getattr(have, name))


# What tells which device is meant: to detach it, and to update it, when not all of what is said is so already.
_MEANS: dict[type, Means] = {DiskDef: _is_disk, InterfaceDef: _is_interface}
_CHANGING: dict[type, Means] = {DiskDef: is_drive, InterfaceDef: _is_named_interface}
