"""Virtual disks and other files by their paths: what makes, changes and deletes what no machine has.

Each function waits for the host's task, and ``progress`` is given its percentages. What was made on the way to what
then failed is removed again, unless nobody knows what became of it. Sources: vSphere API, VirtualDiskManager and
FileManager.
"""

import contextlib
import logging
from collections.abc import Iterator
from enum import Enum
from typing import Any
from uuid import UUID

import libvirt
from pyVmomi import vim, vmodl

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.errors import error
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.task import Progress, wait
from esxdriver.vsphere.storage.datastores import Datastore
from esxdriver.vsphere.storage.search import is_empty
from esxdriver.vsphere.wire.faults import CALL_FAILURES, OutcomeUnknownError, describe
from esxdriver.vsphere.wire.session import Session

log = logging.getLogger(__name__)

_MANAGER = vim.VirtualDiskManager
_ADAPTER = "lsiLogic"  # a hint in the descriptor that no host goes by
# What a file raises that has no UUID: no disk, or one that another host holds.
_NONE = (vim.fault.FileFault, vmodl.fault.NotSupported, vmodl.fault.InvalidArgument)


class Allocation(Enum):
    """When a disk takes its space, and when that is zeroed: vSphere's VirtualDiskType."""

    THIN = "thin"
    THICK = "preallocated"
    EAGER = "eagerZeroedThick"


def uuid_of_disk(session: Session, scope: Scope, path: DatastorePath) -> str | None:
    """Return the UUID of a disk, None when the host tells none. It is kept in the disk's descriptor."""
    disks = session.content.virtualDiskManager
    try:
        found = disks.QueryVirtualDiskUuid(name=str(path), datacenter=scope.datacenter)
        return str(UUID("".join(str(found).split())))
    except (*_NONE, ValueError):
        return None


