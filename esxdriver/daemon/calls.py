"""The calls of one client: so many under way at once, the others waiting in order. Replies may overtake each other."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import libvirt

from esxdriver import errors
from esxdriver.daemon.streams import Stream
from esxdriver.daemon.workers import Workers
from esxdriver.rpc import messages
from esxdriver.rpc.messages import Header
from esxdriver.rpc.protocol import Procedure
from esxdriver.rpc.session import Session
from esxdriver.waiting import WouldWaitError, without_waiting

log = logging.getLogger(__name__)


class _Call(NamedTuple):
    header: Header
    procedure: Procedure
    sent: Any
    size: int
    stream: Stream | None


class _Home(Protocol):
    loop: asyncio.AbstractEventLoop
    workers: Workers
    requests: int


class Calls:
    """A queue that belongs to the event loop; only ``answer`` also runs in workers.

    ``done(header, answer, stream)`` is called in the loop with the message of each reply.
    """

    def __init__(self, home: _Home, session: Session, done: Callable[[Header, bytes, Stream | None], None]) -> None:
        self._home, self._session, self._report = home, session, done
        self._queue: deque[_Call] = deque()
        self._held = False
        self.ended = False
        self.busy = 0
        self.waiting_bytes = 0

    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        return len(self._queue)

    def add(self, header: Header, procedure: Procedure, sent: Any, size: int, stream: Stream | None) -> None:
        """Let a call be done when it is its turn; ``size`` is how many bytes its arguments take."""
        self._queue.append(_Call(header, procedure, sent, size, stream))
        self.waiting_bytes += size
        self._start()

    def hold(self) -> None:
        """Begin no calls for now."""
        self._held = True

    def go_on(self) -> None:
        """Begin calls again."""
        self._held = False
        self._start()

    def drop(self) -> list[_Call]:
        """Forget the calls that wait and begin no more; return them."""
        self.ended = True
        dropped = list(self._queue)
        self._queue.clear()
        self.waiting_bytes = 0
        return dropped

    def end(self) -> list[Header]:
        """Begin no more calls, and return the headers of those that have waited in vain."""
        return [call.header for call in self.drop()]

    def answer(self, header: Header, procedure: Procedure, sent: Any, stream: Stream | None = None) -> bytes:
        """Do a call and return the message of the reply, or of its error. Raises WouldWaitError alone."""
        try:
            opened = None if stream is None else stream.open(self._session.conn)
            reply = self._session.perform(procedure, sent, opened)
        except libvirt.libvirtError as error:
            return messages.refusal(header, error)
        except UnicodeError:  # what is not UTF-8 arrives as surrogates, which nothing behind the driver takes
            return messages.refusal(header, errors.error(libvirt.VIR_ERR_INVALID_ARG, "a text is not UTF-8"))
        except WouldWaitError:
            raise
        except Exception:
            log.exception("%s failed", procedure.name)
            text = f"internal error: {procedure.name} failed; the daemon's log says where"
            return messages.refusal(
                header, messages.rpc_error(text, libvirt.VIR_ERR_INTERNAL_ERROR, libvirt.VIR_FROM_ESX)
            )
        return messages.message(header.reply(), reply)

    def answer_at_once(self, header: Header, procedure: Procedure, sent: Any) -> bytes | None:
        """Return the message of the reply when it is known without asking a host, None when it is not."""
        try:
            with without_waiting():
                return self.answer(header, procedure, sent)
        except WouldWaitError:
            return None

    def _start(self) -> None:
        while self._queue and self.busy < self._home.requests and not self._held:
            call = self._queue.popleft()
            self.waiting_bytes -= call.size
            self.busy += 1
            self._home.workers.submit(lambda call=call: self._work(call), urgent=call.procedure.priority)  # type: ignore[misc]

    def _work(self, call: _Call) -> None:
        """Do a call; this runs in a worker."""
        started = time.monotonic()
        answer = self.answer(call.header, call.procedure, call.sent, call.stream)
        log.debug("%s took %.1f ms", call.procedure.name, 1000 * (time.monotonic() - started))
        self._home.loop.call_soon_threadsafe(self._answered, call, answer)

    def _answered(self, call: _Call, answer: bytes) -> None:
        self.busy -= 1
        self._report(call.header, answer, call.stream)
        self._start()
