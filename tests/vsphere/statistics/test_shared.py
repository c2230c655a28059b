"""Statistics that many ask for: the host is asked once for each of its samples, for all machines together."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from pyVmomi import vim

from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.statistics import statistics as module
from esxdriver.vsphere.statistics.counters import Group
from esxdriver.vsphere.statistics.statistics import Statistics
from esxdriver.vsphere.statistics.totals import Samples
from esxdriver.waiting import WouldWaitError, without_waiting

START = datetime(2026, 1, 1, tzinfo=UTC)


def machine(number, power="poweredOn"):
    return Found(vim.VirtualMachine(f"vm-{number}"), {"runtime.powerState": power, "runtime.bootTime": START})


class Host:
    """A host of three machines that takes a sample each 20 seconds of a clock that the test turns."""

    def __init__(self):
        self.now = 1000.0
        self.asked = []
        self.machines = [machine(1), machine(2), machine(3)]

    def ask(self, requests):
        self.asked.append(sorted(each.ref._moId for each in requests))
        taken = START + timedelta(seconds=self.now // 20 * 20)
        return [(each.ref._moId, Samples([taken], [20], {("cpu.used.summation", ""): [7]})) for each in requests]


@pytest.fixture
def host(monkeypatch):
    host = Host()
    monkeypatch.setattr(module, "Performance", lambda _: host)
    monkeypatch.setattr(module.time, "monotonic", lambda: host.now)
    return host


@pytest.fixture
def statistics(host):
    made = Statistics(None)
    made.share(lambda: host.machines)
    return made


def cpu(statistics, number, power="poweredOn"):
    """Return the CPU time in ms of one machine, as one client asks for it."""
    figures = statistics.of_machines([machine(number, power)], Group.CPU)
    return figures[f"vm-{number}"].of(Group.CPU).get("time", 0) // 10**6


def test_an_answer_counts_until_the_hosts_next_sample_and_totals_rise(host, statistics):
    for turn in range(1, 4):
        assert [cpu(statistics, 1) for _ in range(100)] == [7 * turn] * 100
        assert len(host.asked) == turn
        host.now += 20.1


def test_machines_that_are_asked_about_one_by_one_share_a_round_trip(host, statistics):
    for number in (1, 2, 3):
        cpu(statistics, number)
    host.asked.clear()
    host.now += 20.1
    assert [cpu(statistics, number) for number in (1, 2, 3)] == [14, 14, 14]
    assert host.asked == [["vm-1", "vm-2", "vm-3"]]


def test_nobody_is_asked_about_whom_nobody_asks(host, statistics):
    cpu(statistics, 1)
    host.now += 61
    cpu(statistics, 2)
    host.now += 21
    cpu(statistics, 2)
    assert host.asked == [["vm-1"], ["vm-2"], ["vm-2"]]


@pytest.mark.parametrize("power", ["poweredOff", "suspended"])
def test_a_machine_that_does_not_run_any_more_is_not_asked_about_along(host, statistics, power):
    cpu(statistics, 1)
    cpu(statistics, 2)
    host.machines[0] = machine(1, power)
    host.now += 21
    cpu(statistics, 2)
    assert host.asked[-1] == ["vm-2"]


def test_other_figures_of_a_machine_are_asked_for(host, statistics):
    cpu(statistics, 1)
    statistics.of_machines([machine(1)], Group.CPU, Group.VCPU)
    statistics.of_machines([machine(1)], Group.VCPU)
    assert len(host.asked) == 2


def test_who_does_not_share_asks_each_time(host):
    alone = Statistics(None)
    cpu(alone, 1)
    cpu(alone, 1)
    assert host.asked == [["vm-1"], ["vm-1"]]


def test_who_may_not_wait_does_not_wait_for_another(host, statistics):
    """An event loop asks while a worker waits for the host."""
    waits, go = threading.Event(), threading.Event()
    ask = host.ask

    def slowly(requests):
        waits.set()
        assert go.wait(10)
        return ask(requests)

    host.ask = slowly
    worker = threading.Thread(target=cpu, args=(statistics, 1))
    worker.start()
    assert waits.wait(10)
    with without_waiting(), pytest.raises(WouldWaitError):
        cpu(statistics, 1)
    go.set()
    worker.join(10)
    with without_waiting():
        assert cpu(statistics, 1) == 7
