"""The boot order: libvirt numbers single devices, VMX lists kinds of device, and apart from them its hard disks.

| VMX                                    | what is numbered                            |
|----------------------------------------|---------------------------------------------|
| ``bios.bootOrder = "cdrom,hdd"``       | the first CD-ROM, then the first hard disk  |
| ``bios.hddOrder = "scsi0:1,scsi0:0"``  | these hard disks, where ``hdd`` stands      |
| ``ethernet2`` in ``bios.bootOrder``    | that card                                   |

VMX cannot say that another device boots between two hard disks, nor name a second CD-ROM or an SR-IOV card.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from esxdriver.conf.devices.address import Bus
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.interface import NicModel
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.vmx.text import Keys

_KINDS, _DISKS = "bios.bootOrder", "bios.hddOrder"
_NAMES = {"disk": "hdd", "cdrom": "cdrom", "lun": "cdrom", "floppy": "floppy"}
_MOST = 16  # libvirt's documents number no more here: conf/domain/validate.py

Position = tuple[str, int]  # a device's: the field that lists it, and its index there


def with_order(definition: DomainDef, keys: Keys, cards: Sequence[int]) -> DomainDef:
    """Return the definition with the boot order that the keys hold; ``cards`` are the numbers of its cards."""
    found = list(dict.fromkeys(_positions(definition, keys, cards)))[:_MOST]
    for order, (field, index) in enumerate(found, start=1):
        devices: list[Any] = list(getattr(definition, field))
        devices[index] = replace(devices[index], boot_order=order)
        changed: dict[str, Any] = {field: tuple(devices)}
        definition = replace(definition, **changed)
    return definition


def put_order(definition: DomainDef, keys: Keys, cards: Sequence[int]) -> None:
    """Write the boot order of a definition, as far as VMX can hold it."""
    asked = _requested(definition)
    if not asked:
        return
    names = [_name(definition, position, cards) for position in asked]
    keys.put(_KINDS, ",".join(dict.fromkeys(name for name, _ in names if name)) or None)
    keys.put(_DISKS, ",".join(disk for _, disk in names if disk) or None)


def has_order(definition: DomainDef, keys: Keys, cards: Sequence[int]) -> bool:
    """Whether the keys hold the boot order of a definition, all of it."""
    return list(dict.fromkeys(_positions(definition, keys, cards)))[:_MOST] == _requested(definition)


def _requested(definition: DomainDef) -> list[Position]:
    """Return the devices that a definition numbers, in that order."""
    numbered = [
        (device.boot_order, (field, index))
        for field in ("disks", "interfaces")
        for index, device in enumerate(getattr(definition, field))
        if device.boot_order
    ]
    return [position for _, position in sorted(numbered)]


def _name(definition: DomainDef, position: Position, cards: Sequence[int]) -> tuple[str, str]:
    """Return the value for a device in the list of kinds, and in that of hard disks."""
    field, index = position
    if field == "disks":
        disk: DiskDef = definition.disks[index]
        return _NAMES[disk.backing.device], _address(disk) if disk.backing.is_hard_disk else ""
    known = dict(zip(_ordinary(definition), cards, strict=True))
    return (f"ethernet{known[index]}" if index in known else ""), ""


def _positions(definition: DomainDef, keys: Keys, cards: Sequence[int]) -> Iterator[Position]:
    """Yield the devices that the keys list, in order."""
    known = {f"ethernet{number}": index for index, number in zip(_ordinary(definition), cards, strict=True)}
    for value in _listed(keys, _KINDS):
        if value in known:
            yield "interfaces", known[value]
        elif value == "hdd":
            yield from _hard_disks(definition, keys)
        else:
            yield from _of_kind(definition, value)


def _hard_disks(definition: DomainDef, keys: Keys) -> Iterator[Position]:
    addresses = {_address(disk): index for index, disk in enumerate(definition.disks) if disk.backing.is_hard_disk}
    listed = [addresses[value] for value in _listed(keys, _DISKS) if value in addresses]
    for index in listed or list(addresses.values())[:1]:
        yield "disks", index


def _of_kind(definition: DomainDef, value: str) -> Iterator[Position]:
    indexes = [index for index, disk in enumerate(definition.disks) if _NAMES[disk.backing.device] == value]
    yield from (("disks", index) for index in indexes[:1])


def _ordinary(definition: DomainDef) -> list[int]:
    return [index for index, nic in enumerate(definition.interfaces) if nic.model is not NicModel.SRIOV]


def _address(disk: DiskDef) -> str:
    assert disk.address is not None
    return f"{disk.bus.vmx}{disk.address.controller}:{disk.address.unit}" if disk.bus is not Bus.FDC else ""


def _listed(keys: Keys, name: str) -> list[str]:
    return [value.strip().lower() for value in keys.values.get(name.lower(), "").split(",")]
