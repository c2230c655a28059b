"""A machine's snapshots as a tree, read in one round trip.

Source: vSphere API, VirtualMachineSnapshotInfo, VirtualMachineSnapshotTree.
"""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Literal

from pyVmomi import vim

from esxdriver.conf.mapping.fields import load
from esxdriver.conf.snapshot.snapshot import SnapshotDef
from esxdriver.conf.snapshot.tree import Snapshot, Tree
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.machine import Machine
from esxdriver.vsphere.machine.surface import reached
from esxdriver.vsphere.query.retrieve import below, each_of, properties
from esxdriver.vsphere.wire.session import Session

_TREE = "snapshot"


class NodeSurface:
    """A node of vSphere's snapshot tree, to read from."""

    kind: ClassVar[Literal["vim"]] = "vim"

    def __init__(self, node: Any) -> None:
        self._node = node

    def get(self, path: str) -> Any:
        """Return what stands at ``path``, or None."""
        return reached(self._node, path)

    def put(self, path: str, value: Any) -> None:
        """Refuse: a snapshot is what it is."""
        raise TypeError(f"{path}: a snapshot is read only, {value!r} cannot be put there")


def read_tree(session: Session, ref: Any) -> Tree:
    """Return a machine's snapshots, in one round trip however many there are."""
    return tree_of(properties(session, ref, _TREE)[_TREE])


def tree_of(info: Any) -> Tree:
    """Return the tree of a ``VirtualMachineSnapshotInfo``; None is a machine without snapshots."""
    if info is None:
        return Tree((), None)
    snapshots = tuple(_walked(info.rootSnapshotList, None))
    return Tree(snapshots, next((each for each in snapshots if each.ref == info.currentSnapshot), None))


def _walked(nodes: Iterable[Any], above: Snapshot | None) -> Iterator[Snapshot]:
    for node in nodes:
        definition = load(SnapshotDef, NodeSurface(node), lambda _: None, parent=above.name if above else None)
        snapshot = Snapshot(node.snapshot, definition, above, leaf=not node.childSnapshotList)
        yield snapshot
        yield from _walked(node.childSnapshotList, snapshot)


def read_snapshot(session: Session, ref: Any, snapshot: Any) -> tuple[Tree, Machine | None]:
    """Return a machine's tree, and the machine as it was in one snapshot of it, in one round trip.

    The machine is None where the host does not tell. Raises ManagedObjectNotFound.
    """
    wanted = {vim.VirtualMachine: (_TREE,), vim.vm.Snapshot: ("config",)}
    found = {each.ref: each for each in below(session, ref, wanted, [snapshot])}
    config = found[snapshot]["config"] if snapshot in found else None
    then = machine.read(config) if config is not None else None
    return tree_of(found[ref].required(_TREE) if ref in found else None), then


def held_files(session: Session, ref: Any) -> frozenset[str] | None:
    """Return the files of the disks that a machine's snapshots hold, in two round trips.

    They are those of the snapshots' own configurations, and the parents of these: a disk that has come after all
    snapshots is in none. None where the host withholds a snapshot's configuration, which may have any disk.
    """
    refs = [each.ref for each in read_tree(session, ref).snapshots]
    found = each_of(session, dict.fromkeys(refs, ("config.hardware.device",))) if refs else []
    devices = [each["config.hardware.device"] for each in found]
    if len(found) < len(refs) or None in devices:
        return None
    return frozenset(file for each in devices for device in each for file in _files(getattr(device, "backing", None)))


def _files(backing: Any) -> Iterator[str]:
    while backing is not None:
        if name := getattr(backing, "fileName", None):
            yield name
        backing = getattr(backing, "parent", None)
