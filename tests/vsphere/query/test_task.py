import itertools
import re

import libvirt
import pytest
from pyVmomi import vim

from esxdriver.vsphere.query import task
from esxdriver.vsphere.wire import faults
from tests.vsphere.fakehost import CLOSE, Fault, moref, properties

WHAT = {"info.descriptionId": "VirtualMachine.powerOn"}
RUNNING = {"info.state": vim.TaskInfo.State.running, **WHAT}
DONE = {"info.state": vim.TaskInfo.State.success, "info.result": "made"}
DONE_ONLY = {"info.state": vim.TaskInfo.State.success}
QUESTION = vim.vm.QuestionInfo(
    id="q1",
    text="msg.uuid.altered: Did you move or copy it?",
    choice=vim.option.ChoiceOption(
        choiceInfo=[
            vim.ElementDescription(key="0", label="Cancel", summary="Cancel"),
            vim.ElementDescription(key="1", label="I copied it", summary="I copied it"),
        ],
        defaultIndex=1,
    ),
)
NO_DEFAULT = vim.vm.QuestionInfo(
    id="q2", text="Which?", choice=vim.option.ChoiceOption(choiceInfo=QUESTION.choice.choiceInfo)
)


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    slept = []
    monkeypatch.setattr(task.time, "sleep", slept.append)
    return slept


def look(info, question=None):
    """Return an answer that knows this much of the task, and of the machine if it is asked about."""

    def answer(body):
        objects = [("Task", "task-7", info)]
        if "vm-12" in body:
            objects.append(("VirtualMachine", "vm-12", {"runtime.question": question} if question else {}))
        return properties(*objects)

    return answer


def waited(session, host, *looks, entity=True, **options):
    host.answers["RetrievePropertiesEx"] = list(looks)
    machine = vim.VirtualMachine("vm-12", session.stub) if entity else None
    return task.wait(session, vim.Task("task-7", session.stub), machine, **{"auto_answer": False} | options)


def test_one_read_a_round_with_longer_and_longer_pauses(session, host, pauses):
    assert waited(session, host, *[look(RUNNING)] * 8, look(DONE)) == "made"
    assert host.operations[2:] == ["RetrievePropertiesEx"] * 9
    assert pauses == [0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.0]
    paths = re.findall("<pathSet[^>]*>(.*?)</pathSet>", host.seen[-1][3])
    assert set(paths) == {*task._TASK_PATHS, "runtime.question"}


def test_only_the_task_is_read_without_an_entity(session, host):
    assert waited(session, host, look(DONE), entity=False) == "made"
    assert "runtime.question" not in host.seen[-1][3]


def test_progress_is_reported_when_it_changes(session, host):
    reported = []
    steps = [look(RUNNING | {"info.progress": percent}) for percent in (0, 0, 40, 40, 90)]
    waited(session, host, look(RUNNING), *steps, look(DONE), progress=reported.append)
    assert reported == [0, 40, 90]


def test_the_fault_of_the_task_is_raised(session, host):
    fault = vim.fault.FileLocked(file="[ds] a.vmdk", msg="Unable to access file since it is locked")
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot start web"):
        waited(session, host, look({"info.state": vim.TaskInfo.State.error, "info.error": fault}))
    assert caught.value.get_error_code() == libvirt.VIR_ERR_RESOURCE_BUSY
    assert "Unable to access file since it is locked (FileLocked: file [ds] a.vmdk)" in str(caught.value)


# --- questions


def test_a_question_is_answered_with_its_default_once(session, host, caplog):
    host.answers["AnswerVM"] = [""]
    looks = [look(RUNNING, QUESTION), look(RUNNING, QUESTION), look(RUNNING), look(DONE)]
    assert waited(session, host, *looks, auto_answer=True) == "made"
    assert host.operations.count("AnswerVM") == 1
    answer = next(body for operation, *_, body in host.seen if operation == "AnswerVM")
    assert re.search("<questionId[^>]*>q1</questionId><answerChoice[^>]*>1</answerChoice>", answer)
    assert "I copied it" in caplog.text


@pytest.mark.parametrize(
    ("cancelable", "reply", "end"),
    [(True, "", "cancelled"), (True, Fault("InvalidState"), "goes on"), (False, "", "goes on"), (None, "", "goes on")],
)
def test_a_question_without_auto_answer_cancels_and_tells(cancelable, reply, end, session, host):
    host.answers["CancelTask"] = [reply]
    info = RUNNING if cancelable is None else RUNNING | {"info.cancelable": cancelable}
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot start web"):
        waited(session, host, look(info, QUESTION))
    assert caught.value.get_error_code() == libvirt.VIR_ERR_OPERATION_FAILED
    for part in (
        "VirtualMachine.powerOn (task task-7)",
        "Did you move or copy it?",
        "1 = I copied it",
        "auto_answer=1",
        end,
    ):
        assert part in str(caught.value)
    assert host.operations.count("CancelTask") == (1 if cancelable else 0)
    assert "AnswerVM" not in host.operations


def test_a_question_without_a_default_is_reported_too(session, host):
    with pytest.raises(faults.UnansweredQuestionError, match="no default"):
        waited(session, host, look(RUNNING, NO_DEFAULT), auto_answer=True)


def test_somebody_else_may_answer_first(session, host):
    host.answers["AnswerVM"] = [Fault("ConcurrentAccess")]
    assert waited(session, host, look(RUNNING, QUESTION), look(DONE), auto_answer=True) == "made"


