"""What is assumed here about real hosts, of which there is no recording: and what a report says of each.

Each row says what is assumed, where the code relies on it, and what shows it: a step, a probe, or a check of the
reading; or why nothing can.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from esxdriver.checking.report import Report, Status


class Verdict(StrEnum):
    """What a report says of an assumption."""

    HELD = "held"
    NOT_HELD = "did not hold"
    UNTRIED = "could not be tried"


@dataclass(frozen=True)
class Guess:
    """An assumption; ``relies`` is the file that relies on it.

    ``step`` is shown by a step of a check that writes: its answer is one of ``answers``, or as predicted where there
    are none. ``probe`` and ``check`` are shown by reading. ``why_not`` says why nothing shows it.
    """

    id: str
    assumes: str
    relies: str
    step: str = ""
    answers: Sequence[str] = ()
    probe: str = ""
    check: str = ""
    why_not: str = ""


@dataclass(frozen=True)
class Answer:
    """What a report says of an assumption, and what that stands on."""

    guess: Guess
    verdict: Verdict
    shown_by: str


GUESSES: tuple[Guess, ...] = (
    Guess("G01", "A disk's mode cannot change while its machine runs", "vsphere/change/rules.py", step="mode-on"),
    Guess("G02", "The fault of that is InvalidPowerState", "tests/esxsim/diskedit.go", step="mode-on",
          answers=("InvalidPowerState",)),
    Guess("G03", "A disk's mode cannot change while its machine is paused", "vsphere/change/rules.py",
          step="mode-paused"),
    Guess("G04", "A disk's mode cannot change while its machine has snapshots", "vsphere/change/rules.py",
          step="mode-held"),
    Guess("G05", "The fault of that is DisallowedDiskModeChange", "vsphere/wire/fault_codes.py", step="mode-held",
          answers=("DisallowedDiskModeChange",)),
    Guess("G06", "It is refused of a disk that is in no snapshot, too", "vsphere/change/rules.py", step="mode-other"),
    Guess("G07", "ESX makes no disk of an outdated mode", "conf/mapping/enums.py", step="outdated"),
    Guess("G08", "A disk that snapshots hold cannot be removed", "vsphere/change/rules.py", step="remove-held"),
    Guess("G09", "A disk that snapshots hold cannot grow", "vsphere/change/resize.py", step="grow-held"),
    Guess("G10", "A disk may be attached to a machine that has snapshots", "vsphere/change/rules.py",
          step="attach-held"),
    Guess("G11", "Going back to a snapshot takes disks that came after it off the machine", "conf/snapshot/outcome.py",
          step="later"),
    Guess("G12", "Going back takes what dependent disks hold back, and leaves independent ones",
          "conf/snapshot/outcome.py", step="marks"),
    Guess("G13", "A snapshot gives each dependent disk, and no other, a file of its own to write to",
          "vsphere/machine/machine.py", step="deltas"),
    Guess("G14", "When its last snapshot is deleted, a disk writes to its first file again",
          "conf/devices/kinds.py", step="consolidate"),
    Guess("G15", "A snapshot with memory is refused where a disk is independent", "vsphere/change/snapshot_rules.py",
          step="memory-independent"),
    Guess("G16", "The fault of that is MemorySnapshotOnIndependentDisk", "vsphere/wire/fault_codes.py",
          step="memory-independent", answers=("MemorySnapshotOnIndependentDisk",)),
    Guess("G17", "A machine that runs, with independent disks, has snapshots without memory",
          "vsphere/change/snapshot_rules.py", step="snapshot-on"),
    Guess("G18", "Going back to a snapshot without memory leaves the machine off", "driver/domain_snapshots.py",
          step="off-then"),
    Guess("G19", "Going back to a snapshot with memory leaves the machine running", "driver/domain_snapshots.py",
          step="on-then"),
    Guess("G20", "A new disk's key is the first of its bus plus its number, so a boot order can name it at once",
          "vsphere/machine/wiring.py", step="boot"),
    Guess("G21", "The first SCSI disk has the key 2000", "vsphere/machine/wiring.py", step="key"),
    Guess("G22", "The keys of all disks are their bus's first plus their number", "vsphere/machine/wiring.py",
          probe="keys of disks"),
    Guess("G23", "The keys of network cards begin at 4000", "vsphere/machine/wiring.py", probe="keys of cards"),
    Guess("G24", "A boot order names devices that are there", "vsphere/machine/wiring.py",
          probe="keys in the boot order"),
    Guess("G25", "A host makes a machine with a disk of each mode, and the mode is what was asked for",
          "vsphere/change/define.py", step="create"),
    Guess("G26", "What a host dumps can be defined, and nothing is asked of it", "vsphere/change/plan.py", step="dump"),
    Guess("G27", "Renaming a machine leaves its files their names", "driver/domain_change.py", step="rename"),
    Guess("G28", "Undefining a machine leaves its files, and registering them gives the modes back",
          "vsphere/change/register.py", step="register"),
    Guess("G29", "A machine that is registered again has its UUID", "vsphere/change/register.py", step="uuid"),
    Guess("G30", "A disk on SCSI is plugged in and out while its machine runs", "driver/domain_devices.py",
          step="detach-on"),
    Guess("G31", "A thin disk of 1 MiB has 1 MiB", "vsphere/storage/disks.py", step="disks"),
    Guess("G32", "A disk's descriptor is read and written by its path, over HTTP", "vsphere/storage/transfer.py",
          step="mark"),
    Guess("G33", "The counters of disks have instances like scsi0:1", "vsphere/statistics/counters.py",
          probe="counters of disks"),
    Guess("G34", "The counters of network cards have the card's key as instance", "vsphere/statistics/counters.py",
          probe="counters of cards"),
    Guess("G35", "A search of a datastore says each disk's capacity", "vsphere/storage/search.py",
          probe="capacity in a search"),
    Guess("G36", "A host says the UUID of a disk's file in sixteen pairs of digits", "vsphere/storage/disks.py",
          probe="UUID of a file"),
    Guess("G37", "Each datastore is mounted below /vmfs/volumes", "vsphere/storage/datastores.py",
          probe="where a datastore is mounted"),
    Guess("G38", "Names have /, \\ and % as %2f, %5c and %25", "conf/mapping/identity.py", probe="escapes in names"),
    Guess("G39", "Every machine has an instance UUID", "driver/backend.py", probe="instance UUID"),
    Guess("G40", "Every disk has one of six modes", "conf/mapping/enums.py", probe="modes"),
    Guess("G41", "A host reports changes until it is asked to stop", "vsphere/query/watch.py",
          check="events: a watch begins and ends"),
    Guess("G42", "A host passes over quiescing where no VMware Tools run", "vsphere/change/snapshot_rules.py",
          step="quiesce"),
    Guess("G43", "What an independent nonpersistent disk is written is lost at power off, not at a guest's reboot",
          "conf/snapshot/outcome.py", why_not="a guest that writes is needed"),
    Guess("G44", "A host takes uploads whose length is known, and replaces whole files",
          "vsphere/storage/transfer.py", why_not="it would need large files"),
    Guess("G45", "A physical raw disk keeps its machine from snapshots", "vsphere/change/snapshot_rules.py",
          why_not="a raw device of the site's is needed"),
    Guess("G46", "On vCenter a port group is known by its switch's UUID and its key", "vsphere/change/rules.py",
          why_not="no network of the site's is touched"),
    Guess("G47", "Counters in kilobytes count 1024 bytes", "vsphere/statistics/counters.py",
          why_not="a guest that counts is needed"),
    Guess("G48", "The files of a machine that runs are locked, and the fault is FileLocked",
          "vsphere/wire/fault_codes.py", why_not="no file is changed under a machine that runs"),
    Guess("G49", "A copy of a disk is thin where that is asked for", "vsphere/storage/disks.py",
          why_not="no disk is copied"),
    Guess("G50", "A screenshot is had over HTTP, by the machine's id", "driver/domain_console.py",
          why_not="a recording would keep what a guest shows"),
    Guess("G51", "A host takes keys as USB codes", "driver/domain_console.py",
          why_not="a guest that listens is needed"),
)  # fmt: skip


def answered(report: Report) -> tuple[Answer, ...]:
    """Return what a report says of each assumption."""
    return tuple(_answer(guess, report) for guess in GUESSES)


def _answer(guess: Guess, report: Report) -> Answer:
    if guess.why_not:
        return Answer(guess, Verdict.UNTRIED, guess.why_not)
    if guess.step:
        return _by_step(guess, report)
    if guess.probe:
        held, not_held = report.probes.get(guess.probe, (0, 0))
        verdict = _verdict(tried=held + not_held > 0, held=not not_held)
        return Answer(guess, verdict, f"{held} of {held + not_held} answers" if held + not_held else "nothing shows it")
    statuses = [each.status for each in report.findings if each.check == guess.check]
    return Answer(guess, _verdict(tried=bool(statuses), held=set(statuses) == {Status.OK}), guess.check)


def _by_step(guess: Guess, report: Report) -> Answer:
    found = next((each for each in report.steps if each.step == guess.step), None)
    if found is None or found.status is Status.SKIPPED:
        why = "needs --write" if not report.steps else f"the step '{guess.step}' was not tried"
        return Answer(guess, Verdict.UNTRIED, why)
    if found.answer.startswith("error: VIR_ERR_RPC"):
        return Answer(guess, Verdict.UNTRIED, f"the step '{guess.step}' had no answer")
    held = found.answer in guess.answers if guess.answers else found.status is Status.OK
    return Answer(guess, _verdict(tried=True, held=held), f"{guess.step}: {found.answer}")


def _verdict(*, tried: bool, held: bool) -> Verdict:
    if not tried:
        return Verdict.UNTRIED
    return Verdict.HELD if held else Verdict.NOT_HELD
