"""What becomes of each disk by QEMU's rules when a domain goes back to a snapshot, or when snapshots are deleted.

A snapshot's own list says what it holds, and a revert ends the run of the domain. Source:
https://libvirt.org/html/libvirt-libvirt-domain-snapshot.html#virDomainRevertToSnapshot
"""

from collections.abc import Mapping, Sequence

from esxdriver.conf.snapshot.outcome import DiskOutcome, Effect
from esxdriver.qemu.disks import Disk


def reverted(now: Sequence[Disk], then: Sequence[Disk], held: Mapping[str, bool]) -> list[DiskOutcome]:
    """Return what becomes of the disks that there are ``now``; ``held`` says which of ``then`` the snapshot holds."""
    past = {disk.target for disk in then}
    outcomes = [_outcome(disk, _reverted(disk, held) if disk.target in past else Effect.REMOVED) for disk in _hard(now)]
    present = {disk.target for disk in now}
    return outcomes + [_outcome(disk, Effect.ATTACHED) for disk in _hard(then) if disk.target not in present]


def deleted(now: Sequence[Disk], held: Mapping[str, bool]) -> list[DiskOutcome]:
    """Return what becomes of the disks when a snapshot that holds those in ``held`` is deleted: nothing is lost."""
    return [_outcome(disk, Effect.MERGED if held.get(disk.target) else Effect.UNTOUCHED) for disk in _hard(now)]


def _hard(disks: Sequence[Disk]) -> list[Disk]:
    return [disk for disk in disks if disk.is_hard_disk]


def _reverted(disk: Disk, held: Mapping[str, bool]) -> Effect:
    if held.get(disk.target):
        return Effect.REVERTED
    return Effect.UNTOUCHED if disk.mode.persistent else Effect.DISCARDED


def _outcome(disk: Disk, effect: Effect) -> DiskOutcome:
    return DiskOutcome(disk.target, disk.source, disk.mode, effect)
