"""The definitions of all machines of a scope, a part of them at a time.

Only those properties are asked for that a definition is made of: a third less to send and to decode than the whole
``config``. Who wants to change a machine needs its devices and options whole, see
:mod:`esxdriver.vsphere.change.define`.
"""

import threading
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import libvirt
from pyVmomi import vim

from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.fields import facts
from esxdriver.vsphere.bulk.left_out import LeftOut, log
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.machine import Machine
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.query.scan import PART, scan
from esxdriver.vsphere.query.task import Progress
from esxdriver.vsphere.wire.faults import as_libvirt
from esxdriver.vsphere.wire.operations import is_change
from esxdriver.vsphere.wire.session import Session


def _needed() -> tuple[str, ...]:
    """Return the properties of ``config`` that :func:`machine.read` looks at, from the tables it reads by."""
    paths = [each.paths["vim"] for _, each in facts(DomainDef, "vim")]
    named = {path.partition(".")[0] for path in paths if not path.startswith("extra:")}
    return tuple(sorted(named | {"hardware", "bootOptions", "extraConfig", "files"}))


_NEEDED = _needed()
_PATHS = tuple(dict.fromkeys((*inventory.IDENTITY, *(f"config.{name}" for name in _NEEDED))))


# Properties of devices that neither definitions nor statistics need: half of an answer's elements.
UNREAD = frozenset(
    {
        "deviceInfo", "connected", "allowGuestControl", "migrateConnect", "datastore", "network", "device",
        "shares", "storageIOAllocation", "resourceAllocation",
        "split", "eagerlyScrub", "contentId", "digestEnabled",
        "capacityInKB", "diskObjectId", "nativeUnmanagedLinkedClone", "guestReadOnly",
        "wakeOnLanEnabled", "uptCompatibilityEnabled", "hotAddRemove", "scsiCtlrUnitNumber",
    }
)  # fmt: skip


def machines(
    session: Session,
    scope: Scope,
    *more: str,
    size: int = PART,
    progress: Progress = None,
    left_out: LeftOut = log,
    refs: Sequence[Any] | None = None,
) -> Iterator[tuple[Found, Machine]]:
    """Yield each machine's identity, with ``more`` properties, and the machine, as far as it is needed to define it.

    One round trip to list them, and one for ``size`` of them, the next while the last are worked on. A machine that
    disappears meanwhile is left out; so is one that cannot be read now, of which ``left_out`` is given the
    name and why. ``progress`` is given percentages. With ``refs``, those machines alone are read. Raises
    UnfinishedError.
    """
    paths = (*_PATHS, *more)
    found = scan(session, scope.root, vim.VirtualMachine, paths, size=size, unread=UNREAD, progress=progress, refs=refs)
    for each in found:
        read = _machine(each, scope, left_out)
        if read is not None:
            yield each, read


def snapshots(session: Session, scope: Scope, refs: Sequence[Any]) -> dict[Any, DomainDef]:
    """Return the domains as they were in snapshots: one round trip for a hundred of these.

    A snapshot that is gone is left out, and one whose configuration the host does not tell. Raises UnfinishedError.
    """
    paths = [f"config.{name}" for name in _NEEDED]
    found = scan(session, scope.root, vim.vm.Snapshot, paths, unread=UNREAD, refs=refs)
    read = {each.ref: _machine(each, scope, lambda _name, _why: None) for each in found}
    return {ref: then.definition for ref, then in read.items() if then is not None}


def _machine(found: Found, scope: Scope, left_out: LeftOut = log) -> Machine | None:
    """Return a machine, None when it cannot be read: then the others are read all the same."""
    name = found.title
    try:
        for reason in found.missing.values():
            raise reason
        if found["config.hardware"] is not None:
            return machine.read(_config(found), moref=found.ref._moId, datacenter_path=scope.datacenter_path)
        left_out(name, "the host cannot read its configuration now")
    except libvirt.libvirtError as error:
        left_out(name, str(error))
    except Exception as error:
        known = as_libvirt(error)
        if known is None:
            raise
        left_out(name, str(known))
    return None


def _config(found: Found) -> Any:
    """Return what looks like the part of a ``VirtualMachineConfigInfo`` that was asked for."""
    return SimpleNamespace(**{name: found[f"config.{name}"] for name in _NEEDED})


class Batch:
    """The definitions of all machines, read when the first is asked for and as far as they are asked for, and kept.

    When anything is changed through the session, all are forgotten. May be used by several threads.
    """

    def __init__(self, session: Session, scope: Scope) -> None:
        self._session = session
        self._scope = scope
        self._lock = threading.Lock()
        self._forget()

    def definition(self, ref: Any) -> DomainDef | None:
        """Return the definition of a machine, None when it is not among those that could be read."""
        with self._lock:
            if self._changes != self._changes_made():
                self._forget()
            while ref._moId not in self._held:
                found, read = next(self._coming, (None, None))
                if found is None or read is None:
                    return None
                self._held[found.ref._moId] = read.definition
            return self._held[ref._moId]

    def _forget(self) -> None:
        self._held: dict[str, DomainDef] = {}
        self._coming = machines(self._session, self._scope)
        self._changes = self._changes_made()

    def _changes_made(self) -> int:
        return sum(count for operation, count in list(self._session.calls.items()) if is_change(operation))
