"""What to say when a cassette has no answer: the closest recorded call, and what is different."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import libvirt

from esxdriver.errors import error
from esxdriver.recording.cassette.match import Call

if TYPE_CHECKING:
    from esxdriver.recording.cassette.states import Entry

_COMPARED = 50  # the nearest candidates by size: a diff of every call of a big cassette would take seconds
_COMPARED_LINES = 500  # of each call: comparing takes the square of them
_SHOWN_LINES = 40
_SHOWN_CHARACTERS = 400


def miss(path: Path, call: Call, recorded: Sequence["Entry"], replayed_change: str = "") -> libvirt.libvirtError:
    """Return the error to raise (RPC): what was asked, and the recorded call that comes closest.

    ``replayed_change`` is the operation that keeps a new call from being recorded, if there is one.
    """
    if replayed_change:
        reason = (
            f"it is new, but {replayed_change} before it was replayed, so the host is not in the state that it "
            "would be recorded in. Record the whole session again, or into a cassette of its own"
        )
        return _error(path, call, reason)
    same = [number for number, entry in enumerate(recorded, 1) if entry.call.key == call.key]
    reason = _elsewhere(same[0], recorded) if same else _closest(call, recorded)
    return _error(path, call, reason)


def _error(path: Path, call: Call, reason: str) -> libvirt.libvirtError:
    return error(libvirt.VIR_ERR_RPC, f"cassette {path} has no answer to {call.operation}: {reason}")


def _elsewhere(number: int, recorded: Sequence["Entry"]) -> str:
    entry = recorded[number - 1]
    before = [
        f"{n} ({e.call.operation})"
        for n, e in enumerate(recorded, 1)
        if e.next_state == entry.state and e.state != entry.state
    ]
    when = f"after call {before[0]}" if before else "before any change"
    return (
        f"it was recorded as call {number}, {when}. An answer holds only for the state it was recorded in: "
        "make the same changes in the same order, or record again"
    )


def _closest(call: Call, recorded: Sequence["Entry"]) -> str:
    candidates = [(n, e.call) for n, e in enumerate(recorded, 1) if e.call.operation == call.operation]
    if not candidates:
        known = ", ".join(sorted({entry.call.operation for entry in recorded})) or "nothing"
        return f"this operation was not recorded at all, only {known}. Record again"
    candidates.sort(key=lambda candidate: abs(len(candidate[1].lines) - len(call.lines)))
    number, nearest = max(candidates[:_COMPARED], key=lambda candidate: _likeness(call, candidate[1]))
    return f"the closest is call {number}, which differs so:\n" + "\n".join(_diff(nearest, call, number))


def _likeness(one: Call, other: Call) -> float:
    return difflib.SequenceMatcher(None, _start(one), _start(other), autojunk=False).ratio()


def _start(call: Call) -> tuple[str, ...]:
    return tuple(line[:_SHOWN_CHARACTERS] for line in call.lines[:_COMPARED_LINES])


def _diff(recorded: Call, asked: Call, number: int) -> list[str]:
    lines = difflib.unified_diff(
        _start(recorded), _start(asked), f"recorded (call {number})", "asked", n=2, lineterm=""
    )
    shown = list(lines)
    return shown[:_SHOWN_LINES] + (["..."] if len(shown) > _SHOWN_LINES else [])
