"""Making volumes: blank ones, and copies of others.

Reference: https://libvirt.org/html/libvirt-libvirt-storage.html
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import libvirt

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.storage import volume as volume_xml
from esxdriver.conf.storage.volume import VolumeDef, VolumeFormat, new_name
from esxdriver.conf.xml.schema import check_schema
from esxdriver.driver.storage_vol import StorageVol
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.storage import disks, usage
from esxdriver.vsphere.storage.disks import Allocation
from esxdriver.vsphere.storage.search import StoredFile
from esxdriver.vsphere.storage.transfer import Upload, unfinished
from esxdriver.vsphere.wire.faults import OutcomeUnknownError, translated

if TYPE_CHECKING:
    from esxdriver.driver.backend import Backend
    from esxdriver.driver.storage_pool import StoragePool
    from esxdriver.vsphere.query.task import Progress
    from esxdriver.vsphere.storage.datastores import Datastore

_EAGER = libvirt.VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA
_VALIDATE = getattr(libvirt, "VIR_STORAGE_VOL_CREATE_VALIDATE", 1 << 2)  # since libvirt 8.10


def create(pool: StoragePool, text: str, flags: int, progress: Progress) -> StorageVol:
    """Make the volume that the document ``text`` describes, and return it: a blank disk, or an image of 0 bytes."""
    want, allocation = _wanted(pool.backend, text, flags, "virStorageVolCreateXML")
    path = DatastorePath(pool.name(), new_name(want))
    is_disk = VolumeFormat.of_name(path.path) is VolumeFormat.VMDK
    if want.capacity is None:
        raise error(libvirt.VIR_ERR_XML_ERROR, f"volume '{want.name}': missing capacity element")
    if is_disk and want.capacity == 0:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"volume '{want.name}': a disk has a capacity of more than 0")
    session, scope, now = pool.backend.session, pool.backend.scope, pool.reached()
    with _making(pool, path, now):
        if is_disk:
            disks.create_disk(session, scope, path, want.capacity, allocation, progress)
        else:
            _create_image(pool.backend, path)
    return _made(pool, path, want.capacity if is_disk else 0)


def create_from(pool: StoragePool, text: str, source: StorageVol, flags: int, progress: Progress) -> StorageVol:
    """Make the volume that the document ``text`` describes with the data of another, and return it."""
    want, allocation = _wanted(pool.backend, text, flags, "virStorageVolCreateXMLFrom")
    if not isinstance(source, StorageVol):
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"the volume to copy is a StorageVol, not {type(source).__name__}")
    file = source.original()
    kind = want.format or file.format
    path = DatastorePath(pool.name(), new_name(replace(want, format=kind)))
    if VolumeFormat.of_name(path.path) is not file.format:
        raise error(libvirt.VIR_ERR_INVALID_ARG,
                    f"volume '{want.name}': a copy of '{source.name()}' has its format, {file.format.xml}")  # fmt: skip
    session, scope, now = pool.backend.session, pool.backend.scope, pool.reached()
    home = source.storagePoolLookupByVolume().reached()
    with translated(f"cannot copy volume '{source.name()}' of storage pool '{home.name}'"):
        usage.require_still(session, home, file.path, "copy", changed=False)
    with _making(pool, path, now):
        if file.format is not VolumeFormat.VMDK:
            disks.copy_file(session, scope, file.path, path, progress)
        else:
            disks.copy_disk(session, scope, file.path, path, allocation, progress)
            _grow_copy(pool.backend, path, file, want, flags)
    return _made(pool, path, max(want.capacity or 0, file.capacity or file.size))


def _wanted(backend: Backend, text: str, flags: int, function: str) -> tuple[VolumeDef, Allocation]:
    """Return what a document asks for. Raises OPERATION_DENIED, INVALID_ARG and what parsing raises."""
    backend.require_writable(function)
    check_flags(flags, _EAGER | _VALIDATE, function)
    if flags & _VALIDATE:
        check_schema(text, "volume", "storagevol")
    want = volume_xml.parse(text)
    if flags & _EAGER:
        return want, Allocation.EAGER
    return want, Allocation.THIN if want.is_thin else Allocation.THICK


@contextlib.contextmanager
def _making(pool: StoragePool, path: DatastorePath, now: Datastore):  # type: ignore[no-untyped-def]
    """Make a file in its directory, which is taken away again when that fails, if it was made for it."""
    with (
        translated(f"cannot create volume '{path.path}' in storage pool '{pool.name()}'"),
        disks.directory_for(pool.backend.session, pool.backend.scope, now, path),
    ):
        yield


def _create_image(backend: Backend, path: DatastorePath) -> None:
    """Make an empty file: under another name first, as an upload replaces what is there."""
    beside = unfinished(path)
    session, scope = backend.session, backend.scope
    Upload(session, scope, beside, 0).finish()
    try:
        disks.move_file(session, scope, beside, path, force=False)
    except OutcomeUnknownError:
        raise
    except BaseException:
        disks.delete_file(session, scope, beside)
        raise


def _grow_copy(backend: Backend, path: DatastorePath, source: StoredFile, want: VolumeDef, flags: int) -> None:
    """Give a copy the capacity that is wanted, if that is more; a copy that cannot grow is deleted again."""
    if want.capacity is None or want.capacity <= (source.capacity or 0):
        return
    try:
        disks.grow_disk(backend.session, backend.scope, path, want.capacity, zeroed=bool(flags & _EAGER))
    except OutcomeUnknownError:
        raise
    except Exception:
        disks.delete_disk(backend.session, backend.scope, path)
        raise


def _made(pool: StoragePool, path: DatastorePath, capacity: int) -> StorageVol:
    return StorageVol(pool, StoredFile(path, VolumeFormat.of_name(path.path), 0, capacity))
