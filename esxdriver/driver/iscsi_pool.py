"""A storage pool that is a target of a host's iSCSI adapters: to be looked at, and not changed from here.

Names, UUIDs and keys are those of libvirt's own ESX driver.
Reference: https://libvirt.org/html/libvirt-libvirt-storage.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import libvirt

from esxdriver.driver.boundary import bounded
from esxdriver.driver.iscsi_vol import IscsiVol
from esxdriver.driver.storage_pool import StoragePool
from esxdriver.driver.storage_vol import StorageVol, no_volume
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.storage.pools import targets
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.vsphere.query.task import Progress
    from esxdriver.vsphere.storage.iscsi import Target


@complete("virStoragePool")
@bounded
class IscsiPool(StoragePool):
    """A target, by whose IQN it is called; its UUID is the IQN's MD5, its sizes are the sums of its LUNs'."""

    known: Target

    def refresh(self, flags: int = 0) -> int:
        """Have the host look anew at what the adapters of the target lead to. Return 0.

        A host looks at all targets of an adapter. Raises NO_STORAGE_POOL when the target is gone.
        """
        self.backend.require_writable("virStoragePoolRefresh")
        check_flags(flags, 0, "virStoragePoolRefresh")
        now = self._read()
        with translated(f"cannot refresh storage pool '{self.name()}'"):
            for adapter in now.adapters:
                now.ref.RescanHba(hbaDevice=adapter)
        return 0

    def listAllVolumes(self, flags: int = 0, *, progress: Progress = None) -> list[StorageVol]:
        """Return all volumes: the disks among the target's LUNs, in one round trip."""
        check_flags(flags, 0, "virStoragePoolListAllVolumes")
        self._read()
        return self.known_volumes()

    def known_volumes(self) -> list[StorageVol]:
        """Return the volumes that it had when it was last read."""
        return [IscsiVol(self, each) for each in self.known.luns]

    def storageVolLookupByName(self, name: str) -> StorageVol:
        """Return the volume whose device a host calls ``name``, ``/vmfs/devices/disks/...``. Raises NO_STORAGE_VOL."""
        for each in self._read().luns:
            if name in (each.name, each.path):
                return IscsiVol(self, each)
        raise no_volume(name, self.name())

    def createXML(self, xmlDesc: str, flags: int = 0, *, progress: Progress = None) -> StorageVol:
        """Raise OPERATION_UNSUPPORTED: the storage array makes LUNs."""
        self._refuse("virStorageVolCreateXML")

    def createXMLFrom(
        self, xmlDesc: str, clonevol: StorageVol, flags: int = 0, *, progress: Progress = None
    ) -> StorageVol:
        """Raise OPERATION_UNSUPPORTED: the storage array makes LUNs."""
        self._refuse("virStorageVolCreateXMLFrom")

    def _refuse(self, function: str) -> NoReturn:
        self.backend.require_writable(function)
        raise error(
            libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
            f"storage pool '{self.name()}' is an iSCSI target: make the LUN on the storage array, then refresh the "
            "pool; a domain's disk is made in the pool of a datastore",
        )

    def _read(self) -> Target:
        with translated(f"cannot read storage pool '{self.name()}'"):
            found = targets(self.backend.session, self.backend.scope)
        for each in found:
            if each.name == self.name():
                self.known = each
                return each
        raise error(libvirt.VIR_ERR_NO_STORAGE_POOL, f"the host no longer has the iSCSI target '{self.name()}'")

    def reached(self) -> Target:
        """Return the target as it is now. Raises NO_STORAGE_POOL when it is gone."""
        return self._read()
