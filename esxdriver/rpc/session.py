"""What one client has done so far: who it is, which host it has opened, what it waits to hear of.

The calls that concern this are answered here, all others by :mod:`esxdriver.rpc.dispatch`. Nothing here does any I/O:
``open_host`` and ``send`` come from the daemon. The calls of :data:`AT_ONCE` wait for no host.
"""

import itertools
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import libvirt

from esxdriver import errors
from esxdriver.rpc import dispatch, events, messages
from esxdriver.rpc.events import FAMILIES, Family
from esxdriver.rpc.methods import method_of
from esxdriver.rpc.protocol import Procedure
from esxdriver.rpc.references import References

log = logging.getLogger(__name__)

_NONE, _SASL = 0, 1  # libvirt's kinds of authentication
_READ_ONLY = 1
MAX_CALLBACKS = 256

# What a client may ask before it has said who it is.
_BEFORE_LOGIN = {"auth_list", "auth_sasl_init", "auth_sasl_start", "auth_sasl_step"}
# Features of libvirt's VIR_DRV_FEATURE_* that are answered with yes: migration by the hypervisor itself, typed strings,
# keepalive, filtered events, the close callback, and the right order of virNetworkUpdate's arguments.
_FEATURES = {5, 9, 10, 14, 15, 16}

AT_ONCE = _BEFORE_LOGIN | {
    "connect_supports_feature",
    "connect_get_uri",
    "connect_register_close_callback",
    "connect_unregister_close_callback",
}


class Host(Protocol):
    """An open connection to a host, which several clients may share."""

    uri: str
    conn: Any
    references: References

    def listen_lost(self, listener: Callable[[int], None] | None) -> None:
        """Have ``listener(reason)`` called, in any thread, when the host is lost; None ends that."""

    def release(self) -> None:
        """Say that this client no longer uses it."""


