"""The event loop: lets clients in by the doors, within limits, and ends in order.

Limits are libvirtd's: more clients than ``max_clients``, or more that have not said who they are than
``max_anonymous_clients``, wait at the door.
"""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterable

import libvirt

from esxdriver.daemon import peers
from esxdriver.daemon.client import Client
from esxdriver.daemon.config import Config
from esxdriver.daemon.doors import Door
from esxdriver.daemon.hosts import Hosts, Opener
from esxdriver.daemon.workers import Workers
from esxdriver.rpc.session import Session

log = logging.getLogger(__name__)

GRACE = 30.0  # seconds in which calls may end when the daemon ends
_LOOK = 15.0  # seconds between looks for hosts that nobody uses
_BUFFER = 65536  # bytes that are read at once: asyncio's own buffer takes several times as long to make
_HANDSHAKE = 10.0  # seconds that a TLS handshake may take


class Server:
    """The daemon. ``run`` returns when it has ended; ``stop`` and ``reload`` are for its signals.

    ``timeout`` is how many seconds it stays without clients, 0 for ever. ``read_config`` reads the configuration anew.
    ``quick`` are the procedures that the event loop tries at once, with a driver that knows of ``without_waiting``.
    """

    def __init__(
        self,
        config: Config,
        opener: Opener,
        *,
        timeout: int = 0,
        read_config: Callable[[], Config] | None = None,
        ready: Callable[[], None] = lambda: None,
        quick: frozenset[str] = frozenset(),
    ) -> None:
        self.config = config
        self.hosts = Hosts(lambda: self.config, opener)
        self.workers = Workers(config.max_workers, config.prio_workers)
        self.requests = config.max_client_requests
        self.quick = quick
        self.buffer = memoryview(bytearray(_BUFFER))
        self.loop: asyncio.AbstractEventLoop
        self._timeout, self._read_config, self._ready = timeout, read_config, ready
        self._room = asyncio.Event()
        self._stopped = asyncio.Event()
        self._clients: set[Client] = set()
        self._anonymous: set[Client] = set()
        self._handshakes: set[asyncio.Task[None]] = set()
        self._only = False  # one client, and its end is the daemon's
        self._idle: asyncio.TimerHandle | None = None

    async def run(self, doors: Iterable[Door], first: socket.socket | None = None) -> None:
        """Serve until it is stopped; ``first`` is a client that is there already, whose end is the daemon's."""
        self.loop = asyncio.get_running_loop()
        self._room.set()
        self._only = first is not None
        opened = list(doors)
        if first is not None:
            await self._admit(first, Door(first))
        tasks = [asyncio.create_task(self._listen(door)) for door in opened]
        tasks.append(asyncio.create_task(self._tidy()))
        self._wait_for_clients()
        self._ready()
        try:
            await self._stopped.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for door in opened:
                door.close()
            await self._end()

    def stop(self) -> None:
        """End: no client comes in, calls that run are answered, hosts are logged out of."""
        self._stopped.set()

    def reload(self) -> None:
        """Read the configuration again; sockets and workers stay as they are.

        Its hosts, users and limits of clients hold from then on. Hosts that refused the daemon's login are tried again:
        their passwords may have been put right.
        """
        if self._read_config is None:
            return
        try:
            self.config = self._read_config()
            self.requests = self.config.max_client_requests
            self.hosts.try_again()
            log.info("the configuration is read again")
        except libvirt.libvirtError as error:
            log.warning("the configuration stays as it was: %s", error)

    # -- what clients say

    def left(self, client: Client) -> None:
        """Forget a client whose connection has ended."""
        self._clients.discard(client)
        self._anonymous.discard(client)
        self._make_room()
        if self._only:
            self.stop()
        self._wait_for_clients()

    def recognised(self, client: Client) -> None:
        """Take note that a client has said who it is."""
        self._anonymous.discard(client)
        self._make_room()

    # -- clients come in

    async def _listen(self, door: Door) -> None:
        door.socket.setblocking(False)
        while True:
            await self._room.wait()
            try:
                peer, _ = await self.loop.sock_accept(door.socket)
            except OSError as error:  # too many open files, or a client that has gone already
                log.warning("cannot let a client in: %s", error.strerror)
                await asyncio.sleep(0.1)
                continue
            if door.tls is None:
                await self._admit(peer, door)
            else:
                task = asyncio.create_task(self._admit(peer, door))
                self._handshakes.add(task)
                task.add_done_callback(self._handshakes.discard)

    async def _admit(self, peer: socket.socket, door: Door) -> None:
        if door.local and not self._is_allowed(peer):
            peer.close()
            return
        names = self.config.tls_allowed_dn_list if door.tls else ()
        client = Client(self, lambda send: self._session(door, send), is_tls=door.tls is not None, names=names)
        self._clients.add(client)
        self._anonymous.add(client)
        self._make_room()
        try:
            await self.loop.connect_accepted_socket(
                lambda: client, peer, ssl=door.tls, ssl_handshake_timeout=_HANDSHAKE if door.tls else None
            )
        except (OSError, ConnectionError) as error:
            log.info("a client did not come in: %s", error)
            peer.close()
            self.left(client)

    def _is_allowed(self, peer: socket.socket) -> bool:
        user, group = peers.user_of(peer)
        if peers.may_connect(user, group, self.config):
            return True
        log.warning("refused a client of the user %d", user)
        return False

    def _session(self, door: Door, send: Callable[[bytes], None]) -> Session:
        return Session(self.hosts.open, send, sasl=door.sasl, read_only=door.read_only)

    def _make_room(self) -> None:
        full = len(self._clients) >= self.config.max_clients
        unknown = len(self._anonymous) >= self.config.max_anonymous_clients
        if full or unknown:
            self._room.clear()
        else:
            self._room.set()

    # -- the end, and what happens from time to time

    def _wait_for_clients(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self._timeout and not self._clients:
            self._idle = self.loop.call_later(self._timeout, self._leave_when_idle)

    def _leave_when_idle(self) -> None:
        if not self._clients:
            log.info("no client for %d seconds", self._timeout)
            self.stop()

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            await asyncio.to_thread(self.hosts.close_unused, float(self.config.host_idle_timeout))

    async def _end(self) -> None:
        for client in list(self._clients):
            client.end()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                while any(client.busy for client in self._clients):
                    await asyncio.sleep(0.02)
        for client in list(self._clients):
            client.leave()
        await asyncio.sleep(0.05)  # for the last messages to be written
        for client in list(self._clients):
            client.abort()
        await asyncio.to_thread(self.hosts.close)


async def run(server: Server, opened: list[Door], first: socket.socket | None = None) -> None:
    """Let the server run until a signal ends it; SIGHUP lets it read its configuration again."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    loop.add_signal_handler(signal.SIGHUP, server.reload)
    await server.run(opened, first)
