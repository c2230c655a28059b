"""The rules that hold whatever goes wrong: the error is libvirt's, and what it claims is so.

A change that was sent ends well, or in an error that says one of these things, in these words:

- it was done: "was done", "was made" or the like, and the host shows it;
- it was refused: a fault of the host's, or "changed nothing", and the host is as it was;
- of several changes only some were made, and each of them is named;
- "unknown", and where to look: the task, where the host has named one, or else the operation and its object.
"""

import contextlib
import json
import re
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

import libvirt

# What stands in an inventory because time has passed.
_TIMES = {"changeVersion", "modified", "createDate", "Time"}
_UNKNOWN = re.compile(r"\bunknown\b")
_DONE = re.compile(r"\b(was|were|is|has been|have been) (already )?(done|made|defined|changed|taken|renamed|deleted)\b")
_REFUSED = re.compile(r"\bchanged nothing\b|\bnothing was (changed|done)\b")
# Operations that change a machine and are no tasks.
_CHANGES = {"UnregisterVM", "ShutdownGuest", "RebootGuest", "StandbyGuest", "AnswerVM", "RenameSnapshot"}
_CHANGES |= {"MakeDirectory", "ReconfigureAutostart", "PutUsbScanCodes"}
_CHANGES |= {"AddVirtualSwitch", "UpdateVirtualSwitch", "RemoveVirtualSwitch"}
_CHANGES |= {"AddPortGroup", "UpdatePortGroup", "RemovePortGroup"}

# What takes back what an operation has made.
_TAKES_BACK = {"Destroy_Task", "DeleteVirtualDisk_Task", "DeleteDatastoreFile_Task"}

LONGEST = 10.0  # seconds that any operation may take whose host answers at once, rightly or wrongly


class EndlessError(BaseException):
    """An operation took longer than LONGEST, and was ended."""


def is_change(operation: str) -> bool:
    return operation in _CHANGES or (operation.endswith("_Task") and not operation.startswith(("Search", "Check")))


@dataclass(frozen=True)
class Inventory:
    """What a host has, as text without what differs by the time of day, and the names of its snapshots."""

    text: str = ""
    snapshots: frozenset[str] = frozenset()


def inventory(sim) -> Inventory:
    """Read what the host has, past the driver."""

    def plain(value):
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items() if key not in _TIMES}
        return [plain(each) for each in value] if isinstance(value, list) else value

    found = sim.inventory()
    names = {snapshot["name"] for machine in found["machines"] for snapshot in machine["snapshots"]}
    return Inventory(json.dumps(plain(found), sort_keys=True), frozenset(names))


@dataclass
class Run:
    """What came of an operation: its value or error, and what the host has seen of it."""

    value: object = None
    error: BaseException | None = None
    seconds: float = 0.0
    calls: list[str] = field(default_factory=list)
    tasks: list[dict] = field(default_factory=list)
    before: Inventory = Inventory()
    after: Inventory = Inventory()
    sessions: int = 0

    @property
    def changes(self) -> Counter:
        """The changes that were sent, by operation."""
        return Counter(filter(is_change, self.calls))

    @property
    def last_change(self) -> int:
        """The place among the calls of the last change that was sent."""
        return max(place for place, operation in enumerate(self.calls) if is_change(operation))


def run(sim, call) -> Run:
    """Call ``call`` and look at the host before and after."""
    made, known = Run(before=inventory(sim)), len(sim.tasks())
    sim.reset_calls()
    start = time.monotonic()
    try:
        with bounded():
            made.value = call()
    except (Exception, EndlessError) as error:  # noqa: BLE001 - which it is has to be judged
        made.error = error
    made.seconds = time.monotonic() - start
    made.calls, made.tasks = sim.calls(), sim.tasks()[known:]
    made.after = inventory(sim)
    return made


def sessions_left(sim) -> int:
    """Count the sessions on the host, when a logout that is under way has had its time."""
    end = time.monotonic() + LONGEST
    while (left := len(sim.sessions())) and time.monotonic() < end:
        time.sleep(0.1)
    return left


