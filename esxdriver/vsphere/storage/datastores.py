"""The datastores of a scope, as libvirt's pools.

Sources: vSphere API, Datastore, DatastoreSummary, DatastoreInfo and its kinds, HostMountInfo.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import libvirt
from pyVmomi import vim

from esxdriver.conf.storage.pool import PoolDef, uuid_of
from esxdriver.lookup import first
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found, below, properties
from esxdriver.vsphere.wire.session import Session

PATHS = (
    "name", "summary.url", "summary.accessible", "summary.capacity", "summary.freeSpace", "info", "host", "browser",
)  # fmt: skip
# What a watch of them follows: all but the sizes, which say nothing of what a pool is.
WATCHED = {vim.Datastore: ("name", "summary.url", "summary.accessible", "info", "host", "browser")}

# How a share's file system is called: HostFileSystemVolume.type -> the pool's format.
_SHARES = {"CIFS": "cifs"}


@dataclass(frozen=True)
class Datastore:
    """A datastore: its managed object, what the scope's host calls it, and whether that reaches it.

    ``path`` is where the host has it, ``/vmfs/volumes/...``; of one that no host mounts, its URL.
    """

    ref: Any
    browser: Any
    definition: PoolDef
    accessible: bool
    path: str

    @property
    def name(self) -> str:
        """Its name, as paths have it in brackets."""
        return self.definition.name

    @property
    def state(self) -> int:
        """The VIR_STORAGE_POOL_* that it is in."""
        return int(libvirt.VIR_STORAGE_POOL_RUNNING if self.accessible else libvirt.VIR_STORAGE_POOL_INACCESSIBLE)

    def is_at(self, path: str) -> bool:
        """Whether a host's programs find it at ``path``: by its own path there, or by its name."""
        wanted = path.removeprefix("ds://").rstrip("/")
        return wanted in (self.path.rstrip("/"), f"/vmfs/volumes/{self.name}")


def datastores(session: Session, scope: Scope) -> list[Datastore]:
    """Return the datastores that the scope's hosts have, in one round trip; none whose name is withheld."""
    found = below(session, scope.computer or scope.root, {vim.Datastore: PATHS})
    shown = (shown_datastore(each, scope) for each in found)
    return [each for each in shown if each is not None]


def shown_datastore(found: Found, scope: Scope) -> Datastore | None:
    """Return a datastore of which these properties are known; None where the scope does not show it."""
    return _datastore(found, scope) if found["name"] and _is_on(found, scope) else None


def find_datastore(session: Session, scope: Scope, is_meant: Callable[[Datastore], bool], what: str) -> Datastore:
    """Return the first datastore that is meant, in one round trip. Raises NO_STORAGE_POOL for ``what``: "name 'x'"."""
    found = datastores(session, scope)
    return first(found, is_meant, libvirt.VIR_ERR_NO_STORAGE_POOL, f"storage pool with matching {what}")


def datastore(session: Session, scope: Scope, ref: Any) -> Datastore:
    """Return one datastore as it is now, in one round trip. Raises ManagedObjectNotFound."""
    found = properties(session, ref, *PATHS)
    return _datastore(Found(found.ref, found.properties, found.missing), scope)


def _is_on(found: Found, scope: Scope) -> bool:
    """Whether it is one of the host's that the URI names; where it names none, or no mounts are known, any is."""
    mounts = found["host"]
    return scope.host is None or mounts is None or any(mount.key == scope.host for mount in mounts)


def _datastore(found: Found, scope: Scope) -> Datastore:
    name = found.name
    path = _path(found["host"] or (), scope) or _of_url(found["summary.url"]) or found.ref._GetMoId()
    accessible = bool(found["summary.accessible"])
    values = _kind(found["info"]) | (_sizes(found) if accessible else {})
    definition = PoolDef(name=name, uuid=str(uuid_of(path)), path=path, **values)
    return Datastore(found.ref, found["browser"], definition, accessible, path)


def _path(mounts: Sequence[Any], scope: Scope) -> str | None:
    """Return where the scope's host has it; of several hosts, the first that mounts it."""
    own = [mount for mount in mounts if mount.key == scope.host] or mounts
    return next((str(mount.mountInfo.path) for mount in own if mount.mountInfo and mount.mountInfo.path), None)


def _of_url(url: str | None) -> str:
    return (url or "").removeprefix("ds://").rstrip("/")


def _sizes(found: Found) -> dict[str, Any]:
    capacity, free = int(found["summary.capacity"] or 0), int(found["summary.freeSpace"] or 0)
    return {"capacity": capacity, "allocation": max(capacity - free, 0), "available": free}


def _kind(info: Any) -> dict[str, Any]:
    """Return a pool's type and source; whatever libvirt has no type for is a directory."""
    if isinstance(info, vim.host.VmfsDatastoreInfo):
        return {"type": "fs", "format": "vmfs"}
    share = info.nas if isinstance(info, vim.host.NasDatastoreInfo) else None
    if share is None:
        return {"type": "dir"}
    hosts = tuple(share.remoteHostNames or ()) or (share.remoteHost,)
    return {
        "type": "netfs", "hosts": tuple(host for host in hosts if host), "directory": share.remotePath,
        "format": _SHARES.get(str(share.type).upper(), "nfs"),
    }  # fmt: skip
