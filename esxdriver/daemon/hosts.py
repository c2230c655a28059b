"""The connections to ESX: chosen by a client, by names of the configuration only, and shared by clients.

What a client sends as its URI is what libvirt's client library leaves of it: the scheme, the path and the parameters
that the library does not know. The path's first part or the parameter ``host`` is a host's name; /system, /session
and nothing mean the default one. A client never names a host by its address: stored credentials go where the
configuration says.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import libvirt

from esxdriver import errors
from esxdriver import uri as uris
from esxdriver.daemon.config import Config
from esxdriver.rpc.references import References
from esxdriver.rpc.session import Login

log = logging.getLogger(__name__)

_SCHEMES = {"esx", "vpx", ""}
_DEFAULT_PATHS = {"", "system", "session"}

_STAYS = 0.25  # seconds after which who would end with a single command goes on to others
_SETTLED = 3.0  # seconds from the start of a watch until definitions are read ahead

Lost = Callable[[int], None]
Opener = Callable[[str, Login | None], Any]


def choose(name: str, config: Config) -> str:
    """Return the URI of the host that a client names.

    Raises NO_CONNECT for a host or scheme that is not served, or when there is no default host; OPERATION_DENIED for an
    address; INVALID_ARG for a URI that cannot be read, or that goes on below a host.
    """
    try:
        parts = urlsplit(name)
        asked = parse_qs(parts.query, keep_blank_values=True).get("host", [])
    except ValueError:
        raise errors.error(libvirt.VIR_ERR_INVALID_ARG, "the URI cannot be read") from None
    if parts.scheme not in _SCHEMES and not config.any_scheme:
        raise errors.error(libvirt.VIR_ERR_NO_CONNECT, f"virtesxd serves esx and vpx, not {parts.scheme}")
    if parts.netloc:
        raise errors.error(
            libvirt.VIR_ERR_OPERATION_DENIED,
            "virtesxd connects to the hosts of its configuration: name one in the URI's path, not an address",
        )
    first, *inner = [unquote(part) for part in parts.path.strip("/").split("/")]
    if asked or first in _DEFAULT_PATHS:
        return _uri_of(asked[0] if asked else config.default_host, config)
    return _below(_uri_of(first, config), inner)


def _uri_of(host: str | None, config: Config) -> str:
    if host is None:
        known = f": name one of them ({', '.join(sorted(config.hosts))})" if config.hosts else ""
        raise errors.error(libvirt.VIR_ERR_NO_CONNECT, f"virtesxd has no default host{known or ' and no other'}")
    if host not in config.hosts:
        known = ", ".join(sorted(config.hosts)) or "none"
        raise errors.error(libvirt.VIR_ERR_NO_CONNECT, f"virtesxd has no host '{host}'; it has: {known}")
    return config.hosts[host]


def _below(uri: str, inner: list[str]) -> str:
    """Return the URI of a part of a vCenter's inventory, below what the configuration allows."""
    if not inner:
        return uri
    whole = uris.parse(uri)
    if whole.scheme != "vpx":
        raise errors.error(libvirt.VIR_ERR_INVALID_ARG, "nothing lies below a host: only a vCenter has a path")
    return str(replace(whole, path=(*whole.path, *inner)))


class _Shared:
    """A connection and who uses it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.conn: Any = None
        self.references: References | None = None
        self.users = 0
        self.unused_since = 0.0
        self.watching: threading.Thread | None = None  # what starts the watch, or has
        self.lost_listeners: dict[SharedHost, Lost] = {}  # what to call when the host is lost
        self.closed = threading.Event()

    def watch(self, *, after: float, read_ahead: bool) -> None:
        """Start a watch for the host's changes, in a thread; it ends with the connection. Called with the lock.

        It begins ``after`` so many seconds. Where the host reports none, it is asked each time, and the next client
        tries again. With ``read_ahead`` all domains' definitions are read, too, some seconds after the watch has
        started.
        """
        backend = getattr(self.conn, "backend", None)  # another driver has none
        if backend is None or (backend.watch is not None and backend.watch.is_alive):
            return
        if self.watching is None or not self.watching.is_alive():
            self.watching = threading.Thread(
                target=self._watch, args=(backend, after, read_ahead), name="virtesxd-watch", daemon=True
            )
            self.watching.start()

    def _watch(self, backend: Any, after: float, read_ahead: bool) -> None:
        if self.closed.wait(after):
            return
        try:
            backend.start_watch().listen_lost(self._lost)
        except libvirt.libvirtError as error:
            log.warning("the host is asked each time: %s", error)
            return
        if read_ahead and not self.closed.wait(_SETTLED):
            self._read_ahead()

    def _read_ahead(self) -> None:
        """Read every domain's definition, half of the time: clients and the host have other things to do."""
        from esxdriver.driver.watching import read_documents

        started = time.monotonic()
        try:
            for _ in read_documents(self.conn):
                if self.closed.wait(time.monotonic() - started):
                    return
                started = time.monotonic()
        except libvirt.libvirtError as error:  # who asks for one reads it
            log.debug("not all definitions are read ahead: %s", error)

    def close(self) -> None:
        """Log out."""
        self.closed.set()
        if self.conn is None:
            return
        try:
            # Clients may have objects of it still. libvirt's own connections have no such method.
            getattr(self.conn, "logout", self.conn.close)()
        except libvirt.libvirtError as error:
            log.warning("logging out failed: %s", error)

    def _lost(self) -> None:
        from esxdriver.driver.close_callback import reason_of  # it is loaded: there is a watch

        log.warning("%s is lost: it is tried again and again", _shown(self.conn.getURI()))
        watch = self.conn.backend.watch
        reason = reason_of(watch.failure if watch is not None else None)
        for tell in list(self.lost_listeners.values()):
            tell(reason)


