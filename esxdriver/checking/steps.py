"""The steps of a check that writes, in their order: what is done, what the rules predict, and what esxsim does.

1. What a step returns is its answer: a text, or ``done`` for nothing. What it raises is an answer, too: the class of
   the host's fault, or ``error:`` and the reason where there is none.
2. ``predicts`` is the answer that the driver's rules rely on: ``refused`` stands for any fault.
3. A step is not tried unless those that it ``needs`` have answered as predicted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import libvirt

from esxdriver.checking.scene import MIB, Scene
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.mapping.states import PowerState

DONE, REFUSED = "done", "refused"

# What the snapshots are called; a recording with pseudonyms keeps these names.
OFF, RUNNING, MEMORY, QUIESCED = "check off", "check running", "check memory", "check quiesced"

# Disks by their numbers: three on the first SCSI controller, one for each other bus, and one for each step that
# attaches one: none fails because another has.
DEPENDENT, INDEPENDENT, FORGETFUL, SATA, NVME, IDE, BOOT, LATER, RUNNING_LATER = range(1, 10)
_MODES = {
    DEPENDENT: DiskMode.PERSISTENT,
    INDEPENDENT: DiskMode.INDEPENDENT_PERSISTENT,
    FORGETFUL: DiskMode.INDEPENDENT_NONPERSISTENT,
}
_DISKS = (*_MODES, SATA, NVME, IDE, BOOT, LATER, RUNNING_LATER)


@dataclass(frozen=True)
class Step:
    """A step; ``esxsim`` is esxsim's answer, which is the prediction where none is given."""

    id: str
    name: str
    action: Callable[[Scene], str | None]
    predicts: str = DONE
    esxsim: str = ""
    needs: Sequence[str] = ("create",)

    @property
    def known(self) -> str:
        """Esxsim's answer."""
        return self.esxsim or self.predicts

    def is_as_predicted(self, answer: str) -> bool:
        """Whether an answer is what the driver's rules rely on."""
        return answer[:1].isupper() if self.predicts == REFUSED else answer == self.predicts


# -- what is done


def _make_disks(scene: Scene) -> str | None:
    sizes = {scene.make_disk(number) for number in _DISKS}
    return None if sizes == {MIB} else "of another size"


def _create(scene: Scene) -> str | None:
    scene.create("".join(
        scene.disk_xml(number, f"sd{'abc'[number - 1]}", "scsi", mode) for number, mode in _MODES.items()
    ))  # fmt: skip
    wrong = [mode.vim for number, mode in _MODES.items() if scene.mode(number) != mode.vim]
    return f"not made: {', '.join(wrong)}" if wrong else None


def _key_of_first_disk(scene: Scene) -> str:
    return next((f"{device.key}" for each, device in scene.domain.read_machine()[0].devices
                 if getattr(each, "target", None) == "sda"), "none")  # fmt: skip


def _define_dump(scene: Scene) -> str:
    before = scene.session.changes
    scene.conn.defineXML(scene.domain.XMLDesc())
    return "nothing asked" if scene.session.changes == before else "a change was asked"


def _attach(number: int, target: str, bus: str, more: str = "") -> Callable[[Scene], str | None]:
    def action(scene: Scene) -> str | None:
        scene.domain.attachDeviceFlags(scene.disk_xml(number, target, bus, more=more), _now(scene))
        return None if scene.disk(number) else "not attached"

    return action


def _detach(number: int, target: str, bus: str) -> Callable[[Scene], str | None]:
    def action(scene: Scene) -> str | None:
        scene.domain.detachDeviceFlags(scene.disk_xml(number, target, bus), _now(scene))
        return None if scene.disk(number) is None else "still there"

    return action


def _now(scene: Scene) -> int:
    live, config = libvirt.VIR_DOMAIN_AFFECT_LIVE, libvirt.VIR_DOMAIN_AFFECT_CONFIG
    return int(live | config if scene.domain.isActive() else config)


