"""The part of a host's or vCenter's inventory that a connection sees: its scope, and what is in it.

A ``vpx`` path names folders and a datacenter, then folders and a cluster or standalone host, then a host; it may
stop at the datacenter or the cluster and then spans all of it. ESX alone has one datacenter and one host.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

import libvirt
from pyVmomi import vim

from esxdriver.errors import error
from esxdriver.vsphere.query.retrieve import Found, below
from esxdriver.vsphere.wire.session import Session

log = logging.getLogger(__name__)

# What tells domains apart and says what they do: all that a list needs.
IDENTITY = ("name", "config.instanceUuid", "config.uuid", "runtime.powerState")

_ESX_DATACENTER = "ha-datacenter"
_CONTAINERS = (vim.Folder, vim.Datacenter, vim.ComputeResource, vim.HostSystem)


@dataclass(frozen=True)
class Scope:
    """Where a connection looks: the container of its domains, the path of its datacenter, and what the path names."""

    root: Any
    datacenter_path: str
    datacenter: Any = None
    computer: Any = None
    host: Any = None


@dataclass(frozen=True)
class Site:
    """Where a new domain can be made. ``host`` is None where a cluster chooses; ``networks`` are names."""

    computer: Any
    folder: Any
    pool: Any
    host: Any
    networks: frozenset[str]


def scope_of(session: Session, path: Sequence[str]) -> Scope:
    """Return the scope that the items of a URI's path name; an ESX host's URI has no path, and the host is the scope.

    Raises INVALID_ARG when an item does not exist or is not what the path needs there.
    """
    root = session.content.rootFolder
    if session.content.about.apiType == "HostAgent":
        return Scope(root, _ESX_DATACENTER)
    found = below(session, root, dict.fromkeys(_CONTAINERS, ("name", "parent")))
    if not path:
        raise error(
            libvirt.VIR_ERR_INVALID_ARG,
            "the URI's path has to name a datacenter: vpx://vcenter/[folder/...]datacenter/[cluster/][host]; "
            + _datacenters(found),
        )
    return _walked(found, root, path)


def _datacenters(found: Sequence[Found]) -> str:
    """Say which datacenters there are, each as a URI's path names it, with the folders that it is in."""
    above = {each.ref: each for each in found}
    paths = sorted("/".join(_trail(each, above)) for each in found if isinstance(each.ref, vim.Datacenter))
    return f"this vCenter has {', '.join(paths)}" if paths else "this user may see none on this vCenter"


def _trail(found: Found, above: Mapping[Any, Found]) -> list[str]:
    """Return the names on the way to an object, as they stand in a URI; the topmost folder has none there."""
    parent = above.get(found["parent"])
    before = [] if parent is None or parent["parent"] is None else _trail(parent, above)
    return [*before, quote(found.name, safe="")]


def _walked(found: Sequence[Found], root: Any, path: Sequence[str]) -> Scope:
    """Follow the path from container to container; folders that vSphere hides are no part of it."""
    children: dict[Any, list[Found]] = {}
    for each in found:
        children.setdefault(each["parent"], []).append(each)
    trail: list[Any] = [root]
    for position, name in enumerate(path):
        there = _children(children, trail[-1])
        step = next((each for each in there if each.name == name), None)
        if step is None:
            text = f"the URI's path '{'/'.join(path[: position + 1])}': there is no '{name}' that this user can see"
            names = ", ".join(sorted(quote(each.name, safe="") for each in there))
            has = _datacenters(found) if _first(trail, vim.Datacenter) is None else f"there is {names or 'nothing'}"
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"{text}; {has}")
        trail.append(step.ref)
    datacenter = _first(trail, vim.Datacenter)
    if datacenter is None:
        raise error(
            libvirt.VIR_ERR_INVALID_ARG,
            f"the URI's path '{'/'.join(path)}' is a folder: name a datacenter; {_datacenters(found)}",
        )
    datacenter_path = "/".join(path[: trail.index(datacenter)])
    computer, host = _first(trail, vim.ComputeResource), _first(trail, vim.HostSystem)
    return Scope(trail[-1], datacenter_path, datacenter, computer, host)


def _first(trail: Sequence[Any], kind: Any) -> Any:
    return next((ref for ref in trail if isinstance(ref, kind)), None)


def _children(children: Mapping[Any, list[Found]], here: Any) -> list[Found]:
    """Return what a URI's path may name next; a datacenter's own folder of hosts is left out, as libvirt does."""
    below_here = children.get(here, [])
    if not isinstance(here, vim.Datacenter):
        return below_here
    return [child for folder in below_here if folder["name"] == "host" for child in children.get(folder.ref, [])]


