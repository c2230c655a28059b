"""A domain's definition with one device more, less or other: what is asked for then goes the way of every definition.

1. :func:`attached` finds out that the device's address is free, and gives it a controller where there is none yet.
2. :func:`detached` and :func:`updated` look for the device that is meant by what the document says of it, and by
   nothing else: a disk by its target or address and its file, a network card by its MAC address. What a document
   says must agree, and one device must be left: nobody guesses which disk goes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import libvirt

from esxdriver.conf.devices.address import SCSI_OWN_UNIT, Bus, DriveAddress, derived_address, letters
from esxdriver.conf.devices.chardev import ChardevDef, ParallelDef, SerialDef
from esxdriver.conf.devices.controller import ControllerDef
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.graphics import GraphicsDef, VideoDef
from esxdriver.conf.devices.interface import InterfaceDef, Network
from esxdriver.conf.devices.kinds import KIND_OF
from esxdriver.conf.devices.sound import SoundDef
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.domain.validate import validate
from esxdriver.errors import error
from esxdriver.vsphere.change.meant import is_drive, the_one, those

Edit = Callable[[DomainDef, Any], DomainDef]


def attached(domain: DomainDef, device: Any) -> DomainDef:
    """Return ``domain`` with ``device`` added; a medium for a drive that it has goes into that drive.

    Raises OPERATION_FAILED or OPERATION_INVALID for a place that is taken and names a free one, CONFIG_UNSUPPORTED
    and XML_ERROR for what no ESX can have.
    """
    if isinstance(device, DiskDef) and not device.backing.is_hard_disk and those(domain, device, is_drive):
        return updated(domain, device)
    device = _with_address(domain, device)
    for check in (_disk_is_free, _mac_is_free, _kind_is_free):
        check(domain, device)
    return _valid(_with_controller(_with(domain, device), device))


def detached(domain: DomainDef, device: Any) -> DomainDef:
    """Return ``domain`` without the device that is meant. Raises DEVICE_MISSING when it has no such device.

    Raises OPERATION_INVALID for a controller that is in use, OPERATION_UNSUPPORTED for what every machine has.
    """
    have = the_one(domain, device)
    _may_go(domain, have)
    return _valid(_replaced(domain, have))


def updated(domain: DomainDef, device: Any) -> DomainDef:
    """Return ``domain`` with the device that is meant as ``device`` has it. Raises DEVICE_MISSING, as detaching does.

    Raises OPERATION_UNSUPPORTED for a change that makes another device of it: another file of a hard disk, another
    model of a network card, a controller or a sound card.
    """
    have = the_one(domain, device, changing=True)
    return _valid(_replaced(domain, have, _completed(have, device)))


# -- where a device goes


def _with_address(domain: DomainDef, device: Any) -> Any:
    """Return a device with what follows from the domain that it comes to: its address, its port's number."""
    if isinstance(device, ChardevDef) and device.port is None:
        ports = {each.port for each in getattr(domain, KIND_OF[type(device)].name)}
        return replace(device, port=next(number for number in range(len(ports) + 1) if number not in ports))
    if not isinstance(device, DiskDef) or device.address is not None:
        return device
    address = derived_address(device.target, device.bus)
    if address is None:
        raise error(
            libvirt.VIR_ERR_XML_ERROR,
            f"{device.label}: no address follows from the target's name; write an <address>, or "
            + _way_out(domain, device),
        )
    return replace(device, address=address)


def _disk_is_free(domain: DomainDef, device: Any) -> None:
    if not isinstance(device, DiskDef):
        return
    for each in domain.disks:
        if each.target == device.target:
            raise error(
                libvirt.VIR_ERR_OPERATION_FAILED,
                f"target '{device.target}' already exists: it is {each.label}; {_way_out(domain, device)}",
            )
        if (each.bus, each.address) == (device.bus, device.address):
            raise error(
                libvirt.VIR_ERR_OPERATION_INVALID,
                f"{device.label}: its place on the {device.bus.xml} bus is taken by {each.label}; "
                f"{_way_out(domain, device)}",
            )
        if each.backing.is_hard_disk and device.source in (each.source, *each.chain):
            has = f"the domain has it as '{each.target}' already"
            raise error(libvirt.VIR_ERR_OPERATION_INVALID, f"{device.label}: {has}")


def _way_out(domain: DomainDef, disk: DiskDef) -> str:
    free = next(_free_targets(domain, disk.bus), None)
    return f"a free target is '{free}'" if free else f"the {disk.bus.xml} bus is full: attach it to another"


def _free_targets(domain: DomainDef, bus: Bus) -> Iterator[str]:
    """Yield the names that a disk may have whose address follows from its name."""
    names = {each.target for each in domain.disks}
    taken = {each.address for each in domain.disks if each.bus is bus}
    for name in _target_names(bus):
        address = derived_address(name, bus)
        own = bus is Bus.SCSI and address is not None and address.unit == SCSI_OWN_UNIT
        if name not in names and address not in taken and not own:
            yield name


def _target_names(bus: Bus) -> Iterator[str]:
    if bus is Bus.NVME:
        units = range(bus.units(0))
        yield from (f"nvme{controller}n{unit + 1}" for controller in range(bus.controllers) for unit in units)
    else:
        yield from (bus.prefix + letters(number) for number in range(bus.controllers * bus.step))


