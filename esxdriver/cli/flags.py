"""Options that set a flag of libvirt's: one table a family, one way to add them to a command.

A row is the option, the flag's name without the family's prefix, and the help. virsh's options that ESX has no answer
for are here as well: their flag is handed on, and the driver refuses it as libvirt does.
"""

import functools
from collections.abc import Callable, Iterable, Sequence

import click

Rows = Sequence[tuple[str, str, str]]
Command = Callable[..., None]

LIST = (
    ("--persistent", "PERSISTENT", "Persistent domains: all but those that 'create' made."),
    ("--transient", "TRANSIENT", "Transient domains, which 'create' has made."),
    ("--state-running", "RUNNING", "Running domains."),
    ("--state-paused", "PAUSED", "Paused domains."),
    ("--state-shutoff", "SHUTOFF", "Domains that are shut off."),
    ("--state-other", "OTHER", "Domains in other states."),
    ("--with-snapshot", "HAS_SNAPSHOT", "Domains that have a snapshot."),
    ("--without-snapshot", "NO_SNAPSHOT", "Domains without a snapshot."),
    ("--autostart", "AUTOSTART", "Domains that start with their host."),
    ("--no-autostart", "NO_AUTOSTART", "Domains that do not."),
    ("--with-managed-save", "MANAGEDSAVE", "Domains with a managed save image, where managed_save=1."),
    ("--without-managed-save", "NO_MANAGEDSAVE", "Domains without one."),
    ("--with-checkpoint", "HAS_CHECKPOINT", "Domains with a checkpoint: on ESX none has."),
    ("--without-checkpoint", "NO_CHECKPOINT", "Domains without one."),
)
DUMP = (
    ("--security-info", "SECURE", "Passwords and secret options, too."),
    ("--inactive", "INACTIVE", "Without the ID of a running domain."),
    ("--migratable", "MIGRATABLE", "For a migration: no difference on ESX."),
    ("--update-cpu", "UPDATE_CPU", "The CPU as the host would make it: refused on ESX."),
)
STATS = (
    ("--state", "STATE", "Whether it runs."),
    ("--balloon", "BALLOON", "Memory: its size, its limit, what it has of the host's."),
    ("--vcpu", "VCPU", "vCPUs and their times."),
    ("--block", "BLOCK", "Disks: target, source, size, and what is read and written."),
    ("--cpu-total", "CPU_TOTAL", "CPU time of those that run."),
    ("--interface", "INTERFACE", "Traffic of the interfaces of those that run."),
    ("--perf", "PERF", "Performance events: vSphere has none of them."),
    ("--iothread", "IOTHREAD", "I/O threads: vSphere has none."),
    ("--memory", "MEMORY", "Memory bandwidth: vSphere does not keep it."),
    ("--dirtyrate", "DIRTYRATE", "How fast memory changes: vSphere does not keep it."),
    ("--vm", "VM", "What a hypervisor has besides: nothing of vSphere's."),
)
STATS_OF = (
    ("--list-active", "ACTIVE", "Active domains."),
    ("--list-inactive", "INACTIVE", "Domains that are shut off."),
    ("--list-persistent", "PERSISTENT", "Persistent domains: all but those that 'create' made."),
    ("--list-transient", "TRANSIENT", "Transient domains, which 'create' has made."),
    ("--list-running", "RUNNING", "Running domains."),
    ("--list-paused", "PAUSED", "Paused domains."),
    ("--list-shutoff", "SHUTOFF", "Domains that are shut off."),
    ("--list-other", "OTHER", "Domains in other states."),
    ("--enforce", "ENFORCE_STATS", "Fail for a kind of statistics that vSphere does not have."),
    ("--nowait", "NOWAIT", "Wait for no domain: vSphere is never waited for."),
    ("--backing", "BACKING", "Backing files of disks, too: on ESX they have no figures."),
)
DEFINE = (("--validate", "VALIDATE", "Check the document against libvirt's schema first."),)
UNDEFINE = (
    ("--snapshots-metadata", "SNAPSHOTS_METADATA", "With its snapshots; their files stay, too."),
    ("--keep-nvram", "KEEP_NVRAM", "Keep its NVRAM file: it stays anyway."),
    ("--nvram", "NVRAM", "Delete its NVRAM file."),
    ("--keep-tpm", "KEEP_TPM", "Keep the TPM's state: refused, ESX keeps it in the NVRAM file."),
    ("--tpm", "TPM", "With its TPM's state: refused."),
    ("--managed-save", "MANAGED_SAVE", "With its managed save image, where managed_save=1."),
    ("--checkpoints-metadata", "CHECKPOINTS_METADATA", "With its checkpoints: ESX has none."),
)
GUEST_INFO = (
    ("--os", "OS", "The operating system."),
    ("--hostname", "HOSTNAME", "The host name."),
    ("--filesystem", "FILESYSTEM", "File systems and how full they are."),
    ("--interface", "INTERFACES", "Network interfaces and their addresses."),
    ("--user", "USERS", "Who is logged in: VMware Tools do not say."),
    ("--timezone", "TIMEZONE", "The time zone: VMware Tools do not say."),
    ("--disk", "DISKS", "Disks: VMware Tools do not say."),
)
AFFECT = (
    ("--config", "CONFIG", "The stored configuration: on ESX the only one."),
    ("--live", "LIVE", "The running domain: on ESX the same."),
    ("--current", "CURRENT", "Neither of the two: the same again."),
)
VCPUS = (
    ("--maximum", "MAXIMUM", "The most it may have: on ESX all are plugged in, so the same."),
    ("--guest", "GUEST", "By the guest's agent: refused on ESX."),
    ("--hotpluggable", "HOTPLUGGABLE", "So that they can be unplugged: refused on ESX."),
)
START = (
    ("--paused", "PAUSED", "Leave it paused: refused on ESX."),
    ("--autodestroy", "AUTODESTROY", "End it with the connection: refused on ESX."),
    ("--bypass-cache", "BYPASS_CACHE", "Read a saved image past the cache: refused on ESX."),
    ("--force-boot", "FORCE_BOOT", "Boot, and discard a managed save image."),
    ("--reset-nvram", "RESET_NVRAM", "Make its NVRAM afresh: refused on ESX."),
)
CREATE = (
    ("--validate", "VALIDATE", "Check the document against libvirt's schema first."),
    ("--paused", "PAUSED", "Leave it paused: refused on ESX."),
    ("--autodestroy", "AUTODESTROY", "End it with the connection: refused on ESX."),
    ("--reset-nvram", "RESET_NVRAM", "Make its NVRAM afresh: refused on ESX."),
)
SAVE = (
    ("--bypass-cache", "BYPASS_CACHE", "Write past the cache: refused on ESX."),
    ("--running", "RUNNING", "Have it running when it starts: so it is anyway."),
    ("--paused", "PAUSED", "Have it paused when it starts: refused on ESX."),
)
DESTROY = (
    ("--graceful", "GRACEFUL", "Give up rather than force it: refused on ESX."),
    ("--remove-logs", "REMOVE_LOGS", "With its log files: refused on ESX."),
)
MIGRATE = (
    ("--live", "LIVE", "While it runs: so vMotion does it."),
    ("--offline", "OFFLINE", "While it is shut off: so it is done where it is."),
    ("--persistent", "PERSIST_DEST", "Keep it there: so it is anyway."),
    ("--undefinesource", "UNDEFINE_SOURCE", "Forget it here: so it is anyway."),
    ("--p2p", "PEER2PEER", "From host to host: refused on ESX, vCenter does it."),
    ("--tunnelled", "TUNNELLED", "Through libvirt's connection: refused on ESX."),
    ("--suspend", "PAUSED", "Leave it paused there: refused on ESX."),
    ("--copy-storage-all", "NON_SHARED_DISK", "With its disks: refused, they stay where they are."),
    ("--copy-storage-inc", "NON_SHARED_INC", "With what is new on its disks: refused."),
    ("--change-protection", "CHANGE_PROTECTION", "Let nobody change it meanwhile: refused, vCenter sees to it."),
    ("--unsafe", "UNSAFE", "Even if that is not safe: refused on ESX."),
    ("--compressed", "COMPRESSED", "Compress its memory: refused on ESX."),
    ("--abort-on-error", "ABORT_ON_ERROR", "Give up after an error: refused on ESX."),
    ("--auto-converge", "AUTO_CONVERGE", "Slow it down when it is too fast: refused on ESX."),
    ("--rdma-pin-all", "RDMA_PIN_ALL", "Pin its memory for RDMA: refused on ESX."),
    ("--postcopy", "POSTCOPY", "Move it before its memory: refused on ESX."),
    ("--tls", "TLS", "Encrypted: refused, vCenter decides that."),
    ("--parallel", "PARALLEL", "By several connections: refused on ESX."),
)
SNAPSHOT_LIST = (
    ("--roots", "ROOTS", "Snapshots without a parent."),
    ("--leaves", "LEAVES", "Snapshots without children."),
    ("--no-leaves", "NO_LEAVES", "Snapshots with children."),
    ("--metadata", "METADATA", "Snapshots with metadata of libvirt's: on ESX none has."),
    ("--no-metadata", "NO_METADATA", "Snapshots without."),
    ("--active", "ACTIVE", "Snapshots with the domain's memory."),
    ("--inactive", "INACTIVE", "Snapshots without: vSphere does not tell whether it was shut off."),
    ("--disk-only", "DISK_ONLY", "The same as --inactive."),
    ("--internal", "INTERNAL", "Internal snapshots: on ESX all are."),
    ("--external", "EXTERNAL", "External snapshots: on ESX none is."),
    ("--topological", "TOPOLOGICAL", "Parents before their children: they come so anyway."),
)
SNAPSHOT_DUMP = (("--security-info", "SECURE", "Passwords and secret options, too."),)
SNAPSHOT_CREATE = (
    ("--disk-only", "DISK_ONLY", "Leave the domain's memory out."),
    ("--quiesce", "QUIESCE", "Have VMware Tools bring the guest's file systems to rest."),
    ("--atomic", "ATOMIC", "All disks or none: ESX knows no other."),
    ("--no-metadata", "NO_METADATA", "Keep no metadata of libvirt's: on ESX there is none."),
    ("--halt", "HALT", "Refused: ESX leaves the domain running."),
    ("--live", "LIVE", "Refused: ESX has no snapshots outside of it."),
    ("--reuse-external", "REUSE_EXT", "Refused: ESX makes the files of a snapshot itself."),
    ("--validate", "VALIDATE", "Check the XML against libvirt's schema first."),
)
SNAPSHOT_REDEFINE = (
    ("--redefine", "REDEFINE", "Refused: there is no metadata of libvirt's on ESX."),
    ("--current", "CURRENT", "With --redefine."),
)
SNAPSHOT_REVERT = (
    ("--running", "RUNNING", "Have the domain running afterwards in any case."),
    ("--paused", "PAUSED", "Have the domain paused afterwards, where the memory is in it."),
    ("--force", "FORCE", "The same as without: vSphere knows no risky reverts."),
    ("--reset-nvram", "RESET_NVRAM", "Make the NVRAM afresh: refused on ESX."),
)
SNAPSHOT_DELETE = (
    ("--children", "CHILDREN", "Also all snapshots that descend from it."),
    ("--children-only", "CHILDREN_ONLY", "All snapshots that descend from it, and not the snapshot itself."),
    ("--metadata", "METADATA_ONLY", "Only libvirt's metadata: on ESX there is none, so nothing is deleted."),
)
POOL_LIST = (
    ("--persistent", "PERSISTENT", "Persistent pools: on ESX all are."),
    ("--transient", "TRANSIENT", "Transient pools: on ESX none is."),
    ("--autostart", "AUTOSTART", "Pools that are there with their host: on ESX all are."),
    ("--no-autostart", "NO_AUTOSTART", "Pools that are not."),
)
NETWORK_LIST = (
    ("--persistent", "PERSISTENT", "Persistent networks: on ESX all are."),
    ("--transient", "TRANSIENT", "Transient networks: on ESX none is."),
    ("--autostart", "AUTOSTART", "Networks that are there with their host: on ESX all are."),
    ("--no-autostart", "NO_AUTOSTART", "Networks that are not."),
)
NETWORK_DEFINE = (("--validate", "VALIDATE", "Check the document against libvirt's schema first."),)
VOL_CREATE = (
    (
        "--prealloc-metadata",
        "PREALLOC_METADATA",
        "Zero a disk at once: by default when it is first written to.",
    ),
    ("--reflink", "REFLINK", "Share the data of a copy: refused on ESX."),
)
VOL_VALIDATE = (("--validate", "VALIDATE", "Check the document against libvirt's schema first."),)
VOL_RESIZE = (
    ("--allocate", "ALLOCATE", "Zero the new part at once."),
    ("--delta", "DELTA", "CAPACITY is how much larger it becomes."),
    ("--shrink", "SHRINK", "Make it smaller: refused, no disk of ESX's becomes smaller."),
)


