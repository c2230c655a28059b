"""Events of domains, with libvirt-python's registration.

They come of what the watch of the machines reports: :mod:`~esxdriver.driver.event_registry` says how, and
:mod:`~esxdriver.driver.event_rules` which. Kinds of events that vSphere does not know are accepted, and never come.

Reference: https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainEventRegisterAny
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import libvirt

from esxdriver.driver.domain import Domain
from esxdriver.driver.event_registry import Happened, Registry
from esxdriver.driver.event_rules import KINDS, LIFECYCLE, OF_DEVICES, Event, events_of
from esxdriver.errors import error
from esxdriver.vsphere.query.inventory import IDENTITY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from esxdriver.driver.backend import Backend
    from esxdriver.driver.connect import Connect
    from esxdriver.vsphere.query.known import Change
    from esxdriver.vsphere.query.watch import Watch


class _OfDomains:
    """Where the events of domains come from."""

    def __init__(self, conn: Connect, backend: Backend) -> None:
        self._conn, self._backend = conn, backend
        self.leave = backend.leave_watch

    def take(self, kind: int) -> Watch:
        return self._backend.start_watch(devices=kind in OF_DEVICES)

    def key(self, about: Domain) -> str:
        return str(about.ref._moId)

    def events(self, changes: Sequence[Change], _watch: Watch) -> Iterator[Happened]:
        for change in (step for each in changes for step in self._backend.transients.steps(each)):
            for event in events_of(change, managed_save=self._backend.uri.managed_save):
                make = partial(Domain, self._conn, self._backend, change.ref, _identity(event, change))
                yield Happened(event.kind, change.ref._moId, make, event.arguments)


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
                self._events = Registry(self, _OfDomains(cast("Any", self), self.backend))
            return self._events
