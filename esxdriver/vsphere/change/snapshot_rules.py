"""What vSphere would refuse of a snapshot, refused before it is asked, with a text that says what to do.

Sources: vSphere API, CreateSnapshot_Task, MemorySnapshotOnIndependentDisk,
VirtualMachineCapability.diskOnlySnapshotOnSuspendedVMSupported; vSphere Virtual Machine Administration, "Snapshot
Limitations".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import libvirt

from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.states import PowerState
from esxdriver.conf.snapshot.snapshot import (
    DISKS_ONLY,
    SnapshotDef,
    hard_disks,
    memory_leaves_out_no_disk,
    obstacle,
)
from esxdriver.errors import error, unsupported

_AT_REST = "resume the domain or shut it off first"


@dataclass(frozen=True)
class Situation:
    """What a domain is doing, as far as it limits snapshots.

    ``paused_disk_only`` is whether the host can leave out a paused domain's memory, ``tools`` whether VMware
    Tools run in the guest, ``quiesce`` whether they are to bring its file systems to rest.
    """

    state: PowerState
    paused_disk_only: bool = False
    tools: bool = False
    quiesce: bool = False

    @property
    def memory_forced(self) -> bool:
        """Whether a snapshot holds the memory whatever is asked."""
        return self.state is PowerState.PAUSED and not self.paused_disk_only


def check(wanted: SnapshotDef, domain: DomainDef, situation: Situation) -> None:
    """Raise the error that vSphere's refusal of ``wanted`` would become, also of what it would ignore in silence.

    Raises CONFIG_UNSUPPORTED for what the domain's disks rule out, OPERATION_UNSUPPORTED for what the host cannot
    do, AGENT_UNRESPONSIVE for quiescing without VMware Tools, INVALID_ARG for flags that make no sense together.
    """
    for rule in _RULES:
        rule(wanted, domain, situation)


def _memory_needs_dependent_disks(wanted: SnapshotDef, domain: DomainDef, situation: Situation) -> None:
    outside = [(disk.target, disk.mode) for disk in hard_disks(domain) if not disk.mode.snapshot]
    if not outside or not (wanted.memory or situation.memory_forced):
        return
    always = "a paused domain's snapshot always holds memory on this host, and " if situation.memory_forced else ""
    remedy = _AT_REST if situation.memory_forced else DISKS_ONLY
    raise unsupported(always + memory_leaves_out_no_disk(outside, remedy))


def _memory_can_be_left_out(wanted: SnapshotDef, _domain: DomainDef, situation: Situation) -> None:
    if situation.memory_forced and not wanted.memory:
        raise error(
            libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
            f"this host cannot leave a paused domain's memory out of a snapshot: {_AT_REST}",
        )


def _disks_allow_it(_wanted: SnapshotDef, domain: DomainDef, _situation: Situation) -> None:
    for disk in hard_disks(domain):
        reason = obstacle(disk, domain)
        if reason:
            raise unsupported(f"{disk.label} {reason}: no snapshot can be taken of a domain with such a disk")


def _something_is_in_it(wanted: SnapshotDef, domain: DomainDef, _situation: Situation) -> None:
    if wanted.memory or any(disk.snapshot for disk in wanted.disks):
        return
    disks = ", ".join(f"{disk.target} ({disk.mode.vim})" for disk in hard_disks(domain))
    has = f"all its disks are independent, {disks}" if disks else "it has no hard disk"
    raise unsupported(f"nothing of the domain would be in the snapshot: {has}")


def _quiescing_works(wanted: SnapshotDef, _domain: DomainDef, situation: Situation) -> None:
    """Only a running guest can be quiesced, by VMware Tools; vSphere passes over what it cannot do."""
    if not situation.quiesce or not situation.state.active:
        return
    if wanted.memory:
        raise error(
            libvirt.VIR_ERR_INVALID_ARG,
            f"vSphere does not quiesce (--quiesce) a guest whose memory it saves: {DISKS_ONLY}",
        )
    if not situation.tools:
        raise error(
            libvirt.VIR_ERR_AGENT_UNRESPONSIVE,
            "VMware Tools are not running in the guest, so it cannot be quiesced: start them, or do not quiesce",
        )


_RULES: Sequence[Callable[[SnapshotDef, DomainDef, Situation], None]] = (
    _disks_allow_it, _memory_needs_dependent_disks, _memory_can_be_left_out, _something_is_in_it, _quiescing_works,
)  # fmt: skip