def flag_options(prefix: str, *tables: Rows, into: str = "flags", alone: str = "") -> Callable[[Command], Command]:
    """Give a command the options of some tables; it gets the sum of their flags as ``into``.

    The flag ``alone`` goes with none of the others.
    """
    rows = [row for table in tables for row in table]

    def add(function: Command) -> Command:
        @functools.wraps(function)
        def run(*arguments: object, **options: object) -> None:
            chosen = [flag for _, flag, _ in rows if options.pop(_parameter(into, flag))]
            if alone in chosen and len(chosen) > 1:
                others = [option for option, flag, _ in rows if flag in chosen and flag != alone]
                raise click.UsageError(f"--{alone.lower()} does not go with {' and '.join(others)}")
            function(*arguments, **options, **{into: total(prefix, chosen)})

        command: Command = run
        for option, flag, text in reversed(rows):
            command = click.option(option, _parameter(into, flag), is_flag=True, help=text)(command)
        return command

    return add


def total(prefix: str, names: Iterable[str]) -> int:
    """Return the sum of libvirt's flags of these names. Raises UsageError for one that libvirt-python does not have."""
    import libvirt

    found = 0
    for name in set(names):
        if not hasattr(libvirt, prefix + name):
            raise click.UsageError(f"the installed libvirt-python is too old for {prefix}{name}")
        found |= int(getattr(libvirt, prefix + name))
    return found


def _parameter(into: str, flag: str) -> str:
    return f"{into}_{flag.lower()}"
