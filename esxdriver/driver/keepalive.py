"""Whether a host still answers, asked in the background: libvirt's keepalive messages are calls here."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from esxdriver.vsphere.wire.session import Session


class KeepAlive:
    """Asks a host every ``interval`` seconds; when ``count`` calls have had no answer, ``dead`` is called.

    It is called again only when the host has answered meanwhile. One thread asks, and may wait for long; another looks
    at the clock.
    """

    def __init__(self, session: Session, interval: float, count: int, dead: Callable[[], None]) -> None:
        self._session = session
        self._interval = interval
        self._limit = interval * (count + 1)
        self._dead = dead
        self._answered = time.monotonic()
        self._stopped = threading.Event()
        self.is_dead = False
        for run in (self._ask, self._look):
            threading.Thread(target=run, name="esxdriver-keepalive", daemon=True).start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopped.set()

    def _ask(self) -> None:
        while not self._stopped.is_set():
            if self._session.is_alive():
                self._answered = time.monotonic()
            self._stopped.wait(self._interval)

    def _look(self) -> None:
        while not self._stopped.wait(min(self._interval, 1.0)):
            silent = time.monotonic() - self._answered > self._limit
            if silent and not self.is_dead:
                self.is_dead = True
                self._dead()
            self.is_dead = silent
