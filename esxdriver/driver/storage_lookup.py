"""How a connection finds storage pools and volumes.

Reference: https://libvirt.org/html/libvirt-libvirt-storage.html
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import libvirt

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.errors import check_flags, error
from esxdriver.lookup import first, uuid_of, uuid_text
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esxdriver.driver.backend import Backend
    from esxdriver.driver.storage_pool import StoragePool
    from esxdriver.driver.storage_vol import StorageVol
    from esxdriver.driver.stream import Stream
    from esxdriver.vsphere.storage.datastores import Datastore

# Clients put their own directory before what they take for a relative path.
_BEHIND_A_DIRECTORY = re.compile(r"(?:.*/)?(\[[^\]/]*\].*)", re.DOTALL)

DATASTORES = (
    libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_DIR
    | libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_FS
    | libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_NETFS
)
"""The types of pools that datastores are."""


class StorageMethods:
    """The methods of a connection that find pools and volumes; datastores are read in one round trip."""

    backend: Backend

    # -- pools

    def listAllStoragePools(self, flags: int = 0) -> list[StoragePool]:
        """Return the pools that the ``VIR_CONNECT_LIST_STORAGE_POOLS_*`` filters in ``flags`` let through.

        A pool is a datastore of any kind: VMFS, NFS, NFS 4.1, vSAN, vVol, PMEM, local. Where the URI names one
        host, a target of its iSCSI adapters is one, too. One round trip.
        """
        from esxdriver.vsphere.storage.datastores import datastores
        from esxdriver.vsphere.storage.filters import lets_targets_through, selected
        from esxdriver.vsphere.storage.pools import pools

        with translated("cannot list the storage pools"):
            read = pools if lets_targets_through(flags) else datastores
            found = read(self.backend.session, self.backend.scope)
        return [self._shown_pool(each) for each in selected(found, flags)]

    def listStoragePools(self) -> list[str]:
        """Return the names of all pools."""
        return [pool.name() for pool in self.listAllStoragePools()]

    def numOfStoragePools(self) -> int:
        """Return how many pools there are."""
        return len(self.listAllStoragePools())

    def listDefinedStoragePools(self) -> list[str]:
        """Return no names: a datastore is never switched off."""
        return []

    def numOfDefinedStoragePools(self) -> int:
        """Return 0, as there are none."""
        return 0

    def storagePoolLookupByName(self, name: str) -> StoragePool:
        """Return the pool of the datastore or iSCSI target called ``name``. Raises NO_STORAGE_POOL."""
        return self._pool(lambda known: known.name == name, f"name '{name}'")

    def storagePoolLookupByUUID(self, uuid: bytes) -> StoragePool:
        """Return the pool with the UUID of these 16 bytes. Raises INVALID_ARG for others, NO_STORAGE_POOL."""
        return self.storagePoolLookupByUUIDString(uuid_text(uuid))

    def storagePoolLookupByUUIDString(self, uuidstr: str) -> StoragePool:
        """Return the pool with this UUID. Raises INVALID_ARG for what is no UUID, NO_STORAGE_POOL."""
        wanted = str(uuid_of(uuidstr))
        return self._pool(lambda known: known.definition.uuid == wanted, f"uuid '{uuidstr}'")

    def storagePoolLookupByTargetPath(self, path: str) -> StoragePool:
        """Return the pool of the datastore that hosts have at ``path``: ``/vmfs/volumes/`` and its ID or name.

        Raises NO_STORAGE_POOL.
        """
        return self._pool(lambda known: known.is_at(path), f"target path '{path}'")

    def _pool(self, is_meant: Callable[[Datastore], bool], what: str) -> StoragePool:
        """Return the pool that is meant: targets are read only where no datastore is."""
        from esxdriver.vsphere.storage.datastores import datastores
        from esxdriver.vsphere.storage.pools import targets

        session, scope = self.backend.session, self.backend.scope
        with translated("cannot list the storage pools"):
            found = datastores(session, scope)
            choices = found if any(map(is_meant, found)) else [*found, *targets(session, scope)]
        what = f"storage pool with matching {what}"
        return self._shown_pool(first(choices, is_meant, libvirt.VIR_ERR_NO_STORAGE_POOL, what))

    def _shown_pool(self, known: Datastore) -> StoragePool:
        from esxdriver.driver.iscsi_pool import IscsiPool
        from esxdriver.driver.storage_pool import StoragePool
        from esxdriver.vsphere.storage.iscsi import Target

        kind = IscsiPool if isinstance(known, Target) else StoragePool
        return kind(cast("Any", self), known)

    def _datastores(self) -> list[StoragePool]:
        """Return the pools that are datastores; nothing else is read."""
        return self.listAllStoragePools(DATASTORES)

    # -- volumes

    def storageVolLookupByPath(self, path: str) -> StorageVol:
        """Return the volume at ``path``, as ``[datastore] dir/x.vmdk`` or ``/vmfs/volumes/...`` by ID or name.

        A LUN of an iSCSI target is at ``/vmfs/devices/disks/...``.

        Raises NO_STORAGE_VOL, and OPERATION_INVALID while its datastore is not reached.
        """
        behind = _BEHIND_A_DIRECTORY.fullmatch(path)
        wanted = DatastorePath.of_volume(path) or DatastorePath.parse(behind[1] if behind else None)
        for pool in self._datastores() if wanted else ():
            if wanted and (pool.name() == wanted.datastore or pool.known.is_at(f"/vmfs/volumes/{wanted.datastore}")):
                try:
                    return pool.storageVolLookupByName(wanted.path)
                except libvirt.libvirtError as cause:
                    if cause.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
                        raise
        for lun in self._luns() if path.startswith("/vmfs/devices/") else ():
            if path in (lun.path(), lun.name()):
                return lun
        raise error(libvirt.VIR_ERR_NO_STORAGE_VOL, f"no storage vol with matching path '{path}'")

    def storageVolLookupByKey(self, key: str) -> StorageVol:
        """Return the volume with this key: a path, or on ESX a disk's UUID, or a LUN's.

        A UUID that this connection has reported is looked up where the disk was then. For another, LUNs are read, then
        all disks are asked for theirs, one after the other. Raises NO_STORAGE_VOL.
        """
        if "/" in key or key.startswith("["):
            return self.storageVolLookupByPath(key)
        for volume in chain(self._volumes_at(self.backend.volume_paths.get(key)), self._luns(), self._disks()):
            if volume.key() == key:
                return volume
        raise error(libvirt.VIR_ERR_NO_STORAGE_VOL, f"no storage vol with matching key '{key}'")

    def newStream(self, flags: int = 0) -> Stream:
        """Return a stream for data, which blocks. Raises INVALID_ARG for VIR_STREAM_NONBLOCK."""
        from esxdriver.driver.stream import Stream

        check_flags(flags, 0, "virStreamNew")
        return Stream(cast("Any", self))

    def _volumes_at(self, path: DatastorePath | None) -> list[StorageVol]:
        try:
            return [] if path is None else [self.storageVolLookupByPath(str(path))]
        except libvirt.libvirtError as cause:
            if cause.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
                raise
            return []

    def _luns(self) -> Iterator[StorageVol]:
        """Yield every LUN of the iSCSI targets; they are read when the first is asked for."""
        from esxdriver.driver.iscsi_pool import IscsiPool
        from esxdriver.vsphere.storage.pools import targets

        with translated("cannot list the storage pools"):
            found = targets(self.backend.session, self.backend.scope)
        for each in found:
            yield from IscsiPool(cast("Any", self), each).known_volumes()

    def _disks(self) -> Iterator[StorageVol]:
        """Yield every disk; a pool is searched when the one before it is through."""
        from esxdriver.conf.storage.volume import VolumeFormat

        for pool in self._datastores():
            volumes = pool.listAllVolumes() if pool.known.accessible else ()
            yield from (volume for volume in volumes if volume.file.format is VolumeFormat.VMDK)
