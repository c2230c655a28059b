"""Waiting for a task: one read a round, and never a hang on a question.

Source: vSphere Web Services API, Task, TaskInfo and VirtualMachine.AnswerVM. What becomes of the task is noted in
:mod:`esxdriver.outcome`.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pyVmomi import vim, vmodl

from esxdriver import outcome
from esxdriver.vsphere.query.retrieve import Found, each_of
from esxdriver.vsphere.wire.faults import (
    HOST_FAULTS,
    HostError,
    OutcomeUnknownError,
    TaskFailedError,
    UnansweredQuestionError,
    UnreadableError,
    describe,
)
from esxdriver.vsphere.wire.session import Session

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.02  # seconds between the first two readings; each pause is twice the one before
LONGEST_PAUSE = 1.0  # seconds
PATIENCE = 30.0  # seconds that an answered question may stay pending

Progress = Callable[[int], None] | None
"""Called with percentages, if anything is."""

_TASK_PATHS = ["info.state", "info.error", "info.result", "info.progress", "info.cancelable", "info.descriptionId"]
_QUESTION = "runtime.question"
_STATES = frozenset(vim.TaskInfo.State.values)
_NO_REASON = "the task failed, and the host does not say why"


def wait(
    session: Session,
    task: Any,
    entity: Any = None,
    *,
    auto_answer: bool,
    unlock: bool = False,
    progress: Progress = None,
    result: Any = None,
    changes: bool = True,
) -> Any:
    """Wait until ``task`` is done and return its result.

    ``entity`` is the virtual machine that may ask a question meanwhile: with ``auto_answer`` it gets the default
    answer, otherwise the task is cancelled if it can be; with ``unlock``, the question whether a drive that the guest
    has locked is to be opened all the same is answered with yes. ``progress`` is called with each new percentage.
    ``result`` is the type that the result has to be of. A task that ``changes`` nothing is a search: what became of
    it is not reported. Raises the task's own fault, UnansweredQuestionError, or, when the task can no longer be
    watched, OutcomeUnknownError, of a search UnreadableError: an answer that does not say how it is ends the watching,
    too. An interruption (Ctrl-C) leaves the task alone.
    """
    change = outcome.of_task(task._GetMoId()) if changes else None
    reported: int | None = None
    answered: dict[str, float] = {}
    for found in _readings(session, task, entity, change):
        state, percent = found["info.state"], found.get("info.progress")
        if change and state in ("success", "error"):
            session.change_ended()
            (change.done if state == "success" else change.refused)()
        if state == "success":
            return _result(found, change, result)
        if state == "error":
            raise found.get("info.error") or found.missing.get("info.error") or TaskFailedError(_NO_REASON)
        if progress and percent is not None and percent != reported:
            reported = percent
            progress(percent)
        if question := found.get(_QUESTION):
            since = answered.get(question.id, time.monotonic())
            if question.id not in answered or time.monotonic() - since > PATIENCE:
                choice = _choice(question, auto_answer=auto_answer, unlock=unlock)
                _reply(task, entity, question, found, None if question.id in answered else choice)
            answered[question.id] = since
    raise AssertionError  # _readings never ends by itself


def _result(found: "_Reading", change: outcome.Change | None, kind: Any) -> Any:
    """Return the result of a task that is done. Raises the reason why there is none."""
    value = found.get("info.result")
    if kind is None or isinstance(value, kind):
        return value
    reason = found.missing.get("info.result")
    said = describe(reason) if reason is not None else "it names none"
    raise TaskFailedError(_with_report(f"the host does not say what came of it ({said})", change))


class _Reading:
    """What is known of a task now, and of the question that its machine asks."""

    def __init__(self, found: Iterable[Found] = ()) -> None:
        self.values: dict[str, Any] = {}
        self.missing: dict[str, Exception] = {}
        for each in found:
            self.values |= each.properties
            self.missing |= each.missing

    def get(self, path: str) -> Any:
        """Return a property, None when it is unset or could not be read."""
        return self.values.get(path)

    def __getitem__(self, path: str) -> Any:
        return self.values[path]


def _readings(session: Session, task: Any, entity: Any, change: outcome.Change | None) -> Iterator[_Reading]:
    """Yield what is known of the task, again and again, pausing longer each time; each has the task's state."""
    pause = FIRST_PAUSE
    while True:
        try:
            reading = _Reading(each_of(session, _wanted(task, entity)))
            _check_state(reading)
        except vmodl.fault.ManagedObjectNotFound as error:
            if str(error.obj) != str(entity):
                raise _unknown(change, error) from error
            entity = None  # the task itself removed it
            continue
        except HOST_FAULTS as error:
            raise _unknown(change, error) from error
        yield reading
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _check_state(reading: _Reading) -> None:
    """Raise why the state of a task is not known."""
    if reading.get("info.state") in _STATES:
        return
    raise reading.missing.get("info.state") or UnreadableError("the host says nothing of its state")


