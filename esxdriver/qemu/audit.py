"""What there is to worry about in a disk's mode by QEMU's rules: the findings of the ``diskmodes`` audit.

Source: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
"""

from collections.abc import Callable, Mapping, Sequence

from esxdriver.conf.snapshot.audit import DiskReport, Finding
from esxdriver.qemu.disks import Disk

# QEMU knows no outdated modes, and none is locked by snapshots.
_APPLY: Mapping[Finding, Callable[[Disk], bool]] = {
    Finding.NOT_IN_SNAPSHOTS: lambda disk: not disk.mode.snapshot,
    Finding.CHANGES_LOST: lambda disk: not disk.mode.persistent,
    Finding.NO_MEMORY_SNAPSHOTS: lambda disk: not disk.mode.snapshot,
    Finding.NO_SNAPSHOTS: lambda disk: disk.mode.snapshot and not disk.mode.persistent,
}


def report(name: str, uuid: str, disks: Sequence[Disk]) -> list[DiskReport]:
    """Return a report for each hard disk of the domain called ``name``."""
    return [_reported(name, uuid, disk) for disk in disks if disk.is_hard_disk]


def _reported(name: str, uuid: str, disk: Disk) -> DiskReport:
    # Nothing is ever written to a read-only disk: there is nothing that a snapshot could miss.
    findings = () if disk.readonly else tuple(finding for finding, applies in _APPLY.items() if applies(disk))
    return DiskReport(
        domain=name, uuid=uuid, target=disk.target, source=disk.source, mode=disk.mode,
        in_snapshots=disk.mode.snapshot, kept=disk.mode.persistent, findings=findings,
    )  # fmt: skip
