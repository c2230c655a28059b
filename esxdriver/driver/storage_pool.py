"""A storage pool: a datastore, with the face of libvirt-python's ``virStoragePool``.

Reference: https://libvirt.org/html/libvirt-libvirt-storage.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import libvirt

from esxdriver.conf.storage import pool as pool_xml
from esxdriver.conf.storage.volume import check_name, in_its_directory
from esxdriver.driver.boundary import bounded
from esxdriver.driver.host_object import HostObject
from esxdriver.driver.storage_create import create, create_from
from esxdriver.driver.storage_vol import StorageVol, no_volume
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.storage import search
from esxdriver.vsphere.storage.datastores import Datastore, datastore
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.vsphere.query.task import Progress


@complete("virStoragePool")
@bounded
class StoragePool(HostObject[Datastore]):
    """A datastore, by whose name it is called. Get one from ``storagePoolLookupByName`` and its like."""

    @property
    def ref(self) -> Any:
        """Its managed object."""
        return self.known.ref

    def UUIDString(self) -> str:
        """Return the UUID: the MD5 of where the host has the datastore, as libvirt's own driver makes it."""
        return self.known.definition.uuid

    def UUID(self) -> bytes:
        """Return the 16 bytes of the UUID."""
        return UUID(self.UUIDString()).bytes

    def info(self) -> list[int]:
        """Return [VIR_STORAGE_POOL_*, capacity, allocation, available] in bytes.

        The state is RUNNING, or INACCESSIBLE, with zeros, while the host does not reach the datastore. Raises
        NO_STORAGE_POOL when it is gone.
        """
        now = self._read()
        sizes = (now.definition.capacity, now.definition.allocation, now.definition.available)
        return [now.state, *(size or 0 for size in sizes)]

    def XMLDesc(self, flags: int = 0) -> str:
        """Return libvirt's ``<pool>`` document; VIR_STORAGE_XML_INACTIVE makes no difference.

        Raises NO_STORAGE_POOL when the datastore is gone.
        """
        check_flags(flags, libvirt.VIR_STORAGE_XML_INACTIVE, "virStoragePoolGetXMLDesc")
        return pool_xml.format(self._read().definition)

    def isActive(self) -> int:
        """Return 1: a datastore is never switched off. Whether it is reached now :meth:`info` says."""
        return 1

    def isPersistent(self) -> int:
        """Return 1."""
        return 1

    def autostart(self) -> int:
        """Return 1: a datastore is there when its host is."""
        return 1

    def setAutostart(self, autostart: int) -> int:
        """Return 0 for 1, as a datastore is there whenever its host is. Raises OPERATION_UNSUPPORTED for 0."""
        self.backend.require_writable("virStoragePoolSetAutostart")
        if not autostart:
            raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
                        f"storage pool '{self.name()}' is there whenever its host is")  # fmt: skip
        return 0

    def refresh(self, flags: int = 0) -> int:
        """Have the host look anew at how full the datastore is. Return 0. Raises NO_STORAGE_POOL when it is gone."""
        self.backend.require_writable("virStoragePoolRefresh")
        check_flags(flags, 0, "virStoragePoolRefresh")
        with translated(f"cannot refresh storage pool '{self.name()}'"):
            self.ref.RefreshDatastore()
        return 0

    # -- volumes

    def listAllVolumes(self, flags: int = 0, *, progress: Progress = None) -> list[StorageVol]:
        """Return all volumes: disks (.vmdk) and images of CDs and floppies, wherever they lie on the datastore.

        One search of the host's, however many they are; ``progress`` is given its percentages. Raises
        OPERATION_INVALID while the datastore is not reached.
        """
        check_flags(flags, 0, "virStoragePoolListAllVolumes")
        now = self.reached()
        with translated(f"cannot list the volumes of storage pool '{self.name()}'"):
            found = search.files(self.backend.session, now, progress)
        return [StorageVol(self, each) for each in found]

    def listVolumes(self) -> list[str]:
        """Return the names of all volumes: their paths on the datastore."""
        return [each.name() for each in self.listAllVolumes()]

    def numOfVolumes(self) -> int:
        """Return how many volumes there are."""
        return len(self.listAllVolumes())

    def storageVolLookupByName(self, name: str) -> StorageVol:
        """Return the volume called ``name``, as ``dir/x.vmdk``; its directory alone is searched.

        A disk that was made without a directory is found by that name, too.
        Raises NO_STORAGE_VOL, and OPERATION_INVALID while the datastore is not reached.
        """
        now = self.reached()
        try:
            check_name(name)
        except libvirt.libvirtError:
            found = None
        else:
            with translated(f"cannot look up volume '{name}' in storage pool '{self.name()}'"):
                found = search.file_at(self.backend.session, now, name)
                if found is None and "/" not in name:
                    found = search.file_at(self.backend.session, now, in_its_directory(name))
        if found is None:
            raise no_volume(name, self.name())
        return StorageVol(self, found)

    def createXML(self, xmlDesc: str, flags: int = 0, *, progress: Progress = None) -> StorageVol:
        """Make the volume that a ``<volume>`` document describes, and return it.

        A disk whose allocation is less than its capacity is thin, any other preallocated; the flag
        VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA has it zeroed at once, CREATE_VALIDATE checks the document against
        libvirt's schema. Its capacity is rounded up to KiB. The directory is made; a disk's name without one gets one
        of its own: ``web02`` becomes ``web02/web02.vmdk``. An image is made empty, whatever capacity the document says:
        it becomes as large as what is uploaded. ``progress`` is given percentages.

        Raises XML_ERROR, CONFIG_UNSUPPORTED for what ESX does not make, INVALID_ARG for a bad name or a disk of 0
        bytes, STORAGE_VOL_EXIST, OPERATION_INVALID while the datastore is not reached. Nothing of it is left then,
        unless the error says that nobody knows what became of it.
        """
        return create(self, xmlDesc, flags, progress)

    def createXMLFrom(
        self, xmlDesc: str, clonevol: StorageVol, flags: int = 0, *, progress: Progress = None
    ) -> StorageVol:
        """Make a volume that holds what ``clonevol``, of this or another pool, holds, and return it.

        A disk gets the capacity of the document, if that is more; an image is as large as its original. Raises what
        :meth:`createXML` does, NO_STORAGE_VOL when ``clonevol`` is gone, OPERATION_INVALID for a volume of a domain
        that is not shut off, OPERATION_UNSUPPORTED for an allocation that a vCenter does not copy a disk with.
        """
        return create_from(self, xmlDesc, clonevol, flags, progress)

    # -- how it asks

    def _read(self) -> Datastore:
        with translated(f"cannot read storage pool '{self.name()}'"):
            self.known = datastore(self.backend.session, self.backend.scope, self.ref)
        return self.known

    def reached(self) -> Datastore:
        """Return the datastore as it is now. Raises OPERATION_INVALID when the host does not reach it.

        Raises NO_STORAGE_POOL when it is gone.
        """
        now = self._read()
        if not now.accessible:
            raise error(
                libvirt.VIR_ERR_OPERATION_INVALID,
                f"storage pool '{self.name()}' is inaccessible: the host does not reach its datastore now; see the "
                "host's storage, then try again",
            )
        return now
