"""The modes of all disks: two round trips for 500 machines, and memory for as many."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from esxdriver.conf.snapshot.audit import DiskReport, DomainReport, report, snapshots
from esxdriver.vsphere.bulk import machines as bulk
from esxdriver.vsphere.bulk.left_out import LeftOut, log
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.machine import Machine
from esxdriver.vsphere.machine.snapshot_tree import tree_of
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found, properties
from esxdriver.vsphere.query.task import Progress
from esxdriver.vsphere.wire.session import Session

# Machines that are read at once: an audit of any but a very large inventory is two calls, and memory has a bound.
_PART = 500


def everywhere(
    session: Session, scope: Scope, uuid_path: str, progress: Progress = None, left_out: LeftOut = log
) -> list[DiskReport]:
    """Return a report for each hard disk of each machine in the scope, in the order of the machines' names.

    ``uuid_path`` says where the UUID that the connection uses stands; ``progress`` is given percentages.
    """
    disks = [
        (found.name.lower(), _reported(found, read, uuid_path))
        for found, read in bulk.machines(session, scope, "snapshot", size=_PART, progress=progress, left_out=left_out)
    ]
    return [disk for _, reports in sorted(disks, key=itemgetter(0)) for disk in reports]


def domains(
    session: Session,
    scope: Scope,
    uuid_path: str,
    progress: Progress = None,
    left_out: LeftOut = log,
    refs: Sequence[Any] | None = None,
) -> list[DomainReport]:
    """Return a report for each machine in the scope with its snapshots, in the order of the machines' names.

    ``refs`` are the machines that are meant, where not all are. The snapshots' configurations take one round trip for a
    hundred of them.
    """
    read = [
        (found, tuple(_reported(found, each, uuid_path)), tree_of(found["snapshot"]))
        for found, each in bulk.machines(
            session, scope, "snapshot", size=_PART, progress=progress, left_out=left_out, refs=refs
        )
    ]
    taken = [snapshot.ref for _, _, tree in read for snapshot in tree.snapshots]
    then = bulk.snapshots(session, scope, taken) if taken else {}
    reports = [
        DomainReport(found.name, found[uuid_path] or "", disks, snapshots(tree, then)) for found, disks, tree in read
    ]
    return sorted(reports, key=lambda each: (each.name.lower(), each.uuid))


def of_machine(session: Session, ref: Any, uuid_path: str) -> list[DiskReport]:
    """Return a report for each hard disk of a machine; raise OPERATION_FAILED when the host cannot read it now."""
    found = machine.reachable(properties(session, ref, "name", "config", uuid_path, "snapshot"))
    return _reported(found, machine.read(found["config"]), uuid_path)


def _reported(found: Found, read: Machine, uuid_path: str) -> list[DiskReport]:
    return report(read.definition, uuid=found[uuid_path] or "", snapshots=found["snapshot"] is not None)