def machines(session: Session, scope: Scope, *paths: str, text: str | None = None) -> list[Found]:
    """Return every virtual machine in the scope with these properties; templates and all.

    With a ``text``, only those that hold it are returned, and no other is decoded.
    A cluster's or a host's machines hang below hosts: where this user may see none, a warning says so.
    """
    found = below(session, scope.root, {vim.VirtualMachine: paths}, text=text)
    if not found and scope.computer is not None and not host_properties(session, scope, "name"):
        log.warning("this user may see no host of what the URI names, so its domains are not seen: name a datacenter")
    return found


def machines_by_uuid(session: Session, scope: Scope, uuid: UUID, *, instance: bool) -> list[Any]:
    """Return the machines of the scope with this instance UUID, or else BIOS UUID, in the order of the host's index.

    One round trip where the scope is a datacenter; a cluster's or a host's machines are listed, too, because the index
    does not know them. Source: vSphere API, SearchIndex.FindAllByUuid.
    """
    index = session.content.searchIndex
    refs = index.FindAllByUuid(datacenter=scope.datacenter, uuid=str(uuid), vmSearch=True, instanceUuid=instance) or []
    if scope.computer is None or not refs:
        return list(refs)
    inside = {each.ref for each in machines(session, scope, "name")}
    return [ref for ref in refs if ref in inside]


def host_properties(session: Session, scope: Scope, *paths: str) -> list[Found]:
    """Return the hosts of the scope with these properties."""
    return below(session, scope.root, {vim.HostSystem: paths})


def host_paths(session: Session, scope: Scope) -> list[str]:
    """Return what to add to the URI's path for each host of the scope: ``cluster/host``, or the name of one alone."""
    found = below(session, scope.root, {vim.ComputeResource: ("name",), vim.HostSystem: ("name", "parent")})
    computers = {each.ref: each.name for each in found if each.ref != scope.root}
    hosts = [each for each in found if isinstance(each.ref, vim.HostSystem)]
    return ["/".join(dict.fromkeys(filter(None, (computers.get(host["parent"]), host.name)))) for host in hosts]


def site_for(session: Session, scope: Scope, datastore: str) -> Site:
    """Return where a domain whose files are on ``datastore`` can be made, in one round trip.

    Raises NO_STORAGE_POOL when nothing in the scope reaches the datastore, CONFIG_UNSUPPORTED when several
    computing resources do and the URI does not say which.
    """
    wanted = {
        vim.ComputeResource: ("name", "resourcePool", "host", "network", "datastore"),
        vim.Datacenter: ("vmFolder",),
        vim.Network: ("name",),
        vim.Datastore: ("name",),
    }
    beside = [scope.datacenter] if scope.datacenter is not None else []
    found = below(session, scope.computer or scope.root, wanted, beside)
    names = {each.ref: each.name for each in found if each.name}
    computer = _computer(found, names, datastore)
    hosts = computer["host"] or []
    alone = hosts[0] if len(hosts) == 1 else None
    folder = next((each["vmFolder"] for each in found if isinstance(each.ref, vim.Datacenter)), None)
    for what, ref in (("the datacenter's folder of machines", folder), ("the resource pool", computer["resourcePool"])):
        if ref is None:
            raise error(libvirt.VIR_ERR_ACCESS_DENIED, f"this user may not see {what}, where new domains would go")
    return Site(
        computer=computer.ref,
        folder=folder,
        pool=computer["resourcePool"],
        host=scope.host or alone,
        networks=frozenset(names[ref] for ref in computer["network"] or () if ref in names),
    )


def _computer(found: Sequence[Found], names: Mapping[Any, str], datastore: str) -> Found:
    computers = [each for each in found if isinstance(each.ref, vim.ComputeResource)]
    reaching = [each for each in computers if datastore in {names.get(ref) for ref in each["datastore"] or ()}]
    if not reaching:
        known = sorted({names[ref] for each in computers for ref in each["datastore"] or () if ref in names})
        raise error(
            libvirt.VIR_ERR_NO_STORAGE_POOL, f"no datastore '{datastore}' here; there are: {', '.join(known) or 'none'}"
        )
    if len(reaching) > 1:
        choices = ", ".join(sorted(names.get(each.ref, each.ref._moId) for each in reaching))
        raise error(
            libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
            f"several hosts or clusters reach datastore '{datastore}': name one in the URI's path ({choices})",
        )
    return reaching[0]


def datastore_urls(session: Session, scope: Scope) -> dict[str, str]:
    """Return the URL of each datastore in the scope by its name, in one round trip."""
    found = below(session, scope.computer or scope.root, {vim.Datastore: ("name", "summary.url")})
    return {each.name: each["summary.url"] or "" for each in found if each.name}


def network_names(session: Session, scope: Scope) -> frozenset[str]:
    """Return the names of the networks in the scope, in one round trip."""
    found = below(session, scope.computer or scope.root, {vim.Network: ("name",)})
    return frozenset(each.name for each in found if each.name)