@dataclass(frozen=True)
class Login:
    """Who a client says that it is; its ``repr`` leaves the password out."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.username!r})"


@dataclass(frozen=True)
class _Registration:
    family: Family
    conn: Any
    handle: int | None  # the driver's, None for what never happens


class Session:
    """The state of one client.

    ``open_host(name, login)`` returns a :class:`Host`; ``send(bytes)`` sends a message and may be called from any
    thread. ``sasl`` asks for a user name and a password; ``read_only`` is true of what comes through a read-only door.
    """

    def __init__(
        self,
        open_host: Callable[[str, Login | None], Host],
        send: Callable[[bytes], None],
        *,
        sasl: bool = False,
        read_only: bool = False,
    ) -> None:
        self.login: Login | None = None
        self.keepalive = False
        self.read_only = read_only
        self._open_host, self._send, self._sasl = open_host, send, sasl
        self._host: Host | None = None
        self._wants_closing = False
        self._ended = False
        self._registrations: dict[int, _Registration] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    @property
    def authenticated(self) -> bool:
        """Whether the client has said who it is, or need not."""
        return not self._sasl or self.login is not None

    @property
    def conn(self) -> Any:
        """The driver's connection to the host; raises INTERNAL_ERROR when none is open."""
        return self._opened().conn

    def perform(self, procedure: Procedure, sent: Any, stream: Any = None) -> bytes:
        """Do a call and return the reply's bytes. Raises ``libvirt.libvirtError``."""
        if not self.authenticated and procedure.name not in _BEFORE_LOGIN:
            raise messages.rpc_error("authentication required")
        if procedure.name in _OWN:
            return dispatch.write(procedure, getattr(self, procedure.name)(sent))
        if procedure.name in _EVENTS:
            method, family = _EVENTS[procedure.name]
            return dispatch.write(procedure, method(self, family, *sent))
        host = self._opened()
        if self.read_only:
            dispatch.check_allowed(procedure, sent)
        return dispatch.perform(procedure, sent, host.conn, host.references, stream)

    def end(self, reason: int | None = None) -> None:
        """End the session; ``reason`` goes to a client with a close callback. No host can be opened any more."""
        self._ended = True
        self._leave(reason)

    def _leave(self, reason: int | None = None) -> None:
        """Forget what the client waits for and release its host."""
        with self._lock:
            registrations, self._registrations = self._registrations, {}
            host, self._host = self._host, None
        if reason is not None and host is not None and self._wants_closing:
            self._send(events.closed(reason))
        self._wants_closing = False
        for each in registrations.values():
            _deregister(each)
        if host is not None:
            host.release()

    # -- the calls; each takes the arguments as they were sent and returns the values of the reply

    def auth_list(self, _sent: Any) -> Sequence[Any]:
        return [[_NONE if self.authenticated else _SASL]]

    def auth_sasl_init(self, _sent: Any) -> Sequence[Any]:
        self._require_sasl()
        return ["PLAIN"]

    def auth_sasl_start(self, sent: Any) -> Sequence[Any]:
        self._require_sasl()
        if sent.mech != "PLAIN" or sent.nil:
            raise errors.error(
                libvirt.VIR_ERR_AUTH_FAILED, "only the mechanism PLAIN is offered, with its first answer"
            )
        self.login = _plain(sent.data)
        return [1, 1, b""]

    def auth_sasl_step(self, _sent: Any) -> Sequence[Any]:
        raise errors.error(libvirt.VIR_ERR_AUTH_FAILED, "PLAIN has one step")

    def connect_supports_feature(self, sent: Any) -> Sequence[Any]:
        if sent.feature == 10:
            self.keepalive = True
        return [int(sent.feature in _FEATURES)]

    def connect_open(self, sent: Any) -> Sequence[Any]:
        if self._host is not None:
            raise messages.rpc_error("connection is already open", libvirt.VIR_ERR_INTERNAL_ERROR)
        host = self._open_host(sent.name or "", self.login)
        with self._lock:
            refused = self._ended or self._host is not None
            if not refused:
                self._host = host
                self.read_only = self.read_only or bool(sent.flags & _READ_ONLY)
        if refused:
            host.release()
            raise messages.rpc_error("the client has gone, or opened twice", libvirt.VIR_ERR_INTERNAL_ERROR)
        return []

    def connect_close(self, _sent: Any) -> Sequence[Any]:
        self._leave()
        return []

    def connect_get_uri(self, _sent: Any) -> Sequence[Any]:
        return [self._opened().uri]

    def connect_register_close_callback(self, _sent: Any) -> Sequence[Any]:
        host = self._opened()
        if self._wants_closing:
            raise messages.rpc_error("A close callback is already registered", libvirt.VIR_ERR_OPERATION_INVALID)
        self._wants_closing = True
        host.listen_lost(lambda reason: self._send(events.closed(reason)))
        return []

    def connect_unregister_close_callback(self, _sent: Any) -> Sequence[Any]:
        self._wants_closing = False
        if self._host is not None:
            self._host.listen_lost(None)
        return []

    def register(self, family: Family, event: int, reference: Any) -> Sequence[Any]:
        """Let the client hear of an event, of one object or of all, and return the registration's number.

        What cannot happen on the host is registered all the same.
        """
        host = self._opened()
        if event not in family.known:
            raise errors.error(libvirt.VIR_ERR_INVALID_ARG, f"unsupported event ID {event}")
        if len(self._registrations) >= MAX_CALLBACKS:
            raise errors.error(
                libvirt.VIR_ERR_OPERATION_FAILED, f"a client may wait for {MAX_CALLBACKS} events at once"
            )
        number = next(self._numbers)
        handle = None
        register = method_of(host.conn, family.register)
        if event in family.messages and register is not None:
            found = None if reference is None else host.references.object(family.kind, reference)
            happened = events.callback(family, event, number, self._send)
            handle = register(found, event, happened, None)
        registered = _Registration(family, host.conn, handle)
        with self._lock:
            refused = self._host is not host
            if not refused:
                self._registrations[number] = registered
        if refused:
            _deregister(registered)
            raise _not_open()
        return [number]

    def deregister(self, family: Family, number: int) -> Sequence[Any]:
        """Let the client hear no more of what it registered under this number."""
        with self._lock:
            registered = self._registrations.get(number)
            if registered is None or registered.family is not family:
                raise errors.error(libvirt.VIR_ERR_INVALID_ARG, f"no event callback has the ID {number}")
            del self._registrations[number]
        _deregister(registered)
        return []

    def _opened(self) -> Host:
        host = self._host
        if host is None:
            raise _not_open()
        return host

    def _require_sasl(self) -> None:
        if self.authenticated:
            raise errors.error(libvirt.VIR_ERR_AUTH_FAILED, "no authentication is asked for")


def _not_open() -> libvirt.libvirtError:
    return messages.rpc_error("connection not open", libvirt.VIR_ERR_INTERNAL_ERROR)


def _deregister(registered: _Registration) -> None:
    if registered.handle is None:
        return
    try:
        getattr(registered.conn, registered.family.deregister)(registered.handle)
    except libvirt.libvirtError as error:
        log.debug("an event callback was gone already: %s", error)


def _plain(data: bytes) -> Login:
    """Return the login of a PLAIN message: an identity that must be empty or the user's, user name and password."""
    parts = data.decode("utf-8", "surrogateescape").split("\0")
    if len(parts) != 3 or not parts[1] or parts[0] not in {"", parts[1]}:
        raise errors.error(libvirt.VIR_ERR_AUTH_FAILED, "the PLAIN message needs a user name and a password")
    return Login(parts[1], parts[2])


# The calls that concern the client itself are the methods of their names; those of events say which family they mean.
_OWN = AT_ONCE | {"connect_open", "connect_close"}
_EVENTS: dict[str, tuple[Callable[..., Sequence[Any]], Family]] = {
    f"connect_{name}_{action}_any": (method, family)
    for name, family in FAMILIES.items()
    for action, method in (("register", Session.register), ("deregister", Session.deregister))
}
ANSWERED = _OWN | _EVENTS.keys()
