"""Connections to a host's API over HTTP and TLS, as ``http.client`` has them.

TLS is verified by default. Instead of an authority, ``thumbprint=`` trusts one certificate: each handshake is
compared with it before a byte is sent, so a connection that is made later cannot end elsewhere either.
Failing to connect is an :class:`UnreachableError`; after ``connect()`` errors are those of ``http.client``.
"""

import functools
import hashlib
import hmac
import http.client
import socket
import ssl
from collections.abc import Callable
from typing import Any, Self

from esxdriver.uri import ConnectURI, Proxy
from esxdriver.vsphere.wire.faults import SettingError, UnreachableError

CONNECT_TIMEOUT = 30.0  # seconds for TCP, a proxy's answer and the TLS handshake, unless timeout= is less

Connections = Callable[[], http.client.HTTPConnection]
"""Each call returns a new connection to the endpoint that is not connected yet."""

# A part of OpenSSL's reason -> what to do. VERIFY_X509_STRICT is on by default from Python 3.13.
_CERTIFICATE_HINTS = {
    "hostname mismatch": "use a name that the certificate is for",
    "ip address mismatch": "use a name that the certificate is for",
    "key identifier": "this Python is strict about old certificates: renew the host's",
    "basic constraints": "this Python is strict about old certificates: renew the host's",
    "key usage": "this Python is strict about old certificates: renew the host's",
    "expired": "renew the host's certificate",
    "thumbprint": "somebody may be in between, or the host has a new certificate",
    "": "pass the certificate of its authority as cacert=FILE",
}


def live(uri: ConnectURI) -> Connections:
    """Return the connections to the host of ``uri``, through its proxy if it has one.

    Nothing is read or opened before the first connection is made, so every failure shows up there.
    """
    if uri.transport == "http":
        return functools.partial(_Plain, uri)
    context = functools.cache(tls_context)
    return lambda: _Secure(uri, context(uri))


def tls_context(uri: ConnectURI) -> ssl.SSLContext:
    """Return what decides whether the host's certificate is trusted; a thumbprint goes before all else.

    Raises SettingError when the cacert= file cannot be used.
    """
    if uri.thumbprint:
        return _unverified(_Pinned(ssl.PROTOCOL_TLS_CLIENT, bytes.fromhex(uri.thumbprint)))
    if uri.no_verify:
        return _unverified(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    try:
        context = ssl.create_default_context(cafile=uri.cacert)
    except (OSError, ValueError) as error:  # ValueError: no name of a file
        raise SettingError(f"cacert={uri.cacert}: not a file of PEM certificates ({error})") from error
    if (
        uri.cacert
    ):  # what the file holds is trusted by itself, the host's own certificate too; so it is from Python 3.13 on
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate (DER) as hosts show it: upper case, with colons."""
    return hashlib.sha256(certificate).digest().hex(":").upper()


def _unverified(context: ssl.SSLContext) -> ssl.SSLContext:
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _PinnedSocket(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:
        super().do_handshake(block)
        found = hashlib.sha256(self.getpeercert(binary_form=True) or b"").digest()
        if not hmac.compare_digest(found, self.context.thumbprint):  # type: ignore[attr-defined]
            mismatch = ssl.SSLCertVerificationError(1, "thumbprint mismatch")
            mismatch.verify_message = "it is not the one of thumbprint="
            raise mismatch


class _Pinned(ssl.SSLContext):
    """Trusts the one certificate with this SHA-256: the handshake proves that the host has its key."""

    sslsocket_class = _PinnedSocket

    def __new__(cls, protocol: int, _thumbprint: bytes) -> Self:
        return super().__new__(cls, protocol)

    def __init__(self, _protocol: int, thumbprint: bytes) -> None:
        self.thumbprint = thumbprint


class _Plain(http.client.HTTPConnection):
    """A connection whose failures to connect say where and why.

    ``timeout`` is how many seconds connecting may take, ``answer_timeout`` how long an answer may be silent.
    """

    def __init__(self, uri: ConnectURI, **options: Any) -> None:
        tunnel = uri.proxy is not None and uri.proxy.kind == "http"
        first = uri.proxy if uri.proxy and tunnel else uri
        super().__init__(first.host, first.port, timeout=min(CONNECT_TIMEOUT, uri.timeout), **options)
        self.answer_timeout = float(uri.timeout)
        self._uri = uri
        if tunnel:
            self.set_tunnel(uri.host, uri.port)
        elif uri.proxy:
            self._create_connection = functools.partial(_by_socks, uri.proxy)

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, UnicodeError, http.client.HTTPException) as error:  # UnicodeError: no host name
            self.close()
            through = f" through the proxy {self._uri.proxy}" if self._uri.proxy else ""
            reason = _reason(self._uri, error, self.timeout or CONNECT_TIMEOUT)
            raise UnreachableError(f"{self._uri.address}{through}: {reason}") from error
        self.sock.settimeout(self.answer_timeout)


def _by_socks(proxy: Proxy, address: tuple[str, int], timeout: float, *_: object) -> socket.socket:
    """Connect through a SOCKS proxy. As libvirt's, it is given names by the kind socks4a only."""
    from python_socks import ProxyError, ProxyType  # noqa: PLC0415 - few have one
    from python_socks.sync import Proxy as Socks  # noqa: PLC0415

    kind = ProxyType.SOCKS4 if proxy.kind.startswith("socks4") else ProxyType.SOCKS5
    socks = Socks(kind, proxy.host, proxy.port, rdns=proxy.kind == "socks4a")
    try:
        connected = socks.connect(*address, timeout=timeout)
    except ProxyError as error:
        raise OSError(None, f"it refuses ({error})") from error
    connected.settimeout(timeout)
    return connected


class _Secure(_Plain, http.client.HTTPSConnection):
    """The same over TLS."""

    sock: ssl.SSLSocket

    def __init__(self, uri: ConnectURI, context: ssl.SSLContext) -> None:
        super().__init__(uri, context=context)


def _reason(uri: ConnectURI, failed: Exception, timeout: float) -> str:
    match failed:
        case ssl.SSLCertVerificationError():
            return _distrust(uri, failed.verify_message)
        case ssl.SSLError():
            return f"TLS fails ({failed.reason}): is this the port of the API? transport=http does without TLS"
        case socket.gaierror():
            return "the name is not resolved"
        case TimeoutError():
            return f"no answer within {timeout:.0f} seconds"
        case OSError(strerror=str(text)):
            return text
    return str(failed) or type(failed).__name__


def _distrust(uri: ConnectURI, reason: str) -> str:
    """Say why the certificate is refused, what its fingerprint is, and what helps."""
    hint = next(hint for part, hint in _CERTIFICATE_HINTS.items() if part in reason.lower())
    shown = _shown(uri)
    return (
        f"its certificate is not trusted: {reason}. Its SHA-256 fingerprint is {shown}. What helps: {hint}; or, "
        f"if the host's own console shows this fingerprint, thumbprint={shown}"
    )


def _shown(uri: ConnectURI) -> str:
    """Return the fingerprint that the host shows now; nothing but the certificate is asked for."""
    look = _Secure(uri, _unverified(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)))
    try:
        look.connect()
        return fingerprint(look.sock.getpeercert(binary_form=True) or b"")
    except UnreachableError:
        return "unknown"
    finally:
        look.close()
