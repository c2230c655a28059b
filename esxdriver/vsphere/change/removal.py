"""What goes with a domain that is undefined: which of its files are deleted, and that nobody else has them.

1. :func:`removal` says what is meant, as values: the files that go, the images that stay.
2. :func:`require_free` refuses what another machine has, a snapshot, or a disk that stands on others: before anything
   happens, and by whom.
3. :func:`delete` deletes, one file after the other, when the machine is gone. What then fails is named with what stays.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import libvirt
from pyVmomi import vim

from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.errors import error
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.task import Progress
from esxdriver.vsphere.storage import disks
from esxdriver.vsphere.storage.datastores import datastores
from esxdriver.vsphere.storage.usage import uses_of
from esxdriver.vsphere.wire.faults import CALL_FAILURES, describe
from esxdriver.vsphere.wire.session import Session


class Kind(Enum):
    """What a file of a domain is; the value says it in words."""

    DISK = "Disk"
    IMAGE = "Image"
    NVRAM = "NVRAM"


@dataclass(frozen=True)
class DomainFile:
    """A file of a domain: what it is, the target of its drive, and whether it ``goes`` with the domain."""

    kind: Kind
    target: str
    path: DatastorePath
    goes: bool
    mode: str = ""
    stands_on_others: bool = False

    def __str__(self) -> str:
        name = f"{self.kind.value} {self.target} ({self.path})" if self.target else f"{self.kind.value} {self.path}"
        return name + (f", {self.mode}" if self.mode else "")


def removal(definition: DomainDef, volumes: Collection[str] | None, *, nvram: bool) -> list[DomainFile]:
    """Return what becomes of a domain's files: ``volumes`` go, by target or source; with None, its hard disks.

    Images of CDs and floppies are others', too: they stay unless they are named. ``nvram`` has the file of the UEFI
    variables go. Raises INVALID_ARG for a volume that the domain does not have.
    """
    found = [(disk, path) for disk in definition.disks if (path := _file(disk.source)) is not None]
    for name in volumes or ():
        if not any(name in (disk.target, disk.source) for disk, _ in found):
            has = ", ".join(f"{disk.target} ({disk.source})" for disk, _ in found) or "none"
            text = f"volume '{name}' is none of domain '{definition.name}': it has {has}"
            raise error(libvirt.VIR_ERR_INVALID_ARG, text)
    files = [_of_disk(disk, path, volumes) for disk, path in found]
    path = _file(definition.nvram) if nvram else None
    return files + ([DomainFile(Kind.NVRAM, "", path, goes=True)] if path else [])


def _of_disk(disk: DiskDef, path: DatastorePath, volumes: Collection[str] | None) -> DomainFile:
    hard = disk.backing.is_hard_disk
    goes = hard if volumes is None else disk.target in volumes or disk.source in volumes
    mode = disk.mode.vim if hard else ""
    return DomainFile(Kind.DISK if hard else Kind.IMAGE, disk.target, path, goes, mode, bool(disk.chain))


def _file(text: str | None) -> DatastorePath | None:
    path = DatastorePath.parse(text) or DatastorePath.of_volume(text)
    return path if path is not None and path.datastore and path.path else None


def require_free(session: Session, scope: Scope, ref: Any, name: str, files: Iterable[DomainFile]) -> None:
    """Raise OPERATION_INVALID for a file that is not the machine ``ref``'s alone, with all who have it."""
    going = {each.path: each for each in files if each.goes}
    if not going:
        return
    stores = {each.name: each for each in datastores(session, scope)}
    if missing := sorted({path.datastore for path in going} - stores.keys()):
        raise error(libvirt.VIR_ERR_NO_STORAGE_POOL, f"cannot undefine domain '{name}': '{missing[0]}' is not there")
    found = uses_of(session, {path: stores[path.datastore] for path in going})
    reasons = [reason for path, file in going.items() for reason in _reasons(file, ref, found[path])]
    if reasons:
        raise error(
            libvirt.VIR_ERR_OPERATION_INVALID,
            f"cannot undefine domain '{name}' with its storage: {'; '.join(reasons)}: nothing was done",
        )


def _reasons(file: DomainFile, ref: Any, found: Iterable[Any]) -> Iterator[str]:
    own = [use for use in found if use.ref == ref]
    if file.stands_on_others or any(use.chained for use in own):
        yield f"{file}: snapshots of the domain have it; delete them first (snapshot-delete)"
    yield from (f"{file}: {use}; detach it there first" for use in found if use.ref != ref)


def delete(
    session: Session, scope: Scope, name: str, files: Iterable[DomainFile], *, wipe: bool, progress: Progress = None
) -> None:
    """Delete the files that go; ``wipe`` overwrites disks first. A file that is not there any more is none.

    Raises OPERATION_FAILED with what was deleted and what stays, or may stay.
    """
    waiting = [each for each in files if each.goes]
    done: list[str] = []
    while waiting:
        file = waiting[0]
        try:
            _delete(session, scope, file, wipe=wipe, progress=progress)
        except CALL_FAILURES as cause:
            deleted = f"{', '.join(done)} deleted; " if done else ""
            raise error(
                libvirt.VIR_ERR_OPERATION_FAILED,
                f"domain '{name}' has been undefined, {deleted}{file}: {describe(cause)}; "
                f"what stays, or may stay: {', '.join(str(each.path) for each in waiting)} (vol-delete)",
            ) from cause
        done.append(str(waiting.pop(0).path))


def _delete(session: Session, scope: Scope, file: DomainFile, *, wipe: bool, progress: Progress) -> None:
    remove = disks.delete_disk if file.kind is Kind.DISK else disks.delete_file
    try:
        if wipe and file.kind is Kind.DISK:
            disks.wipe_disk(session, scope, file.path, progress)
        remove(session, scope, file.path)
    except vim.fault.FileNotFound:
        return
