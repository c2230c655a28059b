"""A daemon with libvirt's own test driver behind it: ``python -m tests.daemon.testdriver SOCKET_DIRECTORY``.

What clients see through it must be what they see locally.
"""

import asyncio
import sys
import threading

import libvirt

from esxdriver.daemon import doors
from esxdriver.daemon.config import Config
from esxdriver.daemon.server import Server, run


def main(directory: str, *more: str) -> None:
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=_events, daemon=True).start()
    config = Config(
        hosts={"default": "test:///default"},
        unix_sock_dir=directory,
        auth_unix="sasl" if "sasl" in more else "none",
        any_scheme=True,
    )
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    server = Server(
        config, lambda uri, _login: libvirt.open(uri), ready=lambda: sys.stdout.write("ready\n") and sys.stdout.flush()
    )
    asyncio.run(run(server, doors.unix_doors(config)))


def _events() -> None:
    while True:
        libvirt.virEventRunDefaultImpl()


if __name__ == "__main__":
    main(*sys.argv[1:])
