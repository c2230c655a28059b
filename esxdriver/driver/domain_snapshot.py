"""A domain's snapshots, and what a domain does with them: libvirt-python's ``virDomainSnapshot`` and its makers.

Reference: https://libvirt.org/html/libvirt-libvirt-domain-snapshot.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import libvirt

from esxdriver.conf.mapping.states import PowerState
from esxdriver.conf.snapshot import outcome
from esxdriver.conf.snapshot import xml as snapshot_xml
from esxdriver.conf.snapshot.snapshot import SnapshotDef, settings
from esxdriver.conf.xml.schema import check_schema
from esxdriver.driver.boundary import bounded
from esxdriver.driver.domain_base import DomainBase
from esxdriver.driver.unsupported import complete
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

_QUIESCE = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE
_CREATE_FLAGS = (
    libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
    | _QUIESCE
    | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC
    | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA
    | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_VALIDATE
)

# Flags that libvirt has and vSphere no counterpart for, and why.
_REFUSED = {
    libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE: "REDEFINE: vSphere keeps its snapshots by itself, and takes none back",
    libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_HALT: "HALT: vSphere leaves a domain running after a snapshot; destroy it then",
}

_REVERT_RUNNING = libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING
_REVERT_PAUSED = libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED
_REVERT_FLAGS = _REVERT_RUNNING | _REVERT_PAUSED | libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_FORCE


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
        there is none. ``progress`` is given percentages.
        """
        self.backend.require_writable("virDomainSnapshotDelete")
        check_flags(flags, _DELETE_FLAGS, "virDomainSnapshotDelete")
        _exclusive(flags, _DELETE_CHILDREN, _DELETE_CHILDREN_ONLY, "CHILDREN and CHILDREN_ONLY")
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


