"""Reading properties in bulk: named property paths of many objects in one round trip.

An attribute read on a pyVmomi object is a round trip of its own, so nothing outside this module reads one.
Source: vSphere API, PropertyCollector.RetrievePropertiesEx.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyVmomi import vim, vmodl

from esxdriver.vsphere.session import Session

_COLLECTOR = vmodl.query.PropertyCollector

# How to get from a container to what it holds: the step, the type it starts from, the property, the next steps.
_STEPS: Mapping[str, tuple[Any, str, Sequence[str]]] = {
    "children": (vim.Folder, "childEntity", ("children", "hosts", "computers", "networks", "datastores")),
    "hosts": (vim.Datacenter, "hostFolder", ("children",)),
    "computers": (vim.ComputeResource, "host", ("machines",)),
    "machines": (vim.HostSystem, "vm", ()),
    "networks": (vim.ComputeResource, "network", ()),
    "datastores": (vim.ComputeResource, "datastore", ()),
}

# Steps that are taken only by who wants what they lead to.
_ONLY_FOR = {"machines": vim.VirtualMachine, "networks": vim.Network, "datastores": vim.Datastore}


@dataclass(frozen=True)
class Found:
    """An object and those of its properties that could be read; a property that is unset is missing."""

    ref: Any
    properties: Mapping[str, Any]

    def __getitem__(self, path: str) -> Any:
        """Return a property, None when it is unset."""
        return self.properties.get(path)


def below(session: Session, root: Any, wanted: Mapping[Any, Sequence[str]], beside: Sequence[Any] = ()) -> list[Found]:
    """Return all objects below ``root``, itself and those ``beside`` it included, of the types in ``wanted``.

    ``wanted`` names for each type the property paths to read. One round trip for each page of the answer.
    """
    start = _COLLECTOR.ObjectSpec(obj=root, skip=False, selectSet=_traversal(wanted))
    return list(_retrieved(session, [start, *(_COLLECTOR.ObjectSpec(obj=ref) for ref in beside)], wanted))


def properties(session: Session, ref: Any, *paths: str) -> Found:
    """Return the properties of one object, in one round trip. Raises ManagedObjectNotFound."""
    return next(_retrieved(session, [_COLLECTOR.ObjectSpec(obj=ref)], {type(ref): paths}), Found(ref, {}))


def each(session: Session, refs: Sequence[Any], kind: Any, *paths: str) -> list[Found]:
    """Return the properties of several objects of one type, in one round trip."""
    if not refs:
        return []
    return list(_retrieved(session, [_COLLECTOR.ObjectSpec(obj=ref) for ref in refs], {kind: paths}))


def _traversal(wanted: Mapping[Any, Sequence[str]]) -> list[Any]:
    steps = {name: step for name, step in _STEPS.items() if name not in _ONLY_FOR or _ONLY_FOR[name] in wanted}
    return [
        _COLLECTOR.TraversalSpec(
            name=name,
            type=kind,
            path=path,
            skip=False,
            selectSet=[_COLLECTOR.SelectionSpec(name=following) for following in nexts if following in steps],
        )
        for name, (kind, path, nexts) in steps.items()
    ]


def _retrieved(session: Session, start: list[Any], wanted: Mapping[Any, Sequence[str]]) -> Iterator[Found]:
    collector = session.content.propertyCollector
    spec = _COLLECTOR.FilterSpec(
        objectSet=start,
        propSet=[_COLLECTOR.PropertySpec(type=kind, all=False, pathSet=list(paths)) for kind, paths in wanted.items()],
    )
    page = collector.RetrievePropertiesEx([spec], _COLLECTOR.RetrieveOptions())
    while page is not None:
        for content in page.objects:
            yield Found(content.obj, {each.name: each.val for each in content.propSet})
        page = collector.ContinueRetrievePropertiesEx(page.token) if page.token else None
