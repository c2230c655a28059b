"""What the objects of a host have in common: networks, storage pools, interfaces and devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from esxdriver.lookup import Named

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect

N = TypeVar("N", bound=Named)


class HostObject(Generic[N]):
    """Something of a host's that a connection has found; ``known`` is what was read of it last."""

    def __init__(self, conn: Connect, known: N) -> None:
        self._conn = conn
        self.backend = conn.backend
        self.known = known

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.known.name}>"

    def connect(self) -> Connect:
        """Return the connection that it was looked up with."""
        return self._conn

    def name(self) -> str:
        """Return its name."""
        return self.known.name
