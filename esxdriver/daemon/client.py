"""One client: the bytes it sends become calls, and what they give is sent back no faster than it is taken.

Everything here runs in the event loop. Keepalive is answered at once. Nothing is read from a client that does not read
its replies, or has sent too many calls ahead, until it has read them or they are done.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol, cast

import libvirt

from esxdriver.daemon import tls
from esxdriver.daemon.calls import Calls
from esxdriver.daemon.streams import Stream
from esxdriver.daemon.workers import Workers
from esxdriver.rpc import dispatch, messages
from esxdriver.rpc.messages import Header, ProtocolError, Splitter, Type
from esxdriver.rpc.session import AT_ONCE, Session

log = logging.getLogger(__name__)

UNKNOWN_LIMIT = 65536  # bytes in a message of a client that has not said who it is
WAITING_CALLS = 128  # calls that a client may have sent ahead
WAITING_BYTES = 33554436
ALIVE_EVERY = 5.0  # seconds between signs of life to a client that is not read from
MAX_STREAMS = 8
TURN = 32  # messages of one client that are taken before others have their turn


class Home(Protocol):
    """What a client needs of the server."""

    loop: asyncio.AbstractEventLoop
    workers: Workers
    requests: int
    quick: frozenset[str]
    buffer: memoryview

    def left(self, client: "Client") -> None:
        """Forget a client whose connection has ended."""

    def recognised(self, client: "Client") -> None:
        """Take note that a client has said who it is."""


class Client(asyncio.BufferedProtocol):
    """A connection, its session and its calls."""

    def __init__(
        self,
        home: Home,
        new_session: Callable[[Callable[[bytes], None]], Session],
        *,
        is_tls: bool = False,
        names: Sequence[str] = (),
    ) -> None:
        self._home = home
        self._session = new_session(self.send)
        self._calls = Calls(home, self._session, self._reply)
        self._tls, self._names = is_tls, names
        self._splitter = Splitter(UNKNOWN_LIMIT)
        self._streams: dict[tuple[int, int], Stream] = {}
        self._writable = asyncio.Event()
        self._writable.set()
        self._transport: asyncio.Transport | None = None
        self._pings = False
        self._alive: asyncio.TimerHandle | None = None
        self._known = False
        self._more = False  # messages are there that have not had their turn

    @property
    def busy(self) -> int:
        """How many calls are under way."""
        return self._calls.busy

    # -- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; a TLS client is greeted with one byte, or refused when its certificate's name is not on the list."""
        self._transport = cast("asyncio.Transport", transport)
        if self._names and (name := tls.distinguished_name(transport)) not in self._names:
            log.warning("refused a client whose certificate is for %s", name)
            self.abort()
            return
        if self._tls:
            self._transport.write(tls.GREETING)
        self._recognise()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the buffer for what the client sends: all clients share one, as each empties it at once."""
        return self._home.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take what the client has sent; what is not the protocol ends the connection."""
        self._splitter.add(self._home.buffer[:nbytes])
        if not self._more:
            self._turn()

    def pause_writing(self) -> None:
        """Do no more for a client that does not read."""
        self._writable.clear()
        self._calls.hold()
        self.flow()

    def resume_writing(self) -> None:
        """Go on with a client that reads again."""
        self._writable.set()
        self._calls.go_on()
        self.flow()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take leave of a client that has gone: what runs ends as it would have, and its reply is dropped."""
        self._transport = None
        self._calls.drop()
        self._writable.set()
        if self._alive:
            self._alive.cancel()
        for stream in self._streams.values():
            stream.abort()
        self._streams.clear()
        self._home.workers.submit(self._session.end)
        self._home.left(self)

    # -- what the server and streams do

    def send(self, data: bytes) -> None:
        """Send a message, from any thread."""
        self._home.loop.call_soon_threadsafe(self._write, data)

    async def send_packet(self, data: bytes) -> None:
        """Send a packet of a stream when the client has room for it; raises ConnectionError when it has gone."""
        await self._writable.wait()
        if self._transport is None:
            raise ConnectionError("the client has gone")
        self._transport.write(data)

    def stream_ended(self, header: Header) -> None:
        """Forget a stream."""
        self._streams.pop((header.procedure, header.serial), None)
        self.flow()

    def end(self) -> None:
        """Begin no more calls: those that wait are refused, those that run are answered."""
        for header in self._calls.end():
            self._refuse(header, _ended())

    def leave(self) -> None:
        """Send the close event to a client that has registered for it, and close; its calls are done."""
        self._session.end(libvirt.VIR_CONNECT_CLOSE_REASON_EOF)
        self._home.loop.call_soon(self._close)

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # -- messages

    def _turn(self) -> None:
        """Take some of the messages that are there, and the others after the other clients have had their turn."""
        self._more = False
        try:
            for _ in range(TURN):
                found = self._splitter.next()
                if found is None:
                    break
                self._take(*found)
            else:
                self._more = True
                self._home.loop.call_soon(self._turn)
        except ProtocolError as error:
            log.info("a client does not speak the protocol: %s", error)
            self.abort()
        self.flow()

    def _take(self, header: Header, body: bytes) -> None:
        if header.program == messages.KEEPALIVE:
            self._keepalive(header)
        elif header.type == Type.CALL:
            self._call(header, body)
        elif header.type == Type.STREAM:
            self._stream(header, body)
        else:
            raise ProtocolError(f"a message of the type {header.type}")

    def _keepalive(self, header: Header) -> None:
        if header.procedure == messages.PING:
            self._pings = True
            self._write(messages.message(messages.PONG_HEADER))

    def _call(self, header: Header, body: bytes) -> None:
        try:
            procedure = dispatch.find(header.program, header.version, header.procedure)
            sent = dispatch.parse(procedure, body)
        except libvirt.libvirtError as error:
            self._refuse(header, error)
            return
        if self._calls.ended:
            self._refuse(header, _ended())
        elif procedure.name in AT_ONCE or not self._session.authenticated:
            self._write(self._calls.answer(header, procedure, sent))
            self._recognise()
        elif procedure.name in self._home.quick and (answer := self._calls.answer_at_once(header, procedure, sent)):
            self._write(answer)
        else:
            stream = Stream(self, header, procedure, self._home.loop) if procedure.streams else None
            self._calls.add(header, procedure, sent, len(body), stream)

    def _reply(self, header: Header, answer: bytes, stream: Stream | None) -> None:
        """Send the reply to a call, and let its stream begin."""
        self._write(answer)
        if stream is not None:
            if self._transport is None or messages.is_error(answer):
                stream.abort()
            elif len(self._streams) >= MAX_STREAMS:
                stream.refuse(f"a client may have {MAX_STREAMS} streams at once")
            else:
                self._streams[header.procedure, header.serial] = stream
                stream.start()
        self.flow()

    def _stream(self, header: Header, body: bytes) -> None:
        """Hand a packet to its stream; one that comes when the stream has ended is dropped."""
        stream = self._streams.get((header.procedure, header.serial))
        if stream is not None:
            stream.packet(header.status, body)

    def _refuse(self, header: Header, error: libvirt.libvirtError) -> None:
        self._write(messages.refusal(header, error))

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    # -- who it is

    def _recognise(self) -> None:
        """Trust a client that has said who it is with longer messages."""
        if not self._known and self._session.authenticated:
            self._known = True
            self._splitter.limit = messages.LENGTH_MAX
            self._home.recognised(self)

    # -- not more than is taken

    def flow(self) -> None:
        """Read from the client only while it waits for few calls and takes what it is sent."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._more:
            self._transport.pause_reading()
            return
        size = self._calls.waiting_bytes + sum(stream.waiting for stream in self._streams.values())
        if self._calls.waiting >= WAITING_CALLS or size >= WAITING_BYTES or not self._writable.is_set():
            self._transport.pause_reading()
            self._show_life()
        else:
            self._transport.resume_reading()

    def _show_life(self) -> None:
        """Answer in advance to the pings that are not read: any message tells a client that the daemon lives."""
        if self._pings and self._alive is None:
            self._alive = self._home.loop.call_later(ALIVE_EVERY, self._still_alive)

    def _still_alive(self) -> None:
        self._alive = None
        if self._transport is not None and not self._transport.is_reading():
            if self._writable.is_set():
                self._write(messages.message(messages.PONG_HEADER))
            self._show_life()


def _ended() -> libvirt.libvirtError:
    text = "the daemon is ending: nothing was done; connect again"
    return messages.rpc_error(text, libvirt.VIR_ERR_OPERATION_ABORTED)
