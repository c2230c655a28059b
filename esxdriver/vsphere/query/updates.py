"""A watch's objects on the host: what it is to report of what is watched, and its reports.

1. A property collector of the watch's own has one filter, so that another watch of the session, or a read, is not in
   its way. Machines are those of a view of the scope; what else is watched is found as a read of all finds it.
2. :meth:`Updates.wait` returns what has changed since the last one, or nothing when the time is over. The host counts
   versions; one that it does not know any more, or a collector that it has lost, ends in a fault: make a new one.
3. The first answer has every object, and may come in parts, as any long one: each says whether it is ``truncated``.

Source: vSphere API, PropertyCollector.WaitForUpdatesEx, ContainerView.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pyVmomi import vim, vmodl

from esxdriver.vsphere.query.retrieve import start_at
from esxdriver.vsphere.wire.faults import CALL_FAILURES
from esxdriver.vsphere.wire.pending import PendingCall, method
from esxdriver.vsphere.wire.reports import Report, ReportsResult
from esxdriver.vsphere.wire.session import Session

_COLLECTOR = vmodl.query.PropertyCollector

_WAIT = method(_COLLECTOR, "WaitForUpdatesEx", ReportsResult())

MOST_AT_ONCE = 500  # objects in a part of an answer

Wanted = Mapping[Any, Sequence[str]]
"""The types that are watched, and of each the paths of its properties."""


@dataclass(frozen=True)
class Update:
    """What an answer says of one object: whether it has left, and the properties that have another value now.

    A property that is unset now, or cannot be read, is None; ``withheld`` are those that cannot: for want of a
    privilege, or because the value is of no use.
    """

    ref: Any
    left: bool
    properties: Mapping[str, Any]
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """A part of what has changed; more follows at once when it is ``truncated``."""

    updates: Sequence[Update]
    truncated: bool


class Updates:
    """The collector, view and filter of a watch of what is below ``root``: machines, or objects of other types.

    Raises vSphere's faults and :class:`HostError` where they cannot be made: then nothing of them stays.
    """

    def __init__(self, session: Session, root: Any, wanted: Wanted) -> None:
        content = session.content
        self._version = ""
        self._views = content.viewManager
        self._made: list[Callable[[], Any]] = []  # what takes back from the host what was made there
        try:
            start = self._view(root, wanted) if vim.VirtualMachine in wanted else start_at(root, wanted)
            self._collector = content.propertyCollector.CreatePropertyCollector()
            self._made.append(self._collector.DestroyPropertyCollector)
            self._collector.CreateFilter(_filter(start, wanted), False)
        except BaseException:  # a watch starts anew for as long as it lives: what stayed would pile up
            self.close()
            raise

    def _view(self, root: Any, wanted: Wanted) -> Any:
        """Make a view, and return the object spec that leads to what is in it."""
        view = self._views.CreateContainerView(root, list(wanted), True)
        self._made.append(view.DestroyView)
        step = _COLLECTOR.TraversalSpec(name="machines", type=vim.view.ContainerView, path="view", skip=False)
        return _COLLECTOR.ObjectSpec(obj=view, skip=True, selectSet=[step])

    def wait(self, seconds: int) -> Answer | None:
        """Return what has changed since the last answer, within some seconds; None when nothing has.

        Raises vSphere's faults and :class:`HostError`: then this object is of no use any more.
        """
        options = _COLLECTOR.WaitOptions(maxWaitSeconds=seconds, maxObjectUpdates=MOST_AT_ONCE)
        found = PendingCall(self._collector, _WAIT, [self._version, options]).result()
        if found is None:
            return None
        self._version = found.version
        return Answer([_update(each) for each in found.reports], found.truncated)

    def cancel(self) -> None:
        """Have a wait that another thread is in end at once. Never raises."""
        with suppress(*CALL_FAILURES):
            self._collector.CancelWaitForUpdates()

    def close(self) -> None:
        """Take back from the host what was made there. Never raises: the session's end takes back what is left."""
        for take_back in reversed(self._made):
            with suppress(*CALL_FAILURES):
                take_back()


def _filter(start: Any, wanted: Wanted) -> Any:
    return _COLLECTOR.FilterSpec(
        objectSet=[start],
        propSet=[_COLLECTOR.PropertySpec(type=kind, all=False, pathSet=list(paths)) for kind, paths in wanted.items()],
        reportMissingObjectsInResults=True,
    )


def _update(report: Report) -> Update:
    ref, properties, missing = report.content
    return Update(ref, report.left, dict.fromkeys(missing) | properties, frozenset(missing.keys() - properties.keys()))
