"""Waiting for a task: one read a round, and never a hang on a question.

Source: vSphere Web Services API, Task, TaskInfo and VirtualMachine.AnswerVM. Properties are read by path, because
pyVmomi refuses a whole TaskInfo whose ``entity`` is not of the type that it expects.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

from pyVmomi import vim, vmodl

from esxdriver.vsphere.wire.faults import HostError, OutcomeUnknownError, UnansweredQuestionError, describe
from esxdriver.vsphere.wire.session import Session

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.02  # seconds between the first two looks; each pause is twice the one before
LONGEST_PAUSE = 1.0  # seconds
PATIENCE = 30.0  # seconds that an answered question may stay pending

_COLLECTOR = vmodl.query.PropertyCollector
Progress = Callable[[int], None] | None
"""What is told percentages, if anything."""

_TASK_PATHS = ["info.state", "info.error", "info.result", "info.progress", "info.cancelable", "info.descriptionId"]
_QUESTION = "runtime.question"


def wait(
    session: Session,
    task: Any,
    entity: Any = None,
    *,
    auto_answer: bool,
    progress: Progress = None,
) -> Any:
    """Wait until ``task`` is done and return its result.

    ``entity`` is the virtual machine that may ask a question meanwhile: with ``auto_answer`` it gets the default
    answer, otherwise the task is cancelled if it can be. ``progress`` is told each new percentage. Raises the
    task's own fault, UnansweredQuestionError, or OutcomeUnknownError when the task can no longer be watched. An
    interruption (Ctrl-C) leaves the task alone.
    """
    told: int | None = None
    answered: dict[str, float] = {}
    for found in _looks(session, task, entity):
        state, percent = found.get("info.state"), found.get("info.progress")
        if state in ("success", "error"):
            session.change_ended()
        if state == "success":
            return found.get("info.result")
        if state == "error":
            raise found["info.error"]
        if progress and percent is not None and percent != told:
            told = percent
            progress(percent)
        if question := found.get(_QUESTION):
            since = answered.get(question.id, time.monotonic())
            if question.id not in answered or time.monotonic() - since > PATIENCE:
                _reply(task, entity, question, found, auto_answer=auto_answer and question.id not in answered)
            answered[question.id] = since
    raise AssertionError  # _looks never ends by itself


def _looks(session: Session, task: Any, entity: Any) -> Iterator[dict[str, Any]]:
    """Yield what is known of the task, again and again, pausing longer each time."""
    pause, last = FIRST_PAUSE, {}
    while True:
        try:
            last = _look(session, task, entity)
        except vmodl.fault.ManagedObjectNotFound as error:
            if str(error.obj) != str(entity):
                raise _unknown(task, last, error) from error
            entity = None  # the task itself removed it
            continue
        except (vmodl.MethodFault, HostError) as error:
            raise _unknown(task, last, error) from error
        yield last
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _look(session: Session, task: Any, entity: Any) -> dict[str, Any]:
    wanted = [(task, vim.Task, _TASK_PATHS), *([(entity, type(entity), [_QUESTION])] if entity is not None else [])]
    spec = _COLLECTOR.FilterSpec(
        objectSet=[_COLLECTOR.ObjectSpec(obj=each) for each, *_ in wanted],
        propSet=[_COLLECTOR.PropertySpec(type=kind, pathSet=paths) for _, kind, paths in wanted],
    )
    page = session.content.propertyCollector.RetrievePropertiesEx([spec], _COLLECTOR.RetrieveOptions())
    objects = page.objects if page else []
    return {each.name: each.val for found in objects for each in found.propSet}


def _reply(task: Any, entity: Any, question: Any, found: dict[str, Any], *, auto_answer: bool) -> None:
    """Answer the question with its default, or cancel the task and raise the question."""
    choices, default = question.choice.choiceInfo, question.choice.defaultIndex
    if auto_answer and default is not None:
        log.warning("answering %r with its default %r", question.text, choices[default].label)
        _answer(entity, question.id, choices[default].key)
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
    except (vim.fault.ConcurrentAccess, vmodl.fault.InvalidArgument) as answered:
        log.info("somebody else has answered: %s", describe(answered))


def _cancel(task: Any) -> bool:
    try:
        task.Cancel()
    except (vmodl.MethodFault, HostError) as refused:
        log.info("the task cannot be cancelled: %s", describe(refused))
        return False
    return True


def _unknown(task: Any, last: dict[str, Any], lost: Exception) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"{_name(task, last)} was under way and can no longer be watched ({describe(lost)}): whether it was done is "
        "unknown, so look at the host's recent tasks before asking again"
    )


def _name(task: Any, found: dict[str, Any]) -> str:
    return f"{found.get('info.descriptionId') or 'an operation'} (task {task._GetMoId()})"
