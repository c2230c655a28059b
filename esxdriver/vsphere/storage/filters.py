"""Which datastores the ``VIR_CONNECT_LIST_STORAGE_POOLS_*`` flags choose.

Source: https://libvirt.org/html/libvirt-libvirt-storage.html#virConnectListAllStoragePoolsFlags
"""

from collections.abc import Callable, Iterable

import libvirt

from esxdriver.errors import check_flags
from esxdriver.flags import Filters
from esxdriver.vsphere.storage.datastores import Datastore

Test = Callable[[Datastore], bool]


def _always(_: Datastore) -> bool:
    return True


def _never(_: Datastore) -> bool:
    return False


def _of(kind: str) -> Test:
    return lambda each: each.definition.type == kind


_TYPES = (
    "DIR", "FS", "NETFS", "LOGICAL", "DISK", "ISCSI", "SCSI", "MPATH", "RBD", "SHEEPDOG", "GLUSTER", "ZFS", "VSTORAGE",
    "ISCSI_DIRECT",
)  # fmt: skip

# A datastore is always there, also while it cannot be reached, and starts with its host.
_FILTERS = Filters(
    {
        libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE: _always,
        libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE: _never,
    },
    {
        libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT: _always,
        libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT: _never,
    },
    {
        libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART: _always,
        libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_NO_AUTOSTART: _never,
    },
    {getattr(libvirt, f"VIR_CONNECT_LIST_STORAGE_POOLS_{name}"): _of(name.lower()) for name in _TYPES},
)


def selected(found: Iterable[Datastore], flags: int) -> list[Datastore]:
    """Return the datastores that ``flags`` choose. Raises INVALID_ARG for flags that libvirt does not know."""
    check_flags(flags, _FILTERS.known, "virConnectListAllStoragePools")
    return [each for each in found if _FILTERS.admit(flags, each)]
