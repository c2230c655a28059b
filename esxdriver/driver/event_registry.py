"""The callbacks of a connection for the events of one kind of object, and how the watch's changes reach them.

1. Events come from the watch alone, in the order of the host's updates: what was done through this connection comes
   from there, too, and once.
2. Callbacks run in libvirt's event loop where there is one (``virEventRegisterDefaultImpl()``, an asyncio loop), else
   in one thread of their own. One that raises is logged; the others go on, and the watch does not wait for any.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import libvirt

from esxdriver.driver.deliveries import Deliveries
from esxdriver.errors import error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from esxdriver.vsphere.query.known import Change
    from esxdriver.vsphere.query.watch import Watch


@dataclass(frozen=True)
class Happened:
    """An event: its number among those of its family, which object has it, and what a callback gets of it.

    ``make`` returns the object, which stands before the ``arguments``.
    """

    kind: int
    key: str
    make: Callable[[], Any]
    arguments: tuple[Any, ...]


class Source(Protocol):
    """Where the events of one kind of object come from."""

    def take(self, kind: int) -> Watch:
        """Return a watch that runs and knows what events of this kind are made of. Raises libvirtError."""

    def leave(self) -> None:
        """Give back one :meth:`take`."""

    def key(self, about: Any) -> str:
        """Return what tells an object from others of its kind."""

    def events(self, changes: Sequence[Change], watch: Watch) -> Iterable[Happened]:
        """Yield what the changes of an answer are, in the order in which it is reported."""


@dataclass(frozen=True)
class _Registered:
    kind: int
    key: str | None  # of the one object that is meant
    callback: Callable[..., Any]
    opaque: Any
    legacy: bool = False  # by domainEventRegister(), which has no number


class Registry:
    """The callbacks for one kind of object. Its watch runs while there is one."""

    def __init__(self, conn: Any, source: Source) -> None:
        self._conn = conn
        self._source = source
        self._lock = threading.RLock()
        self._numbers = itertools.count()
        self._registered: dict[int, _Registered] = {}
        self._deliveries: Deliveries | None = None
        self._watch: Watch | None = None

    def add(self, kind: int, about: Any, callback: Callable[..., Any], opaque: Any, *, legacy: bool = False) -> int:
        """Register a callback for one object or, with None, all; return the number by which it is removed."""
        key = self._source.key(about) if about is not None else None
        # It asks the host: nobody else has to wait for that.
        watch = self._source.take(kind)
        with self._lock:
            number = next(self._numbers)
            self._registered[number] = _Registered(kind, key, callback, opaque, legacy)
            mine, self._watch = self._watch, watch
            if self._deliveries is None:
                self._deliveries = Deliveries()
            if mine is None:  # one that takes another's place has its listeners
                watch.listen(self._changed)
        if mine is not None:
            self._source.leave()  # one hold on it is enough
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
            self._source.leave()

    def _changed(self, changes: Sequence[Change]) -> None:
        watch = self._watch
        if watch is not None:
            for event in self._source.events(changes, watch):
                self._deliver(event)

    def _deliver(self, event: Happened) -> None:
        with self._lock:
            for number, each in self._registered.items():
                if each.kind == event.kind and each.key in (None, event.key) and self._deliveries is not None:
                    arguments = (self._conn, event.make(), *event.arguments, each.opaque)
                    self._deliveries.put((self._unless_removed(number, each.callback), arguments))

    def _unless_removed(self, number: int, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return the callback as it is called later: not at all when it has been deregistered meanwhile."""
        return lambda *arguments: callback(*arguments) if number in self._registered else None
