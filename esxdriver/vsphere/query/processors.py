"""A host's processors as libvirt counts them: sockets, cores, threads, and the NUMA cells that they are in.

vSphere numbers the threads of a host so that those of a core follow each other, and a package lists its own.
Source: vSphere API, HostCpuInfo, HostCpuPackage, HostNumaInfo.
"""

from collections.abc import Sequence
from typing import Any

from esxdriver.conf.capabilities import Cell, Signature, Thread, Topology
from esxdriver.vsphere.query.retrieve import Found

CPUS, PACKAGES, NUMA, MEMORY = (
    "hardware.cpuInfo", "hardware.cpuPkg", "hardware.numaInfo", "hardware.memorySize",
)  # fmt: skip
PATHS = (CPUS, PACKAGES, NUMA)

_VENDORS = {"intel": "Intel", "amd": "AMD", "hygon": "HYGON"}
_ARCHS = {"arm": "aarch64"}


def topology(host: Found) -> Topology | None:
    """Return the host's sockets, cores and threads, None where it says nothing."""
    cpus = host[CPUS]
    if cpus is None or not cpus.numCpuCores:
        return None
    sockets = max(int(cpus.numCpuPackages), 1)
    cores, threads = int(cpus.numCpuCores), max(int(cpus.numCpuThreads or 0), int(cpus.numCpuCores))
    return Topology(sockets, max(cores // sockets, 1), threads // cores)


def arch(host: Found) -> str:
    """Return libvirt's architecture of a host."""
    return _ARCHS.get(_made_by(host), "x86_64")


def vendor(host: Found) -> str | None:
    """Return libvirt's name of who made the host's CPUs, None of a maker that it does not know."""
    return _VENDORS.get(_made_by(host))


def signature(host: Found) -> Signature | None:
    """Return family, model and stepping of the host's CPUs, None where the host does not say."""
    package = next(iter(host[PACKAGES] or ()), None)
    family, model, stepping = (getattr(package, name, None) for name in ("family", "model", "stepping"))
    if not family or model is None or stepping is None:
        return None
    return Signature(int(family), int(model), int(stepping))


def cells(host: Found) -> tuple[Cell, ...]:
    """Return the host's NUMA cells, none where it does not say which CPUs each has."""
    shape, nodes = topology(host), getattr(host[NUMA], "numaNode", None) or ()
    if shape is None or not all(node.cpuID for node in nodes):
        return ()
    sockets = {int(number): int(each.index) for each in host[PACKAGES] or () for number in each.threadId or ()}
    return tuple(
        Cell(int(node.typeId), _memory(node), tuple(_thread(number, sockets, shape) for number in _numbers(node)))
        for node in sorted(nodes, key=lambda node: int(node.typeId))
    )


def _numbers(node: Any) -> Sequence[int]:
    return sorted(map(int, node.cpuID))


def _thread(number: int, sockets: dict[int, int], shape: Topology) -> Thread:
    core = number // shape.threads
    first = core * shape.threads
    socket = sockets.get(number, core // shape.cores)
    return Thread(number, socket, core % shape.cores, tuple(range(first, first + shape.threads)))


def _memory(node: Any) -> int | None:
    size = getattr(node, "memorySize", None) or node.memoryRangeLength
    return int(size) // 1024 if size else None


def _made_by(host: Found) -> str:
    return next((str(each.vendor).lower() for each in host[PACKAGES] or ()), "")