def _set_modes(*modes: DiskMode) -> Callable[[Scene], str | None]:
    def action(scene: Scene) -> str | None:
        made = [scene.set_mode(DEPENDENT, mode) for mode in modes]
        return None if made == [mode.vim for mode in modes] else f"made {', '.join(made)}"

    return action


def _all_dependent(scene: Scene) -> None:
    scene.define(
        lambda have: replace(have, disks=tuple(replace(each, mode=DiskMode.PERSISTENT) for each in have.disks))
    )


def _mode_past_rules(number: int, mode: DiskMode) -> Callable[[Scene], None]:
    return lambda scene: scene.set_mode_past_rules(number, mode)


def _boot_order(scene: Scene) -> str | None:
    _attach(BOOT, "sde", "scsi", "<boot order='1'/>")(scene)
    disk = scene.disk(BOOT)
    return None if disk is not None and disk.boot_order == 1 else "not in the boot order"


def _rename(scene: Scene) -> str | None:
    scene.domain.rename(scene.own.called.renamed)
    renamed = scene.conn.lookupByUUIDString(scene.domain.UUIDString()).name() == scene.own.called.renamed
    file = scene.domain.read_machine()[0].config.files.vmPathName
    return None if renamed and file.endswith(f"/{scene.own.called.name}.vmx") else "its file is called otherwise, too"


def _resize(scene: Scene) -> str | None:
    scene.domain.setMaxMemory(128 * 1024)
    scene.domain.setVcpus(2)
    size = scene.domain.info()
    return None if (size[1], size[3]) == (128 * 1024, 2) else "of another size"


def _grow(scene: Scene) -> str | None:
    scene.domain.blockResize("sda", 2 * MIB, libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES)
    return None if scene.domain.blockInfo("sda")[0] == 2 * MIB else "of another size"


def _snapshot(name: str, *, memory: bool = False) -> Callable[[Scene], None]:
    def action(scene: Scene) -> None:
        scene.snapshot(name, memory=memory)

    return action


def _deltas(scene: Scene) -> str | None:
    """Return None where the dependent disk alone writes to a file of its own since the snapshot, else which do."""
    found = {number: bool(disk.chain) for number in _MODES if (disk := scene.disk(number)) is not None}
    return None if found == {DEPENDENT: True, INDEPENDENT: False, FORGETFUL: False} else f"deltas: {found}"


def _mark(scene: Scene) -> str | None:
    for number in (DEPENDENT, INDEPENDENT):
        scene.mark(number, "after the snapshot")
    return None if scene.marked(INDEPENDENT) == "after the snapshot" else "not kept"


def _revert(name: str) -> Callable[[Scene], None]:
    return lambda scene: scene.revert(name)


def _marks_after_revert(scene: Scene) -> str | None:
    back = scene.marked(DEPENDENT) == "none"
    kept = scene.marked(INDEPENDENT) == "after the snapshot"
    return (
        None if back and kept else f"dependent {'back' if back else 'kept'}, independent {'kept' if kept else 'back'}"
    )


def _later_disk_after_revert(scene: Scene) -> str:
    return "gone from the machine" if scene.disk(LATER) is None else "still on the machine"


def _consolidated(scene: Scene) -> str | None:
    scene.delete_snapshots()
    disk = scene.disk(DEPENDENT)
    if disk is None:
        return "the disk is gone"
    return None if not disk.chain and disk.source == str(scene.own.disk(DEPENDENT)) else "writes to another file"


def _state(wanted: PowerState) -> Callable[[Scene], str | None]:
    def action(scene: Scene) -> str | None:
        state = scene.domain.state()[0]
        return None if state == wanted.number else f"in state {state}"

    return action


