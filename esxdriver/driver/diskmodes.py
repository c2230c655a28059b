"""The audit of disk modes: which disks snapshots leave out, which lose what is written to them, and so on.

libvirt has no counterpart to it.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from esxdriver.conf.snapshot.audit import DomainReport
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


def domains(
    conn: Connect, domain: Domain | None = None, *, progress: Progress = None, left_out: LeftOut = log
) -> list[DomainReport]:
    """Return a report for each domain, or for one: its disks, and each snapshot with the disks that it holds.

    Two round trips for 500 domains and one more for a hundred snapshots. The rest is as in :func:`of_connection`; of a
    connection of libvirt's own the snapshots are not known.
    """
    if getattr(conn, "diskReports", None) is not None:
        reports = of_connection(conn, progress=progress, left_out=left_out) if domain is None else of_domain(domain)
        alike = groupby(reports, key=lambda each: (each.domain, each.uuid))
        return [DomainReport(name, uuid, tuple(disks), None) for (name, uuid), disks in alike]
    with translated("cannot read the disks"):
        backend = conn.backend
        refs = None if domain is None else [domain.ref]
        return diskmodes.domains(backend.session, backend.scope, backend.uuid_path, progress, left_out, refs)


def of_domain(domain: Domain) -> list[DiskReport]:
    """Return a report for each hard disk of a domain, in one round trip."""
    libvirts = getattr(domain, "diskReports", None)
    if libvirts is not None:
        reports: list[DiskReport] = libvirts()
        return reports
    backend = domain.backend
    with translated(f"cannot read the disks of domain '{domain.title}'"):
        return diskmodes.of_machine(backend.session, domain.ref, backend.uuid_path)