def create_disk(
    session: Session,
    scope: Scope,
    path: DatastorePath,
    capacity: int,
    allocation: Allocation,
    progress: Progress = None,
) -> None:
    """Make a blank disk of ``capacity`` bytes, rounded up to KiB."""
    spec = _MANAGER.FileBackedVirtualDiskSpec(
        diskType=allocation.value, adapterType=_ADAPTER, capacityKb=-(-capacity // 1024)
    )
    method = session.content.virtualDiskManager.CreateVirtualDisk_Task
    _finish(session, method(name=str(path), datacenter=scope.datacenter, spec=spec), progress)


def copy_disk(
    session: Session, scope: Scope, source: DatastorePath, path: DatastorePath, allocation: Allocation,
    progress: Progress = None,
) -> None:  # fmt: skip
    """Make a copy of a disk, with all that it stands on. A vCenter that chooses the allocation makes it thick.

    Raises OPERATION_UNSUPPORTED where it chooses and another allocation is wanted.
    """
    spec = _MANAGER.VirtualDiskSpec(diskType=allocation.value, adapterType=_ADAPTER)
    copy = session.content.virtualDiskManager.CopyVirtualDisk_Task
    where = {
        "sourceName": str(source), "sourceDatacenter": scope.datacenter, "destName": str(path),
        "destDatacenter": scope.datacenter,
    }  # fmt: skip
    try:
        _finish(session, copy(**where, destSpec=spec, force=False), progress)
    except (vmodl.fault.NotImplemented, vmodl.fault.NotSupported) as cause:
        if allocation is not Allocation.THICK:
            raise error(
                libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
                f"this host copies no disk as {allocation.value} ({describe(cause)}): ask for an allocation as "
                "large as the capacity, or connect to the host itself",
            ) from cause
        _finish(session, copy(**where, force=False), progress)


def grow_disk(
    session: Session, scope: Scope, path: DatastorePath, capacity: int, *, zeroed: bool, progress: Progress = None
) -> None:
    """Grow a disk to ``capacity`` bytes, rounded up to KiB; ``zeroed`` has the new part zeroed at once."""
    grow = session.content.virtualDiskManager.ExtendVirtualDisk_Task
    size = -(-capacity // 1024)
    # Without eagerZero the new part is allocated as the rest of the disk is.
    eager = {"eagerZero": True} if zeroed else {}
    _finish(session, grow(name=str(path), datacenter=scope.datacenter, newCapacityKb=size, **eager), progress)


def wipe_disk(session: Session, scope: Scope, path: DatastorePath, progress: Progress = None) -> None:
    """Overwrite a disk with zeros."""
    wipe = session.content.virtualDiskManager.ZeroFillVirtualDisk_Task
    _finish(session, wipe(name=str(path), datacenter=scope.datacenter), progress)


def delete_disk(session: Session, scope: Scope, path: DatastorePath, progress: Progress = None) -> None:
    """Delete a disk with all of its files."""
    delete = session.content.virtualDiskManager.DeleteVirtualDisk_Task
    _finish(session, delete(name=str(path), datacenter=scope.datacenter), progress)


def copy_file(
    session: Session, scope: Scope, source: DatastorePath, path: DatastorePath, progress: Progress = None
) -> None:
    """Make a copy of a file that is no disk."""
    _finish(session, session.content.fileManager.CopyDatastoreFile_Task(
        sourceName=str(source), sourceDatacenter=scope.datacenter, destinationName=str(path),
        destinationDatacenter=scope.datacenter, force=False,
    ), progress)  # fmt: skip


def move_file(session: Session, scope: Scope, source: DatastorePath, path: DatastorePath, *, force: bool) -> None:
    """Give a file that is no disk another name; ``force`` replaces what has it."""
    _finish(session, session.content.fileManager.MoveDatastoreFile_Task(
        sourceName=str(source), sourceDatacenter=scope.datacenter, destinationName=str(path),
        destinationDatacenter=scope.datacenter, force=force,
    ))  # fmt: skip


def delete_file(session: Session, scope: Scope, path: DatastorePath, progress: Progress = None) -> None:
    """Delete a file that is no disk."""
    delete = session.content.fileManager.DeleteDatastoreFile_Task
    _finish(session, delete(name=str(path), datacenter=scope.datacenter), progress)


@contextlib.contextmanager
def directory_for(session: Session, scope: Scope, datastore: Datastore, path: DatastorePath) -> Iterator[None]:
    """Make the directories that a new file needs and that are not there yet.

    If the block fails, those that were made are taken away again as far as they are empty. Unless nobody knows whether
    the file is there, or a signal has ended the block: then they stay.
    """
    made: list[str] = []
    try:
        for directory in _levels(path):
            if _made(session, scope, DatastorePath(path.datastore, directory)):
                made.append(directory)  # noqa: PERF401 - what was made before a failure has to be known
        yield
    except OutcomeUnknownError:
        raise
    except Exception as cause:
        if not isinstance(cause.__cause__, OutcomeUnknownError):
            for directory in reversed(made):
                _take_away(session, scope, datastore, directory)
        raise


def _levels(path: DatastorePath) -> list[str]:
    parts = path.directory.split("/") if path.directory else []
    return ["/".join(parts[: number + 1]) for number in range(len(parts))]


def _made(session: Session, scope: Scope, path: DatastorePath) -> bool:
    try:
        session.content.fileManager.MakeDirectory(
            name=str(path), datacenter=scope.datacenter, createParentDirectories=False
        )
    except vim.fault.FileAlreadyExists:
        return False
    return True


def _take_away(session: Session, scope: Scope, datastore: Datastore, directory: str) -> None:
    """Delete a directory that is empty; what goes wrong with it must not hide what went wrong before."""
    path = DatastorePath(datastore.name, directory)
    try:
        if is_empty(session, datastore, directory):
            delete_file(session, scope, path)
    except CALL_FAILURES as cause:
        log.warning("directory '%s' was made and could not be removed again: %s", path, describe(cause))


def _finish(session: Session, task: Any, progress: Progress = None) -> None:
    wait(session, task, auto_answer=False, progress=progress)