@contextlib.contextmanager
def bounded():
    """End the block after LONGEST seconds."""

    def end(*_):
        raise EndlessError

    before = signal.signal(signal.SIGALRM, end)
    timer = signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, before)


def wrongs(clean: Run, made: Run, kind, call: int) -> list[str]:
    """Return what is wrong with a run in which the ``call``-th call met a fault; ``clean`` met none."""
    rules = [_ends_in_time, _raises_libvirts_errors, _sends_no_change_twice, _logs_out]
    rules += [_tells_the_outcome] if clean.changes else [_reads_what_is_so]
    return [wrong for rule in rules for wrong in rule(clean, made, kind, call)]


def _ends_in_time(_clean, made, _kind, _call):
    if isinstance(made.error, EndlessError):
        yield f"had not ended after {LONGEST:.0f} s"


def _raises_libvirts_errors(_clean, made, _kind, _call):
    if not isinstance(made.error, libvirt.libvirtError | EndlessError | None):
        yield f"raised {made.error!r}"


def _sends_no_change_twice(clean, made, _kind, _call):
    undone = any(said in str(made.error) for said in ("as it was", "taken back"))  # by the same operations, or tried
    for operation, times in made.changes.items():
        allowed = max(clean.changes[operation], 1) * (1 + undone)
        if operation in _TAKES_BACK:  # each of several things that were made
            allowed = max(allowed, clean.changes.total())
        if times > allowed:
            yield f"sent {operation} {times} times, not {allowed}"


def _logs_out(_clean, made, _kind, _call):
    if made.sessions:
        yield f"left {made.sessions} sessions"


def _reads_what_is_so(clean, made, kind, _call):
    if made.after != made.before:
        yield "changed the host"
    if kind.repeatable and (made.error is not None or made.value != clean.value):
        yield f"did not read again: {made.error or made.value!r:.200}"


def _tells_the_outcome(clean, made, kind, call):
    if isinstance(made.error, EndlessError):
        return
    text = str(made.error)
    undone, done = made.after == made.before, made.after == clean.after
    if not (undone or done):
        yield from _tells_the_half(clean, made, text)
        return
    if made.error is None:
        if not done:
            yield "said nothing, and it is not done"
        return
    if not made.changes:
        if not undone:
            yield "changed the host without a change"
        if _UNKNOWN.search(text):
            yield f"calls unknown what was never sent: {text}"
        return
    lost = kind.spoils_answers and made.last_change >= call
    yield from _claim_is_so(text, undone, done, made, lost)


def _tells_the_half(clean, made, text):
    """Some of several changes were made: the error says so, and of snapshots, which are gone and which stay."""
    wanted = clean.before.snapshots - clean.after.snapshots
    said = clean.changes.total() > 1 and (_DONE.search(text) or _UNKNOWN.search(text))
    if not (wanted or said):
        yield f"left a half behind: {text}"
    for name in sorted(wanted):
        if name not in text:
            yield f"does not say what became of {name}: {text}"


def _claim_is_so(text, undone, done, made, lost):
    if _UNKNOWN.search(text):
        yield from _says_where_to_look(text, made, lost)
    elif _DONE.search(text):
        if not done and not (undone and _is_taken_back(made, text)):
            yield f"says that it is done: {text}"
    elif _REFUSED.search(text) or any(task["state"] == "error" for task in made.tasks):
        if not undone:
            yield f"says that it was refused: {text}"
    else:
        yield f"leaves the outcome open: {text}"


def _is_taken_back(made, text):
    """Whether what was done was undone by the operation itself, and the error says both."""
    return made.changes.total() > 1 and len(_DONE.findall(text)) >= 2 and _TAKES_BACK & made.changes.keys()


def _says_where_to_look(text, made, lost):
    """Name the task, or the operation when the answer was ``lost`` that would have named the task."""
    operation = made.calls[made.last_change]
    named = made.tasks and not lost and operation.endswith("_Task")
    if named and made.tasks[-1]["key"] not in text:
        yield f"does not name the task {made.tasks[-1]['key']}: {text}"
    if not named and operation not in text:
        yield f"does not name the operation {operation}: {text}"
