"""Which device of a machine a wanted definition means: by what identifies a device of its kind.

A hard disk is its file, a network card its MAC address, a port its number. What nothing wanted means is removed,
what means nothing is added.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from esxdriver.conf.chardev import ParallelDef, SerialDef
from esxdriver.conf.controller import ControllerDef
from esxdriver.conf.disk import DiskDef
from esxdriver.conf.graphics import VideoDef
from esxdriver.conf.hostdev import HostdevDef, TpmDef
from esxdriver.conf.interface import InterfaceDef


@dataclass(frozen=True)
class Pair:
    """A device as it is and as it is wanted; ``have`` is None for a new one, ``want`` for one to remove."""

    have: Any
    want: Any
    device: Any = None


Key = Callable[[Any], Any]

# For each kind, what identifies a device, the surest first; a key of None identifies nothing.
_IDENTITIES: dict[type, Sequence[Key]] = {
    DiskDef: (
        lambda disk: (disk.bus, disk.place, disk.source, disk.backing.is_hard_disk),
        lambda disk: disk.source if disk.backing.is_hard_disk else None,
        lambda disk: None if disk.backing.is_hard_disk else (disk.bus, disk.place, disk.backing.vim_device),
    ),
    ControllerDef: (lambda controller: (controller.type, controller.index),),
    InterfaceDef: (
        lambda nic: nic.mac,
        lambda nic: replace(nic, mac=None, mac_type=None, mac_check=None, pci=None, boot_order=None, target=None),
        lambda nic: (nic.network, nic.source, nic.switch, nic.portgroup, nic.opaque_id),
    ),
    SerialDef: (lambda port: port.port,),
    ParallelDef: (lambda port: port.port,),
    VideoDef: (lambda _: "video",),
    TpmDef: (lambda _: "tpm",),
    HostdevDef: (lambda device: device.identity,),
}


def pairs(have: Iterable[tuple[Any, Any]], want: Iterable[Any]) -> list[Pair]:
    """Pair the definitions that were read off devices with the wanted ones.

    ``have`` yields a definition and its device. The pairs come in the order of ``want``, those to remove last.
    """
    left = list(have)
    wanted = list(want)
    found: dict[int, Pair] = {}
    for rank in range(max(map(len, _IDENTITIES.values()))):
        for position, definition in enumerate(wanted):
            if position not in found:
                partner = _partner(left, definition, rank)
                if partner is not None:
                    left.remove(partner)
                    found[position] = Pair(partner[0], _agreeing(*partner[:1], definition), partner[1])
    matched = [found.get(position) or Pair(None, definition) for position, definition in enumerate(wanted)]
    return matched + [Pair(definition, None, device) for definition, device in left]


def _partner(left: list[tuple[Any, Any]], want: Any, rank: int) -> tuple[Any, Any] | None:
    keys = _IDENTITIES[type(want)]
    if rank >= len(keys) or (identity := keys[rank](want)) is None:
        return None
    return next((each for each in left if type(each[0]) is type(want) and keys[rank](each[0]) == identity), None)


def _agreeing(have: Any, want: Any) -> Any:
    """Return ``want`` with what its document leaves open taken from ``have``."""
    if isinstance(want, DiskDef) and have.backing.plain is want.backing.plain:
        want = replace(want, backing=have.backing)
    if isinstance(want, DiskDef) and have.mode.aspects == want.mode.aspects:
        want = replace(want, mode=have.mode)  # outdated modes have the same aspects
    if isinstance(want, ControllerDef) and want.model.unsaid:
        want = replace(want, model=have.model)
    return want


def implied_controllers(disks: Sequence[DiskDef], controllers: Sequence[ControllerDef]) -> Iterator[tuple[str, int]]:
    """Yield type and index of each controller that a disk hangs on and no definition names."""
    named = {(each.type, each.index) for each in controllers}
    for disk in disks:
        place = disk.place
        if place is not None and (disk.bus.xml, place.controller) not in named:
            named.add((disk.bus.xml, place.controller))
            yield disk.bus.xml, place.controller
