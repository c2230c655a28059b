"""Events of storage pools and networks, with libvirt-python's registration; and those of what has none.

vSphere hosts have no secrets and say nothing when a device of theirs changes: callbacks for these are accepted, so that
programs that register for everything run, and never called. Interfaces have no events in libvirt.

Reference: https://libvirt.org/html/libvirt-libvirt-storage.html#virConnectStoragePoolEventRegisterAny and its like
"""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.errors import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from esxdriver.driver.backend import Backend
    from esxdriver.driver.event_registry import Registry
    from esxdriver.driver.network import Network
    from esxdriver.driver.storage_pool import StoragePool

_KINDS = 2  # of events that libvirt 12.8 has of each of them


class OtherEventMethods:
    """The methods of a connection that register callbacks for what is no domain.

    A registration returns the number for its deregistration, which returns 0. They raise INVALID_ARG for a kind of
    event, or a number, that is none.
    """

    backend: Backend
    _registries: dict[str, Registry] | None = None
    _registries_lock = threading.Lock()
    _numbers: itertools.count[int] | None = None
    _others: dict[int, str] | None = None

    def networkEventRegisterAny(self, net: Network | None, eventID: int, cb: Callable[..., Any], opaque: Any) -> int:
        """Have ``cb(conn, net, event, detail, opaque)`` called for the lifecycle of one network, or of all with None.

        ``event`` is a VIR_NETWORK_EVENT_*, ``detail`` 0. A switch that is there is active: it starts when defined.
        Networks have no metadata here: VIR_NETWORK_EVENT_ID_METADATA_CHANGE never comes.
        """
        return self._registry_of("network").add(_known(eventID), net, cb, opaque)

    def networkEventDeregisterAny(self, callbackID: int) -> int:
        """Call a callback for events of networks no more; it may do so itself."""
        self._registry_of("network").remove(callbackID)
        return 0

    def storagePoolEventRegisterAny(
        self, pool: StoragePool | None, eventID: int, cb: Callable[..., Any], opaque: Any
    ) -> int:
        """Have ``cb`` called for events of one storage pool, or of all with None.

        For the lifecycle its arguments are ``(conn, pool, event, detail, opaque)``, with a VIR_STORAGE_POOL_EVENT_*
        and 0; for VIR_STORAGE_POOL_EVENT_ID_REFRESH, when a datastore's sizes have been read anew,
        ``(conn, pool, opaque)``.
        """
        return self._registry_of("storagePool").add(_known(eventID), pool, cb, opaque)

    def storagePoolEventDeregisterAny(self, callbackID: int) -> int:
        """Call a callback for events of storage pools no more; it may do so itself."""
        self._registry_of("storagePool").remove(callbackID)
        return 0

    def nodeDeviceEventRegisterAny(self, dev: Any, eventID: int, cb: Callable[..., Any], opaque: Any) -> int:
        """Accept a callback for events of the host's devices, which never come."""
        return self._accept("nodeDevice", eventID)

    def nodeDeviceEventDeregisterAny(self, callbackID: int) -> int:
        """Forget a callback for events of the host's devices."""
        return self._forget("nodeDevice", callbackID)

    def secretEventRegisterAny(self, secret: Any, eventID: int, cb: Callable[..., Any], opaque: Any) -> int:
        """Accept a callback for events of secrets, which never come."""
        return self._accept("secret", eventID)

    def secretEventDeregisterAny(self, callbackID: int) -> int:
        """Forget a callback for events of secrets."""
        return self._forget("secret", callbackID)

    def _registry_of(self, family: str) -> Registry:
        with self._registries_lock:
            if self._registries is None:
                self._registries = {}
            if family not in self._registries:
                self._registries[family] = _made(family, self)
            return self._registries[family]

    def _quiet_others(self) -> None:
        registries, self._registries = self._registries or {}, None
        for registry in registries.values():
            registry.close()

    def _accept(self, family: str, kind: int) -> int:
        _known(kind)
        if self._numbers is None or self._others is None:
            self._numbers, self._others = itertools.count(), {}
        number = next(self._numbers)
        self._others[number] = family
        return number

    def _forget(self, family: str, number: int) -> int:
        if (self._others or {}).get(number) != family:
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"there is no callback {number}")
        (self._others or {}).pop(number)
        return 0


def _known(kind: int) -> int:
    if not 0 <= kind < _KINDS:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"there is no event {kind}")
    return kind


def _made(family: str, conn: Any) -> Registry:
    from esxdriver.driver.event_registry import Registry

    if family == "network":
        from esxdriver.driver.network_events import OfNetworks

        return Registry(conn, OfNetworks(conn, conn.backend))
    from esxdriver.driver.pool_events import OfPools

    return Registry(conn, OfPools(conn, conn.backend))
