"""The configuration: ``virtesxd.conf``, in TOML, with libvirtd's names and defaults for what libvirtd has too.

Source of those: https://libvirt.org/manpages/libvirtd.html and libvirt src/remote/libvirtd.conf.in
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

import libvirt

from esxdriver import errors

DEFAULT_HOST = "default"  # the name of the host that --connect gives


ABOUT = """\
/etc/libvirt/virtesxd.conf, or $XDG_CONFIG_HOME/libvirt/virtesxd.conf of a user, is in TOML. Each key may be missing.

The table [hosts] has names and URIs: esx1 = "esx://root@esx1.example.org/". Clients use the names: a host that is not
there cannot be reached through the daemon."""


def _key(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Config:
    """What the daemon does; each field is a key of the file, with the file's default."""

    hosts: dict[str, str] = field(default_factory=dict)
    default: str | None = _key(None, "The host of clients that name none. A single host is the default by itself.")
    allowed_users: tuple[str, ...] = _key((), "Users who may connect besides root and the daemon's own.")
    auth_unix: str = _key("none", "none, or sasl: every user brings an ESX login, and no stored one is used.")
    any_scheme: bool = _key(False, "Serve clients that know other drivers' schemes only, such as test:///.")
    host_idle_timeout: int = _key(300, "Seconds after which a host that nobody uses is logged out of.")
    read_ahead: bool = _key(True, "Read all domains' XML once, some seconds after the start, so that no client waits.")
    unix_sock_dir: str = _key("", "Where the sockets are, if not where libvirt's clients look.")
    unix_sock_group: str = _key("", "The sockets' group, whose members may connect.")
    unix_sock_rw_perms: str = _key("", "Permissions of the socket; 0600, or 0660 with a group, when empty.")
    unix_sock_ro_perms: str = _key("", "Permissions of the socket for reading; as above.")
    max_clients: int = _key(5000, "Clients at once; more wait.")
    max_anonymous_clients: int = _key(20, "Clients at once that have not yet said who they are.")
    max_client_requests: int = _key(5, "Calls of one client that are done at once.")
    max_workers: int = _key(20, "Calls of all clients that are done at once.")
    prio_workers: int = _key(5, "As many more, for calls that libvirt gives priority.")
    listen_tls: bool = _key(False, "Listen for TLS clients, who need a certificate.")
    listen_addr: str = _key("", "The address for that, every one when empty.")
    tls_port: str = _key("16514", "The port for that.")
    auth_tls: str = _key("none", "As auth_unix, for TLS clients.")
    key_file: str = _key("/etc/pki/libvirt/private/serverkey.pem", "The daemon's key.")
    cert_file: str = _key("/etc/pki/libvirt/servercert.pem", "The daemon's certificate.")
    ca_file: str = _key("/etc/pki/CA/cacert.pem", "The authority of the clients' certificates.")
    tls_allowed_dn_list: tuple[str, ...] = _key((), "Whose certificates, such as C=GB,CN=client; all when empty.")

    @property
    def default_host(self) -> str | None:
        """The name of the host of clients that name none."""
        return self.default or (next(iter(self.hosts)) if len(self.hosts) == 1 else None)

    def with_host(self, uri: str) -> Self:
        """Return the configuration with one more host, which is the default and also found by its own host name."""
        from esxdriver import uri as uris  # not needed for --help

        own = uris.parse(uri).host
        return replace(self, hosts=self.hosts | {own: uri, DEFAULT_HOST: uri}, default=DEFAULT_HOST)


def manual() -> Iterator[tuple[str, str]]:
    """Yield each key with its default, as the file would have it, and what it means."""
    for each in fields(Config):
        if "meaning" in each.metadata:
            default = '""' if each.default is None else _toml(each.default)
            yield f"{each.name} = {default}", each.metadata["meaning"]


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return "[]" if value == () else str(value).lower()


def usual_path() -> Path:
    """Return where the file is when none is named."""
    if os.geteuid() == 0:
        return Path("/etc/libvirt/virtesxd.conf")
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "libvirt" / "virtesxd.conf"


def read(path: Path | None = None) -> Config:
    """Return the configuration in ``path``, or at the usual path when that is None, where it may be missing.

    Raises CONF_SYNTAX for a file that cannot be used, naming the key but no value: a URI may hold a secret.
    """
    chosen = path or usual_path()
    try:
        with chosen.open("rb") as file:
            return parse(tomllib.load(file), chosen)
    except FileNotFoundError:
        if path is None:
            return Config()
        raise _unusable(chosen, "it is not there") from None
    except OSError as error:
        raise _unusable(chosen, error.strerror or "it cannot be read") from None
    except tomllib.TOMLDecodeError as error:
        where = str(error).rpartition("(")[2].rstrip(")")
        raise _unusable(chosen, f"it is not TOML ({where})") from None


def parse(values: dict[str, Any], path: Path) -> Config:
    """Return the configuration that the file's values say; raises CONF_SYNTAX."""
    known = {each.name: each for each in fields(Config)}
    given = {}
    for name, value in values.items():
        if name not in known:
            raise _unusable(path, f"unknown key {name}")
        given[name] = _checked(path, name, value, getattr(Config(), name))
    config = Config(**given)
    _check_hosts(config, path)
    return config


def _checked(path: Path, name: str, value: Any, default: Any) -> Any:
    kind = str if default is None else type(default)
    fits, meant = _KINDS[kind]
    if not fits(value):
        raise _unusable(path, f"{name} is {meant}")
    least = 0 if name == "host_idle_timeout" else 1
    if kind is int and value < least:
        raise _unusable(path, f"{name} is at least {least}")
    if name.endswith("_perms") and not _PERMISSIONS.fullmatch(value):
        raise _unusable(path, f"{name} is an octal number such as 0660")
    if name in _CHOICES and value not in _CHOICES[name]:
        raise _unusable(path, f"{name} is {' or '.join(_CHOICES[name])}")
    return kind(value)


# What a value must be, by the class of its default, and how that is called. libvirtd's files have 1 and 0 for booleans.
_KINDS: dict[type, tuple[Callable[[Any], bool], str]] = {
    str: (lambda value: isinstance(value, str), "a text"),
    int: (lambda value: isinstance(value, int) and not isinstance(value, bool), "a number"),
    bool: (lambda value: isinstance(value, int) and value in {0, 1}, "true or false"),
    dict: (lambda value: isinstance(value, dict), "a table of names and URIs"),
    tuple: (lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value), "a list of texts"),
}
_PERMISSIONS = re.compile("[0-7]{3,4}")
_CHOICES = {"auth_unix": ("none", "sasl"), "auth_tls": ("none", "sasl")}


def _check_hosts(config: Config, path: Path) -> None:
    from esxdriver import uri as uris  # not needed for --help

    for name, uri in config.hosts.items():
        if not isinstance(uri, str):
            raise _unusable(path, f"hosts.{name} is a URI")
        try:
            uris.parse(uri)
        except libvirt.libvirtError as error:
            raise _unusable(path, f"hosts.{name}: {error}") from None
    if config.default is not None and config.default not in config.hosts:
        raise _unusable(path, "default names no host of [hosts]")


def _unusable(path: Path, why: str) -> libvirt.libvirtError:
    return errors.error(libvirt.VIR_ERR_CONF_SYNTAX, f"{path}: {why}")
