"""Reading properties in bulk: named property paths of many objects in one round trip.

An attribute read on a pyVmomi object is a round trip of its own, so nothing outside this module reads one.
Source: vSphere API, PropertyCollector.RetrievePropertiesEx.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from pyVmomi import vim, vmodl

from esxdriver.conf.mapping.identity import unescaped
from esxdriver.vsphere.wire.decode import Page, Paged
from esxdriver.vsphere.wire.faults import HOST_FAULTS, NoAnswerError, UnfinishedError, describe
from esxdriver.vsphere.wire.pending import PendingCall, method
from esxdriver.vsphere.wire.session import Session

log = logging.getLogger(__name__)

_COLLECTOR = vmodl.query.PropertyCollector

_WHOLE = Paged()
_GONE = ""  # the path of what is missing when the whole object is

Step = tuple[Any, str, Sequence[str]]

# Machines are found through folders, which a user may see without seeing any host; those of a vApp hang below the vApp.
# A cluster or a host has no folder of machines: theirs are found through hosts.
_IN_FOLDERS = ("folders", "members", "nested")
_BY_HOSTS = ("hosts", "computers", "machines")

# How to get from a container to what it holds: the step, the type it starts from, the property, the next steps.
_STEPS: Mapping[str, Step] = {
    "children": (
        vim.Folder,
        "childEntity",
        ("children", "hosts", "computers", "networks", "switches", "datastores", *_IN_FOLDERS),
    ),
    "hosts": (vim.Datacenter, "hostFolder", ("children",)),
    "computers": (vim.ComputeResource, "host", ("machines",)),
    "machines": (vim.HostSystem, "vm", ()),
    "networks": (vim.ComputeResource, "network", ("switches",)),
    "switches": (vim.dvs.DistributedVirtualPortgroup, "config.distributedVirtualSwitch", ()),
    "datastores": (vim.ComputeResource, "datastore", ()),
    "mounted": (vim.HostSystem, "datastore", ()),
    "folders": (vim.Datacenter, "vmFolder", ("children",)),
    "members": (vim.VirtualApp, "vm", ()),
    "nested": (vim.VirtualApp, "resourcePool", ("members", "nested")),
}

# Steps that are taken only where the type that they lead to is wanted.
_ONLY_FOR = {
    "networks": vim.Network,
    "datastores": vim.Datastore,
    "mounted": vim.Datastore,
    "switches": vim.DistributedVirtualSwitch,
}


class ForgottenError(Exception):
    """The host does not go on with an answer: its token has expired, or the session that had it is gone."""


@dataclass(frozen=True)
class Found:
    """An object and those of its properties that could be read; an unset one is in neither mapping.

    ``missing`` says why a property could not be read: the host's own fault, as NoPermission with the privilege, or that
    its value is of no use. ``alone`` is what was asked about by itself.
    """

    ref: Any
    properties: Mapping[str, Any]
    missing: Mapping[str, Exception] = field(default_factory=dict)
    alone: bool = False

    def __getitem__(self, path: str) -> Any:
        """Return a property, None when it is unset.

        Of an object that was asked about by itself, raises why it could not be read; in bulk reads it is None then.
        """
        value = self.properties.get(path)
        if value is None and self.alone and path in self.missing:
            raise self.missing[path]
        return value

    @property
    def name(self) -> str:
        """Its name as users know it, without vSphere's escapes; empty when it is not read or withheld."""
        return unescaped(self["name"] or "")

    @property
    def title(self) -> str:
        """What messages call it: its name, or else its ID."""
        return self.name or str(self.ref._moId)

    def required(self, path: str) -> Any:
        """Return a property, None when it is unset. Raises why it could not be read."""
        if path in self.missing:
            raise self.missing[path]
        return self.properties.get(path)


def below(
    session: Session,
    root: Any,
    wanted: Mapping[Any, Sequence[str]],
    beside: Sequence[Any] = (),
    text: str | None = None,
) -> list[Found]:
    """Return all objects below ``root``, itself and those ``beside`` it included, of the types in ``wanted``.

    ``wanted`` names for each type the property paths to read; with a ``text``, only objects that hold it are returned.
    One round trip for each page that the host makes of its answer; when it forgets the rest of them, another attempt.
    Raises UnfinishedError when that does not help, and ManagedObjectNotFound when one of those ``beside`` is gone.
    """
    starts = [start_at(root, wanted), *(_COLLECTOR.ObjectSpec(obj=ref) for ref in beside)]
    return _retrieved(session, starts, wanted, _WHOLE if text is None else Paged(text=text))


def properties(session: Session, ref: Any, *paths: str) -> Found:
    """Return the properties of one object, in one round trip. Raises ManagedObjectNotFound."""
    found = in_passing(session, ref, *paths)
    if found is None:
        raise vmodl.fault.ManagedObjectNotFound(obj=ref, msg="The object has been deleted")
    return replace(found, alone=True)


