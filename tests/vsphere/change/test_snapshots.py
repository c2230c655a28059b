"""The rules and the tree, without a host; what a host has a say in is in live/test_snapshots.py."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import libvirt
import pytest
from pyVmomi import vim

from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.mapping.states import PowerState
from esxdriver.conf.snapshot.snapshot import SnapshotDef, align
from esxdriver.vsphere.bulk.snapshot_filters import selected, selected_below
from esxdriver.vsphere.change import snapshots
from esxdriver.vsphere.change.snapshot_rules import Situation, check
from esxdriver.vsphere.machine.snapshot_tree import tree_of
from esxdriver.vsphere.query.retrieve import Found
from tests.conf.snapshot.cases import cdrom, disk, domain

RUNNING, PAUSED, SHUTOFF = PowerState.RUNNING, PowerState.PAUSED, PowerState.SHUTOFF
UNSUPPORTED = libvirt.VIR_ERR_CONFIG_UNSUPPORTED
DISK_ONLY_IMPOSSIBLE = libvirt.VIR_ERR_OPERATION_UNSUPPORTED

DEPENDENT = {mode for mode in DiskMode if mode.snapshot}


def asked(subject, situation, *, memory=None):
    """Ask for a snapshot: the error's code and text, or None."""
    try:
        check(align(SnapshotDef(memory=memory), subject, situation.state), subject, situation)
    except libvirt.libvirtError as error:
        return error
    return None


def code(raised):
    return raised and raised.get_error_code()


#    power state, memory asked for, whether the host can leave out a paused domain's:
#    the code with a dependent disk alone, with an independent one beside it, with an independent one alone
RULES = {
    (RUNNING, True, False): (None, UNSUPPORTED, UNSUPPORTED),
    (RUNNING, True, True): (None, UNSUPPORTED, UNSUPPORTED),
    (RUNNING, False, False): (None, None, UNSUPPORTED),
    (RUNNING, False, True): (None, None, UNSUPPORTED),
    (PAUSED, True, False): (None, UNSUPPORTED, UNSUPPORTED),
    (PAUSED, True, True): (None, UNSUPPORTED, UNSUPPORTED),
    (PAUSED, False, False): (DISK_ONLY_IMPOSSIBLE, UNSUPPORTED, UNSUPPORTED),
    (PAUSED, False, True): (None, None, UNSUPPORTED),
    (SHUTOFF, None, False): (None, None, UNSUPPORTED),
    (SHUTOFF, None, True): (None, None, UNSUPPORTED),
    (SHUTOFF, False, False): (None, None, UNSUPPORTED),
    (SHUTOFF, False, True): (None, None, UNSUPPORTED),
}


@pytest.mark.parametrize(("state", "memory", "capable"), RULES)
@pytest.mark.parametrize("mode", DiskMode)
def test_modes_power_state_and_memory_decide(mode, state, memory, capable):
    alone, beside, without = RULES[state, memory, capable]
    situation = Situation(state, paused_disk_only=capable)
    one = disk("sdb", mode, unit=1)
    assert code(asked(domain(disk("sda"), one), situation, memory=memory)) == (alone if mode in DEPENDENT else beside)
    assert code(asked(domain(one), situation, memory=memory)) == (alone if mode in DEPENDENT else without)


INDEPENDENT = disk("sdb", DiskMode.INDEPENDENT_PERSISTENT, unit=1)


@pytest.mark.parametrize(
    ("situation", "words"),
    [
        (Situation(RUNNING), ["sdb (independent_persistent)", "--disk-only"]),
        (Situation(PAUSED, paused_disk_only=True), ["sdb (independent_persistent)", "--disk-only"]),
        (Situation(PAUSED), ["sdb (independent_persistent)", "always holds memory", "shut it off first"]),
    ],
)
def test_the_disks_are_named_and_the_way_out_is_reported(situation, words):
    raised = str(asked(domain(disk("sda"), INDEPENDENT), situation))
    assert all(word in raised for word in words)
    assert ("--disk-only" in raised) is ("--disk-only" in words)


@pytest.mark.parametrize(
    ("subject", "situation", "expected"),
    [
        (domain(), Situation(RUNNING), None),  # nothing but memory
        (domain(cdrom()), Situation(SHUTOFF), "it has no hard disk"),
        (domain(INDEPENDENT), Situation(SHUTOFF), "all its disks are independent, sdb (independent_persistent)"),
    ],
)
def test_something_has_to_be_in_it(subject, situation, expected):
    raised = asked(subject, situation)
    assert raised is None if expected is None else expected in str(raised)


@pytest.mark.parametrize(("state", "memory"), list(product(PowerState, [None, False])))
@pytest.mark.parametrize("awkward", [{"compatibility": "physicalMode"}, {"shareable": True}])
def test_a_disk_in_the_way_is_named(state, memory, awkward):
    situation = Situation(state, paused_disk_only=True)
    raised = asked(domain(disk("sda", **awkward)), situation, memory=memory)
    assert code(raised) == UNSUPPORTED
    assert "disk 'sda'" in str(raised)


