"""The process: its log, its PID file, systemd's notice, and which doors it opens."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import libvirt

from esxdriver import errors
from esxdriver.daemon import doors
from esxdriver.daemon.config import Config
from esxdriver.daemon.doors import Door
from esxdriver.daemon.hosts import load_driver, open_driver
from esxdriver.daemon.server import Server


def serve(
    read_config: Callable[[], Config], *, stdio: bool, timeout: int, pid_file: Path | None, verbose: bool
) -> None:
    """Run the daemon until it is told to end.

    A client that is there as standard input is served alone: libvirt's ``ext`` transport starts the daemon so, before
    12.5 without being able to say ``--stdio``. Raises what makes a start impossible.
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
    opened = [] if first is not None else _doors(config)
    server = Server(config, open_driver, timeout=timeout, read_config=read_config, ready=lambda: _begun(server))
    with _pid_file(pid_file):
        asyncio.run(run(server, opened, first))


async def run(server: Server, opened: list[Door], first: socket.socket | None = None) -> None:
    """Let the server run until a signal ends it; SIGHUP lets it read its configuration again."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    loop.add_signal_handler(signal.SIGHUP, server.reload)
    await server.run(opened, first)


def _doors(config: Config) -> list[Door]:
    found = doors.from_systemd(config)
    return found or [*doors.unix_doors(config), *doors.tls_doors(config)]


def _log(*, verbose: bool, quiet: bool) -> None:
    """Log to stderr, which is the journal under systemd; a client that started the daemon sees only warnings."""
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="virtesxd: %(levelname)s: %(message)s")
    logging.getLogger("esxdriver").setLevel(level)
    libvirt.registerErrorHandler(lambda _context, _error: None, None)  # errors go to clients
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def _begun(server: Server) -> None:
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
