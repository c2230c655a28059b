"""What there is to worry about in a disk's mode: the findings of the ``diskmodes`` audit.

Sources: vSphere API, VirtualDiskMode, DisallowedDiskModeChange, MemorySnapshotOnIndependentDisk.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.snapshot.snapshot import hard_disks, obstacle
from esxdriver.conf.snapshot.tree import Snapshot, Tree


class Finding(Enum):
    """A finding: the code for scripts, and what it means in a sentence."""

    NOT_IN_SNAPSHOTS = "not-in-snapshots", "snapshots, and backups that use them, leave the disk out"
    CHANGES_LOST = "changes-lost", "what is written is lost when the domain is powered off"
    OUTDATED_MODE = "outdated-mode", "ESX has given the mode up; it cannot be defined again"
    NO_MEMORY_SNAPSHOTS = "no-memory-snapshots", "the domain's snapshots cannot hold its memory"
    NO_SNAPSHOTS = "no-snapshots", "no snapshot of the domain can be taken"
    MODE_LOCKED = "mode-locked", "the mode cannot change while the domain has snapshots"

    def __init__(self, code: str, meaning: str) -> None:
        self.code = code
        self.meaning = meaning


@dataclass(frozen=True)
class DiskReport:
    """A hard disk as the audit sees it.

    ``in_snapshots`` is what a snapshot would do with it, which of a raw device mapping in physical mode is nothing,
    whatever the mode says; ``kept`` is whether its changes outlive a power-off.
    """

    domain: str
    uuid: str
    target: str
    source: str | None
    mode: DiskMode
    in_snapshots: bool
    kept: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class SnapshotReport:
    """A snapshot as the audit sees it; ``depth`` says how many snapshots are above it.

    ``created`` is in seconds since 1970. ``disks`` are the hard disks that the domain had then, each with its mode and
    whether the snapshot holds it; None where the host does not tell. The domain descends from the ``current`` one.
    """

    name: str
    description: str
    depth: int
    created: int | None
    memory: bool
    current: bool
    disks: tuple[DiskReport, ...] | None


@dataclass(frozen=True)
class DomainReport:
    """A domain as the audit sees it; ``snapshots`` is None where they are not known."""

    name: str
    uuid: str
    disks: tuple[DiskReport, ...]
    snapshots: tuple[SnapshotReport, ...] | None


@dataclass(frozen=True)
class _Seen:
    """A disk where it is found."""

    disk: DiskDef
    domain: DomainDef
    snapshots: bool

    @property
    def in_snapshots(self) -> bool:
        return self.disk.mode.snapshot and self.disk.compatibility != "physicalMode"


_APPLY: Mapping[Finding, Callable[[_Seen], bool]] = {
    Finding.NOT_IN_SNAPSHOTS: lambda seen: not seen.in_snapshots,
    Finding.CHANGES_LOST: lambda seen: not seen.disk.mode.persistent,
    Finding.OUTDATED_MODE: lambda seen: not seen.disk.mode.definable,
    Finding.NO_MEMORY_SNAPSHOTS: lambda seen: not seen.disk.mode.snapshot,
    Finding.NO_SNAPSHOTS: lambda seen: obstacle(seen.disk, seen.domain) is not None,
    Finding.MODE_LOCKED: lambda seen: seen.snapshots,
}


def report(domain: DomainDef, *, uuid: str, snapshots: bool) -> list[DiskReport]:
    """Return a report for each hard disk of ``domain``; ``snapshots`` is whether the domain has any."""
    return [_reported(_Seen(disk, domain, snapshots), uuid) for disk in hard_disks(domain)]


def snapshots(tree: Tree, then: Mapping[Any, DomainDef]) -> tuple[SnapshotReport, ...]:
    """Return a report for each snapshot of a tree; ``then`` has the domain as it was in each, by the snapshot's ref."""
    return tuple(_snapshot(each, tree, then.get(each.ref)) for each in tree.snapshots)


def _snapshot(snapshot: Snapshot, tree: Tree, then: DomainDef | None) -> SnapshotReport:
    definition = snapshot.definition
    return SnapshotReport(
        name=snapshot.name,
        description=definition.description,
        depth=snapshot.depth,
        created=definition.created,
        memory=bool(definition.memory),
        current=snapshot == tree.current,
        disks=None if then is None else tuple(report(then, uuid="", snapshots=True)),
    )


def _reported(seen: _Seen, uuid: str) -> DiskReport:
    disk = seen.disk
    return DiskReport(
        domain=seen.domain.name,
        uuid=uuid,
        target=disk.target,
        source=disk.source,
        mode=disk.mode,
        in_snapshots=seen.in_snapshots,
        kept=disk.mode.persistent,
        findings=tuple(finding for finding, applies in _APPLY.items() if applies(seen)),
    )
