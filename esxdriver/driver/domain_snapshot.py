"""A snapshot of a domain, with the face of libvirt-python's ``virDomainSnapshot``.

Reference: https://libvirt.org/html/libvirt-libvirt-domain-snapshot.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.conf.snapshot import outcome
from esxdriver.conf.snapshot import xml as snapshot_xml
from esxdriver.conf.snapshot.snapshot import SnapshotDef, settings
from esxdriver.driver.boundary import bounded
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_exclusive, check_flags, error
from esxdriver.vsphere.bulk.snapshot_filters import selected_below
from esxdriver.vsphere.change import snapshots
from esxdriver.vsphere.machine import snapshot_tree
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.conf.mapping.states import PowerState
    from esxdriver.conf.snapshot.outcome import DiskOutcome
    from esxdriver.conf.snapshot.tree import Snapshot, Tree
    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain
    from esxdriver.vsphere.query.task import Progress

_DELETE_CHILDREN = libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN
_DELETE_CHILDREN_ONLY = libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN_ONLY
_DELETE_FLAGS = _DELETE_CHILDREN | _DELETE_CHILDREN_ONLY | libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY


@complete("virDomainSnapshot")
@bounded
class DomainSnapshot:
    """A snapshot of a domain. Its name is that of the moment it was looked up; all else is asked for.

    vSphere lets several snapshots of a domain have one name: this object stays with the one that it was made for.
    """

    def __init__(self, domain: Domain, ref: Any, name: str) -> None:
        self.backend = domain.backend
        self.ref = ref
        self._domain = domain
        self._name = name

    def __repr__(self) -> str:
        return f"<DomainSnapshot {self._name!r} of {self._domain!r}>"

    # -- what it is

    def getName(self) -> str:
        """Return the name."""
        return self._name

    def getDomain(self) -> Domain:
        """Return the domain that it is a snapshot of."""
        return self._domain

    def domain(self) -> Domain:
        """Return the domain that it is a snapshot of."""
        return self._domain

    def getConnect(self) -> Connect:
        """Return the connection that the domain was looked up with."""
        return self._domain.connect()

    def connect(self) -> Connect:
        """Return the connection that the domain was looked up with."""
        return self._domain.connect()

    def qualifiedName(self) -> str:
        """Return ``name@moref``, by which a lookup finds this snapshot and no other."""
        return f"{self._name}@{self.ref._GetMoId()}"

    def getXMLDesc(self, flags: int = 0) -> str:
        """Return the ``<domainsnapshot>``, with each disk's setting and the whole domain as it was.

        VIR_DOMAIN_SNAPSHOT_XML_SECURE shows passwords and secret options, and is refused on a read-only connection. One
        round trip. Raises NO_DOMAIN_SNAPSHOT when it has been deleted.
        """
        check_flags(flags, libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE, "virDomainSnapshotGetXMLDesc")
        secure = bool(flags & libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE)
        style = self.backend.style(secure=secure, function="virDomainSnapshotGetXMLDesc")
        return snapshot_xml.format(self._definition(), style, self._domain.UUIDString())

    def isCurrent(self, flags: int = 0) -> int:
        """Return 1 when it is the one that the domain now descends from."""
        check_flags(flags, 0, "virDomainSnapshotIsCurrent")
        current = self._tree().current
        return int(current is not None and current.ref == self.ref)

    def hasMetadata(self, flags: int = 0) -> int:
        """Return 0: libvirt keeps nothing of its own about vSphere's snapshots."""
        check_flags(flags, 0, "virDomainSnapshotHasMetadata")
        self.found()
        return 0

    # -- its relations

    def getParent(self, flags: int = 0) -> DomainSnapshot:
        """Return the snapshot that it descends from; raise NO_DOMAIN_SNAPSHOT when it has none."""
        check_flags(flags, 0, "virDomainSnapshotGetParent")
        above = self.found().above
        if above is None:
            raise error(libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT, f"snapshot '{self._name}' does not have a parent")
        return DomainSnapshot(self._domain, above.ref, above.name)

    def numChildren(self, flags: int = 0) -> int:
        """Return how many snapshots :meth:`listAllChildren` would return."""
        return len(self._children(flags, "virDomainSnapshotNumChildren"))

    def listChildrenNames(self, flags: int = 0) -> list[str]:
        """Return the names of the snapshots that :meth:`listAllChildren` would return."""
        return [each.name for each in self._children(flags, "virDomainSnapshotListChildrenNames")]

    def listAllChildren(self, flags: int = 0) -> list[DomainSnapshot]:
        """Return the snapshots taken right after it, with DESCENDANTS all later ones; parents come first."""
        found = self._children(flags, "virDomainSnapshotListAllChildren")
        return [DomainSnapshot(self._domain, each.ref, each.name) for each in found]

    # -- what is done with it

    def delete(self, flags: int = 0, *, progress: Progress = None) -> int:
        """Delete it; the domain and its other snapshots keep what they hold.

        CHILDREN deletes all that descend from it, too, CHILDREN_ONLY those alone; METADATA_ONLY does nothing, as
        there is none. ``progress`` is given percentages. Return 0. Raises NO_DOMAIN_SNAPSHOT when it is gone,
        INVALID_ARG for both flags, and the codes of vSphere's faults.
        """
        self.backend.require_writable("virDomainSnapshotDelete")
        check_flags(flags, _DELETE_FLAGS, "virDomainSnapshotDelete")
        check_exclusive(flags, _DELETE_CHILDREN, _DELETE_CHILDREN_ONLY, "CHILDREN and CHILDREN_ONLY")
        if flags & libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY:
            return 0
        tree = self._tree() if flags & (_DELETE_CHILDREN | _DELETE_CHILDREN_ONLY) else None
        auto_answer = self.backend.uri.auto_answer
        with translated(f"cannot delete snapshot '{self._name}' of domain '{self._domain.title}'"):
            if tree is None:
                snapshots.remove(
                    self.backend.session, self._domain.ref, self.ref, children=False, auto_answer=auto_answer,
                    progress=progress,
                )  # fmt: skip
            else:
                here = tree.at(self.ref, self._name)
                tops = [here] if flags & _DELETE_CHILDREN else [each for each in tree.snapshots if each.above == here]
                snapshots.remove_trees(
                    self.backend.session, self._domain.ref, tree, tops, auto_answer=auto_answer, progress=progress
                )
        return 0

    def deletePreview(self) -> list[DiskOutcome]:
        """Return what :meth:`delete` would do to each hard disk of the domain; nothing is asked but what it has."""
        return outcome.deleted(self._domain.read_machine()[0].definition)

    def revertPreview(self) -> list[DiskOutcome]:
        """Return what ``revertToSnapshot`` would do to each hard disk of the domain.

        Where the host does not tell how the domain was, it is taken to have had the disks that it has now.
        """
        now = self._domain.read_machine()[0].definition
        return outcome.reverted(now, self._definition().domain or now)

    # -- how it asks

    def _tree(self) -> Tree:
        return self._domain.snapshot_tree()

    def found(self) -> Snapshot:
        """Return the node of the domain's tree that it is, with its definition; raise NO_DOMAIN_SNAPSHOT if deleted."""
        return self._tree().at(self.ref, self._name)

    def state(self) -> PowerState | None:
        """Return the state in which the domain was; raise NO_DOMAIN_SNAPSHOT when the snapshot has been deleted."""
        return self.found().definition.state

    def _children(self, flags: int, function: str) -> list[Snapshot]:
        tree = self._tree()
        return selected_below(tree, tree.at(self.ref, self._name), flags, function)

    def _definition(self) -> SnapshotDef:
        with translated(f"cannot read snapshot '{self._name}' of domain '{self._domain.title}'"):
            tree, then = snapshot_tree.read_snapshot(self.backend.session, self._domain.ref, self.ref)
        definition = tree.at(self.ref, self._name).definition
        if then is None:
            return definition
        return replace(definition, disks=settings(then.definition), domain=then.definition)
