"""A stream: data on its way to or from a host, with the face of libvirt-python's ``virStream``.

A stream is opened by the method that it is given to, as ``StorageVol.download``. Reference:
https://libvirt.org/html/libvirt-libvirt-stream.html
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Protocol

import libvirt

from esxdriver.driver.boundary import bounded
from esxdriver.driver.unsupported import complete
from esxdriver.errors import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from esxdriver.driver.connect import Connect

_CHUNK = 256 * 2**10  # bytes


class Transfer(Protocol):
    """What moves the data. One that gives has ``read(size)`` as well, one that takes ``write(data)``."""

    def finish(self) -> None:
        """End it well: what was sent is safe then."""

    def abort(self) -> None:
        """Give it up, from any thread; raises nothing."""


@bounded
class _Moving:
    """What a stream does with its data, a piece at a time."""

    def __init__(self, conn: Connect) -> None:
        self._conn = conn
        self._transfer: Any = None

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.abort()

    def connect(self) -> Connect:
        """Return the connection that it was made by."""
        return self._conn

    def open(self, transfer: Transfer) -> None:
        """Let it move this data. Raises OPERATION_INVALID for a stream that moves other data already."""
        self.require_free()
        self._transfer = transfer

    def require_free(self) -> None:
        """Raise OPERATION_INVALID when it is in use."""
        if self._transfer is not None:
            raise error(libvirt.VIR_ERR_OPERATION_INVALID, "the stream is in use: finish or abort it, or take another")

    def recv(self, nbytes: int) -> bytes:
        """Return at most ``nbytes`` of the data, and none at its end. Raises when the host ends before it."""
        return bytes(self._moving("read", "the stream takes data").read(nbytes))

    def send(self, data: bytes) -> int:
        """Send data, all of it, and return how much that is. What was sent is safe after :meth:`finish`."""
        self._moving("write", "the stream gives data").write(data)
        return len(data)

    def finish(self) -> int:
        """End it, and return 0 when all that was sent is safe. Raises when it is not."""
        transfer = self._moving("finish", "")
        self._transfer = None
        transfer.finish()
        return 0

    def abort(self) -> int:
        """Give it up, and return 0. What was sent to an image is removed; a disk that holds a part of it is logged."""
        transfer, self._transfer = self._transfer, None
        if transfer is not None:
            transfer.abort()
        return 0

    def _moving(self, method: str, otherwise: str) -> Any:
        if self._transfer is None:
            raise error(libvirt.VIR_ERR_OPERATION_INVALID, "the stream is not open")
        if not hasattr(self._transfer, method):
            raise error(libvirt.VIR_ERR_OPERATION_INVALID, otherwise)
        return self._transfer


@complete("virStream")
class Stream(_Moving):
    """A stream of data, which blocks. Get one from a connection's ``newStream``.

    What a handler raises is its own, and leaves these methods as it is.
    """

    def recvAll(self, handler: Callable[[Stream, bytes, Any], int], opaque: Any) -> None:
        """Hand all data to ``handler(stream, data, opaque)``; what that raises, or a negative result, aborts it."""
        while data := self.recv(_CHUNK):
            with self._aborting():
                result = handler(self, data, opaque)
                if isinstance(result, int) and result < 0:
                    raise RuntimeError(f"recvAll handler returned {result}")

    def sendAll(self, handler: Callable[[Stream, int, Any], bytes], opaque: Any) -> None:
        """Send what ``handler(stream, size, opaque)`` returns until that is nothing; what it raises aborts it."""
        while True:
            with self._aborting():
                data = handler(self, _CHUNK, opaque)
            if not data:
                return
            self.send(data)

    def sparseRecvAll(self, handler: Any, holeHandler: Any, opaque: Any) -> None:
        """Raise NO_SUPPORT: a host's HTTP knows no holes."""
        raise error(libvirt.VIR_ERR_NO_SUPPORT, "virStreamSparseRecvAll")

    def sparseSendAll(self, handler: Any, holeHandler: Any, skipHandler: Any, opaque: Any) -> None:
        """Raise NO_SUPPORT: a host's HTTP knows no holes."""
        raise error(libvirt.VIR_ERR_NO_SUPPORT, "virStreamSparseSendAll")

    @contextlib.contextmanager
    def _aborting(self) -> Any:
        try:
            yield
        except BaseException:
            with contextlib.suppress(Exception):
                self.abort()
            raise