def in_passing(session: Session, ref: Any, *paths: str) -> Found | None:
    """Return the properties of one object as bulk reads have them, without those that could not be read.

    None stands for an object that is gone.
    """
    found = _retrieved(session, [_COLLECTOR.ObjectSpec(obj=ref)], {type(ref): paths})
    return found[0] if found else None


def each_of(session: Session, wanted: Mapping[Any, Sequence[str]]) -> list[Found]:
    """Return some properties of each of a few objects, the same ones for each type, in one round trip.

    Raises ManagedObjectNotFound when one of them is gone.
    """
    kinds = {type(ref): paths for ref, paths in wanted.items()}
    spec = _COLLECTOR.FilterSpec(
        objectSet=[_COLLECTOR.ObjectSpec(obj=ref) for ref in wanted],
        propSet=[_COLLECTOR.PropertySpec(type=kind, pathSet=list(paths)) for kind, paths in kinds.items()],
    )
    operation = method(_COLLECTOR, "RetrievePropertiesEx", _WHOLE)
    arguments = [[spec], _COLLECTOR.RetrieveOptions()]
    return list(found_in(PendingCall(session.content.propertyCollector, operation, arguments)))


def start_at(root: Any, wanted: Iterable[Any]) -> Any:
    """Return the object spec that leads from ``root`` to all objects of the types that are wanted, itself included."""
    return _COLLECTOR.ObjectSpec(obj=root, skip=False, selectSet=_traversal(root, wanted))


def _traversal(root: Any, wanted: Iterable[Any]) -> list[Any]:
    return [
        _COLLECTOR.TraversalSpec(
            name=name,
            type=kind,
            path=path,
            skip=False,
            selectSet=[_COLLECTOR.SelectionSpec(name=following) for following in nexts],
        )
        for name, (kind, path, nexts) in steps_to(wanted, root).items()
    ]


def steps_to(wanted: Iterable[Any], root: Any) -> dict[str, Step]:
    """Return the steps from ``root`` to objects of the types that are wanted, each with those that follow it."""
    types = set(wanted)
    left_out = {name for name, kind in _ONLY_FOR.items() if kind not in types}
    if not isinstance(root, vim.HostSystem):
        left_out.add("mounted")  # a host's datastores are its computing resource's, too
    if vim.VirtualMachine not in types:
        left_out |= {*_IN_FOLDERS, "machines"}
    elif not isinstance(root, (vim.Folder, vim.Datacenter)):
        left_out |= set(_IN_FOLDERS)
    else:
        left_out |= {"machines"} if len(types) > 1 else set(_BY_HOSTS)
    taken = {name: step for name, step in _STEPS.items() if name not in left_out}
    return {
        name: (kind, path, [following for following in nexts if following in taken])
        for name, (kind, path, nexts) in taken.items()
    }


def _retrieved(
    session: Session, start: list[Any], wanted: Mapping[Any, Sequence[str]], paged: Paged = _WHOLE
) -> list[Found]:
    """Return the whole answer: that of a second attempt, where the host forgets the rest of the first."""
    try:
        return list(found_in(asked(session, start, wanted, paged)))
    except ForgottenError as error:
        log.info("asking from the start: %s", error)
    try:
        return list(found_in(asked(session, start, wanted, paged)))
    except ForgottenError as error:
        raise unfinished(error) from error


def found_in(coming: PendingCall) -> Iterator[Found]:
    """Yield what is in an answer, the next page on its way while the last is worked on. Raises ForgottenError."""
    for page in _pages(coming):
        for ref, values, missing in page:
            if _GONE not in missing:
                yield Found(ref, values, missing)


def _pages(coming: PendingCall) -> Iterator[Page]:
    page: Page | None = coming.result()
    while page is not None:
        if not page.token:
            yield page
            return
        operation = method(_COLLECTOR, "ContinueRetrievePropertiesEx", coming.info.result)
        with closing(PendingCall(coming.callee, operation, [page.token])) as following:
            yield page
            page = _continued(following)


def _continued(following: PendingCall) -> Page | None:
    try:
        page: Page | None = following.result()
    except NoAnswerError:
        raise
    except HOST_FAULTS as error:
        raise ForgottenError(describe(error)) from error
    return page


def asked(
    session: Session, start: list[Any], wanted: Mapping[Any, Sequence[str]], paged: Paged = _WHOLE
) -> PendingCall:
    """Ask for properties of the types in ``wanted`` of the objects that ``start`` leads to."""
    spec = _COLLECTOR.FilterSpec(
        objectSet=start,
        propSet=[_COLLECTOR.PropertySpec(type=kind, all=False, pathSet=list(paths)) for kind, paths in wanted.items()],
        reportMissingObjectsInResults=True,  # they are left out then; hosts that do not know it raise
    )
    operation = method(_COLLECTOR, "RetrievePropertiesEx", paged)
    return PendingCall(session.content.propertyCollector, operation, [[spec], _COLLECTOR.RetrieveOptions()])


def unfinished(forgotten: ForgottenError) -> UnfinishedError:
    """Return what to raise when another attempt has not helped."""
    return UnfinishedError(f"the host has twice forgotten the rest of a long answer ({forgotten})")
