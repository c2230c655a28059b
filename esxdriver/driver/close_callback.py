"""The callback of a connection whose host is lost, with libvirt-python's registration.

Source: https://libvirt.org/html/libvirt-libvirt-host.html#virConnectRegisterCloseCallback
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.driver.events import Deliveries
from esxdriver.errors import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from esxdriver.driver.backend import Backend
    from esxdriver.vsphere.query.watch import Watch


class CloseCallback:
    """One callback, and the watch that notices the loss."""

    def __init__(self, conn: Any, backend: Backend, callback: Callable[..., Any], opaque: Any) -> None:
        self._arguments = (conn, libvirt.VIR_CONNECT_CLOSE_REASON_ERROR, opaque)
        self._callback = callback
        self._backend = backend
        self._watch: Watch = backend.start_watch()
        self._deliveries = Deliveries()
        self._watch.listen_lost(self._lost)

    def close(self) -> None:
        """Call it no more."""
        self._watch.unlisten_lost(self._lost)
        self._deliveries.close()
        self._backend.leave_watch()

    def _lost(self) -> None:
        self._deliveries.put((self._callback, self._arguments))


class CloseMethods:
    """The methods of a connection that tell of its loss."""

    backend: Backend
    _close_callback: CloseCallback | None = None
    _close_lock = threading.Lock()

    def registerCloseCallback(self, cb: Callable[..., Any], opaque: Any) -> int:
        """Have ``cb(conn, reason, opaque)`` called each time that the host is lost. Return 0.

        Lost is a host that is not reached a second time, or that refuses a new login. The connection need not be opened
        again: calls fail until the host is there again. The host is watched meanwhile. Raises OPERATION_INVALID for
        a second one.
        """
        with self._close_lock:
            if self._close_callback is not None:
                raise error(libvirt.VIR_ERR_OPERATION_INVALID, "A close callback is already registered")
            self._close_callback = CloseCallback(self, self.backend, cb, opaque)
        return 0

    def unregisterCloseCallback(self) -> int:
        """Call the callback no more. Return 0. Raises OPERATION_INVALID when there is none."""
        with self._close_lock:
            registered, self._close_callback = self._close_callback, None
        if registered is None:
            raise error(libvirt.VIR_ERR_OPERATION_INVALID, "A different callback was requested")
        registered.close()
        return 0
