"""The name, UUID and ID by which the wire refers to an object: a driver's objects from and to these.

An object that a client was given is remembered, so that what it does next with it needs no search. One that the host
no longer knows is forgotten and searched for anew. Two machines on a vCenter may share name and UUID. So a reference
that stood for another object before, or that is in a list twice, is not remembered: the driver's search then refuses it
with an error of its own. Whether two objects are the same is seen by ``ref``, which this driver's objects have.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from esxdriver.rpc.methods import method_of

REMEMBERED = 32768  # references of one connection to a host, the oldest are forgotten first

Reference = tuple[Any, ...]


# What each kind of object is called on the wire, from the object.
DESCRIBE: dict[str, Callable[[Any], Reference]] = {
    "nonnull_domain": lambda domain: (domain.name(), domain.UUID(), domain.ID()),
    "nonnull_domain_snapshot": lambda snapshot: (snapshot.getName(), describe("nonnull_domain", snapshot.getDomain())),
    "nonnull_interface": lambda interface: (interface.name(), interface.MACString()),
    "nonnull_network": lambda network: (network.name(), network.UUID()),
    "nonnull_network_port": lambda port: (describe("nonnull_network", port.network()), port.UUID()),
    "nonnull_node_device": lambda device: (device.name(),),
    "nonnull_nwfilter": lambda nwfilter: (nwfilter.name(), nwfilter.UUID()),
    "nonnull_nwfilter_binding": lambda binding: (binding.portDev(), binding.filterName()),
    "nonnull_secret": lambda secret: (secret.UUID(), secret.usageType(), secret.usageID()),
    "nonnull_storage_pool": lambda pool: (pool.name(), pool.UUID()),
    "nonnull_storage_vol": lambda volume: (_pool_of(volume), volume.name(), volume.key()),
}

# How each kind is searched for: the connection's method, and the field of the reference that it takes.
_SEARCH: dict[str, tuple[str, int]] = {
    "nonnull_domain": ("lookupByUUID", 1),
    "nonnull_interface": ("interfaceLookupByName", 0),
    "nonnull_network": ("networkLookupByUUID", 1),
    "nonnull_node_device": ("nodeDeviceLookupByName", 0),
    "nonnull_nwfilter": ("nwfilterLookupByUUID", 1),
    "nonnull_secret": ("secretLookupByUUID", 0),
    "nonnull_storage_pool": ("storagePoolLookupByUUID", 1),
    "nonnull_storage_vol": ("storageVolLookupByKey", 2),
}


class UnknownKindError(Exception):
    """The driver has no objects of this kind."""


def _pool_of(volume: Any) -> str:
    return str(volume.storagePoolLookupByVolume().name())


def describe(kind: str, found: Any) -> Reference:
    """Return the reference to an object."""
    return DESCRIBE[kind](found)


class References:
    """The objects of one connection to a host. Threads may share it."""

    def __init__(self, conn: Any) -> None:
        self._conn = conn
        self._known: OrderedDict[tuple[str, Reference], Any] = OrderedDict()
        self._ambiguous: set[tuple[str, Reference]] = set()
        self._lock = threading.Lock()

    def object(self, kind: str, reference: Reference) -> Any:
        """Return the driver's object. Raises what the driver's lookup raises, and UnknownKindError."""
        if kind == "nonnull_domain_snapshot":
            name, domain = reference
            return self.object("nonnull_domain", domain).snapshotLookupByName(name, 0)
        key = (kind, tuple(reference))
        with self._lock:
            known = self._known.get(key)
        if known is not None:
            return known
        method, field = _SEARCH[kind]
        search = method_of(self._conn, method)
        if search is None:
            raise UnknownKindError(kind)
        found = search(reference[field])
        self._remember({key: found})
        return found

    def reference(self, kind: str, found: Any) -> Reference:
        """Return the reference to an object, which is remembered."""
        return self.references(kind, [found])[0]

    def references(self, kind: str, found: Iterable[Any]) -> list[Reference]:
        """Return the references to the objects of a list."""
        objects = list(found)
        listed = [describe(kind, each) for each in objects]
        if kind in _SEARCH:
            often = Counter(listed)
            with self._lock:
                self._ambiguous.update((kind, each) for each, times in often.items() if times > 1)
            self._remember({(kind, each): one for each, one in zip(listed, objects, strict=True)})
        return listed

    def remember(self, kind: str, objects: dict[Reference, Any]) -> None:
        """Know these objects by these references, which a list has given."""
        self._remember({(kind, reference): found for reference, found in objects.items()})

    def forget(self, kind: str, references: Iterable[Reference]) -> None:
        """Search for these anew when they are next asked for."""
        with self._lock:
            for each in references:
                self._known.pop((kind, tuple(each)), None)

    def _remember(self, objects: dict[tuple[str, Reference], Any]) -> None:
        with self._lock:
            for key, found in objects.items():
                before = self._known.get(key)
                if before is not None and _ref(before) != _ref(found):
                    self._ambiguous.add(key)
                self._known[key] = found
            for key in self._ambiguous & objects.keys():
                del self._known[key]
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)


def _ref(found: Any) -> Any:
    return getattr(found, "ref", None)
