"""A snapshot: what ``<domainsnapshot>`` says, what vSphere's tree holds, and how the two come together.

| libvirt                | vSphere (``VirtualMachineSnapshotTree``)                     |
|------------------------|--------------------------------------------------------------|
| ``name``               | ``name``, escaped as inventory names are                     |
| ``description``        | ``description``                                              |
| ``state``, ``memory``  | ``state``: ``poweredOff`` is a snapshot without memory       |
| ``creationTime``       | ``createTime``                                               |
| ``disks``              | the modes of the disks in the snapshot's own ``config``      |

ESX decides by a disk's mode whether a snapshot holds it, so ``<disks>`` may only say what is so.
Sources: https://libvirt.org/formatsnapshot.html; vSphere API, VirtualMachineSnapshotTree, CreateSnapshot_Task.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

import libvirt

from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.codecs import NUMBER, TEXT
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.mapping.fields import At, InvalidValueError, Surface, UnsupportedValueError, fact
from esxdriver.conf.mapping.identity import NAME
from esxdriver.conf.mapping.states import PowerState
from esxdriver.errors import error, unsupported, xml_error

DISKS_ONLY = "take it without memory (--disk-only, VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY)"


class _Moment:
    """A point in time: seconds since 1970 in XML, a date with its zone in vSphere."""

    def read(self, surface: Surface, path: str) -> int | None:
        value = surface.get(path)
        return int(value.timestamp()) if isinstance(value, datetime) else NUMBER.read(surface, path)

    def write(self, surface: Surface, path: str, value: int) -> None:
        NUMBER.write(surface, path, value)


class _Memory:
    """Whether the memory is in it. ESX keeps it with the snapshot, which libvirt calls internal."""

    _VALUES: ClassVar[dict[str, bool]] = {"no": False, "internal": True, "yes": True}

    def read(self, surface: Surface, path: str) -> bool | None:
        value = surface.get(path)
        if value == "external" or surface.get("memory/@file") is not None:
            raise UnsupportedValueError(
                "memory: ESX keeps it with the snapshot, not in a file; write snapshot='internal'"
            )
        if value is not None and value not in self._VALUES:
            raise InvalidValueError(path, value, self._VALUES)
        return None if value is None else self._VALUES[value]

    def write(self, surface: Surface, path: str, value: bool) -> None:
        surface.put(path, "internal" if value else "no")


class _MemoryOfState:
    """Whether the memory is in it, by the state that vSphere names: one without memory is of a domain that is off."""

    def read(self, surface: Surface, path: str) -> bool:
        state = PowerState.read(surface, path)
        return state is not None and state.active

    def write(self, surface: Surface, path: str, value: bool) -> None:
        """Write nothing: the state says it."""


@dataclass(frozen=True, kw_only=True)
class SnapshotDiskDef:
    """What a document says of one disk, named by its target or its source; None is what it does not say."""

    name: str
    snapshot: bool | None = None
    persistent: bool | None = None

    @property
    def mode(self) -> DiskMode:
        """The mode that this stands for; what is not said is yes."""
        return DiskMode.having(self.snapshot is not False, self.persistent is not False)


@dataclass(frozen=True, kw_only=True)
class SnapshotDef:
    """A snapshot that is wanted, or one that exists. ``created`` is in seconds since 1970.

    ``memory`` is None where a document does not say. ``domain`` is the domain as it was when the snapshot was taken.
    """

    name: str = fact(NAME, xml=At("name", codec=TEXT), vim="name", default="")
    description: str = fact(TEXT, xml="description", vim="description", default="")
    state: PowerState | None = fact(PowerState, xml="state", vim="state", default=None)
    parent: str | None = fact(TEXT, xml="parent/name", default=None)
    created: int | None = fact(_Moment(), xml="creationTime", vim="createTime", default=None)
    memory: bool | None = fact(_Memory(), xml="memory/@snapshot", vim=At("state", codec=_MemoryOfState()), default=None)
    disks: tuple[SnapshotDiskDef, ...] = ()
    domain: DomainDef | None = None


def hard_disks(domain: DomainDef) -> tuple[DiskDef, ...]:
    """Return the disks that have a mode, and so a say in snapshots."""
    return tuple(disk for disk in domain.disks if disk.backing.is_hard_disk)


def settings(domain: DomainDef) -> tuple[SnapshotDiskDef, ...]:
    """Return what a snapshot of ``domain`` does with each of its hard disks."""
    return tuple(
        SnapshotDiskDef(name=disk.target, snapshot=disk.mode.snapshot, persistent=disk.mode.persistent)
        for disk in hard_disks(domain)
    )


def obstacle(disk: DiskDef, domain: DomainDef) -> str | None:
    """Return why no snapshot can be taken of a domain with this disk, None when the disk is no reason.

    Source: vSphere Virtual Machine Administration, "Snapshot Limitations"; an independent disk is left out of
    snapshots and so never in their way, except through a shared controller.
    """
    if disk.mode.snapshot and disk.compatibility == "physicalMode":
        return "is a raw device mapping in physical mode"
    if disk.mode.snapshot and disk.shareable:
        return "is written by several domains at once (<shareable/>)"
    shared = {(each.type, each.index) for each in domain.controllers if each.shared_bus}
    if disk.address is not None and (disk.bus.xml, disk.address.controller) in shared:
        return f"is on controller {disk.address.controller}, whose bus other domains share"
    return None


def align(want: SnapshotDef, domain: DomainDef, state: PowerState, *, disk_only: bool = False) -> SnapshotDef:
    """Return ``want`` as it would be taken of ``domain``: with every disk's setting, and memory or not.

    A disk that is not listed takes its domain's setting. Raises CONFIG_UNSUPPORTED for a disk that is listed twice or
    with another setting, and for one that the domain does not have; XML_ERROR for memory in a snapshot of disks only;
    OPERATION_INVALID for the memory of a domain that is shut off.
    """
    _check_listed(want.disks, domain)
    wanted = memory_wanted(want.memory, state, disk_only=disk_only)
    memory = wanted and state.active
    return replace(
        want,
        disks=settings(domain),
        memory=memory,
        state=state if memory else PowerState.SHUTOFF,
        domain=domain,
    )


def memory_wanted(said: bool | None, state: PowerState, *, disk_only: bool) -> bool:
    """Return whether memory is to be in a snapshot, as far as there is any; ``said`` is None where nothing is said.

    Raises XML_ERROR for memory in a snapshot of disks only, OPERATION_INVALID for that of a domain that is shut off.
    """
    if said and disk_only:
        raise xml_error("memory: cannot be in a snapshot of disks only")
    if said and not state.active:
        raise error(
            libvirt.VIR_ERR_OPERATION_INVALID,
            "memory: the domain is shut off and has none to save; write <memory snapshot='no'/> or nothing",
        )
    return not disk_only if said is None else said


def memory_leaves_out_no_disk(outside: Sequence[tuple[str, DiskMode]], remedy: str = DISKS_ONLY) -> str:
    """Return why memory cannot be saved while disks, named with their modes, are ``outside`` of the snapshot."""
    listed = ", ".join(f"{target} ({mode.vim})" for target, mode in outside)
    return f"memory cannot be in a snapshot of a domain with independent disks, {listed}: {remedy}"


def _check_listed(listed: Sequence[SnapshotDiskDef], domain: DomainDef) -> None:
    meant = [_meant(each.name, domain) for each in listed]
    twice = [target for target, count in Counter(disk.target for disk in meant).items() if count > 1]
    if twice:
        raise unsupported(f"disk '{twice[0]}' is listed twice")
    for said, disk in zip(listed, meant, strict=True):
        _check_agrees(said, disk)


def _meant(name: str, domain: DomainDef) -> DiskDef:
    found = next((disk for disk in domain.disks if name in (disk.target, disk.source)), None)
    if found is None:
        targets = ", ".join(disk.target for disk in domain.disks) or "none"
        raise unsupported(f"no disk '{name}'; the domain has: {targets}")
    return found


def _check_agrees(said: SnapshotDiskDef, disk: DiskDef) -> None:
    hard = disk.backing.is_hard_disk
    has = {"snapshot": hard and disk.mode.snapshot, "persistent": disk.mode.persistent}
    for aspect, so in has.items():
        wanted = getattr(said, aspect)
        if wanted not in (None, so):
            mode = f"its mode is {disk.mode.vim}" if hard else f"it is a {disk.backing.device}"
            raise unsupported(
                f"{disk.label}: {aspect}='{_yes(wanted)}' contradicts the domain, where {mode} "
                f"({aspect}='{_yes(so)}'): ESX decides this for a disk, not for a snapshot"
            )


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"
