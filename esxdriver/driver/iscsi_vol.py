"""A storage volume that is a LUN of an iSCSI target: to be looked at, and not changed from here.

Reference: https://libvirt.org/html/libvirt-libvirt-storage.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import libvirt

from esxdriver.driver.boundary import bounded
from esxdriver.driver.storage_vol import StorageVol, no_volume
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_flags, error

if TYPE_CHECKING:
    from esxdriver.driver.iscsi_pool import IscsiPool
    from esxdriver.vsphere.storage.iscsi import Lun


@complete("virStorageVol")
@bounded
class IscsiVol(StorageVol):
    """A LUN; its key is the MD5 of vSphere's UUID of it, as libvirt's own driver makes it."""

    _pool: IscsiPool
    file: Lun  # type: ignore[assignment] # (what it is instead of a file: every use of it is here)

    def __init__(self, pool: IscsiPool, found: Lun) -> None:
        super().__init__(pool, found)  # type: ignore[arg-type]

    def name(self) -> str:
        """Return the name: that of its device on the host, ``/vmfs/devices/disks/naa...``."""
        return self.file.name

    def path(self) -> str:
        """Return the path of its device on the host, as a domain's raw device mapping names it."""
        return self.file.path

    def key(self) -> str:
        """Return the key, in the form of a UUID. Nothing is asked."""
        return self.file.key

    def known_key(self) -> str:
        """Return the same."""
        return self.file.key

    def read(self) -> Lun:  # type: ignore[override]
        """Return the LUN as it is now. Raises NO_STORAGE_VOL when it is gone."""
        for each in self._pool.reached().luns:
            if each.name == self.name():
                self.file = each
                return each
        raise no_volume(self.name(), self._pool.name())

    def original(self) -> NoReturn:
        """Raise OPERATION_UNSUPPORTED: no file is copied from a LUN."""
        self._require("virStorageVolCreateXMLFrom", 0)

    def _require(self, function: str, flags: int, supported: int = 0) -> NoReturn:
        """Refuse whatever changes a LUN or moves its data."""
        self.backend.require_writable(function)
        check_flags(flags, supported, function)
        raise error(
            libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
            f"volume '{self.name()}' is a LUN of the iSCSI target '{self._pool.name()}', whose data only domains "
            "reach: change it on the storage array, then refresh the pool; or use a volume of a datastore's pool",
        )
