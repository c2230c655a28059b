"""Esxsim's guests: what Tools tell, performance counters, quick statistics, and what a test lets a guest do."""

import datetime as dt
import itertools

import pytest
from pyVmomi import vim, vmodl

from tests.live.rig import add, finish, nic
from tests.sim import SimError

pytestmark = pytest.mark.live

Query, Metric = vim.PerformanceManager.QuerySpec, vim.PerformanceManager.MetricId
both = pytest.mark.parametrize("model", ["esx", pytest.param("vpx", marks=pytest.mark.esx(model="vpx"))])


def names(manager):
    """Return the keys of counters by their names, which are the same everywhere."""
    return {f"{one.groupInfo.key}.{one.nameInfo.key}.{one.rollupType}": one.key for one in manager.perfCounter}


def samples(rig, vm, counter, instance="", **options):
    """Return what a counter shows, by instance, and when."""
    manager = rig.content.perfManager
    metric = Metric(counterId=names(manager)[counter], instance=instance)
    found = manager.QueryPerf([Query(entity=vm, metricId=[metric], intervalId=20, **options)])
    if not found:
        return [], {}
    times = [one.timestamp for one in found[0].sampleInfo]
    return times, {one.id.instance: list(one.value) for one in found[0].value}


@both
def test_the_counters_of_machines_are_there(rig, model):
    manager, vm = rig.content.perfManager, rig.vm("db01")
    summary = manager.QueryPerfProviderSummary(vm)
    assert (summary.refreshRate, summary.currentSupported) == (20, True)
    known = {key: name for name, key in names(manager).items()}
    found = {(known[one.counterId], one.instance) for one in manager.QueryAvailablePerfMetric(vm, intervalId=20)}
    assert {("cpu.used.summation", ""), ("cpu.used.summation", "3"), ("net.bytesRx.average", "4001")} <= found
    assert {one for name, one in found if name == "virtualDisk.read.average"} == {"scsi0:0", "sata0:0", "nvme0:0"}
    wanted = [names(manager)["cpu.used.summation"]]
    assert [one.unitInfo.key for one in manager.QueryPerfCounter(wanted)] == ["millisecond"]


def test_an_hour_is_remembered_in_samples_of_twenty_seconds(rig):
    vm = rig.vm("db01")
    times, values = samples(rig, vm, "cpu.used.summation", "*")
    assert len(times) == 180
    assert {after - before for before, after in itertools.pairwise(times)} == {dt.timedelta(seconds=20)}
    assert rig.si.CurrentTime() - times[-1] < dt.timedelta(seconds=20)
    parts = [values[str(n)] for n in range(4)]
    assert [sum(each) for each in zip(*parts, strict=True)] == values[""]
    assert samples(rig, vm, "cpu.used.summation", "*") == (times, values)


def test_only_what_came_after_the_start_is_reported(rig):
    vm = rig.vm("db01")
    times, _ = samples(rig, vm, "cpu.used.summation", maxSample=1)
    assert len(times) == 1
    assert samples(rig, vm, "cpu.used.summation", startTime=times[0]) == ([], {})
    rig.sim.advance(45)
    later, _ = samples(rig, vm, "cpu.used.summation", startTime=times[0])
    assert 2 <= len(later) <= 3
    assert later[0] == times[0] + dt.timedelta(seconds=20)
    assert samples(rig, vm, "cpu.used.summation", startTime=times[0], endTime=later[0])[0] == later[:1]


def test_a_machine_that_is_off_has_no_samples_and_one_that_starts_begins_anew(rig):
    vm = rig.vm("web01")
    assert samples(rig, vm, "cpu.used.summation") == ([], {})
    assert list(rig.content.perfManager.QueryAvailablePerfMetric(vm)) == []
    finish(vm.PowerOnVM_Task())
    rig.sim.advance(60)
    assert len(samples(rig, vm, "cpu.used.summation")[0]) == 3
    finish(vm.PowerOffVM_Task())
    assert samples(rig, vm, "cpu.used.summation") == ([], {})