@pytest.mark.parametrize(
    ("state", "memory", "tools", "expected"),
    [
        (RUNNING, False, True, None),
        (RUNNING, False, False, libvirt.VIR_ERR_AGENT_UNRESPONSIVE),
        (RUNNING, True, True, libvirt.VIR_ERR_INVALID_ARG),
        (PAUSED, False, False, libvirt.VIR_ERR_AGENT_UNRESPONSIVE),
        (SHUTOFF, False, False, None),  # it is at rest
    ],
)
def test_quiescing_needs_tools_and_no_memory(state, memory, tools, expected):
    situation = Situation(state, paused_disk_only=True, tools=tools, quiesce=True)
    assert code(asked(domain(disk()), situation, memory=memory)) == expected


@pytest.mark.parametrize(
    ("tools", "run"),
    [("guestToolsRunning", True), ("guestToolsExecutingScripts", True), ("guestToolsNotRunning", False), (None, False)],
)
def test_tools_run_while_they_start_the_guest(tools, run):
    known = {"runtime.powerState": "poweredOn", "guest.toolsRunningStatus": tools}
    assert snapshots._situation(Found(None, known), quiesce=True).tools is run


# -- the tree


def node(number, name, *children, state="poweredOff"):
    return vim.vm.SnapshotTree(
        snapshot=vim.vm.Snapshot(f"snapshot-{number}"), vm=vim.VirtualMachine("vm-1"), name=name,
        description=f"number {number}", id=number, createTime=datetime(2024, 1, number, tzinfo=UTC), state=state,
        quiesced=False, childSnapshotList=list(children),
    )  # fmt: skip


def tree(*roots, current):
    info = vim.vm.SnapshotInfo(currentSnapshot=vim.vm.Snapshot(f"snapshot-{current}"), rootSnapshotList=list(roots))
    return tree_of(info)


GROWN = tree(
    node(1, "base", node(2, "twin", node(4, "leaf")), node(3, "twin", state="poweredOn")),
    node(5, "50%25 a%2fb", state="suspended"),
    current=4,
)


def test_parents_come_before_their_children():
    assert [each.name for each in GROWN.snapshots] == ["base", "twin", "leaf", "twin", "50% a/b"]
    assert [each.definition.parent for each in GROWN.snapshots] == [None, "base", "twin", "base", None]
    assert GROWN.current.name == "leaf"


def test_a_node_tells_all_that_libvirt_asks():
    assert GROWN.snapshots[3].definition == SnapshotDef(
        name="twin", description="number 3", state=RUNNING, parent="base", memory=True, created=1704240000
    )


def test_no_snapshots_are_a_tree_too():
    assert (tree_of(None).snapshots, tree_of(None).current) == ((), None)


@pytest.mark.parametrize(
    ("name", "moref"),
    [("leaf", 4), ("leaf@snapshot-4", 4), ("twin@snapshot-2", 2), ("twin@snapshot-3", 3), ("50% a/b", 5)],
)
def test_a_name_finds_its_snapshot(name, moref):
    assert GROWN.named(name).ref._moId == f"snapshot-{moref}"


@pytest.mark.parametrize("name", ["", "nothing", "leaf@snapshot-2", "@snapshot-4", "snapshot-4", "Leaf"])
def test_an_unknown_name_finds_none(name):
    with pytest.raises(libvirt.libvirtError) as raised:
        GROWN.named(name)
    assert code(raised.value) == libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT


def test_an_ambiguous_name_lists_the_candidates():
    with pytest.raises(libvirt.libvirtError) as raised:
        GROWN.named("twin")
    assert code(raised.value) == libvirt.VIR_ERR_OPERATION_FAILED
    assert "'twin@snapshot-2', 'twin@snapshot-3'" in str(raised.value)


def test_a_name_that_looks_qualified_hides_nothing():
    odd = tree(node(1, "a"), node(2, "a@snapshot-1"), current=1)
    assert odd.named("a@snapshot-1").ref._moId == "snapshot-1"
    assert odd.named("a@snapshot-1@snapshot-2").ref._moId == "snapshot-2"
    assert [odd.named(odd.unambiguous(each)) for each in odd.snapshots] == list(odd.snapshots)


def test_the_unambiguous_name_is_as_short_as_it_can_be():
    names = [GROWN.unambiguous(each) for each in GROWN.snapshots]
    assert names == ["base", "twin@snapshot-2", "leaf", "twin@snapshot-3", "50% a/b"]


def flag(*names):
    return sum(getattr(libvirt, f"VIR_DOMAIN_SNAPSHOT_LIST_{name}") for name in names)


