"""What becomes of each disk when a domain goes back to a snapshot, or when snapshots are deleted.

Source: vSphere Virtual Machine Administration, "Restoring Snapshots", "Deleting Snapshots"; vSphere API,
VirtualDiskMode.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from esxdriver.conf.devices.address import Bus, DriveAddress
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.snapshot.snapshot import hard_disks

# What a snapshot adds to the name of a disk's file.
_DELTA = re.compile(r"-\d{6}(?=\.vmdk$)")


class Effect(Enum):
    """What becomes of a disk; the value says it in words."""

    REVERTED = "goes back to what it held then: all changes since are lost"
    UNTOUCHED = "is untouched: it is not in snapshots"
    DISCARDED = "loses its changes since the domain was started: it is not in snapshots, and not kept"
    DETACHED = "leaves the domain, which did not have it then; the host may delete its file"
    REMOVED = "leaves the domain, which did not have it then; its file stays"
    ATTACHED = "comes back to the domain, which had it then"
    MERGED = "keeps what it holds now"


@dataclass(frozen=True)
class DiskOutcome:
    """A disk, named by its target and source, its mode, and what becomes of it."""

    target: str
    source: str | None
    mode: DiskMode
    effect: Effect


def reverted(now: DomainDef, then: DomainDef) -> list[DiskOutcome]:
    """Return what becomes of the hard disks when the domain goes back from ``now`` to what it was ``then``."""
    present, past = _by_identity(now), _by_identity(then)
    outcomes = [_outcome(disk, _reverted(disk) if key in past else Effect.DETACHED) for key, disk in present.items()]
    return outcomes + [_outcome(disk, Effect.ATTACHED) for key, disk in past.items() if key not in present]


def deleted(now: DomainDef) -> list[DiskOutcome]:
    """Return what becomes of the hard disks when snapshots of the domain are deleted: nothing is lost."""
    return [_outcome(disk, Effect.MERGED if disk.mode.snapshot else Effect.UNTOUCHED) for disk in hard_disks(now)]


def _by_identity(domain: DomainDef) -> Mapping[tuple[Bus, DriveAddress | None, str], DiskDef]:
    return dict(_identified(domain))


def _identified(domain: DomainDef) -> Iterator[tuple[tuple[Bus, DriveAddress | None, str], DiskDef]]:
    """Yield each disk with its address and its file's name before any snapshot."""
    for disk in hard_disks(domain):
        yield (disk.bus, disk.address, _DELTA.sub("", disk.source or "")), disk


def _reverted(disk: DiskDef) -> Effect:
    if disk.mode.snapshot:
        return Effect.REVERTED
    return Effect.UNTOUCHED if disk.mode.persistent else Effect.DISCARDED


def _outcome(disk: DiskDef, effect: Effect) -> DiskOutcome:
    return DiskOutcome(disk.target, disk.source, disk.mode, effect)
