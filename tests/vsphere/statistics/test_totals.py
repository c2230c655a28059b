"""Totals: each sample once, never less, missing values left out."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esxdriver.vsphere.bulk.stats import disks_of
from esxdriver.vsphere.statistics.counters import COUNTERS, Group, instances
from esxdriver.vsphere.statistics.totals import Samples, Totals

START = datetime(2026, 1, 1, tzinfo=UTC)


def samples(values, first=1):
    """Return samples of twenty seconds, the ``first``-th after the start on."""
    longest = max(map(len, values.values()))
    times = [START + timedelta(seconds=20 * number) for number in range(first, first + longest)]
    return Samples(times, [20] * longest, values)


CASES = [
    # group, what the counters show, and the figures
    (Group.CPU, {("cpu.used.summation", ""): [3, 4]}, {"": {"time": 7 * 10**6}}),
    (Group.CPU, {("cpu.used.summation", ""): [3, -1, 4]}, {"": {"time": 7 * 10**6}}),
    (Group.CPU, {("cpu.used.summation", ""): [-1]}, {}),
    (Group.CPU, {("cpu.used.summation", "0"): [3]}, {}),
    (
        Group.CPU,
        {("cpu.used.summation", ""): [3, 9], ("cpu.system.summation", "0"): [1, 4], ("cpu.system.summation", "1"): [3, 1]},
        {"": {"time": 12 * 10**6, "system": 9 * 10**6, "user": 4 * 10**6}},
    ),
    (Group.VCPU, {("cpu.used.summation", ""): [9], ("cpu.used.summation", "1"): [2]}, {"1": {"time": 2 * 10**6}}),
    (Group.MEMORY, {("mem.consumed.average", ""): [70, 50]}, {"": {"rss": 50}}),
    (Group.MEMORY, {("mem.swapinRate.average", ""): [1, 2]}, {"": {"swap_in": 60}}),
    (Group.INTERFACE, {("net.bytesRx.average", "4000"): [1, 1]}, {"4000": {"rx.bytes": 40 * 1024}}),
    (Group.INTERFACE, {("net.packetsTx.summation", "4000"): [0]}, {"4000": {"tx.pkts": 0}}),
    (
        Group.BLOCK,
        {("virtualDisk.numberReadAveraged.average", "scsi0:0"): [2], ("virtualDisk.totalReadLatency.average", "scsi0:0"): [5]},
        {"scsi0:0": {"rd.reqs": 40, "rd.times": 200 * 10**6}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("group", "shown", "figures"), CASES)
def test_what_samples_add_up_to(group, shown, figures):
    totals = Totals(group)
    totals.add(samples(shown), after=None)
    assert totals.figures == figures


USED = ("cpu.used.summation", "")


def test_a_sample_counts_once_however_often_it_is_reported():
    totals = Totals(Group.CPU)
    assert totals.add(samples({USED: [1, 2]}), after=None)
    assert not totals.add(samples({USED: [1, 2]}), after=totals.last)
    assert totals.add(samples({USED: [2, 4]}, first=2), after=totals.last)
    assert totals.figures == {"": {"time": 7 * 10**6}}
    assert totals.rates == {"": {"time": 4 * 10**6 // 20}}


def test_a_clock_that_was_put_back_costs_the_samples_between_and_no_more():
    totals = Totals(Group.CPU)
    totals.add(samples({USED: [1]}, first=100), after=None)
    assert totals.add(samples({USED: [2]}, first=5), after=None)
    assert not totals.add(samples({USED: [2]}, first=5), after=None)
    assert totals.add(samples({USED: [4]}, first=6), after=totals.last)
    assert totals.figures == {"": {"time": 7 * 10**6}}


AMOUNTS = st.lists(st.integers(-1, 10**6), min_size=1, max_size=8)


@given(st.lists(st.dictionaries(st.sampled_from([(row.name, part) for row in COUNTERS for part in ("", "0", "4000")]),
                                AMOUNTS, min_size=1), max_size=6))  # fmt: skip
def test_no_total_ever_falls(answers):
    levels = {"rss", "ballooned"}
    for group in Group:
        totals, before, first = Totals(group), {}, 1
        for each in answers:
            totals.add(samples(each, first), after=totals.last)
            for part, figures in before.items():
                assert all(totals.figures[part][name] >= value for name, value in figures.items() if name not in levels)
            before = {part: dict(figures) for part, figures in totals.figures.items()}
            first += 3


def test_each_figure_has_one_row_and_each_group_its_counters():
    assert len({(row.group, row.field) for row in COUNTERS}) == len(COUNTERS)
    assert {name for group in Group for name, _ in instances(group)} == {
        name for row in COUNTERS for name in (row.name, row.other) if name
    }


def test_the_size_of_a_disk_is_that_of_its_own_file():
    def file(key, name, size):
        return SimpleNamespace(key=key, name=name, size=size)

    files = [file(0, "base.vmdk", 1), file(1, "base-flat.vmdk", 100), file(2, "delta.vmdk", 2), file(3, "delta-d", 30)]
    chain = [SimpleNamespace(fileKey=[0, 1]), SimpleNamespace(fileKey=[2, 3])]
    layout = SimpleNamespace(file=files, disk=[SimpleNamespace(key=2000, chain=chain)])
    disk = SimpleNamespace(target="sda", source="delta.vmdk", address=None, bus=None)
    machine = SimpleNamespace(
        devices=[(disk, SimpleNamespace(key=2000, capacityInBytes=500))], definition=SimpleNamespace(disks=[disk])
    )
    (known,) = disks_of(machine, layout)
    assert known.known == {
        "name": "sda", "path": "delta.vmdk", "allocation": 32, "physical": 32, "capacity": 500
    }  # fmt: skip
    (without,) = disks_of(machine, None)
    assert "allocation" not in without.known
