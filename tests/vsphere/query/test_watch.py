"""A watch whose host says what the test has it say."""

import queue
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pyVmomi import vim, vmodl

from esxdriver.vsphere.query import watch as watches
from esxdriver.vsphere.query.known import PATHS
from esxdriver.vsphere.query.updates import Answer, Update
from esxdriver.vsphere.query.watch import Watch
from esxdriver.vsphere.wire.faults import ConnectionLostError, SessionClosedError, SessionEndedError

SCOPE = SimpleNamespace(root=None)


def machine(number, **properties):
    known = dict.fromkeys(PATHS) | {"name": f"vm{number}", "runtime.powerState": "poweredOff"}
    return Update(vim.VirtualMachine(f"vm-{number}"), False, known | properties)


def modified(number, **properties):
    return Update(vim.VirtualMachine(f"vm-{number}"), False, properties)


def gone(number):
    return Update(vim.VirtualMachine(f"vm-{number}"), True, {})


def answer(*updates, truncated=False):
    return Answer(list(updates), truncated)


class Host:
    """Gives each wait what the test has put into ``said``: an answer, None for a time that is over, or an error."""

    def __init__(self):
        self.said = queue.Queue()
        self.starts = 0
        self.closed = 0
        self.waits = []

    def updates(self, _session, _root, wanted):
        self.starts += 1
        (self.paths,) = wanted.values()
        return SimpleNamespace(wait=self.wait, cancel=self.cancel, close=self.close)

    def cancel(self):
        self.cancelled()
        self.said.put(vmodl.fault.RequestCanceled())

    def cancelled(self):
        """Take a cancellation: at once."""

    def close(self):
        self.closed += 1

    def wait(self, seconds):
        self.waits.append(seconds)
        try:
            found = self.said.get(timeout=10)
        except queue.Empty:
            raise ConnectionLostError("the test is over") from None
        if isinstance(found, BaseException):
            raise found
        return found


@pytest.fixture
def host(monkeypatch):
    made = Host()
    monkeypatch.setattr(watches, "Updates", made.updates)
    monkeypatch.setattr(watches, "_PAUSES", (0,))
    return made


@pytest.fixture
def session():
    return SimpleNamespace(changes=0, uri=SimpleNamespace(timeout=120), comes_back=False)


@pytest.fixture
def watch(host, session):
    host.said.put(answer(machine(1), machine(2)))
    made = Watch(session, SCOPE)
    made.start()
    made.reported = queue.Queue()
    made.listen(lambda changes: made.reported.put([(each.ref._moId, each.before, each.after) for each in changes]))
    yield made
    made.stop()


def names(watch):
    return sorted(each["name"] for each in watch.machines(("name",)))


def reported(watch):
    return watch.reported.get(timeout=10)


def test_every_machine_is_known_when_it_has_started_however_many_parts_the_answer_has(host, session):
    host.said.put(answer(machine(1), truncated=True))
    host.said.put(answer(machine(2)))
    watch = Watch(session, SCOPE)
    watch.start()
    assert names(watch) == ["vm1", "vm2"]
    watch.stop()


def test_what_changes_is_known_and_reported_in_order(host, watch):
    host.said.put(answer(modified(1, **{"runtime.powerState": "poweredOn"}), machine(3)))
    host.said.put(answer(gone(2)))
    first = {key: (before, after) for key, before, after in reported(watch)}
    assert first["vm-1"][1]["runtime.powerState"] == "poweredOn"
    assert first["vm-1"][1]["name"] == "vm1"
    assert first["vm-3"][0] is None
    ((key, before, after),) = reported(watch)
    assert (key, before["name"], after) == ("vm-2", "vm2", None)
    assert names(watch) == ["vm1", "vm3"]


def test_the_changes_of_an_answer_are_told_in_its_order(host, watch):
    numbers = [7, 30, 4, 19, 200, 8, 25, 1000, 3, 12]
    host.said.put(answer(*(machine(number) for number in numbers[:5]), truncated=True))
    host.said.put(answer(*(machine(number) for number in numbers[5:])))
    assert [key for key, *_ in reported(watch)] == [f"vm-{number}" for number in numbers]
    host.said.put(answer(*(modified(number, name="other") for number in reversed(numbers))))
    assert [key for key, *_ in reported(watch)] == [f"vm-{number}" for number in reversed(numbers)]


def test_lookups_go_by_an_index_that_follows(host, watch):
    (found,) = watch.having("name", "vm1")
    assert found.ref._moId == "vm-1"
    host.said.put(answer(modified(1, name="other")))
    reported(watch)
    assert watch.having("name", "vm1") == []
    assert len(watch.having("name", "other")) == 1


ENDS = [ConnectionLostError("reset"), vmodl.fault.ManagedObjectNotFound(), vmodl.query.InvalidCollectorVersion()]