def _undefine(scene: Scene) -> str | None:
    scene.before = {number: scene.mode(number) for number in _MODES}
    scene.before["uuid"] = scene.domain.UUIDString()
    scene.domain.undefine()
    names = {volume.name() for volume in scene.pool.listAllVolumes()}
    return None if all(scene.own.disk(number).path in names for number in _MODES) else "files are gone"


def _register(scene: Scene) -> str | None:
    called = scene.own.called
    scene.domain = scene.conn.registerDomain(f"[{called.datastore}] {called.name}/{called.name}.vmx")
    modes = {number: scene.mode(number) for number in _MODES}
    return None if modes == {number: scene.before[number] for number in _MODES} else "other modes"


def _same_uuid(scene: Scene) -> str | None:
    return None if scene.domain.UUIDString() == scene.before["uuid"] else "another UUID"


def _delete(scene: Scene) -> None:
    """Delete the machine and one disk; the others go with the folder."""
    scene.domain.undefine()
    scene.pool.storageVolLookupByName(scene.own.disk(DEPENDENT).path).delete()


def _calls(method: str) -> Callable[[Scene], None]:
    return lambda scene: getattr(scene.domain, method)()


P, IP, INP = DiskMode.PERSISTENT, DiskMode.INDEPENDENT_PERSISTENT, DiskMode.INDEPENDENT_NONPERSISTENT
_OFF = ("create",)
_HELD = ("snapshot",)
_ON = ("start",)

