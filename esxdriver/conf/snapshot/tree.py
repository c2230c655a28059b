"""The snapshots of a domain as a tree."""

from dataclasses import dataclass
from typing import Any

import libvirt

from esxdriver.conf.snapshot.snapshot import SnapshotDef
from esxdriver.errors import error


@dataclass(frozen=True)
class Snapshot:
    """A snapshot in its tree: what it is known by, what the tree says of it, and the one it descends from.

    ``ref`` is vSphere's managed object, or a name where names are unique. ``location`` is libvirt's word for where it
    is kept, ``metadata`` whether libvirt keeps some of its own about it.
    """

    ref: Any
    definition: SnapshotDef
    above: "Snapshot | None"
    leaf: bool
    location: str = "internal"
    metadata: bool = False

    @property
    def name(self) -> str:
        """Its name, which another may have, too."""
        return self.definition.name

    @property
    def qualified(self) -> str:
        """Its name and managed object reference, ``name@moref``: no other has it."""
        return f"{self.name}@{getattr(self.ref, '_moId', self.ref)}"

    @property
    def depth(self) -> int:
        """How many snapshots are above it."""
        return 0 if self.above is None else self.above.depth + 1

    def descends_from(self, other: "Snapshot") -> bool:
        """Whether ``other`` is anywhere above it."""
        return self.above is not None and (self.above == other or self.above.descends_from(other))


@dataclass(frozen=True)
class Tree:
    """All snapshots of a machine, parents before children, and the one that the machine now descends from."""

    snapshots: tuple[Snapshot, ...]
    current: Snapshot | None

    def named(self, name: str) -> Snapshot:
        """Return the snapshot called ``name``, or meant by ``name@moref``.

        Raises NO_DOMAIN_SNAPSHOT, and OPERATION_FAILED that lists the candidates when several have the name.
        """
        found = [each for each in self.snapshots if each.qualified == name]
        found = found or [each for each in self.snapshots if each.name == name]
        if not found:
            raise error(libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT, f"no domain snapshot with matching name '{name}'")
        if len(found) > 1:
            listed = ", ".join(f"'{each.qualified}'" for each in found)
            raise error(
                libvirt.VIR_ERR_OPERATION_FAILED,
                f"{len(found)} snapshots are called '{name}': say which one you mean, {listed}",
            )
        return found[0]

    def at(self, ref: Any, name: str) -> Snapshot:
        """Return the snapshot whose object is ``ref``; raise NO_DOMAIN_SNAPSHOT, with its ``name``, when it is gone."""
        found = next((each for each in self.snapshots if each.ref == ref), None)
        if found is None:
            raise error(libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT, f"snapshot '{name}' has been deleted")
        return found

    def unambiguous(self, snapshot: Snapshot) -> str:
        """Return what :meth:`named` finds this snapshot by: its name, qualified where another has it, too."""
        alike = [each for each in self.snapshots if snapshot.name in (each.name, each.qualified)]
        return snapshot.name if len(alike) == 1 else snapshot.qualified