def test_machines_are_asked_in_one_call(rig):
    manager = rig.content.perfManager
    metric = Metric(counterId=names(manager)["mem.consumed.average"], instance="")
    specs = [Query(entity=vm, metricId=[metric], intervalId=20, maxSample=1) for vm in rig.all(vim.VirtualMachine)]
    found = manager.QueryPerf(specs)
    assert [one.entity.name for one in found] == ["db01"]
    assert found[0].value[0].value == [8192 * 1024 // 2]
    specs[0].format = "csv"
    specs[0].entity = rig.vm("db01")
    text = manager.QueryPerf(specs[:1])[0]
    assert text.sampleInfoCSV.startswith("20,20")
    assert text.value[0].value == str(8192 * 1024 // 2)


def test_hosts_have_counters_too(rig):
    host = rig.all(vim.HostSystem)[0]
    _, values = samples(rig, host, "cpu.usage.average", "*", maxSample=2)
    assert len(values) == 33
    assert len(rig.content.perfManager.QueryAvailablePerfMetric(host)) > 50


def test_what_is_asked_wrongly(rig):
    manager, vm = rig.content.perfManager, rig.vm("db01")
    with pytest.raises(vmodl.fault.InvalidArgument) as caught:
        manager.QueryPerf([Query(entity=vm, metricId=[Metric(counterId=987654, instance="")])])
    assert caught.value.invalidProperty == "querySpec[0].metricId"
    gone = vim.VirtualMachine("vm-none", rig.si._stub)
    with pytest.raises(vmodl.fault.ManagedObjectNotFound):
        manager.QueryPerf([Query(entity=gone)])
    with pytest.raises(vmodl.fault.ManagedObjectNotFound):
        manager.QueryAvailablePerfMetric(gone)
    assert samples(rig, vm, "virtualDisk.read.average", "") == (samples(rig, vm, "cpu.used.summation")[0], {})


def test_a_test_sets_what_a_counter_shows(rig):
    rig.sim.guest("db01", counters={"net.bytesRx.average|4000": 7, "net.bytesRx.average|4001": 0})
    _, values = samples(rig, rig.vm("db01"), "net.bytesRx.average", "*", maxSample=2)
    assert values == {"": [7, 7], "4000": [7, 7], "4001": [0, 0]}


def test_quick_statistics_follow_the_clock_and_the_test(rig):
    before = rig.vm("db01").summary.quickStats
    rig.sim.advance(100)
    rig.sim.guest("db01", quick={"balloonedMemory": 64})
    after = rig.vm("db01").summary.quickStats
    assert after.uptimeSeconds - before.uptimeSeconds in range(100, 110)
    assert (before.balloonedMemory or 0, after.balloonedMemory) == (0, 64)
    assert after.hostMemoryUsage == 4096
    assert not rig.vm("web01").summary.quickStats.hostMemoryUsage


def test_tools_tell_of_the_guest(rig):
    guest = rig.vm("db01").guest
    assert (guest.hostName, guest.toolsRunningStatus) == ("db01.example.test", "guestToolsRunning")
    assert [one.deviceConfigId for one in guest.net] == [4000, 4001]
    first = guest.net[0]
    assert [(one.ipAddress[:6], one.prefixLength) for one in first.ipConfig.ipAddress] == [
        ("192.0.", 24),
        ("fe80::", 64),
    ]
    assert [one.ipAddress for one in first.ipConfig.ipAddress] == list(first.ipAddress)
    assert [(one.diskPath, one.filesystemType, one.mappings[0].key) for one in guest.disk][:2] == [
        ("/", "ext4", 2000),
        ("/mnt/1", "ext4", 16000),
    ]
    silent = rig.vm("web01").guest
    assert (silent.toolsRunningStatus, list(silent.net), list(silent.disk)) == ("guestToolsNotRunning", [], [])


def test_a_guest_says_what_a_test_lets_it_say(rig):
    finish(rig.vm("web01").PowerOnVM_Task())
    card = {"macAddress": "00:50:56:00:00:01", "connected": True, "deviceConfigId": -1, "ipAddress": ["198.51.100.7"]}
    rig.sim.guest("web01", tools=True, data={"hostName": "other", "net": [card], "guestState": "shuttingDown"})
    guest = rig.vm("web01").guest
    assert (guest.hostName, guest.guestState, guest.toolsRunningStatus) == (
        "other",
        "shuttingDown",
        "guestToolsRunning",
    )
    assert [(one.deviceConfigId, list(one.ipAddress)) for one in guest.net] == [(-1, ["198.51.100.7"])]
    rig.reconfigure("web01", add(nic()))
    assert rig.vm("web01").guest.hostName == "other"


def test_a_guest_acts_by_itself_and_watchers_are_reported(rig):
    vm = rig.vm("db01")
    collector = rig.content.propertyCollector
    watch = vmodl.query.PropertyCollector
    paths = ["runtime.powerState", "guest.hostName", "guest.net"]
    spec = watch.FilterSpec(
        objectSet=[watch.ObjectSpec(obj=vm)], propSet=[watch.PropertySpec(type=vim.VirtualMachine, pathSet=paths)]
    )
    collector.CreateFilter(spec, partialUpdates=True)
    version = collector.WaitForUpdatesEx("", watch.WaitOptions(maxWaitSeconds=1)).version
    rig.sim.guest("db01", power="off")
    update = collector.WaitForUpdatesEx(version, watch.WaitOptions(maxWaitSeconds=5))
    reported = {
        change.name: change.val for part in update.filterSet for one in part.objectSet for change in one.changeSet
    }
    assert reported["runtime.powerState"] == "poweredOff"
    assert set(reported) == set(paths)
    assert rig.sim.tasks() == []


def test_a_script_that_is_wrong(sim):
    for wrong in ({"power": "sideways"}, {"speed": 1}, {"data": {"net": 3}}):
        with pytest.raises(SimError):
            sim.guest("db01", **wrong)
    with pytest.raises(SimError):
        sim.guest("nobody")
    with pytest.raises(SimError):
        sim.advance(-1)
