"""Credentials: the user name and password of a connection, looked up as libvirt's ESX driver does.

In this order, each source filling in what the ones before it left open: the URI's user, auth.conf
(https://libvirt.org/auth.html#client-configuration), the auth callback, then govc's ``GOVC_USERNAME`` and
``GOVC_PASSWORD``. A password belongs to a user name: one that a source gives for somebody else is not used.
No password occurs in any error, log line or ``repr``, not even one that stands in the wrong place: whatever does
not look like a user name is not shown.
"""

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import libvirt

from esxdriver import errors, keyfile
from esxdriver.characters import NO_XML
from esxdriver.uri import ConnectURI

# What the callback's default user name is. Source: libvirt src/esx/esx_driver.c, the two open functions
_DEFAULT_USER = {"esx": "root", "vpx": "administrator"}
_SERVICE = "esx"  # libvirt looks up both schemes under this one name
_SYSTEM_AUTH_FILE = Path("/etc/libvirt/auth.conf")
_LARGEST_AUTH_FILE = 2**20  # bytes
_USER_NAME = re.compile(r"[\w.@\\-]+")

_PASSWORD_TYPES = (libvirt.VIR_CRED_PASSPHRASE, libvirt.VIR_CRED_NOECHOPROMPT)


@dataclass(frozen=True)
class Credentials:
    """Who logs in; its ``repr`` leaves the password out."""

    username: str
    password: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The user name for a message: not shown where it does not look like one, as it may be a password then."""
        return _shown(self.username)


@dataclass(frozen=True)
class _Found:
    """What one source knows; None for what it does not."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)


def find(uri: ConnectURI, auth: Sequence[Any] | None = None) -> Credentials:
    """Return the credentials for ``uri``; ``auth`` is ``[credtypes, callback, opaque]`` as for ``openAuth``.

    Raises AUTH_FAILED, naming the places that were looked at, when there are none, when they cannot be sent, or the
    callback declines; and INVALID_ARG for an auth file that cannot be used.
    """
    known = _Found(username=uri.user)
    looked: list[str] = []
    for source in (_auth_file, _callback, _govc):
        source_name, found = source(uri, auth, known.username)
        looked.append(source_name)
        _check_sendable(source_name, found)
        known = _merged(known, found)
        if known.username and known.password is not None:
            return Credentials(known.username, known.password)
    missing = f"no password for {_shown(known.username)}" if known.username else "no user name and password"
    raise _failed(f"{missing} for {uri.host}. Looked at: " + "; ".join(looked))


def _check_sendable(source_name: str, found: _Found) -> None:
    """Raise AUTH_FAILED for what is no text: the library's own error would show it."""
    for what, text in (("user name", found.username), ("password", found.password)):
        if text is not None and NO_XML.search(text):
            raise _failed(
                f"the {what} from {source_name} has a byte that is no UTF-8, or a control character: no host takes it"
            )


def _shown(user: str | None) -> str:
    return user if user and _USER_NAME.fullmatch(user) else "(a name that is not shown)"


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
    whose = f", which is for {_shown(found.username)}" if user and found.username not in {None, user} else ""
    return f"{path} ({section}{whose})", found


def _auth_path(uri: ConnectURI) -> Path | None:
    """Return the one auth file that counts: a named one need not exist, the usual ones must be readable."""
    if named := os.environ.get("LIBVIRT_AUTH_FILE") or uri.authfile:
        return Path(named)
    return next((path for path in _usual_paths() if os.access(path, os.R_OK)), None)


def _usual_paths() -> Iterator[Path]:
    if home := os.environ.get("XDG_CONFIG_HOME"):
        yield Path(home) / "libvirt" / "auth.conf"
    else:
        with contextlib.suppress(RuntimeError):  # nobody says where home is
            yield Path.home() / ".config" / "libvirt" / "auth.conf"
    yield _SYSTEM_AUTH_FILE


def _read(path: Path) -> keyfile.Groups:
    """Return the groups of the file."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_AUTH_FILE + 1)
        if len(data) <= _LARGEST_AUTH_FILE:
            return keyfile.parse(data)
        reason = "larger than 1 MiB"
    except OSError as error:
        reason = error.strerror or "cannot be read"
    except ValueError as error:
        reason = f"not in auth.conf's format: {error}"
    raise _unusable(path, reason)


def _section(groups: keyfile.Groups, path: Path, host: str) -> tuple[str, _Found]:
    """Return the name of the group that counts for ``host``, or what was missing, and what it says."""
    named = [f"auth-{_SERVICE}-{host}", f"auth-{_SERVICE}-default"]
    group = next(filter(groups.__contains__, named), None)
    if group is None:
        return f"no [{named[0]}] or [{named[1]}]", _Found()
    name = f"credentials-{_text(groups[group].get('credentials')) or ''}"
    if name not in groups:
        raise _unusable(path, f"[{group}] needs credentials=NAME and a group [credentials-NAME]")
    return f"[{name}]", _Found(_text(groups[name].get("username")), _text(groups[name].get("password")))


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="surrogateescape")


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
    question = [kind, f"Password of {_shown(user)} on {uri.host}", uri.host, None, None]
    return "the auth callback (it gave no password)", _Found(user, _answer(ask, question, opaque))


def _answer(ask: Callable[..., int], question: list[Any], opaque: object) -> str | None:
    """Return the result that the callback wrote; whoever declines is not bypassed."""
    if ask([question], opaque) < 0:
        raise _failed(f"the auth callback declined to answer: {question[1]}")
    result = question[4]
    return result.decode(errors="surrogateescape") if isinstance(result, bytes) else result


# --- govc


def _govc(uri: ConnectURI, _auth: object, user: str | None) -> tuple[str, _Found]:
    """Take govc's variables when they are about this user and, if ``GOVC_URL`` names a host, this host."""
    source_name = "GOVC_USERNAME and GOVC_PASSWORD"
    name, password = os.environ.get("GOVC_USERNAME"), os.environ.get("GOVC_PASSWORD")
    if not name or password is None:
        return f"{source_name} (not set)", _Found()
    if user and user != name:
        return f"{source_name} (for {_shown(name)})", _Found()
    if (host := _govc_host()) not in {None, uri.host.lower()}:
        return f"{source_name} (for {host}, by GOVC_URL)", _Found()
    return source_name, _Found(name, password)


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
