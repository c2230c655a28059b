"""Where commands connect to, and how they find a domain."""

import functools
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import terminal
from esxdriver.cli.failures import failing_with

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain
    from esxdriver.recording import Cassette

    T = TypeVar("T")
    Look = Callable[[str], T]

UUID_FORM = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


@dataclass(frozen=True)
class Target:
    """What the options before the command say.

    A program that runs commands may give the ``cassette`` that all of them go through. ``kept`` is there for several
    commands over one session; ``asks`` is whether somebody may be asked for a password.
    """

    uri: str | None = None
    replay: str | None = None
    readonly: bool = False
    cassette: "Cassette | None" = None
    kept: "Kept | None" = None
    asks: bool = True

    def connect(self) -> "Connect":
        """Return an open connection; it is logged out when the command ends, or the last of several.

        Raises CommandFailed.
        """
        with failing_with("failed to connect to the hypervisor"):
            if self.kept is not None:
                return self.kept.connection(self.opened)
            return click.get_current_context().with_resource(self.opened())

    def domain(self, text: str) -> "Domain":
        """Return the domain whose ID, UUID or name ``text`` is. Raises CommandFailed."""
        return self.found("domain", text, find)

    def found(self, what: str, text: str, look_up: "Callable[[Connect, str], T]") -> "T":
        """Return what a look-up finds by ``text``; ``what`` is its kind. Raises CommandFailed."""
        return _found(self.connect(), what, text, look_up)

    def connected(
        self, what: str, text: str | None, look_up: "Callable[[Connect, str], T]"
    ) -> "tuple[Connect, T | None]":
        """Return a connection, and what a look-up finds with it by ``text``, None without one. Raises CommandFailed."""
        conn = self.connect()
        return conn, None if text is None else _found(conn, what, text, look_up)

    def opened(self) -> "Connect":
        """Return a new connection, which the caller closes. Raises libvirtError."""
        import libvirt

        import esxdriver
        from esxdriver import recording, waiting

        waiting.notify = functools.cache(_notice) if sys.stderr.isatty() else None  # each once
        flags = libvirt.VIR_CONNECT_RO if self.readonly else 0
        cassette = recording.replay(self.replay) if self.replay is not None else self.cassette
        if cassette is not None and not cassette.asks:
            return recording.connect(self.uri or recording.recorded_uri(cassette.path), cassette, None, flags)
        uri = self.live_uri()
        if cassette is not None:
            return recording.connect(uri, cassette, self._auth(uri), flags)
        return esxdriver.openAuth(uri, self._auth(uri), flags)

    def _auth(self, uri: str) -> list[Any] | None:
        return _auth(uri) if self.asks else None

    def live_uri(self) -> str:
        """Return the URI of the host; raises NO_CONNECT when there is none."""
        from esxdriver.uri import default_uri

        return default_uri(self.uri)


def _notice(text: str) -> None:
    click.echo(text, err=True)


class Kept:
    """One connection for several commands: opened by the first that needs it, logged out with ``ctx``."""

    def __init__(self, ctx: click.Context) -> None:
        self._ctx = ctx
        self._conn: Connect | None = None

    def connection(self, opened: "Callable[[], Connect]") -> "Connect":
        """Return the connection."""
        if self._conn is None:
            self._conn = self._ctx.with_resource(opened())
        return self._conn


def _found(conn: "Connect", what: str, text: str, look_up: "Callable[[Connect, str], T]") -> "T":
    with failing_with(f"failed to get {what} '{text}'"):
        return look_up(conn, text)


def find(conn: "Connect", text: str) -> "Domain":
    """Return the domain whose ID, UUID or name ``text`` is, tried in this order as virsh does."""
    import libvirt

    looks = by_uuid_or_name(text, conn.lookupByUUIDString, conn.lookupByName)
    if text.isascii() and text.isdigit():
        looks = [functools.partial(conn.lookupByID, int(text)), *looks]
    return first_found(looks, libvirt.VIR_ERR_NO_DOMAIN)


def by_uuid_or_name(text: str, by_uuid: "Look[T]", by_name: "Look[T]") -> "list[Callable[[], T]]":
    """Return the look-ups of what ``text`` may be, in the order in which virsh tries them."""
    looks = (by_uuid, by_name) if UUID_FORM.fullmatch(text) else (by_name,)
    return [functools.partial(look, text) for look in looks]


def first_found(looks: "Sequence[Callable[[], T]]", missing: int) -> "T":
    """Return what the first look-up finds that finds anything. All but the last may raise the code ``missing``."""
    import libvirt

    for look in looks[:-1]:
        try:
            return look()
        except libvirt.libvirtError as error:
            if error.get_error_code() != missing:
                raise
    return looks[-1]()


def _auth(uri: str) -> list[Any] | None:
    """Return what asks on the terminal for credentials, or None when they are known or nobody is there."""
    import libvirt

    from esxdriver import auth
    from esxdriver import uri as uris

    if uris.is_libvirts(uri):
        return _libvirts_auth()
    parsed = uris.parse(uri)
    if parsed.replay is not None or not terminal.is_there():
        return None
    try:
        auth.find(parsed)
    except libvirt.libvirtError:
        return [[libvirt.VIR_CRED_AUTHNAME, libvirt.VIR_CRED_NOECHOPROMPT], _ask, None]
    return None


def _libvirts_auth() -> list[Any] | None:
    """Return what answers libvirt's own questions, and keep libvirt from printing the errors that it also raises."""
    import libvirt

    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    kinds = ("AUTHNAME", "PASSPHRASE", "ECHOPROMPT", "NOECHOPROMPT")
    return [[getattr(libvirt, f"VIR_CRED_{kind}") for kind in kinds], _ask, None] if terminal.is_there() else None


def _ask(questions: list[list[Any]], _opaque: object) -> int:
    import libvirt

    for question in questions:
        kind, text, _, default, _ = question
        hidden = kind in (libvirt.VIR_CRED_NOECHOPROMPT, libvirt.VIR_CRED_PASSPHRASE)
        question[4] = terminal.ask(text.rstrip(": "), default, hidden=hidden)
    return 0
