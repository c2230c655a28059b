"""What becomes of the changes that are sent to a host: the one place that knows of those on their way.

1. Whoever sends a change notes it with :func:`sent` before its first byte leaves.
2. Whoever learns what became of it says so: refused, under way as a task, done. Until then it is unknown.
3. Whatever ends a block of :func:`watched` early, an error or a signal, tells of each change that was noted in it:
   a ``libvirtError`` in its text, anything else (KeyboardInterrupt, SystemExit) in a note.
4. What an error has said itself, or a block has, is not said again by the block around it.

A change belongs to the thread that sent it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

# Of a long row of changes the last are reported, those of unknown outcome, and how many others were done before.
_MOST_REPORTED = 5


class State(Enum):
    """How far a change has come, and the sentence about it."""

    SENT = "{what} was sent: whether it was done is unknown, so look at the host's recent tasks before asking again"
    UNDER_WAY = (
        "{what} was under way ({task}): whether it was done is unknown, so look at that task before asking again"
    )
    DONE = "{what} was done"
    REFUSED = ""


@dataclass(eq=False)
class Change:
    """A change that was sent.

    ``what`` is the operation and its object, ``task`` the ID of the host's task once there is one; ``reported`` is
    whether an error has reported it.
    """

    what: str
    state: State = State.SENT
    task: str = ""
    reported: bool = False

    def __str__(self) -> str:
        return self.state.value.format(what=self.what, task=f"task {self.task}")

    def under_way(self, task: str) -> None:
        """Note that the host has taken it on as a task."""
        self.state, self.task = State.UNDER_WAY, task

    def done(self) -> None:
        """Note that it is done."""
        self.state = State.DONE

    def refused(self) -> None:
        """Note that the host has refused it, or that it never came there: the error that is raised says why."""
        self.state = State.REFUSED

    def report(self) -> str:
        """Return the sentence about it, for an error that tells of it itself."""
        self.reported = True
        return str(self)

    @property
    def is_open(self) -> bool:
        """Whether there is something to tell."""
        return not self.reported and self.state is not State.REFUSED


class _Blocks(threading.local):
    def __init__(self) -> None:
        self.open: list[list[Change]] = []


_blocks = _Blocks()


def sent(what: str) -> Change:
    """Note that a change leaves now, and return it: whoever learns what becomes of it says so there."""
    change = Change(what)
    if _blocks.open:
        _blocks.open[-1].append(change)
    return change


def of_task(task: str) -> Change:
    """Return the change of this thread that the host has taken on as the task with this ID, or else a new one."""
    known = (change for block in reversed(_blocks.open) for change in block if change.task == task)
    return next(known, None) or Change("an operation", State.UNDER_WAY, task)


@contextmanager
def watched() -> Iterator[None]:
    """Have whatever ends the block early tell what became of the changes that were sent in it."""
    changes = enter()
    try:
        yield
    except BaseException as error:
        tell(error, changes)
        raise
    finally:
        leave(changes)


def enter() -> list[Change]:
    """Open a block and return the list of its changes, for :func:`tell` and :func:`leave`.

    It is for what every call goes through: the generator of :func:`watched` takes several times as long.
    """
    changes: list[Change] = []
    _blocks.open.append(changes)
    return changes


def leave(changes: list[Change]) -> None:
    """Close a block. The changes that no error has reported yet go to the block around it."""
    blocks = _blocks.open
    for index in range(len(blocks) - 1, -1, -1):  # a generator's block is not always the innermost
        if blocks[index] is changes:
            del blocks[index]
            break
    if blocks:
        blocks[-1].extend(change for change in changes if change.is_open)


def tell(error: BaseException, changes: list[Change]) -> None:
    """Add what became of the changes to an error, of each that no error has reported yet.

    It goes into the text of a ``libvirtError``, and is a note of any other.
    """
    unreported = [change for change in changes if change.is_open]
    if not unreported or isinstance(error, GeneratorExit):
        return
    import libvirt  # noqa: PLC0415 - the command line opens a block before anything needs it

    from esxdriver import errors  # noqa: PLC0415

    sentences = [change.report() for change in unreported]
    before = [change for change in unreported[:-_MOST_REPORTED] if change.state is State.DONE]
    named = [said for change, said in zip(unreported, sentences, strict=True) if change not in before]
    text = "; ".join([f"changes done before: {len(before)}"] * bool(before) + named)
    if isinstance(error, libvirt.libvirtError):
        errors.extend(error, text)
    else:
        error.add_note(text)
