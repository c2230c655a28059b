"""Connection URIs: ``esx://`` and ``vpx://`` text to and from a frozen :class:`ConnectURI`.

``esx://[user@]host[:port]/[?parameters]`` is one host;
``vpx://[user@]vcenter[:port]/[folder/...]datacenter/[folder/...][cluster/][host][?parameters]`` is a vCenter.
Source: https://libvirt.org/drvesx.html . Of a refused URI an error repeats the scheme, and a parameter's value that
has no @: anything else may hold a password.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import libvirt

from esxdriver import errors

DEFAULT_PORTS = {"https": 443, "http": 80}
_PORTS = range(1, 65536)
_LONGEST_TIMEOUT = 86400
PROXY_PORT = 1080  # libvirt's default for every kind of proxy
PROXY_KINDS = ("http", "socks", "socks4", "socks4a", "socks5")
ANSWER_TIMEOUT = 120  # seconds of silence after which an answer is given up

# The schemes, without a transport, of drivers that libvirt has and this project has none for.
_LIBVIRTS = {
    "bhyve", "ch", "hyperv", "lxc", "openvz", "qemu", "test", "vbox", "vmwarefusion", "vmwareplayer", "vmwarews", "vz",
    "xen",
}  # fmt: skip

_NETLOC = re.compile(
    r"(?:(?P<user>.*)@)?(?P<host>\[[0-9A-Fa-f:.]+(?:%25[\w.-]+)?\]|[\w.-]+)(?::(?P<port>\d{1,5})?)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Proxy:
    """A proxy: an HTTP one that is asked to CONNECT, or a SOCKS one; ``port`` is a TCP port number."""

    host: str
    port: int = PROXY_PORT
    kind: str = "http"

    def __str__(self) -> str:
        return f"{self.kind}://{_bracketed(self.host)}:{self.port}"


@dataclass(frozen=True)
class ConnectURI:
    """Where and how to connect. ``str()`` gives the canonical text, which parses to an equal object.

    ``scheme`` is ``esx`` or ``vpx``, ``port`` a TCP port number, ``transport`` ``https`` or ``http``. ``path`` is the
    unescaped inventory path of a ``vpx`` URI, from the root folder down: it may be empty. ``vcenter`` is a vCenter's
    host name, or ``*`` for the one that manages the host. ``cacert``, ``authfile`` and ``replay`` are names of files.
    ``thumbprint`` is 64 lower-case hexadecimal digits of the SHA-256 of the host's certificate; it is checked
    whatever ``no_verify`` says. ``timeout`` is in seconds. ``warnings`` tell what of the text was ignored: whoever
    connects logs them.
    """

    scheme: str
    host: str
    port: int
    user: str | None = None
    path: tuple[str, ...] = ()
    transport: str = "https"
    no_verify: bool = False
    auto_answer: bool = False
    proxy: Proxy | None = None
    vcenter: str | None = None
    cacert: str | None = None
    legacy_uuid: bool = False
    managed_save: bool = False
    authfile: str | None = None
    disk_mode: str = "attributes"
    thumbprint: str | None = None
    timeout: int = ANSWER_TIMEOUT
    replay: str | None = None
    warnings: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def address(self) -> str:
        """``host:port``, an IPv6 host in brackets: for messages."""
        return f"{_bracketed(self.host)}:{self.port}"

    def __str__(self) -> str:
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        port = "" if self.port == DEFAULT_PORTS[self.transport] else f":{self.port}"
        host = quote(_bracketed(self.host), safe="[]:")
        path = "/".join(quote(item, safe="") for item in self.path)
        query = "&".join(f"{name}={quote(value, safe='/:*[]')}" for name, value in self._parameters())
        return f"{self.scheme}://{user}{host}{port}/{path}" + (query and f"?{query}")

    def _parameters(self) -> list[tuple[str, str]]:
        """Name and value of each parameter that differs from its default."""
        defaults = {each.name: each.default for each in fields(self)}
        values = {name: getattr(self, name) for name in PARAMETERS}
        return [(name, _text_of(value)) for name, value in values.items() if value != defaults[name]]


def default_uri(text: str | None = None) -> str:
    """Return ``text``, or ``$LIBVIRT_DEFAULT_URI`` when it is None or empty.

    Raises NO_CONNECT when there is neither. Source: https://libvirt.org/uri.html#default-uri-choice
    """
    if found := text or os.environ.get("LIBVIRT_DEFAULT_URI"):
        return found
    raise errors.error(
        libvirt.VIR_ERR_NO_CONNECT,
        "no URI: give one (esx://host/ or vpx://vcenter/datacenter/) or set LIBVIRT_DEFAULT_URI",
    )


def is_libvirts(text: str) -> bool:
    """Whether a URI is one for a driver of libvirt's own: ``qemu:///system``, ``qemu+ssh://host/system``."""
    scheme, colon, _ = text.partition(":")
    return bool(colon) and scheme.lower().partition("+")[0] in _LIBVIRTS


