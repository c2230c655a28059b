"""Reading properties in bulk: named property paths of many objects in one round trip.

An attribute read on a pyVmomi object is a round trip of its own, so nothing outside this module reads one.
Source: vSphere API, PropertyCollector.RetrievePropertiesEx.
"""

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

from pyVmomi import vim, vmodl
from pyVmomi.VmomiSupport import Object

from esxdriver.vsphere.decode import Page
from esxdriver.vsphere.faults import HostError, NoAnswerError, UnfinishedError, describe
from esxdriver.vsphere.session import Session

log = logging.getLogger(__name__)

PAGE = 100  # objects: some 100 ms of work, which hides the round trip for the next page

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


class _ForgottenError(Exception):
    """The host does not go on with an answer: its token has expired, or the session that had it is gone."""


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


def scan(session: Session, root: Any, wanted: Mapping[Any, Sequence[str]], size: int = PAGE) -> Iterator[Found]:
    """Yield what :func:`below` returns, in pages of ``size`` objects: memory does not grow with the inventory.

    The next page is asked for while the last is worked on. What disappears meanwhile is left out. Raises
    UnfinishedError when the host forgets the rest of its answer twice.
    """
    start = _COLLECTOR.ObjectSpec(obj=root, skip=False, selectSet=_traversal(wanted))
    return _retrieved(session, [start], wanted, size)


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


def _retrieved(
    session: Session, start: list[Any], wanted: Mapping[Any, Sequence[str]], size: int | None = None
) -> Iterator[Found]:
    """Yield what is found; when the host forgets the rest of its answer, ask once more for what is missing."""
    spec = _COLLECTOR.FilterSpec(
        objectSet=start,
        propSet=[_COLLECTOR.PropertySpec(type=kind, all=False, pathSet=list(paths)) for kind, paths in wanted.items()],
    )
    seen: set[tuple[type, str]] = set()
    try:
        yield from _unseen(session, spec, size, seen)
    except _ForgottenError as forgotten:
        log.info("asking from the start: %s", forgotten)
        try:
            yield from _unseen(session, spec, size, seen)
        except _ForgottenError as again:
            raise UnfinishedError(f"the host has twice forgotten the rest of a long answer ({again})") from again


def _unseen(session: Session, spec: Any, size: int | None, seen: set[tuple[type, str]]) -> Iterator[Found]:
    for page in _pages(session.content.propertyCollector, spec, size):
        for content in page:
            key = type(content.obj), content.obj._moId
            if key not in seen:
                seen.add(key)
                yield Found(content.obj, {each.name: each.val for each in content.propSet})


def _pages(collector: Any, spec: Any, size: int | None) -> Iterator[Page]:
    """Yield the pages of an answer; while one is worked on, a thread of its own asks for the next."""
    page = _ask(collector, "RetrievePropertiesEx", [spec], _COLLECTOR.RetrieveOptions(maxObjects=size))
    with ThreadPoolExecutor(1, "esxdriver-page") as ahead:
        while page is not None:
            coming = ahead.submit(_next, collector, page.token) if page.token else None
            try:
                yield page
            except GeneratorExit:
                _give_up(collector, coming)
                raise
            page = coming.result() if coming else None


def _next(collector: Any, token: str) -> Page | None:
    try:
        return _ask(collector, "ContinueRetrievePropertiesEx", token)
    except NoAnswerError:
        raise
    except (vmodl.MethodFault, HostError) as lost:
        raise _ForgottenError(describe(lost)) from lost


def _give_up(collector: Any, coming: "Future[Page | None] | None") -> None:
    """Tell the host to forget the rest of an answer that nobody wants any more."""
    with contextlib.suppress(_ForgottenError, vmodl.MethodFault, HostError):
        page = coming.result() if coming else None
        if page is not None and page.token:
            collector.CancelRetrievePropertiesEx(page.token)


def _ask(collector: Any, method: str, *arguments: Any) -> Page | None:
    """Call a method of the collector for a :class:`Page`, whose objects are not decoded yet."""
    page: Page | None = collector._stub.InvokeMethod(collector, _paged(method), list(arguments))
    return page


@cache
def _paged(method: str) -> Any:
    known = _COLLECTOR._GetMethodInfo(method)
    return Object(**{**vars(known), "params": known.params, "result": Page})
