"""Events of domains, with libvirt-python's registration.

1. Events come from the watch alone, in the order of the host's updates: what was done through this connection comes
   from there, too, and once.
2. Callbacks run in libvirt's event loop where there is one (``virEventRegisterDefaultImpl()``, an asyncio loop), else
   in one thread of the connection's. One that raises is logged; the others go on, and the watch does not wait for any.
3. Kinds of events that vSphere does not know are accepted, and never come.

Reference: https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainEventRegisterAny
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import libvirt

from esxdriver.driver.deliveries import Deliveries
from esxdriver.driver.domain import Domain
from esxdriver.driver.event_rules import KINDS, LIFECYCLE, OF_DEVICES, Event, events_of
from esxdriver.errors import error
from esxdriver.vsphere.query.inventory import IDENTITY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from esxdriver.driver.backend import Backend
    from esxdriver.driver.connect import Connect
    from esxdriver.vsphere.query.known import Change
    from esxdriver.vsphere.query.watch import Watch


@dataclass(frozen=True)
class _Registered:
    kind: int
    machine: str | None  # the managed object of the one domain that is meant
    callback: Callable[..., Any]
    opaque: Any
    legacy: bool = False  # by domainEventRegister(), which has no number


class Registry:
    """The callbacks of a connection. The watch runs while there is one."""

    def __init__(self, conn: Connect, backend: Backend) -> None:
        self._conn = conn
        self._backend = backend
        self._lock = threading.RLock()
        self._numbers = itertools.count()
        self._registered: dict[int, _Registered] = {}
        self._deliveries: Deliveries | None = None
        self._watch: Watch | None = None

    def add(
        self, kind: int, domain: Domain | None, callback: Callable[..., Any], opaque: Any, *, legacy: bool = False
    ) -> int:
        """Register a callback, and return the number by which it is removed."""
        machine = domain.ref._moId if domain is not None else None
        # It asks the host: nobody else has to wait for that.
        watch = self._backend.start_watch(devices=kind in OF_DEVICES)
        with self._lock:
            number = next(self._numbers)
            self._registered[number] = _Registered(kind, machine, callback, opaque, legacy)
            mine, self._watch = self._watch, watch
            if self._deliveries is None:
                self._deliveries = Deliveries()
            if mine is None:  # one that takes another's place has its listeners
                watch.listen(self._changed)
        if mine is not None:
            self._backend.leave_watch()  # one hold on it is enough
        return number

    def remove(self, number: int) -> None:
        """Forget a callback; without one the watch ends. Raises INVALID_ARG for a number that is none."""
        with self._lock:
            if self._registered.pop(number, None) is None:
                raise error(libvirt.VIR_ERR_INVALID_ARG, f"there is no callback {number}")
            was_the_last = not self._registered
        if was_the_last:
            self.close()

    def legacy_numbers_of(self, callback: Callable[..., Any]) -> list[int]:
        """Return the numbers of a callback that was registered without one."""
        with self._lock:
            return [key for key, each in self._registered.items() if each.legacy and each.callback == callback]

    def close(self) -> None:
        """Forget all callbacks."""
        with self._lock:
            deliveries, self._deliveries = self._deliveries, None
            watch, self._watch = self._watch, None
            self._registered.clear()
        if deliveries is not None:
            deliveries.close()
        if watch is not None:
            watch.unlisten(self._changed)
            self._backend.leave_watch()

    def _changed(self, changes: Sequence[Change]) -> None:
        for change in (step for each in changes for step in self._backend.transients.steps(each)):
            for event in events_of(change, managed_save=self._backend.uri.managed_save):
                self._deliver(event, change)

    def _deliver(self, event: Event, change: Change) -> None:
        with self._lock:
            meant = [
                (number, each)
                for number, each in self._registered.items()
                if each.kind == event.kind and each.machine in (None, change.ref._moId)
            ]
            for number, each in meant:
                domain = Domain(self._conn, self._backend, change.ref, _identity(event, change))
                arguments = (self._conn, domain, *event.arguments, each.opaque)
                if self._deliveries is not None:
                    self._deliveries.put((self._unless_removed(number, each.callback), arguments))

    def _unless_removed(self, number: int, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return the callback as it is called later: not at all when it has been deregistered meanwhile."""
        return lambda *arguments: callback(*arguments) if number in self._registered else None


def _identity(event: Event, change: Change) -> Mapping[str, Any]:
    known = change.after or change.before or {}
    identity = {path: known.get(path) for path in IDENTITY}
    return identity if event.name is None else identity | {"name": event.name}


class EventMethods:
    """The methods of a connection that register callbacks."""

    backend: Backend
    _events: Registry | None = None
    _events_lock = threading.Lock()

    def domainEventRegister(self, cb: Callable[..., Any], opaque: Any) -> int:
        """Have ``cb(conn, domain, event, detail, opaque)`` called for every domain's lifecycle. Return 0."""
        self._registry().add(LIFECYCLE, None, cb, opaque, legacy=True)
        return 0

    def domainEventDeregister(self, cb: Callable[..., Any]) -> int:
        """Call a callback of :meth:`domainEventRegister` no more. Return 0; raise INVALID_ARG for another."""
        registry = self._registry()
        numbers = registry.legacy_numbers_of(cb)
        if not numbers:
            raise error(libvirt.VIR_ERR_INVALID_ARG, "the callback is not registered")
        registry.remove(numbers[0])
        return 0

    def domainEventRegisterAny(self, dom: Domain | None, eventID: int, cb: Callable[..., Any], opaque: Any) -> int:
        """Have ``cb`` called for events of the kind ``eventID``, of one domain, or of every one with None.

        Its arguments are those of libvirt-python: connection, domain, what the kind of event has, and ``opaque``.
        Return the number for :meth:`domainEventDeregisterAny`. Raises INVALID_ARG for a kind that is none.
        """
        if not 0 <= eventID < KINDS:
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"there is no event {eventID}")
        return self._registry().add(eventID, dom, cb, opaque)

    def domainEventDeregisterAny(self, callbackID: int) -> int:
        """Call a callback no more; it may do so itself. Return 0."""
        self._registry().remove(callbackID)
        return 0

    def _registry(self) -> Registry:
        with self._events_lock:
            if self._events is None:
                self._events = Registry(cast("Any", self), self.backend)
            return self._events
