"""The end of a connection: the callback of one whose host is lost, with libvirt-python's registration, and keepalive.

Source: https://libvirt.org/html/libvirt-libvirt-host.html#virConnectRegisterCloseCallback
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.errors import error
from esxdriver.vsphere.wire.faults import ConnectionLostError, NoAnswerError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from esxdriver.driver.backend import Backend
    from esxdriver.driver.keepalive import KeepAlive
    from esxdriver.vsphere.query.watch import Watch

_log = logging.getLogger(__name__)

_EOF, _ERROR = libvirt.VIR_CONNECT_CLOSE_REASON_EOF, libvirt.VIR_CONNECT_CLOSE_REASON_ERROR
_KEEPALIVE, _CLIENT = libvirt.VIR_CONNECT_CLOSE_REASON_KEEPALIVE, libvirt.VIR_CONNECT_CLOSE_REASON_CLIENT


def reason_of(failure: BaseException | None) -> int:
    """Return the VIR_CONNECT_CLOSE_REASON_* of what a watch has failed with: EOF where the host has hung up."""
    hung_up = isinstance(failure, (ConnectionLostError, UnreachableError)) and not isinstance(failure, NoAnswerError)
    return int(_EOF if hung_up else _ERROR)


class CloseCallback:
    """One callback, and the watch that notices the loss."""

    def __init__(self, conn: Any, backend: Backend, callback: Callable[..., Any], opaque: Any) -> None:
        from esxdriver.driver.deliveries import Deliveries

        self._conn, self._callback, self._opaque = conn, callback, opaque
        self._backend = backend
        self._watch: Watch = backend.start_watch()
        self._deliveries = Deliveries()
        self._watch.listen_lost(self._lost)

    def close(self) -> None:
        """Call it no more."""
        self._watch.unlisten_lost(self._lost)
        self._deliveries.close()
        self._backend.leave_watch()

    def call(self, reason: int) -> None:
        """Have it called with a reason soon."""
        self._deliveries.put((self._callback, (self._conn, reason, self._opaque)))

    def call_now(self, reason: int) -> None:
        """Call it with a reason. What it raises is logged."""
        try:
            self._callback(self._conn, reason, self._opaque)
        except Exception:  # noqa: BLE001 - it is somebody else's code
            _log.exception("a close callback failed")

    def _lost(self) -> None:
        watch = self._backend.watch or self._watch
        self.call(reason_of(watch.failure))


class CloseMethods:
    """The methods of a connection that tell of its loss."""

    backend: Backend
    _closed = False
    _close_callback: CloseCallback | None = None
    _close_lock = threading.Lock()
    _keepalive: KeepAlive | None = None

    def registerCloseCallback(self, cb: Callable[..., Any], opaque: Any) -> int:
        """Have ``cb(conn, reason, opaque)`` called each time that the host is lost. Return 0.

        Lost is a host that is not reached a second time, or that refuses a new login. The connection need not be opened
        again: calls fail until the host is there again. The host is watched meanwhile. ``reason`` is a
        VIR_CONNECT_CLOSE_REASON_*: EOF where the host has hung up or is not reached, KEEPALIVE by :meth:`setKeepAlive`,
        CLIENT by :meth:`close`, which calls it before it returns, and else ERROR. Raises OPERATION_INVALID for a second
        callback.
        """
        made = CloseCallback(self, self.backend, cb, opaque)  # it asks the host: nobody else has to wait for that
        with self._close_lock:
            is_first = self._close_callback is None
            if is_first:
                self._close_callback = made
        if not is_first:
            made.close()
            raise error(libvirt.VIR_ERR_OPERATION_INVALID, "A close callback is already registered")
        return 0

    def unregisterCloseCallback(self) -> int:
        """Call the callback no more. Return 0. Raises OPERATION_INVALID when there is none."""
        registered = self._taken_callback()
        if registered is None:
            raise error(libvirt.VIR_ERR_OPERATION_INVALID, "A different callback was requested")
        registered.close()
        return 0

    def setKeepAlive(self, interval: int, count: int) -> int:
        """Ask the host every ``interval`` seconds whether it is there. Return 0.

        When ``count`` questions one after another have had no answer, the close callback is called with KEEPALIVE, and
        :meth:`isAlive` says no until the host answers again. An interval of 0 or less ends it.
        """
        from esxdriver.driver.keepalive import KeepAlive

        self._stop_keepalive()
        if interval > 0:
            self._keepalive = KeepAlive(self.backend.session, interval, max(count, 0), self._is_dead)
        return 0

    def isAlive(self) -> int:
        """Return 1 when the host answers and the session is good, 0 otherwise. It asks, unless keepalive knows."""
        if self._closed or (self._keepalive is not None and self._keepalive.is_dead):
            return 0
        return int(self.backend.session.is_alive())

    def _end(self) -> None:
        """Tell that the client has closed the connection."""
        self._stop_keepalive()
        registered = self._taken_callback()
        if registered is not None:
            registered.close()
            registered.call_now(_CLIENT)

    def _is_dead(self) -> None:
        with self._close_lock:
            if self._close_callback is not None:
                self._close_callback.call(_KEEPALIVE)

    def _taken_callback(self) -> CloseCallback | None:
        with self._close_lock:
            registered, self._close_callback = self._close_callback, None
        return registered

    def _stop_keepalive(self) -> None:
        keepalive, self._keepalive = self._keepalive, None
        if keepalive is not None:
            keepalive.stop()