@pytest.mark.parametrize("error", ENDS, ids=lambda error: type(error).__name__)
def test_a_new_start_tells_the_difference_once(host, watch, error):
    host.said.put(error)
    host.said.put(answer(machine(1, name="renamed"), machine(4)))
    first = {key: (before and before["name"], after and after["name"]) for key, before, after in reported(watch)}
    assert first == {"vm-1": ("vm1", "renamed"), "vm-2": ("vm2", None), "vm-4": (None, "vm4")}
    host.said.put(answer(modified(4, name="five")))
    assert [key for key, *_ in reported(watch)] == ["vm-4"]
    assert (host.starts, host.closed) == (2, 1)


def test_while_it_starts_anew_the_host_is_asked(host, watch):
    host.said.put(ConnectionLostError("reset"))
    while host.starts < 2:
        threading.Event().wait(0.01)
    assert watch.machines(("name",)) is None
    host.said.put(answer(machine(1), machine(2)))


def test_after_a_change_of_its_own_it_is_not_current_until_a_later_wait_has_come_back(host, session, watch):
    session.changes += 1
    assert watch.machines(("name",)) is None
    assert watch.properties(vim.VirtualMachine("vm-1"), ("name",)) is None
    host.said.put(None)  # it began before the change
    host.said.put(None)
    while not watch.is_current:
        threading.Event().wait(0.01)
    assert names(watch) == ["vm1", "vm2"]
    assert watches.SHORTEST_WAIT in host.waits[1:]


def test_what_it_does_not_know_has_to_be_asked_for(watch):
    assert watch.machines(("config.hardware",)) is None
    assert watch.properties(vim.VirtualMachine("vm-9"), ("name",)) is None


def test_a_listener_that_fails_stops_nobody(host, session, caplog):
    host.said.put(answer(machine(1)))
    watch = Watch(session, SCOPE)
    watch.start()
    heard = queue.Queue()
    watch.listen(lambda _: 1 / 0)
    watch.listen(heard.put)
    for name in ("a", "b"):
        host.said.put(answer(modified(1, name=name)))
        assert heard.get(timeout=10)[0].after["name"] == name
    assert "a listener of the watch failed" in caplog.text
    watch.stop()


def test_what_is_against_the_start_is_raised(host, session):
    host.said.put(ConnectionLostError("reset"))
    with pytest.raises(ConnectionLostError):
        Watch(session, SCOPE).start()


def test_a_session_that_has_ended_ends_it(host, watch):
    host.said.put(SessionEndedError("the password has changed", ""))
    watch._thread.join(timeout=10)
    assert not watch.is_alive
    assert watch.machines(("name",)) is None


def test_a_session_that_comes_back_does_not_end_it(host, session, watch):
    session.comes_back = True
    for _ in range(3):
        host.said.put(SessionEndedError("the password has changed", ""))
    host.said.put(answer(machine(1), machine(2, name="new")))
    assert [(moid, after["name"]) for moid, _, after in reported(watch)] == [("vm-2", "new")]


def test_the_loss_of_the_host_is_told_once_until_it_is_there_again(host, watch):
    lost = queue.Queue()
    watch.listen_lost(lambda: 1 / 0)
    watch.listen_lost(lambda: lost.put(host.starts))
    host.said.put(ConnectionLostError("reset"))
    host.said.put(answer(machine(1), machine(2, name="a")))
    reported(watch)
    assert lost.empty(), "a new start that succeeds is no loss"
    for name in ("b", "c"):
        before = host.starts
        for _ in range(4):
            host.said.put(ConnectionLostError("reset"))
        host.said.put(answer(machine(1), machine(2, name=name)))
        assert reported(watch)[0][2]["name"] == name
        assert lost.get(timeout=10) == before + 1
        assert lost.empty()


def test_who_is_told_of_a_loss_is_told_of_the_end(host, watch):
    lost = queue.Queue()
    watch.listen_lost(lambda: lost.put("lost"))
    host.said.put(SessionEndedError("the password has changed", ""))
    assert lost.get(timeout=10) == "lost"


def test_a_withheld_property_is_none(host, watch):
    host.said.put(answer(machine(5, name=None)))
    reported(watch)
    assert watch.properties(vim.VirtualMachine("vm-5"), ("name",))["name"] is None


def test_the_reason_of_a_loss_is_known(host, watch):
    reasons = queue.Queue()
    watch.listen_lost(lambda: reasons.put(watch.failure))
    for number in range(watches._LOST_AFTER):
        host.said.put(ConnectionLostError(str(number)))
    assert str(reasons.get(timeout=10)) == str(watches._LOST_AFTER - 1)
    host.said.put(answer(machine(1), machine(2)))


# -- more properties

SIZES = {"large": len}


