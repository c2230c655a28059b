"""Registrations for events of what is no domain: accepted, so that programs that register for everything run.

vSphere hosts have no secrets and tell of no node devices; networks and storage pools are not watched. None comes.

Reference: https://libvirt.org/html/libvirt-libvirt-network.html#virConnectNetworkEventRegisterAny
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.errors import error

if TYPE_CHECKING:
    from collections.abc import Callable

_KINDS = {"network": 2, "storagePool": 2, "nodeDevice": 2, "secret": 2}  # of events that libvirt 12.8 has of each


class OtherEventMethods:
    """The methods of a connection that register callbacks for what is no domain; each callback stays uncalled.

    A registration returns the number for its deregistration, which returns 0. They raise INVALID_ARG for a kind of
    event, or a number, that is none.
    """

    _numbers: itertools.count[int] | None = None
    _others: dict[int, str] | None = None

    def networkEventRegisterAny(self, net: Any, eventID: int, cb: Callable[..., Any], opaque: Any) -> int:
        """Accept a callback for events of networks."""
        return self._accept("network", eventID)

    def networkEventDeregisterAny(self, callbackID: int) -> int:
        """Forget a callback for events of networks."""
        return self._forget("network", callbackID)

    def storagePoolEventRegisterAny(self, pool: Any, eventID: int, cb: Callable[..., Any], opaque: Any) -> int:
        """Accept a callback for events of storage pools."""
        return self._accept("storagePool", eventID)

    def storagePoolEventDeregisterAny(self, callbackID: int) -> int:
        """Forget a callback for events of storage pools."""
        return self._forget("storagePool", callbackID)

    def nodeDeviceEventRegisterAny(self, dev: Any, eventID: int, cb: Callable[..., Any], opaque: Any) -> int:
        """Accept a callback for events of the host's devices."""
        return self._accept("nodeDevice", eventID)

    def nodeDeviceEventDeregisterAny(self, callbackID: int) -> int:
        """Forget a callback for events of the host's devices."""
        return self._forget("nodeDevice", callbackID)

    def secretEventRegisterAny(self, secret: Any, eventID: int, cb: Callable[..., Any], opaque: Any) -> int:
        """Accept a callback for events of secrets."""
        return self._accept("secret", eventID)

    def secretEventDeregisterAny(self, callbackID: int) -> int:
        """Forget a callback for events of secrets."""
        return self._forget("secret", callbackID)

    def _accept(self, family: str, kind: int) -> int:
        if not 0 <= kind < _KINDS[family]:
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"there is no event {kind}")
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