def parse(text: str) -> ConnectURI:
    """Return ``text`` as a :class:`ConnectURI`.

    Raises NO_CONNECT for a scheme that is not ours, INVALID_ARG for anything malformed (a password too). An unknown
    parameter is only warned of, as libvirt does.
    """
    try:
        text.encode()  # an argument that is no UTF-8 could not be written as a URI again
        parts = urlsplit(text)
    except ValueError:
        parts = None
    if parts:
        _check_scheme(parts.scheme)
    netloc = parts and not parts.fragment and _NETLOC.fullmatch(parts.netloc)
    if not parts or not netloc:
        raise errors.invalid_arg(
            "the URI needs the form scheme://[user@]host[:port]/, an IPv6 address in brackets, and %-escapes "
            "for what stands for itself (a '#' is %23)"
        )
    named = _named(parts.query)
    parameters: dict[str, Any] = {name: _converted(name, value) for name, value in named if name in PARAMETERS}
    port = int(netloc["port"] or DEFAULT_PORTS[parameters.get("transport", "https")])
    uri = ConnectURI(
        scheme=parts.scheme,
        host=unquote(netloc["host"].strip("[]")),
        port=port,
        user=_user(netloc["user"]),
        path=tuple(unquote(item) for item in parts.path.split("/") if item),
        warnings=tuple(f"ignored the unknown URI parameter {name!r}" for name, _ in named if name not in PARAMETERS),
        **parameters,
    )
    return _checked(uri)


def _check_scheme(scheme: str) -> None:
    base, _, transport = scheme.partition("+")
    if base == "gsx":
        raise errors.error(
            libvirt.VIR_ERR_NO_CONNECT,
            "gsx:// is not supported: VMware Server has no successor that speaks it",
        )
    if base not in {"esx", "vpx"}:
        raise errors.error(
            libvirt.VIR_ERR_NO_CONNECT, f"no driver for {base!r} URIs here: this one speaks esx:// and vpx://"
        )
    if transport:
        raise errors.invalid_arg(f"the transport '+{transport}' is not supported: write {base}:// without it")


def _user(userinfo: str | None) -> str | None:
    name, colon, _ = (userinfo or "").partition(":")
    if colon:
        raise errors.invalid_arg(
            "a password in the URI would show in process lists and logs: leave it out, and put it in "
            "auth.conf or answer the auth callback"
        )
    return unquote(name) or None


def _checked(uri: ConnectURI) -> ConnectURI:
    """Return ``uri`` when its parts agree with each other."""
    if uri.port not in _PORTS:
        raise errors.invalid_arg("the port must be between 1 and 65535")
    if uri.transport == "http" and (uri.thumbprint or uri.cacert):
        raise errors.invalid_arg("thumbprint= and cacert= need transport=https: plain HTTP shows no certificate")
    if uri.scheme == "esx" and uri.path:
        return replace(
            uri, path=(), warnings=(*uri.warnings, "the path of an esx:// URI is ignored: a host has only one")
        )
    return uri


def _named(query: str) -> list[tuple[str, str]]:
    """Return the parameters and their values. Both separators are libvirt's, and so is a '+' that is no blank."""
    pairs = [item.partition("=") for item in re.split("[&;]", query) if item]
    return [(unquote(name).lower(), unquote(value)) for name, _, value in pairs]


def _converted(name: str, value: str) -> object:
    try:
        return PARAMETERS[name](value)
    except ValueError as error:
        shown = "(not shown)" if "@" in value else repr(value)  # there may be a password in front of an @
        text = f"URI parameter {name} is {shown}, but it takes {error}"
    raise errors.invalid_arg(text)


def _one_of(*values: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if value not in values:
            raise ValueError(" or ".join(values))
        return value

    return convert


def _flag(value: str) -> bool:
    return _one_of("0", "1")(value) == "1"


def _text(accepted: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if not value or "\0" in value:
            raise ValueError(accepted)
        return value

    return convert


def _seconds(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and 0 < int(value[:9]) <= _LONGEST_TIMEOUT and len(value) < 9):
        raise ValueError(f"a number of seconds, 1 to {_LONGEST_TIMEOUT}")
    return int(value)


def _thumbprint(value: str) -> str:
    digits = value.replace(":", "").lower()
    if not re.fullmatch("[0-9a-f]{64}", digits):
        raise ValueError("the SHA-256 of the host's certificate: 64 hexadecimal digits, with or without colons")
    return digits


def _proxy(value: str) -> Proxy:
    kind, separator, rest = value.rpartition("://")
    found = _NETLOC.fullmatch(rest)
    port = int(found["port"] or PROXY_PORT) if found else 0
    kind = kind if separator else PROXY_KINDS[0]
    if not found or port not in _PORTS or found["user"] is not None or kind not in PROXY_KINDS:
        raise ValueError(f"[{'|'.join(PROXY_KINDS)}://]host[:port], without a user")
    return Proxy(found["host"].strip("[]"), port, kind)


# Every parameter, in the order in which it is written back. A converter raises ValueError(what it accepts).
PARAMETERS: dict[str, Callable[[str], object]] = {
    "transport": _one_of("http", "https"),
    "no_verify": _flag,
    "auto_answer": _flag,
    "proxy": _proxy,
    "vcenter": _text("a host name or *"),
    "cacert": _text("a PEM file"),
    "legacy_uuid": _flag,
    "managed_save": _flag,
    "authfile": _text("a file in auth.conf's format"),
    "disk_mode": _one_of("attributes", "elements", "libvirt"),
    "thumbprint": _thumbprint,
    "timeout": _seconds,
    "replay": _text("a cassette file"),
}


def _text_of(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
