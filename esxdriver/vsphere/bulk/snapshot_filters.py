"""Which snapshots the ``VIR_DOMAIN_SNAPSHOT_LIST_*`` flags choose.

Source: https://libvirt.org/html/libvirt-libvirt-domain-snapshot.html#virDomainListAllSnapshots
"""

import libvirt

from esxdriver.conf.snapshot.tree import Snapshot, Tree
from esxdriver.errors import check_flags
from esxdriver.flags import Filters, always, never


def _has_memory(each: Snapshot) -> bool:
    return bool(each.definition.memory)


def _no_memory(each: Snapshot) -> bool:
    return not each.definition.memory


# libvirt keeps no metadata of its own about vSphere's snapshots, and all of them are internal to it. Of one without
# memory vSphere does not tell whether the domain was off or only its disks were wanted: both flags choose it.
_FILTERS = Filters(
    {
        libvirt.VIR_DOMAIN_SNAPSHOT_LIST_METADATA: never,
        libvirt.VIR_DOMAIN_SNAPSHOT_LIST_NO_METADATA: always,
    },
    {
        libvirt.VIR_DOMAIN_SNAPSHOT_LIST_LEAVES: lambda each: each.leaf,
        libvirt.VIR_DOMAIN_SNAPSHOT_LIST_NO_LEAVES: lambda each: not each.leaf,
    },
    {
        libvirt.VIR_DOMAIN_SNAPSHOT_LIST_INACTIVE: _no_memory,
        libvirt.VIR_DOMAIN_SNAPSHOT_LIST_ACTIVE: _has_memory,
        libvirt.VIR_DOMAIN_SNAPSHOT_LIST_DISK_ONLY: _no_memory,
    },
    {
        libvirt.VIR_DOMAIN_SNAPSHOT_LIST_INTERNAL: always,
        libvirt.VIR_DOMAIN_SNAPSHOT_LIST_EXTERNAL: never,
    },
)

# Parents come before their children without being asked to.
_KNOWN = _FILTERS.known | libvirt.VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL


def selected(tree: Tree, flags: int, function: str) -> list[Snapshot]:
    """Return the snapshots of a machine that ``flags`` choose, with ROOTS only those without a parent.

    Raises INVALID_ARG, with the name of ``function``, for flags that it does not have.
    """
    check_flags(flags, _KNOWN | libvirt.VIR_DOMAIN_SNAPSHOT_LIST_ROOTS, function)
    roots = flags & libvirt.VIR_DOMAIN_SNAPSHOT_LIST_ROOTS
    return [each for each in tree.snapshots if not (roots and each.above) and _FILTERS.admit(flags, each)]


def selected_below(tree: Tree, above: Snapshot, flags: int, function: str) -> list[Snapshot]:
    """Return the children of a snapshot that ``flags`` choose, with DESCENDANTS theirs, too.

    Raises INVALID_ARG as :func:`selected` does.
    """
    check_flags(flags, _KNOWN | libvirt.VIR_DOMAIN_SNAPSHOT_LIST_DESCENDANTS, function)
    deep = flags & libvirt.VIR_DOMAIN_SNAPSHOT_LIST_DESCENDANTS
    related = [each for each in tree.snapshots if (each.descends_from(above) if deep else each.above == above)]
    return [each for each in related if _FILTERS.admit(flags, each)]
