"""Virtual disks by their paths: what makes, changes and deletes one that no machine has.

Source: vSphere API, VirtualDiskManager.
"""

from uuid import UUID

from pyVmomi import vim, vmodl

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.wire.session import Session

# What a file raises that has no UUID: no disk, or one that another host holds.
_NONE = (vim.fault.FileFault, vmodl.fault.NotSupported, vmodl.fault.InvalidArgument)


def uuid_of_disk(session: Session, scope: Scope, path: DatastorePath) -> str | None:
    """Return the UUID of a disk, None when the host tells none. It is kept in the disk's descriptor."""
    manager = session.content.virtualDiskManager
    try:
        found = manager.QueryVirtualDiskUuid(name=str(path), datacenter=scope.datacenter)
        return str(UUID("".join(str(found).split())))
    except (*_NONE, ValueError):
        return None
