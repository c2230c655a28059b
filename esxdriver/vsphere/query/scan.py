"""Reading very many objects: a part of them at a time, the next part on its way while the last is worked on.

Source: vSphere API, PropertyCollector.RetrievePropertiesEx.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, Protocol

from pyVmomi import vmodl

from esxdriver.vsphere.query.retrieve import ForgottenError, Found, asked, below, found_in, unfinished
from esxdriver.vsphere.query.task import Progress
from esxdriver.vsphere.wire.decode import Paged
from esxdriver.vsphere.wire.session import Session

PART = 100  # objects: some 100 ms of work, which hides the round trip for the next part

ObjectSpec = vmodl.query.PropertyCollector.ObjectSpec


def scan(
    session: Session,
    root: Any,
    kind: Any,
    paths: Sequence[str],
    *,
    size: int = PART,
    unread: frozenset[str] = frozenset(),
    progress: Progress = None,
    refs: Sequence[Any] | None = None,
) -> Iterator[Found]:
    """Yield the objects of one type below ``root`` with their properties: memory does not grow with the inventory.

    The objects are listed in one round trip, then read ``size`` of them at a time; a host answers such requests as
    they come, where it may work out a whole traversal before the first page. What disappears meanwhile is left out,
    and so is what devices have under a name in ``unread``. ``progress`` is called with percentages. Raises
    UnfinishedError as :func:`below` does. With ``refs``, those alone are read, and nothing is listed.
    """
    if refs is None:
        refs = [each.ref for each in below(session, root, {kind: ("name",)})]
    starts = range(0, len(refs), size)
    parts = (_Part(session, refs[start : start + size], {kind: paths}, Paged(unread)) for start in starts)
    reported = 0
    for done, each in enumerate(ahead(parts), start=1):
        yield each
        percent = 100 * done // len(refs)
        if progress and percent != reported:
            progress(percent)
            reported = percent
    if progress and reported not in (0, 100):  # some have disappeared
        progress(100)


class Part(Protocol):
    """A part of what is asked for, which is asked for when this is made."""

    def found(self) -> Iterator[Any]:
        """Wait for the answer, and yield what is in it."""

    def close(self) -> None:
        """Give up what is on its way."""


def ahead(parts: Iterator[Part]) -> Iterator[Any]:
    """Yield what is in the parts, the next one on its way while the last is worked on."""
    part = next(parts, None)
    while part is not None:
        following = None
        try:
            following = next(parts, None)
            yield from part.found()
        except BaseException:  # nobody waits for them any more
            for each in filter(None, (part, following)):
                each.close()
            raise
        part = following


class _Part:
    """Some of the objects, asked for at once and waited for when they are needed."""

    def __init__(
        self, session: Session, refs: Sequence[Any], wanted: Mapping[Any, Sequence[str]], paged: Paged
    ) -> None:
        self._session = session
        self._wanted = wanted
        self._paged = paged
        self._left = {ref._moId: ref for ref in refs}
        self._forgotten = False
        self._ask()

    def _ask(self) -> None:
        start = [ObjectSpec(obj=ref) for ref in self._left.values()]
        self._coming = asked(self._session, start, self._wanted, self._paged)

    def close(self) -> None:
        """Give up what is on its way."""
        self._coming.close()

    def found(self) -> Iterator[Found]:
        """Yield those objects that still exist; if the host forgets the rest of them, they are asked for once more."""
        while not (yield from self._answered()):
            self._ask()

    def _answered(self) -> Generator[Found, None, bool]:
        """Yield what is in one answer, and return whether there is nothing left to ask for."""
        try:
            for each in found_in(self._coming):
                self._left.pop(each.ref._moId, None)
                yield each
        except vmodl.fault.ManagedObjectNotFound as error:
            if error.obj is None or self._left.pop(error.obj._moId, None) is None:
                raise
        except ForgottenError as error:
            if self._forgotten:
                raise unfinished(error) from error
            self._forgotten = True
        else:
            return True
        return not self._left
