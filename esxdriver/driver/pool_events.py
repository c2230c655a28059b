"""Events of storage pools: what changes of the datastores of a scope are.

| datastore                                   | events |
|---------------------------------------------|--------|
| comes, or is mounted by the scope's host    | DEFINED, and STARTED if it is reached |
| goes, or is unmounted                       | STOPPED if it was reached, UNDEFINED |
| has another name, or another path there     | as one that has gone and one that has come |
| is reached again; is not reached any more   | STARTED; STOPPED |
| has another kind or source                  | DEFINED |
| its sizes have been read anew               | the event of a refresh |

Source: https://libvirt.org/html/libvirt-libvirt-storage.html#virStoragePoolEventID and vSphere API, DatastoreInfo.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.driver.event_registry import Happened
from esxdriver.driver.lifecycle import Seen, lifecycle
from esxdriver.driver.storage_pool import StoragePool
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.storage.datastores import WATCHED, Datastore, shown_datastore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from esxdriver.driver.backend import Backend
    from esxdriver.driver.connect import Connect
    from esxdriver.vsphere.query.inventory import Scope
    from esxdriver.vsphere.query.known import Change
    from esxdriver.vsphere.query.watch import Watch

_LIFECYCLE, _REFRESH = libvirt.VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, libvirt.VIR_STORAGE_POOL_EVENT_ID_REFRESH


class OfPools:
    """Where the events of storage pools come from."""

    def __init__(self, conn: Connect, backend: Backend) -> None:
        self._conn, self._backend = conn, backend
        self._held = backend.watch_of(WATCHED, "storage pools")
        self.leave = self._held.leave

    def take(self, _kind: int) -> Watch:
        """Return the watch of the datastores."""
        return self._held.take()

    def key(self, about: StoragePool) -> str:
        """Return the datastore's ID."""
        return str(about.ref._moId)

    def events(self, changes: Sequence[Change], _watch: Watch) -> Iterator[Happened]:
        """Yield what changes of the datastores are."""
        for kind, datastore, arguments in events_of(changes, self._backend.scope):
            make = partial(StoragePool, self._conn, datastore)
            yield Happened(kind, datastore.ref._moId, make, arguments)


def events_of(changes: Sequence[Change], scope: Scope) -> Iterator[tuple[int, Datastore, tuple[Any, ...]]]:
    """Yield the VIR_STORAGE_POOL_EVENT_ID_* of each event, its datastore, and what a callback gets of it."""
    for change in changes:
        before, after = (_seen(change.ref, known, scope) for known in (change.before, change.after))
        for event, datastore in lifecycle(before, after):
            yield _LIFECYCLE, datastore, (event, 0)
        times = [getattr((known or {}).get("info"), "timestamp", None) for known in (change.before, change.after)]
        if before and after and times[0] != times[1]:
            yield _REFRESH, after.about, ()


def _seen(ref: Any, known: Mapping[str, Any] | None, scope: Scope) -> Seen[Datastore] | None:
    found = shown_datastore(Found(ref, known), scope) if known is not None else None
    if found is None:
        return None
    plain = replace(found.definition, capacity=None, allocation=None, available=None)
    return Seen(found, (found.name, plain.uuid), plain, found.accessible)
