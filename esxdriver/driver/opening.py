"""Opening connections, with libvirt-python's signatures.

Source: https://libvirt.org/html/libvirt-libvirt-host.html#virConnectOpenAuth
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import libvirt

from esxdriver import auth as auths
from esxdriver import uri as uris
from esxdriver.auth import Credentials
from esxdriver.driver.connect import Connect, connected
from esxdriver.errors import check_flags
from esxdriver.uri import ConnectURI
from esxdriver.vsphere.wire import http as wire

_FLAGS = libvirt.VIR_CONNECT_RO | libvirt.VIR_CONNECT_NO_ALIASES


def open(name: str | None = None) -> Connect:  # noqa: A001
    """Open a connection that may change things; credentials come from auth.conf or the environment.

    Without a URI, ``$LIBVIRT_DEFAULT_URI`` counts. Raises as :func:`openAuth` does.
    """
    return openAuth(name, None, 0)


def openReadOnly(name: str | None = None) -> Connect:
    """Open a connection that refuses changes with OPERATION_DENIED."""
    return openAuth(name, None, libvirt.VIR_CONNECT_RO)


def openAuth(uri: str | None, auth: Sequence[Any] | None, flags: int = 0) -> Connect:
    """Open a connection; ``auth`` is libvirt-python's ``[credential types, callback, opaque]``.

    Raises NO_CONNECT (no host, no vSphere, an untrusted certificate), AUTH_FAILED, and INVALID_ARG for a URI that
    makes no sense. A URI of a driver of libvirt's own gives libvirt's connection, its disks in the same words; what
    that raises is libvirt's.
    """
    text = uris.default_uri(uri)
    if uris.is_libvirts(text):
        from esxdriver.qemu import connect as libvirts

        return cast("Connect", libvirts.openAuth(text, auth, flags))
    check_flags(flags, _FLAGS, "virConnectOpenAuth")
    parsed = uris.parse(text)
    if parsed.replay is not None:
        return replayed(parsed, parsed.replay, flags)
    return connected(parsed, wire.live(parsed), lambda: auths.find(parsed, auth), flags)


def open_as(name: str, credentials: Credentials) -> Connect:
    """Open a connection as somebody who has given a password: no stored one is looked at, nor the URI's user.

    Raises as :func:`openAuth` does.
    """
    uri = replace(uris.parse(name), user=credentials.username)
    if uri.replay is not None:
        return replayed(uri, uri.replay)
    return connected(uri, wire.live(uri), lambda: credentials)


def replayed(uri: ConnectURI, cassette: str, flags: int = 0) -> Connect:
    """Open a connection to what ``cassette`` has recorded: no host and no credentials are needed."""
    from esxdriver.recording import replay  # only who replays pays for it

    return connected(uri, replay(cassette).connections(), lambda: Credentials("replayed", ""), flags)
