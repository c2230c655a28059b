"""Who has a file: the registered machines, and their snapshots, that a change of it would break.

A machine is asked about wherever it is in the inventory, as far as the user may see: the scope of the connection is
no border of the datastore. Sources: vSphere API, VirtualMachine (datastore, config, layoutEx), VirtualMachineSnapshot.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import libvirt
from pyVmomi import vim, vmodl

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.mapping.identity import unescaped
from esxdriver.conf.mapping.states import PowerState
from esxdriver.errors import error
from esxdriver.vsphere.query.retrieve import Found, below, each_of
from esxdriver.vsphere.storage.datastores import Datastore
from esxdriver.vsphere.wire.session import Session

_DEVICES, _LAYOUT, _POWER = "config.hardware.device", "layoutEx.file", "runtime.powerState"
_ATTEMPTS = 3  # machines come and go while they are read


@dataclass(frozen=True)
class Use:
    """A machine that has a file. ``chained`` says that snapshots stand on it, ``known`` that it was read for sure."""

    machine: str
    off: bool
    ref: Any = None
    chained: bool = False
    known: bool = True

    def __str__(self) -> str:
        if not self.known:
            return f"domain '{self.machine}', whose files this user cannot read, may have it"
        return f"domain '{self.machine}' has it" + (", with snapshots" if self.chained else "")


def uses(session: Session, datastore: Datastore, path: DatastorePath) -> list[Use]:
    """Return the machines that have the file at ``path`` of a datastore, in two round trips, as :func:`uses_of`."""
    return uses_of(session, {path: datastore})[path]


def uses_of(session: Session, files: Mapping[DatastorePath, Datastore]) -> dict[DatastorePath, list[Use]]:
    """Return the machines that have each of these files, in two round trips for all of them.

    Raises ManagedObjectNotFound when machines have gone in each of several attempts.
    """
    wanted = {vim.VirtualMachine: ("name", "datastore", "snapshot", _POWER)}
    stores = {each.ref for each in files.values()}
    for attempt in range(_ATTEMPTS):
        found = [each for each in below(session, session.content.rootFolder, wanted) if _may_be_there(each, stores)]
        try:
            known: dict[DatastorePath, list[Use]] = {path: [] for path in files}
            for path, use in _uses(session, found, files):
                known[path].append(use)
        except vmodl.fault.ManagedObjectNotFound:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return known
    raise AssertionError


def _may_be_there(machine: Found, stores: Collection[Any]) -> bool:
    return "datastore" in machine.missing or not set(stores).isdisjoint(machine["datastore"] or ())


def _uses(
    session: Session, machines: Sequence[Found], files: Collection[DatastorePath]
) -> Iterator[tuple[DatastorePath, Use]]:
    snapshots = {each.ref: list(_snapshots(each["snapshot"])) for each in machines}
    wanted = dict.fromkeys(snapshots, (_DEVICES, _LAYOUT)) | {
        snapshot: (_DEVICES,) for listed in snapshots.values() for snapshot in listed
    }
    read = {each.ref: each for each in each_of(session, wanted)} if wanted else {}
    for machine in machines:
        name, off = unescaped(machine["name"] or machine.ref._GetMoId()), machine[_POWER] == PowerState.SHUTOFF.vim
        now, held = read.get(machine.ref), [read.get(each) for each in snapshots[machine.ref]]
        whole = "snapshot" not in machine.missing and all(each and each[_DEVICES] is not None for each in (now, *held))
        if now is None or not (whole or now[_LAYOUT] is not None):
            yield from ((path, Use(name, off=off, ref=machine.ref, known=False)) for path in files)
            continue
        own, frozen = set(_files(now)), {file for each in held if each for file in _files(each)}
        # The list of files does not say which of them snapshots stand on.
        chained = (own | frozen) if not whole else frozen | set(_parents(now))
        for path in (own | frozen).intersection(files):
            yield path, Use(name, off=off, ref=machine.ref, chained=path in chained)


def _snapshots(info: Any) -> Iterator[Any]:
    waiting = list(info.rootSnapshotList or ()) if info is not None else []
    while waiting:
        tree = waiting.pop()
        yield tree.snapshot
        waiting += tree.childSnapshotList or ()


def _files(found: Found) -> Iterator[DatastorePath]:
    """Yield every file of a machine or a snapshot: what its devices name, what these stand on, and all the rest."""
    named = [backing.fileName for each in _backings(found) for backing in each]
    for text in [*named, *(file.name for file in found[_LAYOUT] or ())]:
        path = DatastorePath.parse(text)
        if path is not None:
            yield path


def _parents(found: Found) -> Iterator[DatastorePath | None]:
    return (DatastorePath.parse(backing.fileName) for _, *parents in _backings(found) for backing in parents)


def _backings(found: Found) -> Iterator[list[Any]]:
    """Yield for each device with a file its backing, then those below it."""
    for device in found[_DEVICES] or ():
        chain, backing = [], getattr(device, "backing", None)
        while backing is not None and getattr(backing, "fileName", None):
            chain.append(backing)
            backing = getattr(backing, "parent", None)
        if chain:
            yield chain


def require_unused(session: Session, datastore: Datastore, path: DatastorePath, action: str) -> None:
    """Raise OPERATION_INVALID, with their names, when machines have the file."""
    found = uses(session, datastore, path)
    if found:
        raise _in_use(found, path, action, "detach it there first")


def require_still(session: Session, datastore: Datastore, path: DatastorePath, action: str, *, changed: bool) -> None:
    """Raise OPERATION_INVALID when a machine that is not shut off has the file.

    When its data is to be ``changed``, also when snapshots stand on it.
    """
    found = [each for each in uses(session, datastore, path) if not each.off or (changed and each.chained)]
    if found:
        raise _in_use(found, path, action, "shut the domain off" + (", and delete its snapshots" if changed else ""))


def _in_use(found: Sequence[Use], path: DatastorePath, action: str, way_out: str) -> libvirt.libvirtError:
    said = "; ".join(map(str, found))
    return error(libvirt.VIR_ERR_OPERATION_INVALID, f"cannot {action} volume '{path.path}': {said}; {way_out}")
