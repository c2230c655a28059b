"""Which device of a machine a wanted definition means: by what identifies a device of its kind.

A hard disk is its file, a network card its MAC address, a port its number. What nothing wanted means is removed,
what means nothing is added. A definition is matched once, and the rules and the plan are given the match.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from esxdriver.conf.devices.controller import ControllerDef, ControllerModel
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.interface import InterfaceDef
from esxdriver.conf.devices.kinds import KIND_OF, KINDS
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.vsphere.machine.machine import Machine


@dataclass(frozen=True)
class Pair:
    """A device as it is and as it is wanted; ``have`` is None for a new one, ``want`` for one to remove.

    ``device`` is vSphere's object that ``have`` was read from, None for a device that vSphere keeps as options.
    """

    have: Any
    want: Any
    device: Any = None


@dataclass(frozen=True)
class Match:
    """A machine as it is, the domain that is wanted of it, and which device of the one is which of the other.

    ``machine`` is None for a domain that is new, ``want`` the definition as it was given. ``pairs`` has every device
    of both in exactly one pair: the wanted ones in libvirt's order of kinds and the document's within a kind, then
    those to remove. Among the wanted are the controllers that disks hang on and nobody names, and what a document
    leaves open, or says of a time before a snapshot, is in ``Pair.want`` as the machine has it.
    """

    machine: Machine | None
    want: DomainDef
    pairs: tuple[Pair, ...]

    @property
    def have(self) -> DomainDef | None:
        """The definition that was read off the machine, None for a domain that is new."""
        return self.machine.definition if self.machine else None

    def of(self, *kinds: type) -> list[Pair]:
        """Return the pairs of devices whose definitions are of these classes."""
        return [pair for pair in self.pairs if isinstance(pair.have or pair.want, kinds)]


def match(machine: Machine | None, want: DomainDef) -> Match:
    """Pair the devices of ``machine`` with those of ``want``; every device is new where there is no machine."""
    have = [*machine.devices, *_kept_as_options(machine.definition)] if machine else []
    return Match(machine, want, tuple(_pairs(have, _wanted(want))))


def _kept_as_options(definition: DomainDef) -> Iterator[tuple[Any, None]]:
    return ((each, None) for kind in KINDS if not kind.vim for each in getattr(definition, kind.name))


def _wanted(want: DomainDef) -> Iterator[Any]:
    for kind in KINDS:
        yield from getattr(want, kind.name)
        if kind.definition is ControllerDef:
            yield from _implied_controllers(want)


_MOST_TESTS = max(len(kind.identity) for kind in KINDS)


def _pairs(have: Iterable[tuple[Any, Any]], want: Iterable[Any]) -> list[Pair]:
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
    if isinstance(want, InterfaceDef) and want.link and have.link is None:
        want = replace(want, link=None)  # it is plugged in, as a dump says by saying nothing
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


def _implied_controllers(want: DomainDef) -> Iterator[ControllerDef]:
    """Yield the controllers that disks hang on and no definition names, of a model that is not said."""
    named = {(each.type, each.index) for each in want.controllers}
    for disk in want.disks:
        if disk.address is None or (disk.bus.xml, disk.address.controller) in named:
            continue
        named.add((disk.bus.xml, disk.address.controller))
        yield ControllerDef(index=disk.address.controller, model=_unsaid(disk.bus.xml))


def _unsaid(type_: str) -> ControllerModel:
    return [row for row in ControllerModel if row.type == type_][-1]
