"""A storage volume: a file of a datastore, with the face of libvirt-python's ``virStorageVol``.

Reference: https://libvirt.org/html/libvirt-libvirt-storage.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libvirt

from esxdriver.conf.storage import volume as volume_xml
from esxdriver.conf.storage.volume import VolumeFormat
from esxdriver.driver.boundary import bounded
from esxdriver.driver.storage_transfer import DiskWriting, ImageWriting, Reading
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.storage import disks, search, usage
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from esxdriver.conf.mapping.datastore_path import DatastorePath
    from esxdriver.driver.connect import Connect
    from esxdriver.driver.storage_pool import StoragePool
    from esxdriver.driver.stream import Stream
    from esxdriver.vsphere.query.task import Progress
    from esxdriver.vsphere.storage.search import StoredFile

_TYPES = {"file": int(libvirt.VIR_STORAGE_VOL_FILE), "block": int(libvirt.VIR_STORAGE_VOL_BLOCK)}
_ALLOCATE = libvirt.VIR_STORAGE_VOL_RESIZE_ALLOCATE
_DELTA = libvirt.VIR_STORAGE_VOL_RESIZE_DELTA
_SHRINK = libvirt.VIR_STORAGE_VOL_RESIZE_SHRINK


@complete("virStorageVol")
@bounded
class StorageVol:
    """A disk or an image on a datastore. Get one from a pool's ``storageVolLookupByName`` and its like."""

    def __init__(self, pool: StoragePool, found: StoredFile) -> None:
        self._pool = pool
        self.backend = pool.backend
        self.file = found
        """The file as it was when it was last read."""
        self._key: str | None = None

    def __repr__(self) -> str:
        return f"<StorageVol {self.path()}>"

    def connect(self) -> Connect:
        """Return the connection that it was looked up with."""
        return self._pool.connect()

    def storagePoolLookupByVolume(self) -> StoragePool:
        """Return the pool that it is in."""
        return self._pool

    def name(self) -> str:
        """Return the name: the path on the datastore, as ``dir/x.vmdk``."""
        return self.file.path.path

    def path(self) -> str:
        """Return the path, as domains name it: ``[datastore] dir/x.vmdk``."""
        return str(self.file.path)

    def key(self) -> str:
        """Return the key as libvirt's own driver makes it: a disk's UUID on ESX, the path of anything else.

        The host is asked for a UUID, once.
        """
        if self._key is None:
            self._key = self._uuid() or self.path()
        return self._key

    def known_key(self) -> str:
        """Return the key as far as it is known without asking: of many volumes, it would be a call for each."""
        return self._key or self.path()

    def _uuid(self) -> str | None:
        if self.file.format is not VolumeFormat.VMDK or self.backend.uri.scheme != "esx":
            return None
        with translated(f"cannot read the UUID of volume '{self.name()}'"):
            uuid = disks.uuid_of_disk(self.backend.session, self.backend.scope, self.file.path)
        if uuid is not None:
            self.backend.volume_paths[uuid] = self.file.path
        return uuid

    def info(self) -> list[int]:
        """Return [VIR_STORAGE_VOL_FILE, or BLOCK of a LUN, capacity, allocation] in bytes. Raises NO_STORAGE_VOL."""
        now = self.read().definition()
        return [_TYPES[now.type], now.capacity or 0, now.allocation or 0]

    def infoFlags(self, flags: int = 0) -> list[int]:
        """Return the same; VIR_STORAGE_VOL_GET_PHYSICAL makes no difference: what is allocated is what it takes."""
        check_flags(flags, libvirt.VIR_STORAGE_VOL_GET_PHYSICAL, "virStorageVolGetInfoFlags")
        return self.info()

    def XMLDesc(self, flags: int = 0) -> str:
        """Return libvirt's ``<volume>`` document. Raises NO_STORAGE_VOL when it is gone."""
        check_flags(flags, 0, "virStorageVolGetXMLDesc")
        return volume_xml.format(self.read().definition(self.key()))

    # -- changes

    def delete(self, flags: int = 0) -> int:
        """Delete it, a disk with all of its files, and return 0.

        Never what a registered domain or a snapshot has, wherever that is in the inventory: raises OPERATION_INVALID
        with their names. Raises NO_STORAGE_VOL.
        """
        self._require("virStorageVolDelete", flags)
        session, scope, file = self.backend.session, self.backend.scope, self.read()
        with self._changing("delete"):
            usage.require_unused(session, self._pool.known, file.path, "delete")
            delete = disks.delete_disk if file.format is VolumeFormat.VMDK else disks.delete_file
            delete(session, scope, file.path)
        return 0

    def wipe(self, flags: int = 0, *, progress: Progress = None) -> int:
        """Overwrite a disk with zeros, and return 0; see :meth:`wipePattern`."""
        return self._wipe("virStorageVolWipe", libvirt.VIR_STORAGE_VOL_WIPE_ALG_ZERO, flags, progress)

    def wipePattern(self, algorithm: int, flags: int = 0, *, progress: Progress = None) -> int:
        """Overwrite a disk with zeros, which VIR_STORAGE_VOL_WIPE_ALG_ZERO is. Return 0.

        Raises ARGUMENT_UNSUPPORTED for another algorithm, OPERATION_UNSUPPORTED for what is no disk, and what
        :meth:`delete` raises.
        """
        return self._wipe("virStorageVolWipePattern", algorithm, flags, progress)

    def _wipe(self, function: str, algorithm: int, flags: int, progress: Progress) -> int:
        self._require(function, flags)
        if algorithm != libvirt.VIR_STORAGE_VOL_WIPE_ALG_ZERO:
            raise error(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, "ESX wipes a disk with zeros: use the algorithm 'zero'")
        path = self._disk("wipe")
        with self._changing("wipe"):
            usage.require_unused(self.backend.session, self._pool.known, path, "wipe")
            disks.wipe_disk(self.backend.session, self.backend.scope, path, progress)
        return 0

    def resize(self, capacity: int, flags: int = 0, *, progress: Progress = None) -> int:
        """Make a disk larger, and return 0: ``capacity`` bytes, or with VIR_STORAGE_VOL_RESIZE_DELTA that many more.

        The size is rounded up to KiB. VIR_STORAGE_VOL_RESIZE_ALLOCATE has the new part zeroed at once; SHRINK allows
        nothing here. ``progress`` is given percentages. Raises OPERATION_UNSUPPORTED for a smaller size and for what is
        no disk, OPERATION_INVALID, with the names, for a disk of a registered domain, NO_STORAGE_VOL.
        """
        self._require("virStorageVolResize", flags, _ALLOCATE | _DELTA | _SHRINK)
        path = self._disk("resize")
        now = self.file.capacity or 0
        wanted = capacity if not flags & _DELTA else now + (-capacity if flags & _SHRINK else capacity)
        if wanted < now:
            raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
                        f"volume '{self.name()}' has {now} bytes, and no disk of ESX's becomes smaller")  # fmt: skip
        with self._changing("resize"):
            usage.require_unused(self.backend.session, self._pool.known, path, "resize")
            if wanted > now:
                zeroed = bool(flags & _ALLOCATE)
                disks.grow_disk(
                    self.backend.session, self.backend.scope, path, wanted, zeroed=zeroed, progress=progress
                )
        return 0

    # -- data

    def download(self, stream: Stream, offset: int, length: int, flags: int = 0) -> int:
        """Let ``stream`` give the data from ``offset`` on, ``length`` bytes or, with 0, all that follows. Return 0.

        The data of a disk is what a guest sees. Raises INVALID_ARG for a range that is not in it, OPERATION_INVALID
        for a volume of a domain that is not shut off.
        """
        self._require("virStorageVolDownload", flags)
        stream.require_free()
        file = self.read()
        _check_range(offset, length)
        with self._changing("download"):
            usage.require_still(self.backend.session, self._pool.known, file.path, "download", changed=False)
        stream.open(Reading(self.backend, file, offset, length))
        return 0

    def upload(self, stream: Stream, offset: int, length: int, flags: int = 0) -> int:
        """Let ``stream`` take the data that replaces all of the volume's, ``length`` bytes or, with 0, any. Return 0.

        A host replaces whole files: another offset than 0, or a length that is not a disk's, is refused with
        OPERATION_UNSUPPORTED. A disk that is larger than the data has zeros behind it; an image becomes as large as
        the data. Raises INVALID_ARG for more than a disk holds, OPERATION_INVALID for a volume of a domain that is
        not shut off, or under a snapshot.
        """
        self._require("virStorageVolUpload", flags)
        stream.require_free()
        file = self.read()
        _check_range(offset, length)
        if offset:
            raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
                        f"volume '{self.name()}': a host replaces whole files: upload from offset 0 on")  # fmt: skip
        with self._changing("upload to"):
            usage.require_still(self.backend.session, self._pool.known, file.path, "upload to", changed=True)
        writing = DiskWriting if file.format is VolumeFormat.VMDK else ImageWriting
        stream.open(writing(self.backend, file, length))
        return 0

    def _require(self, function: str, flags: int, supported: int = 0) -> None:
        self.backend.require_writable(function)
        check_flags(flags, supported, function)
        self._pool.reached()

    def _disk(self, action: str) -> DatastorePath:
        """Return the path of a disk. Raises OPERATION_UNSUPPORTED for another volume."""
        file = self.read()
        if file.format is not VolumeFormat.VMDK:
            raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
                        f"cannot {action} volume '{self.name()}': it is an image, and no disk")  # fmt: skip
        return file.path

    def _changing(self, action: str) -> AbstractContextManager[None]:
        return translated(f"cannot {action} volume '{self.name()}' of storage pool '{self._pool.name()}'")

    # -- how it asks

    def read(self) -> StoredFile:
        """Return the file as it is now. Raises NO_STORAGE_VOL when it is gone."""
        with translated(f"cannot read volume '{self.name()}' of storage pool '{self._pool.name()}'"):
            found = search.file_at(self.backend.session, self._pool.known, self.name())
        if found is None:
            raise no_volume(self.name(), self._pool.name())
        self.file = found
        return found

    def original(self) -> StoredFile:
        """Return the file as it is now, to be copied. Raises NO_STORAGE_VOL when it is gone."""
        return self.read()


def no_volume(name: str, pool: str) -> libvirt.libvirtError:
    """Return the error for a volume that is not there."""
    text = f"no storage vol with matching name '{name}' in storage pool '{pool}'"
    return error(libvirt.VIR_ERR_NO_STORAGE_VOL, text)


def _check_range(offset: int, length: int) -> None:
    if offset < 0 or length < 0:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"no data has {length} bytes from {offset} on")
