"""Several changes of which vSphere has no one call: taken one after the other, and taken back when one is refused.

1. A step that the host refuses changes nothing; those before it are undone, the last one first, and the error says so.
2. When it is unknown whether a step was done, nothing is undone: the error names what was done and what is unknown.
3. What cannot be taken back is named, with the reason.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import libvirt

from esxdriver import outcome
from esxdriver.errors import extend
from esxdriver.vsphere.wire.faults import CALL_FAILURES, OutcomeUnknownError, as_libvirt, describe


@dataclass(frozen=True)
class Step:
    """A change, and what undoes it; ``what`` it is about, as errors name it."""

    what: str
    do: Callable[[], Any]
    undo: Callable[[], Any]


def take(steps: Sequence[Step], failure: str) -> None:
    """Take the steps, and undo those before one that is refused.

    Raises what the host refuses as a ``libvirtError`` that says ``failure``, and OutcomeUnknownError when nobody knows
    whether a step was taken: then none is undone.
    """
    done: list[Step] = []
    with _reporting() as changes:
        for step in steps:
            try:
                step.do()
            except OutcomeUnknownError:
                raise
            except CALL_FAILURES as cause:
                refused = as_libvirt(cause, f"{failure}: {step.what}")
                assert refused is not None
                _take_back(done, refused, changes)
                raise refused from cause
            done.append(step)


@contextmanager
def _reporting() -> Iterator[list[outcome.Change]]:
    changes = outcome.enter()
    try:
        yield changes
    finally:
        outcome.leave(changes)


def _take_back(done: Sequence[Step], refused: libvirt.libvirtError, changes: Sequence[outcome.Change]) -> None:
    """Undo what was done, and let the error tell of it; nothing else need be said of these changes then."""
    for step in reversed(done):
        try:
            step.undo()
        except CALL_FAILURES as cause:
            extend(refused, f"{step.what} could not be taken back ({describe(cause)})")
            return
    for change in changes:
        change.reported = True
    if done:
        extend(refused, "the steps before it are undone, so the host is as it was")
