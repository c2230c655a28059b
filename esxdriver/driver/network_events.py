"""Events of networks: what changes of the hosts, the port groups and the distributed switches of a scope are.

| switch                                        | events |
|-----------------------------------------------|--------|
| comes                                         | DEFINED, STARTED |
| goes                                          | STOPPED, UNDEFINED |
| has another name                              | as one that has gone and one that has come |
| has other port groups, NICs, VLANs, limits    | DEFINED |

A switch is active as long as it is there, and has no metadata of its own.

Source: https://libvirt.org/html/libvirt-libvirt-network.html#virNetworkEventID
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import libvirt

from esxdriver.driver.event_registry import Happened
from esxdriver.driver.lifecycle import Seen, lifecycle
from esxdriver.driver.network import Network
from esxdriver.vsphere.network.switches import WATCHED, Switch, watched
from esxdriver.vsphere.query.retrieve import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from esxdriver.driver.backend import Backend
    from esxdriver.driver.connect import Connect
    from esxdriver.vsphere.query.inventory import Scope
    from esxdriver.vsphere.query.known import Change
    from esxdriver.vsphere.query.watch import Watch


class OfNetworks:
    """Where the events of networks come from."""

    def __init__(self, conn: Connect, backend: Backend) -> None:
        self._conn, self._backend = conn, backend
        self._held = backend.watch_of(WATCHED, "networks")
        self.leave = self._held.leave

    def take(self, _kind: int) -> Watch:
        """Return the watch of what networks are made of."""
        return self._held.take()

    def key(self, about: Network) -> str:
        """Return the network's UUID."""
        return about.UUIDString()

    def events(self, changes: Sequence[Change], watch: Watch) -> Iterator[Happened]:
        """Yield what changes of all of this are."""
        for event, switch in events_of(changes, watch.known.everything(), self._backend.scope):
            make = partial(Network, self._conn, switch)
            yield Happened(libvirt.VIR_NETWORK_EVENT_ID_LIFECYCLE, switch.uuid, make, (event, 0))


def events_of(changes: Sequence[Change], known: Sequence[Found], scope: Scope) -> Iterator[tuple[int, Switch]]:
    """Yield each VIR_NETWORK_EVENT_* with its switch: what the changes have made of them, of all that is known now."""
    now = {each.ref: each for each in known}
    old = now | {each.ref: Found(each.ref, each.before) for each in changes if each.before is not None}
    for each in changes:
        if each.before is None:
            old.pop(each.ref, None)
    before, after = ({each.uuid: _seen(each) for each in watched(list(all_.values()), scope)} for all_ in (old, now))
    for uuid in before | after:
        yield from lifecycle(before.get(uuid), after.get(uuid))


def _seen(switch: Switch) -> Seen[Switch]:
    return Seen(switch, (switch.name, switch.uuid), switch.definition, is_active=True)
