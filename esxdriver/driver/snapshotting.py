"""What a domain does with snapshots: take one, tell what would be in it, go back to one.

Reference: https://libvirt.org/html/libvirt-libvirt-domain-snapshot.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libvirt

from esxdriver.conf.snapshot import xml as snapshot_xml
from esxdriver.conf.snapshot.snapshot import SnapshotDef, SnapshotState
from esxdriver.conf.xml.schema import check_schema
from esxdriver.driver.domain_snapshot import DomainSnapshot, auto_answer, exclusive, host, style
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.change import snapshots
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain
    from esxdriver.vsphere.query.task import Progress

_CREATE_FLAGS = (
    libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
    | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE
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


def preview(domain: Domain, xml: str, flags: int) -> str:
    """Return the ``<domainsnapshot>`` that would come of taking one; all is checked, and nothing taken."""
    return snapshot_xml.format(_prepared(domain, xml, flags), style(domain, secure=False))


def create(domain: Domain, xml: str, flags: int, progress: Progress = None) -> DomainSnapshot:
    """Take the snapshot that ``xml`` describes."""
    domain.connect()._writable("virDomainSnapshotCreateXML")
    wanted = _prepared(domain, xml, flags)
    quiesce = bool(flags & libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE)
    with translated(f"cannot take snapshot '{wanted.name}' of domain '{domain.name()}'"):
        ref = snapshots.take(*host(domain), wanted, quiesce=quiesce, auto_answer=auto_answer(domain), progress=progress)
    return DomainSnapshot(domain, ref, wanted.name)


def _prepared(domain: Domain, xml: str, flags: int) -> SnapshotDef:
    _check_create_flags(flags)
    if flags & libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_VALIDATE:
        check_schema(xml, "domainsnapshot")
    said = snapshot_xml.parse(xml)
    with translated(f"cannot read domain '{domain.name()}'"):
        return snapshots.prepare(
            *host(domain), said,
            disk_only=bool(flags & libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY),
            quiesce=bool(flags & libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE),
        )  # fmt: skip


def _check_create_flags(flags: int) -> None:
    for flag, why in _REFUSED.items():
        if flags & flag:
            raise error(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, f"VIR_DOMAIN_SNAPSHOT_CREATE_{why}")
    check_flags(flags, _CREATE_FLAGS, "virDomainSnapshotCreateXML")


def revert(domain: Domain, to: DomainSnapshot, flags: int, progress: Progress = None) -> int:
    """Bring a domain back to a snapshot of it, and into the state that ``flags`` ask for."""
    domain.connect()._writable("virDomainRevertToSnapshot")
    supported = _REVERT_RUNNING | _REVERT_PAUSED | libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_FORCE
    check_flags(flags, supported, "virDomainRevertToSnapshot")
    exclusive(flags, _REVERT_RUNNING, _REVERT_PAUSED, "RUNNING and PAUSED")
    if to._domain._ref != domain._ref:
        raise error(
            libvirt.VIR_ERR_INVALID_ARG, f"snapshot '{to._name}' is of domain '{to._domain.name()}', not of this one"
        )
    state = to._found().definition.state
    if flags & _REVERT_PAUSED and state is SnapshotState.SHUTOFF:
        raise error(
            libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
            f"snapshot '{to._name}' holds no memory, so the domain would be shut off: it cannot start paused",
        )
    return _reverted(domain, to, state, flags, progress)


def _reverted(domain: Domain, to: DomainSnapshot, state: SnapshotState | None, flags: int, progress: Progress) -> int:
    with translated(f"cannot revert domain '{domain.name()}' to snapshot '{to._name}'"):
        snapshots.revert(
            *host(domain), to._ref, stay_off=bool(flags & _REVERT_PAUSED), auto_answer=auto_answer(domain),
            progress=progress,
        )  # fmt: skip
    if flags & _REVERT_RUNNING and state is not SnapshotState.RUNNING:
        with translated(f"domain '{domain.name()}' is back at snapshot '{to._name}', but cannot be started"):
            snapshots.start(*host(domain), auto_answer=auto_answer(domain))
    return 0
