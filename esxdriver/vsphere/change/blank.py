"""Blank disks: those of a definition that say how large they are. Their files are made by the change that adds them.

1. :func:`settled` looks which of the files are there: such a disk is attached as it is, or refused when it has another
   size. No file is written over, not even one that comes meanwhile: the host is asked to create, never to replace.
2. :meth:`Settled.directories` makes the directories for the others, and takes away again what the change did not fill.

Source: vSphere API, VirtualDeviceConfigSpec.fileOperation.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import libvirt

from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.storage.volume import check_name
from esxdriver.errors import error, extend, xml_error
from esxdriver.vsphere.machine.match import Match, Pair
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.storage import disks
from esxdriver.vsphere.storage.datastores import Datastore, datastores
from esxdriver.vsphere.storage.search import file_at
from esxdriver.vsphere.wire.faults import class_name
from esxdriver.vsphere.wire.session import Session


@dataclass(frozen=True)
class Settled:
    """A match whose disks are ``blank`` only where their ``files`` are to be made, each on its datastore."""

    session: Session
    scope: Scope
    match: Match
    files: tuple[tuple[Datastore, DatastorePath], ...] = ()

    @contextlib.contextmanager
    def directories(self) -> Iterator[None]:
        """Make the directories of the new files; if the block fails, take away those that are empty still."""
        with contextlib.ExitStack() as stack:
            for store, path in self.files:
                stack.enter_context(disks.directory_for(self.session, self.scope, store, path))
            yield

    def delete(self) -> None:
        """Delete the files that were made, whose machine does not stay. Raises what deleting raises."""
        for _, path in self.files:
            disks.delete_disk(self.session, self.scope, path)


def settled(session: Session, scope: Scope, matched: Match) -> Settled:
    """Find out which disks of a match have to be made; where there are none, nothing is asked.

    One round trip for the datastores, and a search for each new disk that says how large it is. Raises
    NO_STORAGE_POOL for a datastore that the host does not have, STORAGE_VOL_EXIST for a file of another size,
    OPERATION_UNSUPPORTED for a disk of the machine's of another size, INVALID_ARG and XML_ERROR for a name that no disk
    can have.
    """
    if not any(_is_blank(pair) for pair in matched.pairs):
        return Settled(session, scope, matched)
    stores = {each.name: each for each in datastores(session, scope)}
    made: list[tuple[Datastore, DatastorePath]] = []
    pairs = tuple(_settled(session, stores, pair, made) if _is_blank(pair) else pair for pair in matched.pairs)
    return Settled(session, scope, replace(matched, pairs=pairs), tuple(made))


def _is_blank(pair: Pair) -> bool:
    return isinstance(pair.want, DiskDef) and pair.want.blank is not None


def _settled(
    session: Session, stores: Mapping[str, Datastore], pair: Pair, made: list[tuple[Datastore, DatastorePath]]
) -> Pair:
    """Return a pair whose disk is blank only if its file, which then comes to ``made``, is not there."""
    disk: DiskDef = pair.want
    if pair.have is not None:
        _check_own(disk, pair.device)
        return replace(pair, want=replace(disk, blank=None))
    path = _path(disk)
    store = stores.get(path.datastore)
    if store is None:  # the host says so, too: here are the names
        names = ", ".join(sorted(stores)) or "no datastore"
        raise error(libvirt.VIR_ERR_NO_STORAGE_POOL, f"{disk.label}: '{path.datastore}'; the host has: {names}")
    found = file_at(session, store, path.path)
    if found is None:
        made.append((store, path))
        return pair
    if found.capacity != _size(disk):
        raise error(
            libvirt.VIR_ERR_STORAGE_VOL_EXIST,
            f"{disk.label}: the file is there, with {_said(found.capacity)} and not the {_size(disk)} that are asked "
            "for, and is not written over: leave the capacity out to use it as it is, or name another file",
        )
    return replace(pair, want=replace(disk, blank=None))


def _check_own(disk: DiskDef, device: Any) -> None:
    kib = device.capacityInKB
    if kib is None or kib * 1024 != _size(disk):
        raise error(
            libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
            f"{disk.label}: the domain has it with {_said(None if kib is None else kib * 1024)}, not the "
            f"{_size(disk)} that <metadata> says: grow it with blockresize, or leave the capacity out",
        )


def _said(size: int | None) -> str:
    return "a size that the host does not report" if size is None else f"{size} bytes"


def _size(disk: DiskDef) -> int:
    """Return how many bytes a host gives a disk."""
    assert disk.blank is not None
    return disk.blank.kib * 1024


def _path(disk: DiskDef) -> DatastorePath:
    path = DatastorePath.parse(disk.source)
    if path is None or not path.datastore or not path.path.endswith(".vmdk"):
        raise xml_error(f"{disk.label}: a disk is made as '[datastore] directory/disk.vmdk'")
    check_name(path.path)
    return path


@contextlib.contextmanager
def hinting(matched: Match) -> Iterator[None]:
    """Say, where a new disk's file is not there, how to have it made."""
    try:
        yield
    except libvirt.libvirtError as error:
        missing = DatastorePath.parse(getattr(error.__cause__, "file", None))
        new = (pair.want for pair in matched.of(DiskDef) if pair.have is None and pair.want.backing.is_hard_disk)
        disk = next((each for each in new if missing and DatastorePath.parse(each.source) == missing), None)
        if disk is not None and class_name(type(error.__cause__)) == "FileNotFound":
            extend(error, f"to have the disk made, say how large it is: {how_to(disk.target)}")
        raise


def how_to(target: str) -> str:
    """Return what says in a document, or on the command line, how large a new disk is."""
    return f"--size {target}=8G, or <esxdriver:disk target='{target}' capacity='8' unit='GiB'/> in <metadata>"
