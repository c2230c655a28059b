"""A watch that runs while somebody holds it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from esxdriver.vsphere.query.inventory import Scope
    from esxdriver.vsphere.query.updates import Wanted
    from esxdriver.vsphere.query.watch import Watch
    from esxdriver.vsphere.wire.session import Session


class HeldWatch:
    """A watch of objects in a scope that is started for the first who wants it, and stopped when the last has left.

    The objects are the machines, or those that are ``wanted``; ``what`` is what an error calls them. It does not know
    the backend that it is of, so that this is collected when nobody refers to it any more.
    """

    def __init__(self, session: Session, scope: Scope, what: str, wanted: Wanted | None = None) -> None:
        self._session, self._scope, self._what, self._wanted = session, scope, what, wanted
        self.watch: Watch | None = None
        self._holders = 0
        self._lock = threading.RLock()
        self._starting: Watch | None = None

    def take(self, began: Callable[[Watch, Watch | None], None] | None = None) -> Watch:
        """Return the watch, which runs; ``began`` gets one that is new, and the one before. Raises libvirtError.

        One that has ended is replaced, and whoever listened to it hears what has changed meanwhile.
        """
        with self._lock:
            watch = before = self.watch
            if watch is None or not watch.is_alive:
                self.watch = watch = self._started(before)
                if began is not None:
                    began(watch, before)
            self._holders += 1
        return watch

    def _started(self, before: Watch | None) -> Watch:
        from esxdriver.vsphere.query.watch import MACHINES, Watch

        self._starting = watch = Watch(self._session, self._scope, before, self._wanted or MACHINES)
        try:
            with translated(f"cannot watch the {self._what}"):
                watch.start()
        finally:
            self._starting = None
        return watch

    def leave(self, ended: Callable[[], None] | None = None) -> None:
        """Stop the watch when nobody else wants it; ``ended`` is called before it stops."""
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                self._stop(ended)

    def stop(self, ended: Callable[[], None] | None = None) -> None:
        """Stop it whoever wants it. It may be called again."""
        starting = self._starting
        if starting is not None:  # who starts it has the lock, and waits for the host
            starting.stop()
        with self._lock:
            self._stop(ended)

    def _stop(self, ended: Callable[[], None] | None) -> None:
        watch, self.watch = self.watch, None
        if ended is not None:
            ended()
        if watch is not None:
            watch.stop()