class SharedHost:
    """One client's use of a connection."""

    def __init__(self, hosts: "Hosts", shared: _Shared, uri: str) -> None:
        self._hosts, self._shared = hosts, shared
        self._released = False
        self.uri = uri
        self.conn = shared.conn
        assert shared.references is not None
        self.references = shared.references

    def listen_lost(self, listener: Lost | None) -> None:
        """Have ``listener(VIR_CONNECT_CLOSE_REASON_*)`` called when the host is lost; None ends that."""
        if listener is None:
            self._shared.lost_listeners.pop(self, None)
        else:
            self._shared.lost_listeners[self] = listener

    def release(self) -> None:
        """Say that this client no longer uses it; a second call does nothing."""
        if not self._released:
            self._released = True
            self.listen_lost(None)
            self._hosts.released(self._shared)


class Hosts:
    """The open connections, one for each host and login. Threads may use it.

    ``opener(uri, login)`` opens one; a login of None means the credentials that the daemon finds.
    """

    def __init__(self, config: Callable[[], Config], opener: Opener) -> None:
        self._config, self._opener = config, opener
        self._shared: dict[tuple[str, Login | None], _Shared] = {}
        self._lock = threading.Lock()

    def open(self, name: str, login: Login | None) -> SharedHost:
        """Return the connection that a client asks for. Raises what :func:`choose` and opening raise."""
        uri = choose(name, self._config())
        with self._lock:
            shared = self._shared.setdefault((uri, login), _Shared())
            shared.users += 1
        try:
            with shared.lock:
                if shared.conn is None:
                    shared.conn = self._opener(uri, login)
                    if (backend := getattr(shared.conn, "backend", None)) is not None:
                        backend.share()
                    shared.references = References(shared.conn)
                    log.info("opened %s", _shown(uri))
                shared.watch(after=0.0 if self._keeps else _STAYS, read_ahead=self._config().read_ahead)
        except BaseException:
            self.released(shared)
            raise
        return SharedHost(self, shared, shared.conn.getURI())

    def released(self, shared: _Shared) -> None:
        """Take note that a client no longer uses a connection, which is logged out of unless it is kept for others."""
        with self._lock:
            shared.users -= 1
            shared.unused_since = time.monotonic()
        if not self._keeps:
            self.close_unused()

    @property
    def _keeps(self) -> bool:
        return self._config().host_idle_timeout > 0

    def close_unused(self, after: float = 0.0) -> None:
        """Log out of the hosts that nobody has used for ``after`` seconds."""
        now = time.monotonic()
        with self._lock:
            old = [key for key, each in self._shared.items() if not each.users and now - each.unused_since >= after]
            closing = [self._shared.pop(key) for key in old]
        for each in closing:
            each.close()

    def try_again(self) -> None:
        """Log in again where a host has refused to: its credentials may be others now."""
        with self._lock:
            opened = [each.conn for each in self._shared.values()]
        for conn in opened:
            if (backend := getattr(conn, "backend", None)) is not None:
                backend.session.try_again()

    def close(self) -> None:
        """Log out of every host."""
        with self._lock:
            closing = list(self._shared.values())
            self._shared.clear()
        for each in closing:
            each.close()


def load_driver() -> None:
    """Import what opening a host takes, so that the first client need not wait for it."""
    import esxdriver.driver.opening  # noqa: F401 - the driver is large, and --help does not need it


def open_driver(uri: str, login: Login | None) -> Any:
    """Open a connection of this driver, with a client's login or the credentials that the daemon finds."""
    import esxdriver  # the driver is large, and --help does not need it

    if login is None:
        return esxdriver.open(uri)
    from esxdriver.auth import Credentials
    from esxdriver.driver.opening import open_as

    return open_as(uri, Credentials(login.username, login.password))


def _shown(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.hostname}/"
