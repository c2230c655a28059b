"""Taking a machine's snapshots, going back to them, removing them: each is checked, then asked for once.

Source: vSphere API, CreateSnapshot_Task, RevertToSnapshot_Task, RemoveSnapshot_Task.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import libvirt
from pyVmomi import vim

from esxdriver import errors
from esxdriver.conf.mapping.identity import escaped
from esxdriver.conf.mapping.states import PowerState
from esxdriver.conf.snapshot.snapshot import SnapshotDef, align
from esxdriver.conf.snapshot.tree import Snapshot, Tree
from esxdriver.errors import error
from esxdriver.vsphere.change.snapshot_rules import Situation, check
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.guest import TOOLS, TOOLS_RUN
from esxdriver.vsphere.machine.snapshot_tree import read_tree, tree_of
from esxdriver.vsphere.machine.surface import reached
from esxdriver.vsphere.query.retrieve import Found, properties
from esxdriver.vsphere.query.task import Progress, wait
from esxdriver.vsphere.wire.faults import CALL_FAILURES, as_libvirt, describe
from esxdriver.vsphere.wire.session import Session

# All that decides about a machine's snapshots.
_MACHINE = ("name", "config", "runtime.powerState", TOOLS, "capability", "snapshot")


def prepare(session: Session, ref: Any, said: SnapshotDef, *, disk_only: bool, quiesce: bool) -> SnapshotDef:
    """Return the snapshot that taking ``said`` would make: with every disk's setting, its parent and its memory.

    A snapshot without a name is called by the time, in seconds since 1970. One round trip, which changes nothing.
    Raises what :func:`align` and :func:`check` raise, and OPERATION_INVALID when there is one of the name: vSphere
    would take two, but nobody could tell them apart.
    """
    found = _read(session, ref)
    domain = machine.read(found["config"]).definition
    situation, tree = _situation(found, quiesce=quiesce), tree_of(found["snapshot"])
    above = tree.current
    wanted = align(said, domain, situation.state, disk_only=disk_only)
    wanted = replace(wanted, name=said.name or str(int(time.time())), parent=above.name if above else None)
    check(wanted, domain, situation)
    if any(each.name == wanted.name for each in tree.snapshots):
        raise error(libvirt.VIR_ERR_OPERATION_INVALID, f"domain snapshot '{wanted.name}' already exists")
    return wanted


def _read(session: Session, ref: Any) -> Found:
    return machine.reachable(properties(session, ref, *_MACHINE))


def _situation(found: Found, *, quiesce: bool) -> Situation:
    return Situation(
        state=PowerState.of_machine(found) or PowerState.SHUTOFF,
        paused_disk_only=bool(reached(found["capability"], "diskOnlySnapshotOnSuspendedVMSupported")),
        tools=found[TOOLS] in TOOLS_RUN,
        quiesce=quiesce,
    )


def take(
    session: Session, ref: Any, wanted: SnapshotDef, *, quiesce: bool, auto_answer: bool, progress: Progress = None
) -> Any:
    """Take a snapshot and return its managed object. Raises the task's fault."""
    task = ref.CreateSnapshot_Task(escaped(wanted.name), wanted.description, bool(wanted.memory), quiesce)
    return wait(session, task, ref, auto_answer=auto_answer, progress=progress, result=vim.vm.Snapshot)


def revert(
    session: Session, ref: Any, snapshot: Any, *, stay_paused: bool, auto_answer: bool, progress: Progress = None
) -> None:
    """Bring a machine back to a snapshot of it; with ``stay_paused`` one that was running then does not go on."""
    task = snapshot.RevertToSnapshot_Task(None, stay_paused)
    wait(session, task, ref, auto_answer=auto_answer, progress=progress)


def remove(
    session: Session, ref: Any, snapshot: Any, *, children: bool, auto_answer: bool, progress: Progress = None
) -> None:
    """Remove a snapshot, with all that descend from it if ``children``; what disks hold now stays."""
    task = snapshot.RemoveSnapshot_Task(children)
    wait(session, task, ref, auto_answer=auto_answer, progress=progress)


def remove_trees(
    session: Session, ref: Any, tree: Tree, tops: Sequence[Snapshot], *, auto_answer: bool, progress: Progress = None
) -> None:
    """Remove some of a machine's snapshots, each with all that descend from it: a task for each.

    Raises the task's fault; where several were to go, as a ``libvirtError`` that says which are gone and which stay, by
    name: a task may end in its middle, too.
    """
    names = {
        each.ref: tree.unambiguous(each)
        for each in tree.snapshots
        if any(each == top or each.descends_from(top) for top in tops)
    }
    try:
        for top in tops:
            remove(session, ref, top.ref, children=True, auto_answer=auto_answer, progress=progress)
    except Exception as error:
        known = as_libvirt(error)
        if known is None or len(names) == 1:
            raise
        errors.extend(known, _left(session, ref, names))
        raise known from error
    except BaseException as cause:
        cause.add_note(f"to be deleted were: {_listed(names.values())}; look which of them are gone")
        raise


def _left(session: Session, ref: Any, names: Mapping[Any, str]) -> str:
    """Say which of these snapshots are gone now and which are still there."""
    try:
        there = {each.ref for each in read_tree(session, ref).snapshots}
    except CALL_FAILURES as cause:
        return f"of {_listed(names.values())} some may be gone: the host does not say ({describe(cause)})"
    gone = _listed(name for each, name in names.items() if each not in there)
    stay = _listed(name for each, name in names.items() if each in there)
    return f"deleted are: {gone}; still there are: {stay}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "none"


def start(session: Session, ref: Any, *, auto_answer: bool) -> None:
    """Start a machine, or let a paused one go on."""
    wait(session, ref.PowerOnVM_Task(), ref, auto_answer=auto_answer)