def test_a_question_that_stays_pending_after_its_answer_is_no_hang(session, host, monkeypatch):
    clock = itertools.count(step=20)
    monkeypatch.setattr(task.time, "monotonic", lambda: next(clock))
    host.answers["AnswerVM"] = [""]
    with pytest.raises(faults.UnansweredQuestionError):
        waited(session, host, look(RUNNING, QUESTION), auto_answer=True)
    assert host.operations.count("AnswerVM") == 1


def test_a_finished_task_does_not_care_for_questions(session, host):
    assert waited(session, host, look(DONE, QUESTION)) == "made"


# --- what can no longer be watched


@pytest.mark.parametrize(
    "answer",
    [
        CLOSE,
        Fault("ManagedObjectNotFound", fields=moref("Task", "task-7", "obj")),
        Fault("ManagedObjectNotFound"),
        Fault("SystemError"),
    ],
)
def test_a_lost_task_has_an_unknown_outcome(answer, session, host):
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot start web"):
        waited(session, host, look(RUNNING), answer)
    assert caught.value.get_error_code() == libvirt.VIR_ERR_RPC
    assert "was under way (task task-7): whether it was done is unknown, so look at that task" in str(caught.value)


WITHHELD = (
    "<fault xsi:type='NoPermission'><object type='Task'>task-7</object><privilegeId>System.Read</privilegeId></fault>"
)


def withheld(*paths, info=WHAT):
    """Return an answer in which the host keeps these properties to itself."""
    missing = "".join(f"<missingSet><path>{path}</path><fault>{WITHHELD}</fault></missingSet>" for path in paths)
    return properties(("Task", "task-7", info)).replace("</objects>", f"{missing}</objects>")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (withheld("info.state"), "privilegeId System.Read"),
        ("", "says nothing of its state"),
        (properties(), "says nothing of its state"),
        (look({}), "says nothing of its state"),
        (look({"info.state": vim.host.DnsConfig(dhcp=True, hostName="x", domainName="x")}), "HostDnsConfig"),
        (look({"info.state": "undecided"}), "says nothing of its state"),
    ],
)
def test_a_task_whose_state_nobody_says_is_not_watched_for_ever(answer, reason, session, host):
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot start web"):
        waited(session, host, look(RUNNING), answer)
    assert reason.replace("HostDnsConfig", "vim.host.DnsConfig") in str(caught.value)
    assert "was under way (task task-7): whether it was done is unknown" in str(caught.value)
    assert host.operations.count("RetrievePropertiesEx") == 2


@pytest.mark.parametrize("error", [{}, {"info.error": "broken"}])
def test_a_task_that_fails_without_a_reason(error, session, host):
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot start web"):
        waited(session, host, look({"info.state": vim.TaskInfo.State.error} | error))
    assert "unknown" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (withheld("info.result", info=DONE_ONLY), "System.Read"),
        (look(DONE_ONLY), "it names none"),
        (look(DONE_ONLY | {"info.result": "text"}), "it names none"),
    ],
)
def test_a_task_without_its_result_was_done_all_the_same(answer, reason, session, host):
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot define web"):
        waited(session, host, answer, result=vim.VirtualMachine)
    assert reason in str(caught.value)
    assert "was done" in str(caught.value)
    assert "unknown" not in str(caught.value)


@pytest.mark.parametrize("default", [-1, 2, 2**31 - 1])
def test_a_default_that_is_no_choice_is_none(default, session, host):
    question = vim.vm.QuestionInfo(
        id="q3",
        text="Which?",
        choice=vim.option.ChoiceOption(choiceInfo=QUESTION.choice.choiceInfo, defaultIndex=default),
    )
    with pytest.raises(faults.UnansweredQuestionError, match="no default"):
        waited(session, host, look(RUNNING, question), auto_answer=True)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit(143)])
def test_an_interruption_says_which_task_to_look_for(interruption, session, host, monkeypatch):
    def interrupt(_):
        raise interruption

    monkeypatch.setattr(task.time, "sleep", interrupt)
    host.answers["PowerOnVM_Task"] = [moref("Task", "task-7")]
    host.answers["RetrievePropertiesEx"] = [look(RUNNING)]
    machine = vim.VirtualMachine("vm-12", session.stub)

    def start():
        with faults.translated("cannot start web"):
            task.wait(session, machine.PowerOn(), machine, auto_answer=False)

    with pytest.raises((KeyboardInterrupt, SystemExit)) as caught:
        start()
    assert caught.value.__notes__ == [
        "PowerOnVM_Task on VirtualMachine vm-12 was under way (task task-7): whether it was done is unknown, so look at "
        "that task before asking again"
    ]


def test_one_lost_look_is_no_lost_task(session, host):
    assert waited(session, host, look(RUNNING), CLOSE, look(DONE)) == "made"


def test_a_task_that_removes_its_machine(session, host):
    gone = Fault("ManagedObjectNotFound", fields=moref("VirtualMachine", "vm-12", "obj"))
    assert waited(session, host, look(RUNNING), gone, look(DONE)) == "made"


def test_an_interruption_leaves_the_task_alone(session, host, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(task.time, "sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        waited(session, host, look(RUNNING | {"info.cancelable": True}))
    assert host.operations[2:] == ["RetrievePropertiesEx"]