class SnapshotMethods(DomainBase):
    """The methods of a domain that list, take and revert to snapshots."""

    def snapshotCreateXML(self, xmlDesc: str, flags: int = 0, *, progress: Progress = None) -> DomainSnapshot:
        """Take the snapshot that ``xmlDesc`` describes, and return it; ``progress`` is given percentages.

        Memory is in it when the domain is running or paused, unless DISK_ONLY or ``<memory snapshot='no'/>`` say
        otherwise. A disk is in it as its mode has it: ``<disks>`` may only say what is so. QUIESCE has VMware Tools
        bring the guest's file systems to rest; ATOMIC and NO_METADATA are what vSphere does anyway; VALIDATE checks
        the document against libvirt's schema.

        Nothing has changed when it raises: XML_ERROR, CONFIG_UNSUPPORTED for what the disks rule out,
        OPERATION_INVALID when there is one of the name, ARGUMENT_UNSUPPORTED for REDEFINE and HALT, RESOURCE_BUSY,
        and the codes of vSphere's other faults.
        """
        self.backend.require_writable("virDomainSnapshotCreateXML")
        wanted = self._prepared(xmlDesc, flags)
        with translated(f"cannot take snapshot '{wanted.name}' of domain '{self.title}'"):
            ref = snapshots.take(
                self.backend.session, self.ref, wanted, quiesce=bool(flags & _QUIESCE),
                auto_answer=self.backend.uri.auto_answer, progress=progress,
            )  # fmt: skip
        return self._snapshot(ref, wanted.name)

    def snapshotPreviewXML(self, xmlDesc: str, flags: int = 0) -> str:
        """Return the description of the snapshot that :meth:`snapshotCreateXML` would take, or raise what it would."""
        return snapshot_xml.format(self._prepared(xmlDesc, flags), self.backend.style())

    def snapshotNum(self, flags: int = 0) -> int:
        """Return how many snapshots :meth:`listAllSnapshots` would return."""
        return len(self._chosen(flags, "virDomainSnapshotNum"))

    def snapshotListNames(self, flags: int = 0) -> list[str]:
        """Return the names of the snapshots that :meth:`listAllSnapshots` would return."""
        return [each.name for each in self._chosen(flags, "virDomainSnapshotListNames")]

    def listAllSnapshots(self, flags: int = 0) -> list[DomainSnapshot]:
        """Return the snapshots that the ``VIR_DOMAIN_SNAPSHOT_LIST_*`` filters let through; parents come first.

        One round trip.
        """
        return [self._snapshot(each.ref, each.name) for each in self._chosen(flags, "virDomainListAllSnapshots")]

    def snapshotLookupByName(self, name: str, flags: int = 0) -> DomainSnapshot:
        """Return the snapshot called ``name``; ``name@moref`` picks one of several that are.

        Raises NO_DOMAIN_SNAPSHOT, and OPERATION_FAILED that lists the candidates when several have the name.
        """
        check_flags(flags, 0, "virDomainSnapshotLookupByName")
        found = self.snapshot_tree().named(name)
        return self._snapshot(found.ref, found.name)

    def hasCurrentSnapshot(self, flags: int = 0) -> int:
        """Return 1 when the domain descends from a snapshot."""
        check_flags(flags, 0, "virDomainHasCurrentSnapshot")
        return int(self.snapshot_tree().current is not None)

    def snapshotCurrent(self, flags: int = 0) -> DomainSnapshot:
        """Return the snapshot that the domain now descends from; raise NO_DOMAIN_SNAPSHOT when there is none."""
        check_flags(flags, 0, "virDomainSnapshotCurrent")
        found = self.snapshot_tree().current
        if found is None:
            raise error(libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT, f"domain '{self.title}' does not have a current snapshot")
        return self._snapshot(found.ref, found.name)

    def revertToSnapshot(self, snap: DomainSnapshot, flags: int = 0, *, progress: Progress = None) -> int:
        """Go back to ``snap``, in the power state of that time; ``progress`` is given percentages.

        RUNNING has the domain running afterwards in any case, PAUSED one that was running paused; FORCE changes
        nothing: vSphere does not tell risky reverts apart. ``snap.revertPreview()`` says what becomes of each disk.
        Raises INVALID_ARG for another domain's snapshot, OPERATION_UNSUPPORTED for PAUSED without memory.
        """
        self.backend.require_writable("virDomainRevertToSnapshot")
        check_flags(flags, _REVERT_FLAGS, "virDomainRevertToSnapshot")
        _exclusive(flags, _REVERT_RUNNING, _REVERT_PAUSED, "RUNNING and PAUSED")
        if snap.getDomain().ref != self.ref:
            owner = snap.getDomain().title
            raise error(
                libvirt.VIR_ERR_INVALID_ARG, f"snapshot '{snap.getName()}' is of domain '{owner}', not of this one"
            )
        state = snap.state()
        if flags & _REVERT_PAUSED and state is PowerState.SHUTOFF:
            raise error(
                libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
                f"snapshot '{snap.getName()}' holds no memory, so the domain would be shut off: it cannot start paused",
            )
        return self._revert(snap, state, flags, progress)

    # -- how it asks

    def snapshot_tree(self) -> Tree:
        """Return the domain's snapshots, in one round trip."""
        with translated(f"cannot read the snapshots of domain '{self.title}'"):
            return snapshot_tree.read_tree(self.backend.session, self.ref)

    def _chosen(self, flags: int, function: str) -> list[Snapshot]:
        return selected(self.snapshot_tree(), flags, function)

    def _snapshot(self, ref: Any, name: str) -> DomainSnapshot:
        return DomainSnapshot(cast("Domain", self), ref, name)

    def _prepared(self, xml: str, flags: int) -> SnapshotDef:
        """Return the snapshot that ``xml`` asks for, checked against the domain."""
        for flag, why in _REFUSED.items():
            if flags & flag:
                raise error(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, f"VIR_DOMAIN_SNAPSHOT_CREATE_{why}")
        check_flags(flags, _CREATE_FLAGS, "virDomainSnapshotCreateXML")
        if flags & libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_VALIDATE:
            check_schema(xml, "domainsnapshot")
        wanted = snapshot_xml.parse(xml)
        disk_only = bool(flags & libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY)
        with translated(f"cannot read domain '{self.title}'"):
            return snapshots.prepare(
                self.backend.session, self.ref, wanted, disk_only=disk_only, quiesce=bool(flags & _QUIESCE)
            )

    def _revert(self, to: DomainSnapshot, state: PowerState | None, flags: int, progress: Progress) -> int:
        auto_answer = self.backend.uri.auto_answer
        with translated(f"cannot revert domain '{self.title}' to snapshot '{to.getName()}'"):
            snapshots.revert(
                self.backend.session, self.ref, to.ref, stay_off=bool(flags & _REVERT_PAUSED),
                auto_answer=auto_answer, progress=progress,
            )  # fmt: skip
        if flags & _REVERT_RUNNING and state is not PowerState.RUNNING:
            with translated(f"domain '{self.title}' is back at snapshot '{to.getName()}', but cannot be started"):
                snapshots.start(self.backend.session, self.ref, auto_answer=auto_answer)
        return 0


def _exclusive(flags: int, one: int, other: int, names: str) -> None:
    """Raise INVALID_ARG when both flags are set."""
    if flags & one and flags & other:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"the flags {names} are mutually exclusive")
