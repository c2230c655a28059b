"""libvirt's ``virNodeInfo``: how many processors hosts have and how they are laid out, and how much memory.

Source: https://libvirt.org/html/libvirt-libvirt-host.html#virNodeInfo
"""

from collections.abc import Sequence
from typing import Any

from esxdriver.conf.capabilities import Topology
from esxdriver.driver.hosts import common
from esxdriver.vsphere.query import processors
from esxdriver.vsphere.query.retrieve import Found

_MODEL = "summary.hardware.cpuModel"
PATHS = (processors.CPUS, processors.MEMORY, "hardware.numaInfo.numNodes", _MODEL)
_UNALIKE = "different models"


def of_hosts(hosts: Sequence[Found]) -> list[Any]:
    """Return what ``getInfo()`` does, of hosts of which ``PATHS`` were read."""
    memory = sum(int(host[processors.MEMORY] or 0) for host in hosts) // 2**20
    model = common(_model(host[_MODEL]) for host in hosts)
    megahertz = common(_hertz(host) // 10**6 for host in hosts)
    cores = sum(shape.sockets * shape.cores for shape in map(_shape, hosts))
    return [_UNALIKE if model is None else model, memory, cores, megahertz or 0, *_layout(hosts, cores)]


def _shape(host: Found) -> Topology:
    return processors.topology(host) or Topology(1, 1, 1)


def _hertz(host: Found) -> int:
    return int(getattr(host[processors.CPUS], "hz", None) or 0)


def _nodes(host: Found) -> int:
    return max(int(host["hardware.numaInfo.numNodes"] or 0), 1)


def _layout(hosts: Sequence[Found], cores: int) -> list[int]:
    """Return [nodes, sockets a node, cores a socket, threads a core], whose product is the number of all threads.

    Hosts that differ, and nodes that share a socket, have no regular topology: that is one socket of all threads.
    """
    nodes, shape = common((_nodes(host), _shape(host)) for host in hosts) or (0, None)
    if shape is not None and shape.sockets % nodes == 0:
        return [nodes * len(hosts), shape.sockets // nodes, shape.cores, shape.threads]
    threads = sum(shape.sockets * shape.cores * shape.threads for shape in map(_shape, hosts))
    return [1, 1, max(threads, cores), 1]


def _model(description: Any) -> str:
    """Return a CPU's model without trade marks, as short as libvirt's ``virNodeInfo`` needs it."""
    model = str(description or "")
    for mark in ("(R)", "(C)", "(TM)"):
        model = model.replace(mark, "")
    return " ".join(model.split())[:31]
