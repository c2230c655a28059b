"""Another machine like one that there is, made by a vCenter: ``CloneVM_Task``.

1. What vSphere refuses is said before it is asked: independent disks of a machine that runs, and in what is made from a
   snapshot, which they are not in.
2. The clone has UUIDs and MAC addresses of its own: those that somebody has chosen would be there twice.
3. Each disk's mode is looked at afterwards. A clone that is not as it should be is deleted: nobody has seen it yet.

Source: vSphere API, VirtualMachine.CloneVM_Task, VirtualMachineCloneSpec.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import libvirt
from pyVmomi import vim

from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.mapping.identity import escaped
from esxdriver.errors import error
from esxdriver.vsphere.machine.machine import Machine, State, read_machine
from esxdriver.vsphere.machine.types import is_nic, vim_type
from esxdriver.vsphere.query.inventory import IDENTITY
from esxdriver.vsphere.query.retrieve import Found, properties
from esxdriver.vsphere.query.task import Progress, wait
from esxdriver.vsphere.wire.faults import CALL_FAILURES, OutcomeUnknownError, describe, extended
from esxdriver.vsphere.wire.session import Session

_CHILD = "createNewChildDiskBacking"


@dataclass(frozen=True)
class CloneOptions:
    """How a clone is made: its name, its MAC addresses in the order of its cards, where its files go, and from what.

    ``datastore`` and ``snapshot`` are managed objects; a ``linked`` clone stands on the snapshot's disks.
    """

    name: str
    macs: Sequence[str | None] = ()
    datastore: Any = None
    snapshot: Any = None
    linked: bool = False


def independent_disks(machine: Machine) -> list[DiskDef]:
    """Return the hard disks that snapshots and clones of what runs leave out."""
    return [disk for disk in machine.definition.disks if disk.backing.is_hard_disk and not disk.mode.snapshot]


def check_clone(machine: Machine, state: State, options: CloneOptions) -> None:
    """Raise OPERATION_UNSUPPORTED for what vSphere does not clone, with the disks that are why."""
    alone = ", ".join(disk.label for disk in independent_disks(machine))
    if alone and options.snapshot is not None:
        text = f"{alone}: an independent disk is in no snapshot, so it cannot be cloned from one"
        raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, text)
    if alone and not state.off:
        text = f"{alone}: vSphere clones an independent disk only while the domain is shut off"
        raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, text)


def clone(
    session: Session,
    ref: Any,
    machine: Machine,
    options: CloneOptions,
    failure: str,
    *,
    auto_answer: bool,
    progress: Progress = None,
) -> Found:
    """Make the clone, shut off, and return it with what tells it from others.

    ``failure`` says in errors what could not be done, ``progress`` is given percentages. Raises what vSphere refuses,
    and what is wrong with a clone that was made: it is deleted then, or the error says that it stays.
    """
    folder = properties(session, ref, "parent")["parent"]
    if folder is None:
        text = "the domain is in no folder that this user may see, where its clone would go"
        raise error(libvirt.VIR_ERR_ACCESS_DENIED, text)
    location = vim.vm.RelocateSpec(datastore=options.datastore, diskMoveType=_CHILD if options.linked else None)
    spec = vim.vm.CloneSpec(location=location, powerOn=False, template=False, snapshot=options.snapshot)
    task = ref.CloneVM_Task(folder, escaped(options.name), spec)
    made = wait(session, task, ref, auto_answer=auto_answer, progress=progress, result=vim.VirtualMachine)
    try:
        _finish(session, made, machine, options)
    except OutcomeUnknownError:
        raise
    except Exception as cause:
        if stays := _discard(session, made, options.name):
            raise extended(cause, failure, stays) from cause
        raise
    return properties(session, made, *IDENTITY)


def _finish(session: Session, made: Any, source: Machine, options: CloneOptions) -> None:
    have, _ = read_machine(session, made)
    changes = list(card_changes(have.config, options.macs))
    if changes:
        spec = vim_type("VirtualMachineConfigSpec")(changeVersion=have.config.changeVersion, deviceChange=changes)
        wait(session, made.ReconfigVM_Task(spec), made, auto_answer=False)
    wanted = {(disk.bus, disk.address): disk.mode for disk in source.definition.disks}
    for disk in have.definition.disks:
        mode = wanted.get((disk.bus, disk.address), disk.mode)
        if disk.backing.is_hard_disk and mode is not disk.mode:
            text = f"{disk.label}: it has mode {disk.mode.vim}, not {mode.vim} as it was"
            raise error(libvirt.VIR_ERR_INTERNAL_ERROR, f"the clone is not kept: {text}")


def card_changes(config: Any, macs: Sequence[str | None]) -> Iterator[Any]:
    """Yield what gives a clone's cards these MAC addresses, and chosen ones that they still share another."""
    cards = [device for device in config.hardware.device if is_nic(device)]
    for number, card in enumerate(cards):
        mac = macs[number] if number < len(macs) else None
        if mac is None and str(card.addressType).lower() != "manual":
            continue
        changed = copy.deepcopy(card)
        changed.addressType, changed.macAddress = ("manual", mac) if mac else ("generated", "")
        yield vim_type("VirtualDeviceConfigSpec")(operation="edit", device=changed)


def _discard(session: Session, made: Any, name: str) -> str:
    """Delete a clone, and return what to say where that is not possible."""
    try:
        wait(session, made.Destroy_Task(), made, auto_answer=False)
    except CALL_FAILURES as error:
        return f"clone '{name}' ({made._moId}) was made, and cannot be deleted again ({describe(error)}): look for it"
    return ""
