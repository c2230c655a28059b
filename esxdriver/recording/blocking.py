"""No network while a test replays: a replay needs none.

Loopback is closed, too, for a proxy or a tunnel to a host may listen there. A test that has a server of its own lets it
through: ``no_network(loopback=True)``, and with pytest ``@pytest.mark.esx_allow_loopback``.
"""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

_NETWORKS = {socket.AF_INET, socket.AF_INET6}
_METHODS = ("connect", "connect_ex", "sendto")
_HINT = "; for a server of the test's own on this machine, mark it with @pytest.mark.esx_allow_loopback"


class NetworkBlockedError(RuntimeError):
    """Raised instead of opening a connection; no OSError, lest it is taken for a host that is down."""

    def __init__(self, target: object) -> None:
        host = target[0] if isinstance(target, tuple) and target else target
        hint = _HINT if _is_loopback(host) else ""
        super().__init__(f"a test that replays a cassette wanted the network: {target}{hint}")


@contextmanager
def no_network(*, loopback: bool = False) -> Iterator[None]:
    """Refuse every IP connection and name look-up in this process until the end of the block.

    ``loopback`` lets those through that stay on this machine. Unix sockets stay: test runners and debuggers talk
    through them.
    """
    patches = [mock.patch.object(socket.socket, name, _refusing(name, loopback)) for name in _METHODS]
    patches.append(mock.patch.object(socket, "getaddrinfo", _refusing_names(loopback)))
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in reversed(patches):
            patch.stop()


def _refusing(name: str, loopback: bool) -> Any:
    real = getattr(socket.socket, name)

    def refuse(self: socket.socket, *args: Any) -> Any:
        if self.family in _NETWORKS and not (loopback and _is_loopback(args[-1][0])):
            raise NetworkBlockedError(args[-1])
        return real(self, *args)

    return refuse


def _refusing_names(loopback: bool) -> Any:
    real = socket.getaddrinfo

    def refuse(host: object, *args: Any, **kwargs: Any) -> Any:
        if not (loopback and _is_loopback(host)):
            raise NetworkBlockedError(host)
        return real(host, *args, **kwargs)  # type: ignore[arg-type]

    return refuse


def _is_loopback(host: object) -> bool:
    """Whether a name or an address is one of this machine alone; None is one; '' is not, for it means every address."""
    name = host.decode(errors="replace") if isinstance(host, bytes) else host
    if name is None or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False