STEPS: tuple[Step, ...] = (
    Step("disks", "Make disks as volumes, thin, of 1 MiB", _make_disks, needs=()),
    Step("create", "Create a machine with a disk of each mode", _create, needs=("disks",)),
    Step("key", "The key of the first disk", _key_of_first_disk, "2000"),
    Step("dump", "Define the machine's own document", _define_dump, "nothing asked"),
    # off
    Step("sata", "Attach a disk on SATA", _attach(SATA, "sdd", "sata")),
    Step("nvme", "Attach a disk on NVMe", _attach(NVME, "nvme0n1", "nvme")),
    Step("ide", "Attach a disk on IDE", _attach(IDE, "hda", "ide")),
    Step("dump-buses", "Define the document of a machine with all buses", _define_dump, "nothing asked"),
    Step("ide-detach", "Detach the disk on IDE", _detach(IDE, "hda", "ide"), needs=("ide",)),
    Step("modes-off", "Change a disk's mode while it is off, there and back", _set_modes(IP, INP, P)),
    Step("outdated", "An outdated mode, past the rules", _mode_past_rules(INDEPENDENT, DiskMode.UNDOABLE), REFUSED,
         "InvalidDeviceBacking"),
    Step("boot", "Attach a disk that is first in the boot order", _boot_order),
    Step("boot-detach", "Detach it again", _detach(BOOT, "sde", "scsi"), needs=("boot",)),
    Step("rename", "Rename the machine", _rename),
    Step("resize", "Change the size of its memory, and its vCPUs", _resize),
    Step("grow", "Let a disk grow", _grow),
    # under a snapshot
    Step("snapshot", "Take a snapshot while it is off", _snapshot(OFF)),
    Step("deltas", "Which disks write to a file of their own since then", _deltas, needs=_HELD),
    Step("dump-held", "Define the document of a machine with a snapshot", _define_dump, "nothing asked", needs=_HELD),
    Step("mode-held", "Change a disk's mode under a snapshot, past the rules", _mode_past_rules(DEPENDENT, IP), REFUSED,
         "DisallowedDiskModeChange", _HELD),
    Step("mode-other", "The same of a disk that is not in it, past the rules", _mode_past_rules(INDEPENDENT, INP),
         REFUSED, "DisallowedDiskModeChange", _HELD),
    Step("remove-held", "Remove a disk that is in it, past the rules",
         lambda scene: scene.remove_past_rules(DEPENDENT), REFUSED, "InvalidDeviceOperation", _HELD),
    Step("grow-held", "Let a disk grow that is in it, past the rules",
         lambda scene: scene.grow_past_rules("sda", 4 * MIB), REFUSED, "InvalidDeviceSpec", _HELD),
    Step("mark", "Mark the files that disks write to", _mark, needs=_HELD),
    Step("attach-held", "Attach a disk after it", _attach(LATER, "sdf", "scsi"), needs=_HELD),
    Step("revert", "Go back to it", _revert(OFF), needs=_HELD),
    Step("later", "The disk that was attached after it", _later_disk_after_revert, "gone from the machine",
         needs=("attach-held", "revert")),
    Step("marks", "What the disks hold then: the dependent one is back, the independent one is not",
         _marks_after_revert, needs=("mark", "revert")),
    Step("consolidate", "Delete the snapshot: the disk writes to its own file again", _consolidated, needs=_HELD),
    # running
    Step("start", "Start it; there is nothing to boot from", _calls("create"), needs=_OFF),
    Step("mode-on", "Change a disk's mode while it runs, past the rules", _mode_past_rules(DEPENDENT, IP), REFUSED,
         "InvalidPowerState", ("consolidate", "start")),
    Step("attach-on", "Attach a disk while it runs", _attach(RUNNING_LATER, "sdg", "scsi"), needs=_ON),
    Step("detach-on", "Detach it again", _detach(RUNNING_LATER, "sdg", "scsi"), needs=("attach-on",)),
    Step("dump-on", "Define the document of a machine that runs", _define_dump, "nothing asked", needs=_ON),
    Step("memory-independent", "A snapshot with memory, with independent disks, past the rules",
         lambda scene: scene.snapshot_past_rules(MEMORY, memory=True), REFUSED, "MemorySnapshotOnIndependentDisk",
         _ON),
    Step("snapshot-on", "A snapshot without memory while it runs", _snapshot(RUNNING), needs=_ON),
    Step("quiesce", "A quiesced snapshot, without VMware Tools, past the rules",
         lambda scene: scene.snapshot_past_rules(QUIESCED, quiesce=True), needs=_ON),
    Step("revert-off", "Go back to it", _revert(RUNNING), needs=("snapshot-on",)),
    Step("off-then", "It is off then", _state(PowerState.SHUTOFF), needs=("revert-off",)),
    Step("consolidate-off", "Delete that snapshot", _consolidated, needs=("snapshot-on",)),
    Step("all-dependent", "Make all disks dependent", _all_dependent, needs=("off-then", "consolidate-off")),
    Step("start-again", "Start it", _calls("create"), needs=("all-dependent",)),
    Step("suspend", "Suspend it", _calls("suspend"), needs=("start-again",)),
    Step("mode-paused", "Change a disk's mode while it is paused, past the rules", _mode_past_rules(SATA, IP), REFUSED,
         "InvalidPowerState", ("suspend", "sata")),
    Step("resume", "Let it go on", _calls("resume"), needs=("suspend",)),
    Step("snapshot-memory", "A snapshot with memory", _snapshot(MEMORY, memory=True), needs=("resume",)),
    Step("destroy", "Pull the plug", _calls("destroy"), needs=("snapshot-memory",)),
    Step("revert-memory", "Go back to the snapshot with memory", _revert(MEMORY), needs=("destroy",)),
    Step("on-then", "It runs then", _state(PowerState.RUNNING), needs=("revert-memory",)),
    Step("destroy-again", "Pull the plug again", _calls("destroy"), needs=("on-then",)),
    Step("consolidate-memory", "Delete that snapshot", _consolidated, needs=("destroy-again",)),
    # away and back
    Step("undefine", "Undefine it: its files stay", _undefine, needs=("consolidate-memory",)),
    Step("register", "Register it again: its disks have their modes", _register, needs=("undefine",)),
    Step("uuid", "It has the same UUID", _same_uuid, needs=("register",)),
    Step("delete", "Undefine it and delete a disk of its", _delete, needs=("register",)),
)  # fmt: skip
