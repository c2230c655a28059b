"""The configuration: ``virtesxd.conf``, in TOML, with libvirtd's names and defaults for what libvirtd has too.

Source of those: https://libvirt.org/manpages/libvirtd.html and libvirt src/remote/libvirtd.conf.in
"""

import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

import libvirt

from esxdriver import errors

DEFAULT_HOST = "default"  # what a host is called that --connect names


@dataclass(frozen=True)
class Config:
    """What the daemon does; each field is a key of the file, with the file's default.

    hosts: URIs by the names that clients use. default: the host of a client that names none; the only one when there
    is one. allowed_users: names of users who may connect besides root and the daemon's own.
    """

    hosts: dict[str, str] = field(default_factory=dict)
    default: str | None = None
    allowed_users: tuple[str, ...] = ()
    auth_unix: str = "none"  # or sasl: each user brings an ESX login
    any_scheme: bool = False  # serve clients that only know other drivers' schemes
    host_idle_timeout: int = 300  # seconds until a host that nobody uses is logged out of
    unix_sock_dir: str = ""
    unix_sock_group: str = ""
    unix_sock_rw_perms: str = ""  # by default 0600, or 0660 with a group
    unix_sock_ro_perms: str = ""
    max_clients: int = 5000
    max_anonymous_clients: int = 20
    max_client_requests: int = 5
    max_workers: int = 20
    prio_workers: int = 5
    listen_tls: bool = False
    listen_addr: str = ""
    tls_port: str = "16514"
    auth_tls: str = "none"
    key_file: str = "/etc/pki/libvirt/private/serverkey.pem"
    cert_file: str = "/etc/pki/libvirt/servercert.pem"
    ca_file: str = "/etc/pki/CA/cacert.pem"
    tls_allowed_dn_list: tuple[str, ...] = ()

    @property
    def default_host(self) -> str | None:
        """The name of the host of clients that name none."""
        return self.default or (next(iter(self.hosts)) if len(self.hosts) == 1 else None)

    def with_host(self, uri: str) -> Self:
        """Return the configuration with one more host, which is the default and also found by its own host name."""
        from esxdriver import uri as uris  # noqa: PLC0415 - not needed for --help

        own = uris.parse(uri).host
        return replace(self, hosts=self.hosts | {own: uri, DEFAULT_HOST: uri}, default=DEFAULT_HOST)


def usual_path() -> Path:
    """Return where the file is when none is named."""
    if os.geteuid() == 0:
        return Path("/etc/libvirt/virtesxd.conf")
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "libvirt" / "virtesxd.conf"


def read(path: Path | None = None) -> Config:
    """Return the configuration in ``path``, or in the usual place when that is None, where it may be missing.

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
    if kind is int and value < (0 if name == "host_idle_timeout" else 1):
        raise _unusable(path, f"{name} is at least 1")
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
    from esxdriver import uri as uris  # noqa: PLC0415 - not needed for --help

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
