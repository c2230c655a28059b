"""Statistics of domains as libvirt has them: its names and units, its groups as bits.

Source: https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectGetAllDomainStats. What vSphere does not know is
left out; times and traffic are those of domains that run, see :mod:`esxdriver.vsphere.statistics`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import libvirt
from pyVmomi import vim

from esxdriver.conf.mapping.states import PowerState, number_of
from esxdriver.vsphere.bulk import machines as bulk
from esxdriver.vsphere.bulk.left_out import LeftOut, log
from esxdriver.vsphere.machine.guest import card_name
from esxdriver.vsphere.machine.machine import Machine
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.query.scan import scan
from esxdriver.vsphere.query.task import Progress
from esxdriver.vsphere.statistics import counters
from esxdriver.vsphere.statistics.counters import Group
from esxdriver.vsphere.statistics.statistics import NOTHING, Figures, Statistics
from esxdriver.vsphere.wire.session import Session

Stats = dict[str, Any]

_SIZE, _LIMIT, _VCPUS = "config.hardware.memoryMB", "config.memoryAllocation.limit", "config.hardware.numCPU"
RESIDENT, _BALLOONED = "summary.quickStats.hostMemoryUsage", "summary.quickStats.balloonedMemory"
MEMORY = (_SIZE, _LIMIT, _BALLOONED)
LAYOUT = "layoutEx"
_KIB_OF_MIB = 1024

_PART = 500  # machines that are read at once when they are named


@dataclass(frozen=True)
class Disk:
    """What is known of a disk without its counters, and what its counters call it."""

    instance: str
    known: Mapping[str, Any]


def _state(found: Found, _: Figures) -> Stats:
    return {"state.state": number_of(PowerState.of_machine(found)), "state.reason": 0}


def _cpu(_: Found, figures: Figures) -> Stats:
    return {f"cpu.{name}": value for name, value in figures.of(Group.CPU).items()}


def memory(found: Found) -> tuple[int, int]:
    """Return the memory of a machine in KiB, and how much it may use of it: less where a limit or the balloon says so.

    ``MEMORY`` has to be among what was read of it.
    """
    most, limit = int(found[_SIZE] or 0), found[_LIMIT]
    current = most if limit is None or not 0 <= limit < most else int(limit)
    return most * _KIB_OF_MIB, max(min(current, most - int(found[_BALLOONED] or 0)), 0) * _KIB_OF_MIB


def _balloon(found: Found, figures: Figures) -> Stats:
    most, current = memory(found)
    stats = {"balloon.current": current, "balloon.maximum": most}
    swapped = figures.of(Group.MEMORY)
    stats |= {f"balloon.{name}": swapped[name] for name in ("swap_in", "swap_out") if name in swapped}
    if figures.last is not None:
        stats["balloon.last-update"] = int(figures.last.timestamp())
    return stats if found[RESIDENT] is None else stats | {"balloon.rss": int(found[RESIDENT]) * _KIB_OF_MIB}


def _vcpu(found: Found, figures: Figures) -> Stats:
    stats = {"vcpu.current": int(found[_VCPUS] or 0), "vcpu.maximum": int(found[_VCPUS] or 0)}
    for number in figures.parts(Group.VCPU):
        stats[f"vcpu.{number}.state"] = libvirt.VIR_VCPU_RUNNING
        stats |= {f"vcpu.{number}.{name}": value for name, value in figures.of(Group.VCPU, number).items()}
    return stats


def _interface(found: Found, figures: Figures) -> Stats:
    if PowerState.of_machine(found) is not PowerState.RUNNING:
        return {}
    cards = [key for key in figures.parts(Group.INTERFACE) if key.isdecimal()]
    stats: Stats = {"net.count": len(cards)}
    for number, key in enumerate(cards):
        stats[f"net.{number}.name"] = card_name(int(key))
        stats |= {f"net.{number}.{name}": value for name, value in figures.of(Group.INTERFACE, key).items()}
    return stats


def _block(disks: Sequence[Disk], figures: Figures) -> Stats:
    stats: Stats = {"block.count": len(disks)}
    for number, disk in enumerate(disks):
        known = {**disk.known, **figures.of(Group.BLOCK, disk.instance)}
        stats |= {f"block.{number}.{name}": value for name, value in known.items()}
    return stats


# Each group of libvirt's: what makes its figures, which counters these need, and what has to be read of a machine.
_GROUPS: Mapping[int, tuple[Callable[[Found, Figures], Stats], Group | None, tuple[str, ...]]] = {
    libvirt.VIR_DOMAIN_STATS_STATE: (_state, None, ()),
    libvirt.VIR_DOMAIN_STATS_CPU_TOTAL: (_cpu, Group.CPU, ()),
    libvirt.VIR_DOMAIN_STATS_BALLOON: (_balloon, Group.MEMORY, (*MEMORY, RESIDENT)),
    libvirt.VIR_DOMAIN_STATS_VCPU: (_vcpu, Group.VCPU, (_VCPUS,)),
    libvirt.VIR_DOMAIN_STATS_INTERFACE: (_interface, Group.INTERFACE, ()),
}
_BLOCK = libvirt.VIR_DOMAIN_STATS_BLOCK
SUPPORTED = sum(_GROUPS) | _BLOCK


@dataclass(frozen=True)
class Wanted:
    """Which machines, and which groups of statistics; ``refs`` None stands for all of the scope.

    ``known(paths)`` gives these machines with properties that need not be asked for, None where they have to be.
    """

    groups: int
    chosen: Callable[[Found], bool] = lambda _: True
    refs: Sequence[Any] | None = None
    known: Callable[[Sequence[str]], Sequence[Found] | None] = lambda _: None

    @property
    def paths(self) -> tuple[str, ...]:
        """What has to be read of each machine."""
        needed = (path for group, (_, _, paths) in _GROUPS.items() if self.groups & group for path in paths)
        return tuple(dict.fromkeys((*inventory.IDENTITY, *counters.PATHS, *needed)))


def statistics(
    session: Session, scope: Scope, totals: Statistics, wanted: Wanted, progress: Progress, left_out: LeftOut = log
) -> list[tuple[Found, Stats]]:
    """Return each machine's identity and statistics.

    One round trip reads the machines where no disks are wanted, none where they are known; else it is a part of them
    at a time, as :func:`bulk.machines` has it; and one reads the counters of ``samples.PART`` of those that run.
    ``progress`` is given percentages.
    """
    read = _with_disks if wanted.groups & _BLOCK else _without_disks
    found = [(each, disks) for each, disks in read(session, scope, wanted, progress, left_out)]
    found = [(each, disks) for each, disks in found if wanted.chosen(each)]
    counted = _counted(wanted.groups)
    figures = totals.of_machines([each for each, _ in found], *counted) if counted else {}
    return [(each, _known(each, figures.get(each.ref._moId, NOTHING), disks, wanted.groups)) for each, disks in found]


def _counted(groups: int) -> list[Group]:
    counted = [counters for group, (_, counters, _) in _GROUPS.items() if counters is not None and groups & group]
    return [*counted, Group.BLOCK] if groups & _BLOCK else counted


_Reading = Iterator[tuple[Found, Sequence[Disk]]]


def _with_disks(session: Session, scope: Scope, wanted: Wanted, progress: Progress, left_out: LeftOut) -> _Reading:
    read = bulk.machines(session, scope, *wanted.paths, LAYOUT, progress=progress, left_out=left_out, refs=wanted.refs)
    return ((found, disks_of(machine, found[LAYOUT])) for found, machine in read)


def _without_disks(session: Session, scope: Scope, wanted: Wanted, progress: Progress, _: LeftOut) -> _Reading:
    everything = wanted.known(wanted.paths)
    if everything is None and wanted.refs is not None:
        found = scan(session, scope.root, vim.VirtualMachine, wanted.paths, size=_PART, refs=wanted.refs)
        yield from ((each, ()) for each in found)
        return
    if everything is None:
        everything = inventory.machines(session, scope, *wanted.paths)
    for done, each in enumerate(everything, start=1):
        yield each, ()
        if progress and 100 * done // len(everything) != 100 * (done - 1) // len(everything):
            progress(100 * done // len(everything))


def _known(found: Found, figures: Figures, disks: Sequence[Disk], groups: int) -> Stats:
    stats: Stats = {}
    for group, (read, _, _) in _GROUPS.items():
        if groups & group:
            stats |= read(found, figures)
    return stats | (_block(disks, figures) if groups & _BLOCK else {})


def disks_of(machine: Machine, layout: Any) -> list[Disk]:
    """Return what is known of a machine's disks without their counters: name, path, capacity, and size of the file.

    ``layout`` is the machine's ``LAYOUT``.
    """
    devices = {id(definition): device for definition, device in machine.devices}
    return [Disk(_instance(disk), _about(disk, devices[id(disk)], layout)) for disk in machine.definition.disks]


def _about(disk: Any, device: Any, layout: Any) -> Stats:
    known: Stats = {"name": disk.target}
    if disk.source is not None:
        known["path"] = disk.source
    size = _file_size(device.key, disk.source, layout)
    if size is not None:
        known |= {"allocation": size, "physical": size}
    capacity = getattr(device, "capacityInBytes", None)
    return known if capacity is None else known | {"capacity": int(capacity)}


def _file_size(key: int, source: str | None, layout: Any) -> int | None:
    """Return how large a disk's own file is, descriptor and extents; None when the host does not tell.

    The files below it in a chain of snapshots are not counted. Source: vSphere API, VirtualMachineFileLayoutEx.
    """
    files = {each.key: each for each in layout.file or ()} if layout is not None else {}
    for disk in (layout.disk or ()) if layout is not None else ():
        for unit in disk.chain or () if disk.key == key else ():
            parts = [files[part] for part in unit.fileKey or () if part in files]
            if any(part.name == source for part in parts):
                return sum(int(part.size or 0) for part in parts)
    return None


def _instance(disk: Any) -> str:
    return f"{disk.bus.vim}{disk.address.controller}:{disk.address.unit}" if disk.address is not None else ""