def _mac_is_free(domain: DomainDef, device: Any) -> None:
    if isinstance(device, InterfaceDef) and device.mac in [each.mac for each in domain.interfaces if each.mac]:
        raise error(
            libvirt.VIR_ERR_OPERATION_INVALID,
            f"the domain has an interface with the MAC address {device.mac} already: leave <mac> out, or write another",
        )


def _kind_is_free(domain: DomainDef, device: Any) -> None:
    """Refuse a second device of those that a domain has one of, at each index, port or address."""
    kind = KIND_OF[type(device)]
    if isinstance(device, DiskDef | InterfaceDef):
        return
    twin = next((each for each in getattr(domain, kind.name) if kind.identity[0](each, device)), None)
    if twin is not None:
        raise error(
            libvirt.VIR_ERR_OPERATION_INVALID,
            f"the domain has {twin.label} already: detach it first, or update it (update-device)",
        )


def _with_controller(domain: DomainDef, device: Any) -> DomainDef:
    """Return a domain with the controller of a new disk; where that is a further one, it is of the last one's model."""
    if not isinstance(device, DiskDef) or device.address is None:
        return domain
    alike = [each for each in domain.controllers if each.type == device.bus.xml]
    if not alike or device.address.controller in [each.index for each in alike]:
        return domain
    last = max(alike, key=lambda each: each.index)
    return _with(domain, ControllerDef(index=device.address.controller, model=last.model))


# -- what may become of it


def _may_go(domain: DomainDef, device: Any) -> None:
    if isinstance(device, VideoDef) or (isinstance(device, ControllerDef) and device.model.built_in):
        raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, f"{device.label}: every vSphere machine has it, it stays")
    if isinstance(device, ControllerDef):
        served = [each.label for each in domain.disks if _serves(device, each.bus, each.address)]
        if served:
            raise error(
                libvirt.VIR_ERR_OPERATION_INVALID, f"{device.label} is in use: detach {', '.join(served)} first"
            )


def _serves(controller: ControllerDef, bus: Bus, address: DriveAddress | None) -> bool:
    return (controller.type, controller.index) == (bus.xml, address.controller if address else 0)


def _completed(have: Any, said: Any) -> Any:
    """Return what ``said`` makes of a device: what it is known by stays, and its place in the boot order."""
    known = _COMPLETED.get(type(said), lambda _, said: said)(have, said)
    if getattr(have, "boot_order", None) and not said.boot_order:
        return replace(known, boot_order=have.boot_order)
    return known


def _other_disk(have: DiskDef, said: DiskDef) -> DiskDef:
    """Return a drive with what it is to hold, or a hard disk with what may change of it: its mode among them."""
    if have.backing.is_hard_disk and said.source not in (have.source, *have.chain):
        raise _another(have, f"file {said.source}")
    return replace(said, target=have.target, address=have.address, chain=have.chain)


def _other_card(have: InterfaceDef, said: InterfaceDef) -> InterfaceDef:
    if said.model not in (None, have.model):
        raise _another(have, f"model {said.model.xml}")
    if (have.network, said.network) == (Network.OPAQUE, Network.NULL):  # a device's element has no name for it
        said = replace(said, network=have.network, opaque_id=have.opaque_id, opaque_type=have.opaque_type)
    return replace(said, mac=have.mac, target=have.target, name=have.name, model=have.model)


def _other_port(have: ChardevDef, said: ChardevDef) -> ChardevDef:
    return replace(said, port=have.port)


def _other_graphics(have: GraphicsDef, said: GraphicsDef) -> GraphicsDef:
    return replace(said, port=said.port or have.port)


def _other_sound(have: SoundDef, said: SoundDef) -> SoundDef:
    if said.model is not have.model:
        raise _another(have, f"model {said.model.xml}")
    return said


def _other_controller(have: ControllerDef, said: ControllerDef) -> ControllerDef:
    if said.model is not have.model and not said.model.unsaid:
        raise _another(have, f"model {said.model.model}")
    return replace(said, model=have.model)


_COMPLETED: Mapping[type, Callable[[Any, Any], Any]] = {
    DiskDef: _other_disk, InterfaceDef: _other_card, SerialDef: _other_port, ParallelDef: _other_port,
    GraphicsDef: _other_graphics, SoundDef: _other_sound, ControllerDef: _other_controller,
}  # fmt: skip


def _another(have: Any, what: str) -> libvirt.libvirtError:
    return error(
        libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
        f"{have.label} cannot get another {what} by an update: detach it and attach the other",
    )


# -- the definition


def _with(domain: DomainDef, device: Any) -> DomainDef:
    name = KIND_OF[type(device)].name
    changes: dict[str, Any] = {name: (*getattr(domain, name), device)}
    return replace(domain, **changes)


def _replaced(domain: DomainDef, have: Any, *by: Any) -> DomainDef:
    name = KIND_OF[type(have)].name
    changes: dict[str, Any] = {
        name: tuple(new for each in getattr(domain, name) for new in (by if each is have else (each,)))
    }
    return replace(domain, **changes)


def _valid(domain: DomainDef) -> DomainDef:
    validate(domain)
    return domain
