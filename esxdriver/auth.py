"""Credentials: the user name and password of a connection, looked up as libvirt's ESX driver does.

In this order, each source filling in what the ones before it left open: the URI's user, auth.conf
(https://libvirt.org/auth.html#client-configuration), the auth callback, then govc's ``GOVC_USERNAME`` and
``GOVC_PASSWORD``. A password belongs to a user name: one that a source gives for somebody else is not used.
No password occurs in any error, log line or ``repr``.
"""

import configparser
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import libvirt

from esxdriver import errors
from esxdriver.uri import ConnectURI

# What the callback's default user name is. Source: libvirt src/esx/esx_driver.c, the two open functions
_DEFAULT_USER = {"esx": "root", "vpx": "administrator"}
_SERVICE = "esx"  # libvirt looks up both schemes under this one name
_SYSTEM_AUTH_FILE = Path("/etc/libvirt/auth.conf")
_PASSWORD_TYPES = (libvirt.VIR_CRED_PASSPHRASE, libvirt.VIR_CRED_NOECHOPROMPT)


@dataclass(frozen=True)
class Credentials:
    """Who logs in; its ``repr`` leaves the password out."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class _Found:
    """What one source knows; None for what it does not."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)


def find(uri: ConnectURI, auth: Sequence[Any] | None = None) -> Credentials:
    """Return the credentials for ``uri``; ``auth`` is ``[credtypes, callback, opaque]`` as for ``openAuth``.

    Raises AUTH_FAILED, naming the places that were looked at, when there are none or the callback declines;
    and INVALID_ARG for an auth file that cannot be used.
    """
    known = _Found(username=uri.user)
    looked: list[str] = []
    for source in (_auth_file, _callback, _govc):
        place, found = source(uri, auth, known.username)
        looked.append(place)
        known = _merged(known, found)
        if known.username and known.password is not None:
            return Credentials(known.username, known.password)
    missing = f"no password for {known.username}" if known.username else "no user name and password"
    raise _failed(f"{missing} for {uri.host}. Looked at: " + "; ".join(looked))


def _merged(known: _Found, found: _Found) -> _Found:
    if known.username and found.username not in {None, known.username}:
        return known
    password = found.password if known.password is None else known.password
    return _Found(known.username or found.username, password)


# --- auth.conf


def _auth_file(uri: ConnectURI, _auth: object, user: str | None) -> tuple[str, _Found]:
    path = _auth_path(uri)
    if not path:
        return f"auth.conf (none of {', '.join(map(str, _usual_paths()))})", _Found()
    section, found = _section(_read(path), path, uri.host)
    whose = f", which is for {found.username}" if user and found.username not in {None, user} else ""
    return f"{path} ({section}{whose})", found


def _auth_path(uri: ConnectURI) -> Path | None:
    """Return the one auth file that counts: a named one need not exist, the usual ones must be readable."""
    if named := os.environ.get("LIBVIRT_AUTH_FILE") or uri.authfile:
        return Path(named)
    return next((path for path in _usual_paths() if os.access(path, os.R_OK)), None)


def _usual_paths() -> Iterator[Path]:
    yield Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "libvirt" / "auth.conf"
    yield _SYSTEM_AUTH_FILE


def _read(path: Path) -> configparser.ConfigParser:
    """Return the parsed file. A parser's own message quotes the line, so none is passed on."""
    parser = configparser.ConfigParser(
        delimiters=("=",),
        comment_prefixes=("#",),
        default_section="",
        interpolation=None,
        strict=False,
    )
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except OSError as unreadable:
        reason = unreadable.strerror or "cannot be read"
    except (configparser.Error, UnicodeDecodeError):
        reason = "not in auth.conf's format: [group] lines and key=value lines"
    else:
        return parser
    raise _unusable(path, reason)


def _section(parser: configparser.ConfigParser, path: Path, host: str) -> tuple[str, _Found]:
    """Return the name of the group that counts for ``host``, or what was missing, and what it says."""
    groups = [f"auth-{_SERVICE}-{host}", f"auth-{_SERVICE}-default"]
    group = next(filter(parser.has_section, groups), None)
    if group is None:
        return f"no [{groups[0]}] or [{groups[1]}]", _Found()
    name = f"credentials-{parser.get(group, 'credentials', fallback='')}"
    if not parser.has_section(name):
        raise _unusable(path, f"[{group}] needs credentials=NAME and a group [credentials-NAME]")
    values = parser[name]
    return f"[{name}]", _Found(values.get("username"), values.get("password"))


# --- the callback


def _callback(uri: ConnectURI, auth: Sequence[Any] | None, user: str | None) -> tuple[str, _Found]:
    """Ask for what is missing, one question a call as libvirt does."""
    types, ask, opaque = auth or ((), None, None)
    if not callable(ask):
        return "the auth callback (none given: openAuth takes one)", _Found()
    if not user and libvirt.VIR_CRED_AUTHNAME in types:
        default = _DEFAULT_USER[uri.scheme]
        question = [
            libvirt.VIR_CRED_AUTHNAME,
            f"User name for {uri.host} [{default}]",
            uri.host,
            default,
            None,
        ]
        user = _answer(ask, question, opaque) or default
    kind = next((each for each in _PASSWORD_TYPES if each in types), None)
    if not user or kind is None:
        return "the auth callback (it offers no AUTHNAME, or no PASSPHRASE or NOECHOPROMPT)", _Found(user)
    question = [kind, f"Password of {user} on {uri.host}", uri.host, None, None]
    return "the auth callback (it gave no password)", _Found(user, _answer(ask, question, opaque))


def _answer(ask: Callable[..., int], question: list[Any], opaque: object) -> str | None:
    """Return the result that the callback wrote; whoever declines is not bypassed."""
    if ask([question], opaque) < 0:
        raise _failed(f"the auth callback declined to answer: {question[1]}")
    result = question[4]
    return result.decode() if isinstance(result, bytes) else result


# --- govc


def _govc(uri: ConnectURI, _auth: object, user: str | None) -> tuple[str, _Found]:
    """Take govc's variables when they are about this user and, if ``GOVC_URL`` names a host, this host."""
    place = "GOVC_USERNAME and GOVC_PASSWORD"
    name, password = os.environ.get("GOVC_USERNAME"), os.environ.get("GOVC_PASSWORD")
    if not name or password is None:
        return f"{place} (not set)", _Found()
    if user and user != name:
        return f"{place} (for {name})", _Found()
    if (host := _govc_host()) not in {None, uri.host.lower()}:
        return f"{place} (for {host}, by GOVC_URL)", _Found()
    return place, _Found(name, password)


def _govc_host() -> str | None:
    url = os.environ.get("GOVC_URL", "")
    try:
        return urlsplit(url if "://" in url else f"//{url}").hostname
    except ValueError:
        return "a malformed host"


def _failed(detail: str) -> libvirt.libvirtError:
    return errors.error(libvirt.VIR_ERR_AUTH_FAILED, detail)


def _unusable(path: Path, reason: str) -> libvirt.libvirtError:
    return errors.error(libvirt.VIR_ERR_INVALID_ARG, f"auth file {path}: {reason}")
