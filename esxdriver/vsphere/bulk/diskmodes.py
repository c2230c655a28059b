"""The modes of all disks: two round trips for 500 machines, and memory for as many."""

import logging
from operator import itemgetter
from typing import Any

from esxdriver.conf.mapping.identity import unescaped
from esxdriver.conf.snapshot.audit import DiskReport, report
from esxdriver.vsphere.bulk import machines as bulk
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.machine import Machine
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found, properties
from esxdriver.vsphere.query.task import Progress
from esxdriver.vsphere.wire.session import Session

# Machines that are read at once: an audit of any but a very large inventory is two calls, and memory has a bound.
_PART = 500

_log = logging.getLogger(__name__)


def everywhere(session: Session, scope: Scope, uuid_path: str, progress: Progress = None) -> list[DiskReport]:
    """Return a report for each hard disk of each machine in the scope, in the order of the machines' names.

    ``uuid_path`` says where the UUID that the connection uses stands; ``progress`` is told percentages.
    """
    disks = [
        (unescaped(found["name"] or "").lower(), _reported(found, read, uuid_path))
        for found, read in bulk.machines(session, scope, "snapshot", size=_PART, progress=progress)
    ]
    return [disk for _, reports in sorted(disks, key=itemgetter(0)) for disk in reports]


def of_machine(session: Session, ref: Any, uuid_path: str) -> list[DiskReport]:
    """Return a report for each hard disk of a machine."""
    found = properties(session, ref, "name", "config", uuid_path, "snapshot")
    config = found["config"]
    if config is None:
        name = unescaped(found["name"] or found.ref._moId)
        _log.warning("the disks of domain '%s' are left out: the host cannot read its configuration now", name)
        return []
    return _reported(found, machine.read(config), uuid_path)


def _reported(found: Found, read: Machine, uuid_path: str) -> list[DiskReport]:
    return report(read.definition, uuid=found[uuid_path] or "", snapshots=found["snapshot"] is not None)
