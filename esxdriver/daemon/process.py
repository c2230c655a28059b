"""The process: its log, its PID file, systemd's notice, and which doors it opens."""

import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import libvirt

from esxdriver import errors
from esxdriver.daemon import doors
from esxdriver.daemon.config import Config
from esxdriver.daemon.doors import Door

if TYPE_CHECKING:
    from esxdriver.daemon.server import Server

# Seconds after which a thread that makes documents has to let the event loop run: with Python's own 5 ms, the loop
# would wait so long several times in each answer.
_SWITCH = 0.0005

# What takes no time when no host need be asked: an answer about one object, or a list of domains.
QUICK = frozenset(
    {
        "connect_get_type",
        "connect_get_version",
        "connect_get_lib_version",
        "connect_get_hostname",
        "connect_is_secure",
        "connect_list_all_domains",
        "connect_list_defined_domains",
        "connect_list_domains",
        "connect_num_of_defined_domains",
        "connect_num_of_domains",
        "domain_get_info",
        "domain_get_max_memory",
        "domain_get_max_vcpus",
        "domain_get_os_type",
        "domain_get_state",
        "domain_get_vcpus_flags",
        "domain_get_xml_desc",
        "domain_has_managed_save_image",
        "domain_is_active",
        "domain_is_persistent",
        "domain_is_updated",
        "domain_lookup_by_id",
        "domain_lookup_by_name",
        "domain_lookup_by_uuid",
        "node_get_info",
        "node_get_security_model",
    }
)


def serve(
    read_config: Callable[[], Config], *, stdio: bool, timeout: int, pid_file: Path | None, verbose: bool
) -> None:
    """Run the daemon until it has to end.

    A client that is there as standard input is served alone: libvirt's ``ext`` transport starts the daemon that way,
    and before libvirt 12.5 it cannot pass ``--stdio``. Raises what makes a start impossible.
    """
    given = os.environ.get("LISTEN_PID") == str(os.getpid())
    first = None if given and not stdio else doors.standard_input()
    if stdio and first is None:
        raise errors.error(
            libvirt.VIR_ERR_INVALID_ARG,
            "standard input is no socket: --stdio is for esx+ext:///?command=virtesxd&argv=--stdio, which makes one",
        )
    if first is not None:
        doors.leave_standard_files()
    _log(verbose=verbose, quiet=first is not None)
    config = read_config()
    if first is not None:  # one client, who reads what it needs, and ends the daemon before that could log out
        config = replace(config, read_ahead=False, host_idle_timeout=0)
    opened = [] if first is not None else _doors(config)
    # Clients wait at the doors from here on: libvirt gives a daemon that it starts five seconds to open them.
    import asyncio

    from esxdriver.daemon.hosts import open_driver
    from esxdriver.daemon.server import Server, run

    server = Server(
        config, open_driver, timeout=timeout, read_config=read_config, ready=lambda: _begun(server), quick=QUICK
    )
    sys.setswitchinterval(_SWITCH)
    with _pid_file(pid_file):
        asyncio.run(run(server, opened, first))


def _doors(config: Config) -> list[Door]:
    if found := doors.from_systemd(config):
        return found
    with doors.kept() as opened:
        opened.extend(doors.unix_doors(config))
        opened.extend(doors.tls_doors(config))
    return opened


def _log(*, verbose: bool, quiet: bool) -> None:
    """Log to stderr, which is the journal under systemd; a client that started the daemon sees only warnings."""
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(logging.Formatter("virtesxd: %(levelname)s: %(message)s"))
    log = logging.getLogger("esxdriver")  # and no other logger: their lines may hold a password
    log.handlers, log.propagate = [lines], False
    log.setLevel(level)
    libvirt.registerErrorHandler(lambda _context, _error: None, None)  # errors go to clients
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def _begun(server: "Server") -> None:
    from esxdriver.daemon.hosts import load_driver

    _notify()
    server.workers.submit(load_driver)


def _notify() -> None:
    """Tell systemd that clients may come. Source: sd_notify(3)."""
    address = os.environ.pop("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notice, contextlib.suppress(OSError):
        notice.connect("\0" + address[1:] if address.startswith("@") else address)
        notice.sendall(b"READY=1\n")


@contextlib.contextmanager
def _pid_file(path: Path | None) -> Iterator[None]:
    if path is None:
        yield
        return
    try:
        path.write_text(f"{os.getpid()}\n", encoding="ascii")
    except OSError as error:
        raise errors.error(libvirt.VIR_ERR_SYSTEM_ERROR, f"cannot write {path}: {error.strerror}") from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
