"""Which device of a machine a wanted definition means: by what identifies a device of its kind.

A hard disk is its file, a network card its MAC address, a port its number. What nothing wanted means is removed,
what means nothing is added.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from esxdriver.conf.devices.controller import ControllerDef
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.interface import InterfaceDef
from esxdriver.conf.devices.kinds import KIND_OF, KINDS


@dataclass(frozen=True)
class Pair:
    """A device as it is and as it is wanted; ``have`` is None for a new one, ``want`` for one to remove."""

    have: Any
    want: Any
    device: Any = None


_MOST_TESTS = max(len(kind.identity) for kind in KINDS)


def pairs(have: Iterable[tuple[Any, Any]], want: Iterable[Any]) -> list[Pair]:
    """Pair the definitions that were read off devices with the wanted ones.

    ``have`` yields a definition and its device. The pairs come in the order of ``want``, those to remove last.
    """
    left = list(have)
    wanted = list(want)
    found: dict[int, Pair] = {}
    for rank in range(_MOST_TESTS):
        for position, definition in enumerate(wanted):
            if position not in found:
                partner = _partner(left, definition, rank)
                if partner is not None:
                    left.remove(partner)
                    found[position] = Pair(partner[0], _agreeing(*partner[:1], definition), partner[1])
    matched = [found.get(position) or Pair(None, definition) for position, definition in enumerate(wanted)]
    return matched + [Pair(definition, None, device) for definition, device in left]


def _partner(left: list[tuple[Any, Any]], want: Any, rank: int) -> tuple[Any, Any] | None:
    ranks = KIND_OF[type(want)].identity
    if rank >= len(ranks):
        return None
    return next((each for each in left if type(each[0]) is type(want) and ranks[rank](each[0], want)), None)


def _agreeing(have: Any, want: Any) -> Any:
    """Return ``want`` with what its document leaves open, or says of another time, taken from ``have``."""
    if isinstance(want, DiskDef):
        return _same_disk(have, want)
    if isinstance(want, ControllerDef) and want.type == "usb":
        return replace(want, model=have.model, index=have.index)  # the host has its own order of them
    if isinstance(want, ControllerDef) and want.model.unsaid:
        return replace(want, model=have.model)
    if isinstance(want, InterfaceDef) and want.portgroup and _group(have) == _group(want):
        # The port and its cookie are the host's to choose within a group.
        return replace(want, port=have.port, connection=have.connection)
    return want


def _group(nic: InterfaceDef) -> tuple[str | None, str | None]:
    return nic.switch, nic.portgroup


def _same_disk(have: DiskDef, want: DiskDef) -> DiskDef:
    changes: dict[str, Any] = {}
    empty = have.source is None and want.source is None and have.backing.device == want.backing.device
    if have.backing.plain is want.backing.plain or empty:
        changes["backing"] = have.backing
    if have.mode.aspects == want.mode.aspects:
        changes["mode"] = have.mode  # outdated modes have the same aspects
    if want.source in have.chain:
        changes["source"] = have.source  # the document is of a time before a snapshot
    return replace(want, **changes)


def implied_controllers(disks: Sequence[DiskDef], controllers: Sequence[ControllerDef]) -> Iterator[tuple[str, int]]:
    """Yield type and index of each controller that a disk hangs on and no definition names."""
    named = {(each.type, each.index) for each in controllers}
    for disk in disks:
        address = disk.address
        if address is not None and (disk.bus.xml, address.controller) not in named:
            named.add((disk.bus.xml, address.controller))
            yield disk.bus.xml, address.controller
