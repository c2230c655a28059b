"""Asking a host for samples: what is asked, in how many calls, and what is made of the answer."""

import logging
import re
import time
from datetime import UTC, datetime

import pytest
from pyVmomi import vim
from pyVmomi.SoapAdapter import SoapStubAdapter

from esxdriver.vsphere.statistics import samples
from esxdriver.vsphere.statistics.samples import Performance, Request
from tests.vsphere.fakehost import Fault, moref, properties

USED, WAITED = ("cpu.used.summation", ""), ("cpu.wait.summation", "*")
THEN = datetime(2026, 1, 1, 0, 0, 20, tzinfo=UTC)
_Query, _Metric = vim.PerformanceManager.QuerySpec, vim.PerformanceManager.MetricId


def counter(key, name):
    group, field, rollup = name.split(".")
    made = vim.PerformanceManager.CounterInfo(key=key, rollupType=rollup, statsType="delta", level=1, perDeviceLevel=1)
    made.nameInfo, made.groupInfo, made.unitInfo = (
        vim.ElementDescription(key=text, label=text, summary=text) for text in (field, group, "millisecond")
    )
    return made


def said(machine, *series, info="20,2026-01-01T00:00:20Z"):
    """Return what a host says of a machine: each of ``series`` is a counter's number, an instance, and values."""
    values = "".join(
        f"<value><id><counterId>{number}</counterId><instance>{instance}</instance></id><value>{value}</value></value>"
        for number, instance, value in series
    )
    return (
        f'<returnval xsi:type="PerfEntityMetricCSV">{moref("VirtualMachine", machine, "entity")}'
        f"<sampleInfoCSV>{info}</sampleInfoCSV>{values}</returnval>"
    )


def answering(body):
    """Answer as a host of machines of which ``gone`` is none."""
    return "".join(said(name, (7, "", "5")) for name in re.findall(r'"VirtualMachine">([^<]*)<', body))


@pytest.fixture
def performance(host, session):
    counters = vim.PerformanceManager.CounterInfo.Array([counter(7, USED[0])])
    host.answers["RetrievePropertiesEx"] = [properties(("PerformanceManager", "perf", {"perfCounter": counters}))]
    host.answers["QueryPerf"] = [answering]
    return Performance(session)


def asked(host):
    return [body for operation, _, _, body in host.seen if operation == "QueryPerf"]


def request(name, *counters, after=None):
    return Request(vim.VirtualMachine(name), frozenset(counters), after)


def test_a_counter_that_the_host_has_not_is_not_asked_for(host, performance):
    found = dict(performance.ask([request("vm-1", USED, WAITED)]))
    assert [re.findall("<counterId>(.*?)<", body) for body in asked(host)] == [["7"]]
    assert found["vm-1"].values == {USED: [5]}


def test_a_host_without_any_of_the_counters_is_not_asked_at_all(host, performance):
    assert dict(performance.ask([request("vm-1", WAITED)])) == {}
    assert asked(host) == []


def test_what_is_asked_is_what_pyvmomi_would_write(host, performance):
    requests = [request("vm-1", USED), request("vm-2", USED, after=THEN), request("vm-3", USED, after=THEN)]
    assert dict(performance.ask(requests)).keys() == {"vm-1", "vm-2", "vm-3"}
    metrics = [_Metric(counterId=7, instance="")]
    since = [{"maxSample": 1}, {"startTime": THEN}, {"startTime": THEN}]
    specs = [
        _Query(entity=each.ref, metricId=metrics, intervalId=20, format="csv", **until)
        for each, until in zip(requests, since, strict=True)
    ]
    manager = vim.PerformanceManager("perf", None)
    stub = SoapStubAdapter(version="vim.version.v8_0_3_0")
    theirs = stub.SerializeRequest(manager, manager._GetMethodInfo("QueryStats"), [specs]).decode()
    queries = [re.findall("<querySpec>.*</querySpec>", text, re.DOTALL) for text in (*asked(host), theirs)]
    assert queries[0] == queries[1]


def test_very_many_are_asked_about_in_parts_the_next_on_its_way_while_one_is_read(host, performance, monkeypatch):
    monkeypatch.setattr(samples, "PART", 2)
    found = performance.ask([request(f"vm-{number}", USED) for number in range(5)])
    names = [next(found)[0]]
    for _ in range(500):  # it is on its way
        if len(asked(host)) == 2:
            break
        time.sleep(0.01)
    assert len(asked(host)) == 2
    assert names + [name for name, _ in found] == [f"vm-{number}" for number in range(5)]
    assert [len(re.findall("<querySpec>", body)) for body in asked(host)] == [2, 2, 1]


@pytest.mark.parametrize(("fault", "field"), [("ManagedObjectNotFound", "obj"), ("NoPermission", "object")])
def test_a_machine_that_may_not_be_asked_about_costs_the_others_nothing(host, performance, fault, field, caplog):
    refusal = Fault(fault, "not that one", moref("VirtualMachine", "vm-2", field))
    host.answers["QueryPerf"] = [lambda body: refusal if ">vm-2<" in body else answering(body)]
    with caplog.at_level(logging.INFO):
        found = dict(performance.ask([request(f"vm-{number}", USED) for number in (1, 2, 3)]))
    assert found.keys() == {"vm-1", "vm-3"}
    assert "vm-2" in caplog.text


ODD = [
    # what a host says of vm-1, and the values that are made of it
    (said("vm-1", (7, "", "5,,x,-1")), {USED: [5, -1, -1, -1]}),
    (said("vm-1", (8, "", "5"), (7, "", "6")), {USED: [6]}),
    (said("vm-1", ("x", "", "5"), (7, "", "6")), {USED: [6]}),
    (said("vm-1").replace("</sampleInfoCSV>", "</sampleInfoCSV><value><id/></value>"), {}),
    (said("vm-1"), {}),
]


@pytest.mark.parametrize(("answer", "values"), ODD)
def test_what_is_of_no_use_in_an_answer_is_left_out(host, performance, answer, values):
    host.answers["QueryPerf"] = [answer]
    ((name, found),) = performance.ask([request("vm-1", USED)])
    assert (name, found.values) == ("vm-1", values)
    assert found.times == [THEN]


def test_a_host_without_samples_says_nothing(host, performance):
    host.answers["QueryPerf"] = [""]
    assert dict(performance.ask([request("vm-1", USED)])) == {}


@pytest.mark.parametrize("info", ["20,yesterday", "often,2026-01-01T00:00:20Z"])
def test_a_machine_whose_samples_have_no_time_costs_the_others_nothing(host, performance, info, caplog):
    host.answers["QueryPerf"] = [lambda body: answering(body).replace("20,2026-01-01T00:00:20Z", info, 1)]
    found = dict(performance.ask([request(f"vm-{number}", USED) for number in (1, 2)]))
    assert found.keys() == {"vm-2"}
    assert "vm-1" in caplog.text
