"""Where callbacks run: in libvirt's event loop where there is one, else in a thread of their own.

libvirt's is there after ``virEventRegisterDefaultImpl()``, or with an asyncio loop. A callback that raises is logged,
and the others go on.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import libvirt

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

Call = tuple["Callable[..., Any]", tuple[Any, ...]]


class Deliveries:
    """Runs callbacks one after another, in libvirt's event loop if there is one, else in a thread."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._readable, self._wake = os.pipe()
        os.set_blocking(self._readable, False)
        os.set_blocking(self._wake, False)
        try:
            self._handle = libvirt.virEventAddHandle(
                self._readable, libvirt.VIR_EVENT_HANDLE_READABLE, self._in_loop, None
            )
        except libvirt.libvirtError:
            self._handle = None
            threading.Thread(target=self._in_thread, name="esxdriver-events", daemon=True).start()

    def put(self, call: Call | None) -> None:
        """Have a callback run soon; None ends the thread."""
        self._waiting.put(call)
        if self._handle is not None:
            with self._closing, suppress(BlockingIOError):  # a full pipe wakes it as well
                if not self._closed:
                    os.write(self._wake, b".")

    def close(self) -> None:
        """Run no more callbacks."""
        if self._handle is None:
            self.put(None)
        else:
            libvirt.virEventRemoveHandle(self._handle)
        with self._closing:
            self._closed = True
            os.close(self._readable)
            os.close(self._wake)

    def _in_loop(self, *_: Any) -> None:
        with self._closing, suppress(BlockingIOError):
            if not self._closed:
                os.read(self._readable, 4096)
        while not self._waiting.empty():
            _run(self._waiting.get_nowait())

    def _in_thread(self) -> None:
        while call := self._waiting.get():
            _run(call)


def _run(call: Call | None) -> None:
    if call is None:
        return
    callback, arguments = call
    try:
        callback(*arguments)
    except (Exception, SystemExit):  # noqa: BLE001 - it is somebody else's code; the others go on
        _log.exception("an event's callback failed")
