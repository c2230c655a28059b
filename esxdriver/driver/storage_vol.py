"""A storage volume: a file of a datastore, with the face of libvirt-python's ``virStorageVol``.

Reference: https://libvirt.org/html/libvirt-libvirt-storage.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libvirt

from esxdriver.conf.storage import volume as volume_xml
from esxdriver.conf.storage.volume import VolumeFormat
from esxdriver.driver.boundary import bounded
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.storage import search
from esxdriver.vsphere.storage.disks import uuid_of_disk
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect
    from esxdriver.driver.storage_pool import StoragePool
    from esxdriver.vsphere.storage.search import StoredFile


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
            uuid = uuid_of_disk(self.backend.session, self.backend.scope, self.file.path)
        if uuid is not None:
            self.backend.volume_paths[uuid] = self.file.path
        return uuid

    def info(self) -> list[int]:
        """Return [VIR_STORAGE_VOL_FILE, capacity, allocation] in bytes. Raises NO_STORAGE_VOL when it is gone."""
        now = self.read().definition()
        return [int(libvirt.VIR_STORAGE_VOL_FILE), now.capacity or 0, now.allocation or 0]

    def infoFlags(self, flags: int = 0) -> list[int]:
        """Return the same; VIR_STORAGE_VOL_GET_PHYSICAL makes no difference: what is allocated is what it takes."""
        check_flags(flags, libvirt.VIR_STORAGE_VOL_GET_PHYSICAL, "virStorageVolGetInfoFlags")
        return self.info()

    def XMLDesc(self, flags: int = 0) -> str:
        """Return libvirt's ``<volume>`` document. Raises NO_STORAGE_VOL when it is gone."""
        check_flags(flags, 0, "virStorageVolGetXMLDesc")
        return volume_xml.format(self.read().definition(self.key()))

    # -- how it asks

    def read(self) -> StoredFile:
        """Return the file as it is now."""
        with translated(f"cannot read volume '{self.name()}' of storage pool '{self._pool.name()}'"):
            found = search.file_at(self.backend.session, self._pool.known, self.name())
        if found is None:
            raise no_volume(self.name(), self._pool.name())
        self.file = found
        return found


def no_volume(name: str, pool: str) -> libvirt.libvirtError:
    """Return the error for a volume that is not there."""
    text = f"no storage vol with matching name '{name}' in storage pool '{pool}'"
    return error(libvirt.VIR_ERR_NO_STORAGE_VOL, text)