@pytest.mark.parametrize(
    ("flags", "numbers"),
    [
        ([], "12435"),
        (["TOPOLOGICAL"], "12435"),
        (["ROOTS"], "15"),
        (["LEAVES"], "435"),
        (["NO_LEAVES"], "12"),
        (["LEAVES", "NO_LEAVES"], "12435"),
        (["ROOTS", "LEAVES"], "5"),
        (["METADATA"], ""),
        (["NO_METADATA"], "12435"),
        (["ACTIVE"], "35"),
        (["INACTIVE"], "124"),
        (["DISK_ONLY"], "124"),
        (["ACTIVE", "DISK_ONLY"], "12435"),
        (["INTERNAL"], "12435"),
        (["EXTERNAL"], ""),
        (["INTERNAL", "ACTIVE", "LEAVES", "TOPOLOGICAL"], "35"),
    ],
)
def test_filters_choose_snapshots(flags, numbers):
    assert "".join(each.ref._moId[-1] for each in selected(GROWN, flag(*flags), "f")) == numbers


@pytest.mark.parametrize(
    ("above", "flags", "numbers"),
    [
        (0, [], "23"),
        (0, ["DESCENDANTS"], "243"),
        (0, ["DESCENDANTS", "LEAVES"], "43"),
        (0, ["LEAVES"], "3"),
        (1, ["TOPOLOGICAL"], "4"),
        (2, ["DESCENDANTS"], ""),
        (4, [], ""),
    ],
)
def test_filters_choose_children(above, flags, numbers):
    found = selected_below(GROWN, GROWN.snapshots[above], flag(*flags), "f")
    assert "".join(each.ref._moId[-1] for each in found) == numbers


def test_an_unknown_filter_is_refused():
    with pytest.raises(libvirt.libvirtError, match="unsupported flags") as raised:
        selected(GROWN, 1 << 20, "virDomainListAllSnapshots")
    assert code(raised.value) == libvirt.VIR_ERR_INVALID_ARG


def test_a_deleted_snapshot_is_missed():
    gone = replace(GROWN.snapshots[0], ref=vim.vm.Snapshot("snapshot-9"))
    with pytest.raises(libvirt.libvirtError) as raised:
        GROWN.at(gone.ref, "base")
    assert code(raised.value) == libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT


# -- a half is told by name


def tree_without(*gone):
    """Return a tree of a, with b and c below it, and d below b, as far as they are not gone."""

    def node(name, *below):
        kept = [child for each in below for child in each]
        if name in gone:
            return kept
        moref = vim.vm.Snapshot(f"snap-{name}")
        return [
            vim.vm.SnapshotTree(
                snapshot=moref, vm=vim.VirtualMachine("vm-1"), name=name, description="", id=1, quiesced=False,
                createTime=datetime(2026, 1, 1, tzinfo=UTC), state="poweredOff", childSnapshotList=kept,
            )
        ]  # fmt: skip

    roots = node("a", node("b", node("d")), node("c"))
    return tree_of(vim.vm.SnapshotInfo(rootSnapshotList=roots) if roots else None)


def removal(monkeypatch, raised, after):
    """Remove all below a, of which the second call fails; return what is raised."""
    calls = []

    def remove(_session, _ref, snapshot, **_options):
        calls.append(snapshot)
        if len(calls) == 2:
            raise raised

    def read_tree(_session, _ref):
        if isinstance(after, Exception):
            raise after
        return after

    monkeypatch.setattr(snapshots, "remove", remove)
    monkeypatch.setattr(snapshots, "read_tree", read_tree)
    whole = tree_without()
    tops = [each for each in whole.snapshots if each.name in "bc"]
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - which one it is, is the question
        snapshots.remove_trees(None, None, whole, tops, auto_answer=False)
    return caught.value


FAULT = vim.fault.TaskInProgress(msg="Another task is already in progress")


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (tree_without("b", "d"), "deleted are: 'b', 'd'; still there are: 'c'"),
        (tree_without("b"), "deleted are: 'b'; still there are: 'd', 'c'"),
        (tree_without(), "deleted are: none; still there are: 'b', 'd', 'c'"),
        (
            vim.fault.NoPermission(msg="No"),
            "of 'b', 'd', 'c' some may be gone: the host does not say (No (NoPermission))",
        ),
    ],
)
def test_deleting_several_says_which_are_gone_and_which_stay(after, said, monkeypatch):
    raised = removal(monkeypatch, FAULT, after)
    assert raised.get_error_code() == libvirt.VIR_ERR_RESOURCE_BUSY
    assert "Another task is already in progress" in str(raised)
    assert said in str(raised)


def test_an_interruption_names_what_was_to_be_deleted(monkeypatch):
    raised = removal(monkeypatch, KeyboardInterrupt(), None)
    assert raised.__notes__ == ["to be deleted were: 'b', 'd', 'c'; look which of them are gone"]
