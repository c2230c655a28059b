"""Open a libvirt connection over a cassette, and find the URI that was recorded."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from typing import Any

from esxdriver import auth as auths
from esxdriver import uri as uris
from esxdriver.auth import Credentials
from esxdriver.driver.connect import Connect, connected
from esxdriver.recording.cassette.cassette import Cassette
from esxdriver.recording.cassette.connection import Connections
from esxdriver.recording.report import describe
from esxdriver.uri import ConnectURI
from esxdriver.vsphere.wire import http as wire


def live(uri: str) -> Connections:
    """Return connections to the host of a URI. Raises INVALID_ARG for a URI that is none."""
    return wire.live(uris.parse(uri))


def connect(uri: str, cassette: Cassette, auth: Sequence[Any] | None = None, flags: int = 0) -> Connect:
    """Return an open connection that asks the cassette instead of a host, or records through it.

    ``auth`` and ``flags`` are those of ``esxdriver.openAuth()``; a replay needs no credentials. Raises what
    ``openAuth()`` raises. Closing the connection does not close the cassette: a logout is recorded too.
    """
    where = uris.parse(uri)
    if not cassette.asks and cassette.head.get("profile") == "pseudonyms":
        where = _renamed(where, cassette.head.get("uri"))
    if cassette.asks:
        cassette.head["uri"] = str(_anywhere(where))

    def credentials() -> Credentials:
        return auths.find(where, auth) if cassette.asks else Credentials("replayed", "")

    return connected(where, cassette.connections(), credentials, flags)


def _anywhere(uri: ConnectURI) -> ConnectURI:
    """Return the URI without what tells where the host is, how it is reached and by whom."""
    return ConnectURI(
        scheme=uri.scheme,
        host="host",
        port=uris.DEFAULT_PORTS["https"],
        path=uri.path,
        auto_answer=uri.auto_answer,
        legacy_uuid=uri.legacy_uuid,
        disk_mode=uri.disk_mode,
    )


def _renamed(uri: ConnectURI, recorded: str | None) -> ConnectURI:
    """Return the URI with the recorded path: a recording with pseudonyms knows no other names."""
    there = uris.parse(recorded) if recorded else uri
    return replace(uri, path=there.path) if there.scheme == uri.scheme else uri


def recorded_uri(path: str | PathLike[str]) -> str:
    """Return a URI for what was recorded: its scheme, inventory path and parameters, and no host.

    Raises OPEN_FAILED or CONF_SYNTAX.
    """
    return str(describe(path).head.get("uri", "esx://host/"))
