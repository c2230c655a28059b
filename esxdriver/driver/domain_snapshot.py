"""A domain's snapshots, with the face of libvirt-python's ``virDomainSnapshot``.

Reference: https://libvirt.org/html/libvirt-libvirt-domain-snapshot.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.conf.domain.xml import Style
from esxdriver.conf.snapshot import outcome as fates
from esxdriver.conf.snapshot import xml as snapshot_xml
from esxdriver.conf.snapshot.snapshot import SnapshotDef, settings
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.bulk.snapshot_filters import selected, selected_below
from esxdriver.vsphere.change import snapshots
from esxdriver.vsphere.machine import snapshot_tree
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.conf.snapshot.outcome import DiskOutcome
    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain
    from esxdriver.vsphere.machine.snapshot_tree import Snapshot, Tree
    from esxdriver.vsphere.query.task import Progress

_DELETE_CHILDREN = libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN
_DELETE_CHILDREN_ONLY = libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN_ONLY
_DELETE_FLAGS = _DELETE_CHILDREN | _DELETE_CHILDREN_ONLY | libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY


class DomainSnapshot:
    """A snapshot of a domain. Its name is that of the moment it was looked up; all else is asked for.

    vSphere lets several snapshots of a domain have one name: this object stays with the one that it was made for.
    """

    def __init__(self, domain: Domain, ref: Any, name: str) -> None:
        self._domain = domain
        self._ref = ref
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
        return f"{self._name}@{self._ref._moId}"

    def getXMLDesc(self, flags: int = 0) -> str:
        """Return the ``<domainsnapshot>``, with each disk's setting and the whole domain as it was.

        VIR_DOMAIN_SNAPSHOT_XML_SECURE shows passwords and secret options, and is refused on a read-only connection. One
        round trip. Raises NO_DOMAIN_SNAPSHOT when it has been deleted.
        """
        check_flags(flags, libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE, "virDomainSnapshotGetXMLDesc")
        secure = bool(flags & libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE)
        if secure:
            self.connect()._writable("virDomainSnapshotGetXMLDesc with VIR_DOMAIN_SNAPSHOT_XML_SECURE")
        return snapshot_xml.format(self._definition(), style(self._domain, secure=secure), self._domain.UUIDString())

    def isCurrent(self, flags: int = 0) -> int:
        """Return 1 when it is the one that the domain now descends from."""
        check_flags(flags, 0, "virDomainSnapshotIsCurrent")
        current = self._tree().current
        return int(current is not None and current.ref == self._ref)

    def hasMetadata(self, flags: int = 0) -> int:
        """Return 0: libvirt keeps nothing of its own about vSphere's snapshots."""
        check_flags(flags, 0, "virDomainSnapshotHasMetadata")
        self._found()
        return 0

    # -- its relations

    def getParent(self, flags: int = 0) -> DomainSnapshot:
        """Return the snapshot that it descends from; raise NO_DOMAIN_SNAPSHOT when it has none."""
        check_flags(flags, 0, "virDomainSnapshotGetParent")
        above = self._found().above
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
        there is none. ``progress`` is told percentages.
        """
        self.connect()._writable("virDomainSnapshotDelete")
        check_flags(flags, _DELETE_FLAGS, "virDomainSnapshotDelete")
        exclusive(flags, _DELETE_CHILDREN, _DELETE_CHILDREN_ONLY, "CHILDREN and CHILDREN_ONLY")
        if flags & libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY:
            return 0
        if flags & _DELETE_CHILDREN_ONLY:
            for child in self.listAllChildren():
                child.delete(_DELETE_CHILDREN, progress=progress)
            return 0
        with translated(f"cannot delete snapshot '{self._name}' of domain '{self._domain.name()}'"):
            snapshots.remove(
                *host(self._domain), self._ref, children=bool(flags & _DELETE_CHILDREN),
                auto_answer=auto_answer(self._domain), progress=progress,
            )  # fmt: skip
        return 0

    def deletePreview(self) -> list[DiskOutcome]:
        """Return what :meth:`delete` would do to each hard disk of the domain; nothing is asked but what it has."""
        return fates.deleted(self._domain._machine().definition)

    def revertPreview(self) -> list[DiskOutcome]:
        """Return what ``revertToSnapshot`` would do to each hard disk of the domain.

        Where the host does not tell how the domain was, it is taken to have had the disks that it has now.
        """
        now = self._domain._machine().definition
        return fates.reverted(now, self._definition().domain or now)

    # -- how it asks

    def _tree(self) -> Tree:
        return read_tree(self._domain)

    def _found(self) -> Snapshot:
        return self._tree().at(self._ref, self._name)

    def _children(self, flags: int, function: str) -> list[Snapshot]:
        tree = self._tree()
        return selected_below(tree, tree.at(self._ref, self._name), flags, function)

    def _definition(self) -> SnapshotDef:
        with translated(f"cannot read snapshot '{self._name}' of domain '{self._domain.name()}'"):
            tree, then = snapshot_tree.read_snapshot(*host(self._domain), self._ref)
        definition = tree.at(self._ref, self._name).definition
        if then is None:
            return definition
        return replace(definition, disks=settings(then.definition), domain=then.definition)


def read_tree(domain: Domain) -> Tree:
    """Return a domain's snapshots, in one round trip."""
    with translated(f"cannot read the snapshots of domain '{domain.name()}'"):
        return snapshot_tree.read_tree(*host(domain))


def listed(domain: Domain, flags: int, function: str) -> list[DomainSnapshot]:
    """Return the snapshots of a domain that ``flags`` choose."""
    return [DomainSnapshot(domain, each.ref, each.name) for each in selected(read_tree(domain), flags, function)]


def named(domain: Domain, name: str) -> DomainSnapshot:
    """Return the snapshot of a domain called ``name``, or meant by ``name@moref``."""
    found = read_tree(domain).named(name)
    return DomainSnapshot(domain, found.ref, found.name)


def current(domain: Domain) -> DomainSnapshot:
    """Return the snapshot that a domain now descends from; raise NO_DOMAIN_SNAPSHOT when there is none."""
    found = read_tree(domain).current
    if found is None:
        raise error(libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT, f"domain '{domain.name()}' does not have a current snapshot")
    return DomainSnapshot(domain, found.ref, found.name)


def exclusive(flags: int, one: int, other: int, names: str) -> None:
    """Raise INVALID_ARG when both flags are set."""
    if flags & one and flags & other:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"the flags {names} are mutually exclusive")


def host(domain: Domain) -> tuple[Any, Any]:
    """Return the session of a domain's connection, and its machine."""
    return domain.connect()._session, domain._ref


def auto_answer(domain: Domain) -> bool:
    """Return whether a question that a task asks gets its default answer."""
    return domain.connect()._uri.auto_answer


def style(domain: Domain, *, secure: bool) -> Style:
    """Return how a domain's connection writes XML."""
    conn = domain.connect()
    return Style(disk_mode=conn._spelling, secure=secure, legacy_uuid=conn._uri.legacy_uuid)
