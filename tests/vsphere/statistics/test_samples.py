"""Asking a host for samples: what is asked of one that lacks a counter."""

from collections import Counter
from types import SimpleNamespace

import pytest
from pyVmomi import vim

from esxdriver.vsphere.statistics import samples
from esxdriver.vsphere.statistics.samples import Performance, Request

ONE = vim.VirtualMachine("vm-1")
USED, WAITED = ("cpu.used.summation", ""), ("cpu.wait.summation", "*")


def counter(key, name):
    group, field, rollup = name.split(".")
    return SimpleNamespace(
        key=key, groupInfo=SimpleNamespace(key=group), nameInfo=SimpleNamespace(key=field), rollupType=rollup
    )


@pytest.fixture
def host(monkeypatch):
    """A host that has one counter alone, and notes what it is asked."""
    asked = []

    def query(specs):
        asked.append([[metric.counterId for metric in spec.metricId] for spec in specs])
        series = SimpleNamespace(id=SimpleNamespace(counterId=7, instance=""), value="5")
        return [SimpleNamespace(entity=ONE, sampleInfoCSV="20,2026-01-01T00:00:20Z", value=[series])]

    known = {"perfCounter": [counter(7, USED[0])]}
    monkeypatch.setattr(samples, "properties", lambda *_: known)
    content = SimpleNamespace(perfManager=SimpleNamespace(QueryPerf=query))
    return SimpleNamespace(asked=asked, performance=Performance(SimpleNamespace(content=content, calls=Counter())))


def test_a_counter_that_the_host_has_not_is_not_asked_for(host):
    found = host.performance.ask([Request(ONE, frozenset({USED, WAITED}), None)])
    assert host.asked == [[[7]]]
    assert found["vm-1"].values == {USED: [5]}


def test_a_host_without_any_of_the_counters_is_not_asked_at_all(host):
    assert host.performance.ask([Request(ONE, frozenset({WAITED}), None)]) == {}
    assert host.asked == []
