"""Reading properties in bulk: named property paths of many objects in one round trip.

An attribute read on a pyVmomi object is a round trip of its own, so nothing outside this module reads one.
Source: vSphere API, PropertyCollector.RetrievePropertiesEx.
"""

import functools
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from pyVmomi import vim, vmodl
from pyVmomi.VmomiSupport import Object

from esxdriver.vsphere.decode import Page
from esxdriver.vsphere.faults import HostError, NoAnswerError, UnfinishedError, describe
from esxdriver.vsphere.session import Session

log = logging.getLogger(__name__)

PAGE = 100  # objects: some 100 ms of work, which hides the round trip for the next page

T = TypeVar("T")

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

    ``wanted`` names for each type the property paths to read. One round trip for each page that the host makes of
    its answer; when it forgets the rest of them, another attempt, and then UnfinishedError.
    """
    start = _COLLECTOR.ObjectSpec(obj=root, skip=False, selectSet=_traversal(wanted))
    return list(_retrieved(session, [start, *(_COLLECTOR.ObjectSpec(obj=ref) for ref in beside)], wanted))


def scan(session: Session, root: Any, kind: Any, paths: Sequence[str], size: int = PAGE) -> Iterator[Found]:
    """Yield the objects of one type below ``root`` with their properties: memory does not grow with the inventory.

    The objects are listed in one round trip, then read ``size`` of them at a time, the next ones while the last are
    worked on; a host answers such requests as they come, where it may work out a whole traversal before the first
    page. What disappears meanwhile is left out. Raises UnfinishedError as :func:`below` does.
    """
    refs = [each.ref for each in below(session, root, {kind: ("name",)})]
    parts = (refs[start : start + size] for start in range(0, len(refs), size))
    for pages in _ahead(functools.partial(_present, session, part, {kind: paths}) for part in parts):
        yield from _found(pages)


def properties(session: Session, ref: Any, *paths: str) -> Found:
    """Return the properties of one object, in one round trip. Raises ManagedObjectNotFound."""
    found = next(_retrieved(session, [_COLLECTOR.ObjectSpec(obj=ref)], {type(ref): paths}), None)
    if found is None:
        raise vmodl.fault.ManagedObjectNotFound(obj=ref, msg="The object has been deleted")
    return found


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
    return _found(_whole(session, start, wanted))


def _found(pages: Iterable[Page]) -> Iterator[Found]:
    for page in pages:
        for ref, values in page:
            yield Found(ref, values)


def _ahead(tasks: Iterable[Callable[[], T]]) -> Iterator[T]:
    """Yield what the tasks return; while one result is worked on, a thread sees to the next."""
    with ThreadPoolExecutor(1, "esxdriver-ahead") as thread:
        coming: deque[Future[T]] = deque()
        for task in tasks:
            coming.append(thread.submit(task))
            if len(coming) > 1:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def _present(session: Session, refs: Sequence[Any], wanted: Mapping[Any, Sequence[str]]) -> list[Page]:
    """Ask for those of the objects that still exist."""
    gone: set[Any] = set()
    while True:
        left = [ref for ref in refs if ref not in gone]
        try:
            return _whole(session, [_COLLECTOR.ObjectSpec(obj=ref) for ref in left], wanted) if left else []
        except vmodl.fault.ManagedObjectNotFound as missing:
            if missing.obj not in left:
                raise
            gone.add(missing.obj)


def _whole(session: Session, start: list[Any], wanted: Mapping[Any, Sequence[str]]) -> list[Page]:
    """Return an answer's pages, not decoded yet; when the host forgets the rest of them, ask once from the start."""
    spec = _COLLECTOR.FilterSpec(
        objectSet=start,
        propSet=[_COLLECTOR.PropertySpec(type=kind, all=False, pathSet=list(paths)) for kind, paths in wanted.items()],
        reportMissingObjectsInResults=True,  # they are left out then; hosts that do not know it raise
    )
    try:
        return list(_pages(session.content.propertyCollector, spec))
    except _ForgottenError as forgotten:
        log.info("asking from the start: %s", forgotten)
    try:
        return list(_pages(session.content.propertyCollector, spec))
    except _ForgottenError as again:
        raise UnfinishedError(f"the host has twice forgotten the rest of a long answer ({again})") from again


def _pages(collector: Any, spec: Any) -> Iterator[Page]:
    page = _ask(collector, "RetrievePropertiesEx", [spec], _COLLECTOR.RetrieveOptions())
    while page is not None:
        yield page
        page = _next(collector, page.token) if page.token else None


def _next(collector: Any, token: str) -> Page | None:
    try:
        return _ask(collector, "ContinueRetrievePropertiesEx", token)
    except NoAnswerError:
        raise
    except (vmodl.MethodFault, HostError) as lost:
        raise _ForgottenError(describe(lost)) from lost


def _ask(collector: Any, method: str, *arguments: Any) -> Page | None:
    """Call a method of the collector for a :class:`Page`, whose objects are not decoded yet."""
    page: Page | None = collector._stub.InvokeMethod(collector, _paged(method), list(arguments))
    return page


@functools.cache
def _paged(method: str) -> Any:
    known = _COLLECTOR._GetMethodInfo(method)
    return Object(**{**vars(known), "params": known.params, "result": Page})
