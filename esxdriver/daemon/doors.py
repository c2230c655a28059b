"""The doors that clients come through: unix sockets, systemd's sockets, TLS, standard input and output."""

import contextlib
import errno
import grp
import os
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver import errors
from esxdriver.daemon import tls
from esxdriver.daemon.config import Config

if TYPE_CHECKING:
    import ssl

NAME = "virtesxd-sock"
READ_ONLY_NAME = "virtesxd-sock-ro"
_BACKLOG = 128
_FIRST_FD = 3  # Source: sd_listen_fds(3)


@dataclass
class Door:
    """A listening socket. ``path`` is a file to remove in the end, ``tls`` the context of a TLS port."""

    socket: socket.socket
    read_only: bool = False
    sasl: bool = False
    tls: "ssl.SSLContext | None" = None
    path: Path | None = None

    @property
    def local(self) -> bool:
        """Whether its clients are processes of this machine, whose users are known."""
        return self.socket.family == socket.AF_UNIX

    def close(self) -> None:
        """Close, and leave no file that clients would try in vain."""
        self.socket.close()
        if self.path is not None:
            with contextlib.suppress(OSError):
                self.path.unlink()


def run_directory(config: Config) -> Path:
    """Return the directory of the sockets: the configuration's, else where libvirt's clients look."""
    if config.unix_sock_dir:
        return Path(config.unix_sock_dir)
    if os.geteuid() == 0:
        return Path("/run/libvirt")
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(runtime) / "libvirt"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "libvirt"


def from_systemd(config: Config) -> list[Door]:
    """Return the sockets that systemd has opened for this process, none when there are none."""
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()):
        return []
    count = int(os.environ.pop("LISTEN_FDS", "0"))
    os.environ.pop("LISTEN_FDNAMES", None)
    return [_adopted(_FIRST_FD + number, config) for number in range(count)]


def _adopted(fd: int, config: Config) -> Door:
    os.set_inheritable(fd, False)
    found = socket.socket(fileno=fd)
    if found.family == socket.AF_UNIX:
        read_only = str(found.getsockname()).endswith("-ro")
        return Door(found, read_only=read_only, sasl=config.auth_unix == "sasl")
    return Door(found, tls=tls.context(config), sasl=config.auth_tls == "sasl")


def unix_doors(config: Config) -> list[Door]:
    """Open the socket for reading and writing, and the one for reading; they belong to the daemon's user.

    Raises RESOURCE_BUSY where another daemon listens, SYSTEM_ERROR where a socket cannot be made.
    """
    directory = run_directory(config)
    with _reported(str(directory)):
        directory.mkdir(mode=0o755 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    usual = "0660" if config.unix_sock_group else "0600"
    permissions = {NAME: config.unix_sock_rw_perms or usual, READ_ONLY_NAME: config.unix_sock_ro_perms or usual}
    with kept() as doors:
        for name, mode in permissions.items():
            listening = _listen(directory / name, int(mode, 8), config.unix_sock_group)
            doors.append(
                Door(listening, name == READ_ONLY_NAME, sasl=config.auth_unix == "sasl", path=directory / name)
            )
    return doors


@contextlib.contextmanager
def kept() -> Iterator[list[Door]]:
    """Hold doors while they are opened: when one cannot be, those before it are closed."""
    opened: list[Door] = []
    try:
        yield opened
    except BaseException:
        for door in opened:
            door.close()
        raise


@contextlib.contextmanager
def _reported(where: str) -> Iterator[None]:
    """Raise SYSTEM_ERROR for what the system has against listening there."""
    try:
        yield
    except OSError as error:
        raise errors.error(libvirt.VIR_ERR_SYSTEM_ERROR, f"cannot listen at {where}: {error.strerror}") from None


def _listen(path: Path, mode: int, group: str) -> socket.socket:
    """Listen at ``path``; a file that a daemon left behind is replaced, one that somebody listens at is not."""
    if _is_served(path):
        raise errors.error(libvirt.VIR_ERR_RESOURCE_BUSY, f"another virtesxd listens at {path}")
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    unready = path.with_name(f".{os.getpid()}")  # shorter than any name: paths of sockets end at 107 bytes
    try:
        _bind(listening, unready, mode, group)
        unready.rename(path)
    except (OSError, KeyError) as error:
        listening.close()
        with contextlib.suppress(OSError):
            unready.unlink()
        why = f"no group is called {group}" if isinstance(error, KeyError) else error.strerror
        raise errors.error(libvirt.VIR_ERR_SYSTEM_ERROR, f"cannot listen at {path}: {why}") from None
    return listening


def _bind(listening: socket.socket, path: Path, mode: int, group: str) -> None:
    """Listen at ``path``, which nobody knows yet.

    A client that waits for the daemon it has started tries again while there is no socket, or none that listens; one
    that it may not open is an error to it. So the socket gets its name last, when its owner and mode are set.
    """
    path.unlink(missing_ok=True)
    listening.bind(str(path))
    if group:
        os.chown(path, -1, grp.getgrnam(group).gr_gid)
    path.chmod(mode)
    listening.listen(_BACKLOG)


def _is_served(path: Path) -> bool:
    try:
        if not stat.S_ISSOCK(path.stat().st_mode):
            raise errors.error(libvirt.VIR_ERR_SYSTEM_ERROR, f"{path} is there and is no socket")
    except FileNotFoundError:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(str(path)) not in {errno.ECONNREFUSED, errno.ENOENT}


def tls_doors(config: Config) -> list[Door]:
    """Open the TLS port at each address, when the configuration asks for it. Raises SYSTEM_ERROR when it cannot be."""
    if not config.listen_tls:
        return []
    context = tls.context(config)
    address = config.listen_addr or None
    with _reported(f"{address or 'any address'}, port {config.tls_port}"), kept() as doors:
        for family, kind, protocol, _, where in socket.getaddrinfo(
            address, config.tls_port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            doors.append(Door(socket.socket(family, kind, protocol), sasl=config.auth_tls == "sasl", tls=context))
            _listen_with_tls(doors[-1].socket, where)
    return doors


def _listen_with_tls(listening: socket.socket, where: Any) -> None:
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if listening.family == socket.AF_INET6:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listening.bind(where)
    listening.listen(_BACKLOG)


def standard_input() -> socket.socket | None:
    """Return the client that started this process, when it did so with a connected socket as standard input."""
    try:
        found = socket.socket(fileno=os.dup(0))
        found.getpeername()
    except OSError:
        return None
    return found


def leave_standard_files() -> None:
    """Let nothing that is printed or read by mistake reach the client."""
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
