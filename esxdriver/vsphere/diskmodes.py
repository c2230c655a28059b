"""The modes of all disks, read in one round trip a page, whatever the number of machines."""

import logging
from collections.abc import Iterable
from typing import Any

from esxdriver.conf.concerns import DiskReport, report
from esxdriver.conf.identity import unescaped
from esxdriver.vsphere import inventory, machine
from esxdriver.vsphere.inventory import Scope
from esxdriver.vsphere.retrieve import Found, properties
from esxdriver.vsphere.session import Session

_log = logging.getLogger(__name__)

_PATHS = ("name", "config", "snapshot")


def everywhere(session: Session, scope: Scope, uuid_path: str) -> list[DiskReport]:
    """Return a report for each hard disk of each machine in the scope, in the order of the machines' names.

    ``uuid_path`` says where the UUID that the connection uses stands.
    """
    found = inventory.machines(session, scope, *_PATHS)
    return _reports(sorted(found, key=lambda each: unescaped(each["name"] or "").lower()), uuid_path)


def of_machine(session: Session, ref: Any, uuid_path: str) -> list[DiskReport]:
    """Return a report for each hard disk of a machine."""
    return _reports([properties(session, ref, *_PATHS)], uuid_path)


def _reports(found: Iterable[Found], uuid_path: str) -> list[DiskReport]:
    return [disk for each in found for disk in _report(each, uuid_path)]


def _report(found: Found, uuid_path: str) -> list[DiskReport]:
    config = found["config"]
    if config is None:
        name = unescaped(found["name"] or found.ref._moId)
        _log.warning("the disks of domain '%s' are left out: the host cannot read its configuration now", name)
        return []
    uuid = getattr(config, uuid_path.removeprefix("config.")) or ""
    return report(machine.read(config).definition, uuid=uuid, snapshots=found["snapshot"] is not None)