def test_more_properties_are_known_when_it_returns_and_only_a_summary_is_kept(host, watch):
    asked = threading.Thread(target=watch.watch_also, args=(SIZES,))
    asked.start()
    while "large" not in getattr(host, "paths", ()):
        threading.Event().wait(0.01)
    for _ in range(50):  # whatever was cancelled meanwhile
        if not asked.is_alive():
            break
        host.said.put(answer(machine(1, large=[1, 2, 3]), machine(2, large=[])))
        asked.join(0.1)
    assert not asked.is_alive()
    assert watch.known.properties(vim.VirtualMachine("vm-1"), ["large"])["large"] == 3
    assert host.paths == [*PATHS, "large"]
    starts = host.starts
    watch.watch_also(SIZES)
    assert host.starts == starts, "what is known already is not asked for again"


# -- one in another's place


def test_whoever_listened_to_one_that_has_ended_hears_the_difference_from_the_next(host, session, watch):
    lost = queue.Queue()
    watch.listen_lost(lambda: lost.put("lost"))
    host.said.put(SessionEndedError("the password has changed", ""))
    assert lost.get(timeout=10) == "lost"
    host.said.put(answer(machine(1, name="renamed"), machine(3)))
    following = Watch(session, SCOPE, watch)
    following.start()
    first = {key: (before and before["name"], after and after["name"]) for key, before, after in reported(watch)}
    assert first == {"vm-1": ("vm1", "renamed"), "vm-2": ("vm2", None), "vm-3": (None, "vm3")}
    host.said.put(answer(modified(3, name="four")))
    assert [after["name"] for _, _, after in reported(watch)] == ["four"]
    watch.unlisten(watch.listeners.of_changes[0])  # whoever it was that started it
    assert following.listeners.of_changes == []
    following.stop()


def test_a_stop_ends_a_start_that_waits_for_the_host(host, session):
    watch = Watch(session, SCOPE)
    threading.Timer(0.2, watch.stop).start()
    with pytest.raises(SessionClosedError):
        watch.start()
    host.said.put(None)


def test_a_host_that_does_not_answer_does_not_hold_up_its_stop(host, watch):
    answers = threading.Event()
    host.cancelled = answers.wait
    before = time.monotonic()
    watch.stop()
    assert time.monotonic() - before < 2
    answers.set()
    watch._thread.join(10)


# -- bad luck


def test_a_machine_with_a_withheld_property_alone_is_asked_about_and_the_log_names_it(host, watch, caplog):
    one, other = vim.VirtualMachine("vm-1"), vim.VirtualMachine("vm-2")
    host.said.put(
        answer(replace(modified(1, **{"config.annotation": None}), withheld=frozenset({"config.annotation"})))
    )
    reported(watch)
    assert watch.properties(one, ("config.annotation",)) is None
    assert watch.properties(one, ("name",))["name"] == "vm1"
    assert watch.properties(other, ("name", "config.annotation"))["name"] == "vm2"
    assert [watch.withholds(each, ("name", "config.annotation")) for each in (one, other)] == [True, False]
    assert "vm1: the host withholds config.annotation" in caplog.text
    host.said.put(answer(modified(1, **{"config.annotation": "now"})))
    reported(watch)
    assert watch.properties(one, ("config.annotation",))["config.annotation"] == "now"


def test_a_machine_of_whose_property_no_summary_can_be_made_stops_nobody(host, watch, caplog):
    asked = threading.Thread(target=watch.watch_also, args=(SIZES,))
    asked.start()
    while "large" not in getattr(host, "paths", ()):
        threading.Event().wait(0.01)
    for _ in range(50):
        if not asked.is_alive():
            break
        host.said.put(answer(machine(1, large=12), machine(2, large=[1])))
        asked.join(0.1)
    assert not asked.is_alive()
    one, other = vim.VirtualMachine("vm-1"), vim.VirtualMachine("vm-2")
    assert (watch.withholds(one, ["large"]), watch.known.properties(other, ["large"])["large"]) == (True, 1)
    assert "vm1: the host withholds large" in caplog.text


def test_five_thousand_machines_that_leave_at_once_are_each_told_of_once(host, session):
    host.said.put(answer(*(machine(number) for number in range(5000))))
    watch = Watch(session, SCOPE)
    watch.start()
    left = queue.Queue()
    watch.listen(left.put)
    before = time.monotonic()
    for start in range(0, 5000, 500):
        host.said.put(answer(*(gone(number) for number in range(start, start + 500)), truncated=start < 4500))
    changes = left.get(timeout=10)
    assert sorted(int(each.before["name"].removeprefix("vm")) for each in changes) == list(range(5000))
    assert all(each.after is None for each in changes)
    assert left.empty()
    assert watch.machines(("name",)) == []
    assert time.monotonic() - before < 5
    watch.stop()
