"""No network while a test replays, loopback included: a replay needs none."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from unittest import mock

_NETWORKS = {socket.AF_INET, socket.AF_INET6}
_METHODS = ("connect", "connect_ex", "sendto")


class NetworkBlockedError(RuntimeError):
    """Raised instead of opening a connection; no OSError, lest it is taken for a host that is down."""

    def __init__(self, target: object) -> None:
        super().__init__(f"a test that replays a cassette wanted the network: {target}")


@contextmanager
def no_network() -> Iterator[None]:
    """Refuse every IP connection and name look-up in this process until the end of the block.

    Unix sockets stay: test runners and debuggers talk through them.
    """
    patches = [mock.patch.object(socket.socket, name, _refusing(name)) for name in _METHODS]
    patches.append(mock.patch.object(socket, "getaddrinfo", _refuse_name))
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in reversed(patches):
            patch.stop()


def _refusing(name: str) -> Any:
    real = getattr(socket.socket, name)

    def refuse(self: socket.socket, *args: Any) -> Any:
        if self.family in _NETWORKS:
            raise NetworkBlockedError(args[-1])
        return real(self, *args)

    return refuse


def _refuse_name(host: object, *_args: Any, **_kwargs: Any) -> NoReturn:
    raise NetworkBlockedError(host)
