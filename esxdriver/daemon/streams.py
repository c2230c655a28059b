"""Streams: data between a client's packets and a driver's stream, by a thread for each.

The driver's stream is libvirt-python's: ``recv(n)`` gives data and ``b""`` at its end, ``send(data)`` takes some of it,
``finish()`` and ``abort()`` end it. Down: packets with data, an empty one after it, and then the client's finish is
confirmed. Up: the client's packets, and its finish is confirmed when the driver's ``finish()`` has returned.
Source: https://libvirt.org/kbase/internals/rpc.html
"""

import asyncio
import contextlib
import logging
import threading
from collections import deque
from typing import Any, Protocol

import libvirt

from esxdriver.rpc import messages
from esxdriver.rpc.call import no_support
from esxdriver.rpc.messages import Header, Status
from esxdriver.rpc.methods import method_of
from esxdriver.rpc.protocol import Procedure

log = logging.getLogger(__name__)

_FINISH = None


class _Receiver(Protocol):
    """Who sends and takes the packets."""

    def send(self, data: bytes) -> None:
        """Send a message, from any thread."""

    async def send_packet(self, data: bytes) -> None:
        """Send a packet when there is room for it."""

    def stream_ended(self, header: Header) -> None:
        """Forget a stream."""

    def flow(self) -> None:
        """Decide again whether to read from the client."""


class Stream:
    """The stream of one call. ``waiting`` is how many bytes the client has sent that are not yet passed on."""

    def __init__(
        self, client: _Receiver, header: Header, procedure: Procedure, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._client, self._header, self._procedure, self._loop = client, header, procedure, loop
        self._of: Any = None
        self._packets: deque[bytes | None] = deque()
        self._arrived = threading.Condition()
        self._aborted = False
        self.waiting = 0

    def open(self, conn: Any) -> Any:
        """Return a new stream of the driver. Raises NO_SUPPORT when it has none."""
        make = method_of(conn, "newStream")
        if make is None:
            raise no_support(self._procedure.name)
        self._of = make(0)
        return self._of

    def start(self) -> None:
        """Begin to move data, after the call's reply."""
        move = self._move_up if "up" in self._procedure.rules else self._move_down
        threading.Thread(target=self._run, args=(move,), name=f"stream-{self._header.serial}", daemon=True).start()

    def packet(self, status: int, body: bytes) -> None:
        """Take a packet of the client's: data, its finish, or its abort."""
        if status == Status.ERROR:
            self._end(messages.message(self._header.stream(Status.OK)))
            self.abort()
            return
        with self._arrived:
            self._packets.append(body if status == Status.CONTINUE else _FINISH)
            self.waiting += len(body)
            self._arrived.notify()

    def abort(self) -> None:
        """Give up at once; a call that waits in the driver's stream is woken by that stream's own abort."""
        with self._arrived:
            if self._aborted:
                return
            self._aborted = True
            self._arrived.notify()
        if self._of is not None:
            threading.Thread(target=self._abort, name="stream-abort", daemon=True).start()

    def refuse(self, text: str) -> None:
        """End a stream that may not begin."""
        self._fail(messages.rpc_error(text, libvirt.VIR_ERR_OPERATION_FAILED, libvirt.VIR_FROM_STREAMS))
        self.abort()

    # -- in the stream's thread

    def _run(self, move: Any) -> None:
        try:
            move()
        except libvirt.libvirtError as error:
            if not self._aborted:
                self._fail(error)
                self.abort()
        except ConnectionError:
            self.abort()
        except Exception:
            log.exception("a stream failed")
            self.refuse("internal error: the stream failed; the daemon's log says where")

    def _move_down(self) -> None:
        while data := self._of.recv(messages.STREAM_MAX):
            self._send(Status.CONTINUE, data)
        self._send(Status.CONTINUE)
        self._finish()

    def _move_up(self) -> None:
        while (data := self._next()) is not _FINISH:
            rest = memoryview(data)
            while rest:
                rest = rest[self._of.send(bytes(rest)) :]
            self._passed_on(len(data))
        self._confirm()

    def _finish(self) -> None:
        """Wait for the client's finish; it may send it before it has read everything."""
        while self._next() is not _FINISH:
            pass
        self._confirm()

    def _confirm(self) -> None:
        self._of.finish()
        self._loop.call_soon_threadsafe(self._end, messages.message(self._header.stream(Status.OK)))

    def _next(self) -> bytes | None:
        with self._arrived:
            self._arrived.wait_for(lambda: self._packets or self._aborted)
            if self._aborted:
                raise ConnectionAbortedError("the stream was given up")
            return self._packets.popleft()

    def _passed_on(self, size: int) -> None:
        with self._arrived:
            self.waiting -= size
        self._loop.call_soon_threadsafe(self._client.flow)

    def _send(self, status: Status, data: bytes = b"") -> None:
        """Send a packet, waiting until the client has room for it."""
        if self._aborted:
            raise ConnectionAbortedError("the stream was given up")
        packet = messages.message(self._header.stream(status), data)
        asyncio.run_coroutine_threadsafe(self._client.send_packet(packet), self._loop).result()

    def _fail(self, error: libvirt.libvirtError) -> None:
        packet = messages.message(self._header.stream(Status.ERROR), messages.error_body(error))
        self._loop.call_soon_threadsafe(self._end, packet)

    def _abort(self) -> None:
        with contextlib.suppress(libvirt.libvirtError):
            self._of.abort()

    # -- in the event loop

    def _end(self, packet: bytes) -> None:
        self._client.send(packet)
        self._client.stream_ended(self._header)
