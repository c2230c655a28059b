"""The sources of a document's disks, where they are files of hosts: ``/vmfs/volumes/...``, as virtinst names them."""

from dataclasses import replace
from typing import TYPE_CHECKING

import libvirt

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.driver.storage_lookup import DATASTORES

if TYPE_CHECKING:
    from esxdriver.conf.devices.disk import DiskDef
    from esxdriver.conf.domain.domain import DomainDef
    from esxdriver.driver.storage_lookup import StorageMethods
    from esxdriver.driver.storage_pool import StoragePool


def with_datastores(conn: "StorageMethods", want: "DomainDef") -> "DomainDef":
    """Return a definition whose disks are named by their datastores.

    A file below ``/vmfs/volumes`` becomes ``[datastore] path``, by the datastore's ID or name; a disk without a
    directory is where it was made, in one of its own, if there is one. What leads to no datastore stays for the host to
    refuse. Datastores are read, in one round trip, only if there is such a file; a disk without a directory takes two
    searches at most.
    """
    if not any(DatastorePath.of_volume(disk.source) for disk in want.disks):
        return want
    pools = conn.listAllStoragePools(DATASTORES)
    return replace(want, disks=tuple(_with_datastore(pools, disk) for disk in want.disks))


def _with_datastore(pools: "list[StoragePool]", disk: "DiskDef") -> "DiskDef":
    file = DatastorePath.of_volume(disk.source)
    if file is None:
        return disk
    pool = next((each for each in pools if each.known.is_at(f"/vmfs/volumes/{file.datastore}")), None)
    if pool is None:
        return disk
    path = str(DatastorePath(pool.name(), file.path))
    if disk.backing.is_hard_disk and "/" not in file.path:
        try:
            path = pool.storageVolLookupByName(file.path).path()
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
                raise
    return replace(disk, source=path)
