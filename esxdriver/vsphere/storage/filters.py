"""Which datastores and iSCSI targets the ``VIR_CONNECT_LIST_STORAGE_POOLS_*`` flags choose.

Source: https://libvirt.org/html/libvirt-libvirt-storage.html#virConnectListAllStoragePoolsFlags
"""

from collections.abc import Callable, Iterable

import libvirt

from esxdriver.errors import check_flags
from esxdriver.flags import Filters, always, never
from esxdriver.vsphere.storage.datastores import Datastore

Test = Callable[[Datastore], bool]


def _of(kind: str) -> Test:
    return lambda each: each.definition.type == kind


_TYPES = (
    "DIR", "FS", "NETFS", "LOGICAL", "DISK", "ISCSI", "SCSI", "MPATH", "RBD", "SHEEPDOG", "GLUSTER", "ZFS", "VSTORAGE",
    "ISCSI_DIRECT",
)  # fmt: skip

# A datastore is always there, also while it cannot be reached, and starts with its host.
_FILTERS = Filters(
    {
        libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE: always,
        libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE: never,
    },
    {
        libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT: always,
        libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT: never,
    },
    {
        libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART: always,
        libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_NO_AUTOSTART: never,
    },
    {getattr(libvirt, f"VIR_CONNECT_LIST_STORAGE_POOLS_{name}"): _of(name.lower()) for name in _TYPES},
)

_ALL_TYPES = sum(getattr(libvirt, f"VIR_CONNECT_LIST_STORAGE_POOLS_{name}") for name in _TYPES)


def lets_targets_through(flags: int) -> bool:
    """Whether an iSCSI target may be among what ``flags`` choose."""
    return not flags & _ALL_TYPES or bool(flags & libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ISCSI)


def selected(found: Iterable[Datastore], flags: int) -> list[Datastore]:
    """Return the datastores and targets that ``flags`` choose. Raises INVALID_ARG for flags unknown to libvirt."""
    check_flags(flags, _FILTERS.known, "virConnectListAllStoragePools")
    return [each for each in found if _FILTERS.admit(flags, each)]