def _wanted(task: Any, entity: Any) -> dict[Any, Sequence[str]]:
    return {task: _TASK_PATHS} | ({entity: [_QUESTION]} if entity is not None else {})


# What vSphere calls the question whether a CD-ROM is to be taken from a guest that has locked its drive.
_LOCKED_DRIVE = "cdromdisconnect.locked"


def _choice(question: Any, *, auto_answer: bool, unlock: bool) -> Any:
    """Return the answer that is given without asking the user, or None."""
    choices, default = question.choice.choiceInfo, _default(question)
    if unlock and any(_LOCKED_DRIVE in (text or "") for text in (question.text, *_message_ids(question))):
        yes = next((each for each in choices if "yes" in (each.label or "").lower()), None)
        if yes is not None:
            return yes
    return choices[default] if auto_answer and default is not None else None


def _message_ids(question: Any) -> Sequence[str]:
    return [each.id for each in question.message or ()]


def _default(question: Any) -> int | None:
    default = question.choice.defaultIndex
    return default if default is not None and 0 <= default < len(question.choice.choiceInfo) else None


def _reply(task: Any, entity: Any, question: Any, found: _Reading, choice: Any) -> None:
    """Answer the question, or, without a choice, cancel the task and raise the question."""
    choices, default = question.choice.choiceInfo, _default(question)
    if choice is not None:
        log.warning("answering %r with %r", question.text, choice.label)
        _answer(entity, question.id, choice.key)
        return
    cancelled = bool(found.get("info.cancelable")) and _cancel(task)
    offered = ", ".join(f"{each.key} = {each.label}" for each in choices)
    raise UnansweredQuestionError(
        f"{_name(task, found)} waits for an answer to: {question.text.strip()} [{offered}]"
        + (" (no default)" if default is None else f" (default {choices[default].key})")
        + ("; the task was cancelled" if cancelled else "; the task goes on waiting")
    )


def _answer(entity: Any, question: str, choice: str) -> None:
    try:
        entity.Answer(question, choice)
    except (vim.fault.ConcurrentAccess, vmodl.fault.InvalidArgument) as error:
        log.info("somebody else has answered: %s", describe(error))


def _cancel(task: Any) -> bool:
    try:
        task.Cancel()
    except HOST_FAULTS as error:
        log.info("the task cannot be cancelled: %s", describe(error))
        return False
    return True


def _unknown(change: outcome.Change | None, error: Exception) -> HostError:
    text = _with_report(f"it can no longer be watched ({describe(error)})", change)
    return OutcomeUnknownError(text) if change else UnreadableError(text)


def _with_report(text: str, change: outcome.Change | None) -> str:
    return f"{text}; {change.report()}" if change else text


def _name(task: Any, found: _Reading) -> str:
    return f"{found.get('info.descriptionId') or 'an operation'} (task {task._GetMoId()})"
