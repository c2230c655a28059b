"""What vSphere knows of libvirt's domain statistics: its names and units, its groups as bits.

Source: https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectGetAllDomainStats. vSphere keeps no total of
CPU time, and traffic only as rates in its performance manager: those groups are not supported.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import libvirt
from pyVmomi import vim

from esxdriver.conf.mapping.states import PowerState, number_of
from esxdriver.vsphere.bulk import machines as bulk
from esxdriver.vsphere.bulk.left_out import LeftOut, log
from esxdriver.vsphere.machine.machine import Machine
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.query.scan import scan
from esxdriver.vsphere.query.task import Progress
from esxdriver.vsphere.wire.session import Session

Stats = dict[str, Any]

_SIZE, _LIMIT, _VCPUS = "config.hardware.memoryMB", "config.memoryAllocation.limit", "config.hardware.numCPU"
_RESIDENT = "summary.quickStats.hostMemoryUsage"
_PATHS = (_SIZE, _LIMIT, _VCPUS, _RESIDENT)


def _state(found: Found) -> Stats:
    return {"state.state": number_of(PowerState.of_machine(found)), "state.reason": 0}


def _balloon(found: Found) -> Stats:
    most, limit = int(found[_SIZE] or 0), found[_LIMIT]
    current = most if limit is None or not 0 <= limit < most else int(limit)
    stats = {"balloon.current": current * 1024, "balloon.maximum": most * 1024}
    return stats if found[_RESIDENT] is None else stats | {"balloon.rss": int(found[_RESIDENT]) * 1024}


def _vcpu(found: Found) -> Stats:
    return {"vcpu.current": int(found[_VCPUS] or 0), "vcpu.maximum": int(found[_VCPUS] or 0)}


_GROUPS: Mapping[int, Callable[[Found], Stats]] = {
    libvirt.VIR_DOMAIN_STATS_STATE: _state,
    libvirt.VIR_DOMAIN_STATS_BALLOON: _balloon,
    libvirt.VIR_DOMAIN_STATS_VCPU: _vcpu,
}
SUPPORTED = sum(_GROUPS) | libvirt.VIR_DOMAIN_STATS_BLOCK


def statistics(
    session: Session, scope: Scope, groups: int, progress: Progress = None, left_out: LeftOut = log
) -> Iterator[tuple[Found, Stats]]:
    """Yield each machine's identity and the statistics of ``groups``, those of its disks only when asked for.

    A part at a time, as :func:`bulk.machines` has it; without disks, fewer properties are asked for.
    ``progress`` is told percentages.
    """
    if groups & libvirt.VIR_DOMAIN_STATS_BLOCK:
        for found, machine in bulk.machines(session, scope, *_PATHS, progress=progress, left_out=left_out):
            yield found, _known(found, groups) | _block(machine)
        return
    paths = (*inventory.IDENTITY, *_PATHS)
    for found in scan(session, scope.root, vim.VirtualMachine, paths, progress=progress):
        yield found, _known(found, groups)


def _known(found: Found, groups: int) -> Stats:
    stats: Stats = {}
    for group, read in _GROUPS.items():
        if groups & group:
            stats |= read(found)
    return stats


def _block(machine: Machine) -> Stats:
    disks = machine.definition.disks
    devices = {id(definition): device for definition, device in machine.devices}
    stats: Stats = {"block.count": len(disks)}
    for number, disk in enumerate(disks):
        stats[f"block.{number}.name"] = disk.target
        if disk.source is not None:
            stats[f"block.{number}.path"] = disk.source
        capacity = getattr(devices[id(disk)], "capacityInBytes", None)
        if capacity is not None:
            stats[f"block.{number}.capacity"] = int(capacity)
    return stats
