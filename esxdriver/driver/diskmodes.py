"""The audit of disk modes: which disks snapshots leave out, which lose what is written to them, and so on.

libvirt has no counterpart to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from esxdriver.vsphere.bulk import diskmodes
from esxdriver.vsphere.bulk.left_out import log
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.conf.snapshot.audit import DiskReport
    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain
    from esxdriver.vsphere.bulk.left_out import LeftOut
    from esxdriver.vsphere.query.task import Progress


def of_connection(conn: Connect, *, progress: Progress = None, left_out: LeftOut = log) -> list[DiskReport]:
    """Return a report for each hard disk of each domain, in two round trips for 500 domains.

    ``progress`` is given percentages. A domain that cannot be read now is left out: ``left_out`` is given its name and
    why, and by default it is logged. A connection of libvirt's own reports by its own rules.
    """
    libvirts = getattr(conn, "diskReports", None)
    if libvirts is not None:
        reports: list[DiskReport] = libvirts(progress=progress, left_out=left_out)
        return reports
    with translated("cannot read the disks"):
        backend = conn.backend
        return diskmodes.everywhere(backend.session, backend.scope, backend.uuid_path, progress, left_out)


def of_domain(domain: Domain) -> list[DiskReport]:
    """Return a report for each hard disk of a domain, in one round trip."""
    libvirts = getattr(domain, "diskReports", None)
    if libvirts is not None:
        reports: list[DiskReport] = libvirts()
        return reports
    backend = domain.backend
    with translated(f"cannot read the disks of domain '{domain.title}'"):
        return diskmodes.of_machine(backend.session, domain.ref, backend.uuid_path)
