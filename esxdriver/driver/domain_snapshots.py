"""What a domain does with its snapshots: it lists them, takes them and goes back to them.

Reference: https://libvirt.org/html/libvirt-libvirt-domain-snapshot.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import libvirt

from esxdriver.conf.mapping.states import PowerState
from esxdriver.driver.domain_base import DomainBase
from esxdriver.errors import check_exclusive, check_flags, error
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.conf.snapshot.snapshot import SnapshotDef
    from esxdriver.conf.snapshot.tree import Snapshot, Tree
    from esxdriver.driver.domain import Domain
    from esxdriver.driver.domain_snapshot import DomainSnapshot
    from esxdriver.vsphere.query.task import Progress

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
        from esxdriver.vsphere.change import snapshots

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
        from esxdriver.conf.snapshot import xml as snapshot_xml

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
        check_exclusive(flags, _REVERT_RUNNING, _REVERT_PAUSED, "RUNNING and PAUSED")
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
        from esxdriver.vsphere.machine import snapshot_tree

        with translated(f"cannot read the snapshots of domain '{self.title}'"):
            return snapshot_tree.read_tree(self.backend.session, self.ref)

    def _chosen(self, flags: int, function: str) -> list[Snapshot]:
        from esxdriver.vsphere.bulk.snapshot_filters import selected

        return selected(self.snapshot_tree(), flags, function)

    def _snapshot(self, ref: Any, name: str) -> DomainSnapshot:
        from esxdriver.driver.domain_snapshot import DomainSnapshot

        return DomainSnapshot(cast("Domain", self), ref, name)

    def _prepared(self, xml: str, flags: int) -> SnapshotDef:
        """Return the snapshot that ``xml`` asks for, checked against the domain."""
        from esxdriver.conf.snapshot import xml as snapshot_xml
        from esxdriver.conf.xml.schema import check_schema
        from esxdriver.vsphere.change import snapshots

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
        from esxdriver.vsphere.change import snapshots

        auto_answer = self.backend.uri.auto_answer
        with translated(f"cannot revert domain '{self.title}' to snapshot '{to.getName()}'"):
            snapshots.revert(
                self.backend.session, self.ref, to.ref, stay_paused=bool(flags & _REVERT_PAUSED),
                auto_answer=auto_answer, progress=progress,
            )  # fmt: skip
        if flags & _REVERT_RUNNING and state is not PowerState.RUNNING:
            with translated(f"domain '{self.title}' is back at snapshot '{to.getName()}', but cannot be started"):
                snapshots.start(self.backend.session, self.ref, auto_answer=auto_answer)
        return 0
