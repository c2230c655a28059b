"""What a connection says of its host, or of all the hosts that its URI names.

Reference: https://libvirt.org/html/libvirt-libvirt-host.html
"""

from collections.abc import Sequence
from typing import Any

from esxdriver.conf.capabilities import Topology
from esxdriver.driver import host_firmware
from esxdriver.driver.host_capabilities import CapabilitiesMethods
from esxdriver.driver.host_stats import HostStatisticsMethods
from esxdriver.driver.hosts import common
from esxdriver.errors import check_flags
from esxdriver.vsphere.query import processors
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.query.vcpus import most_vcpus
from esxdriver.vsphere.wire.faults import translated

_DNS, _MODEL = "config.network.dnsConfig", "summary.hardware.cpuModel"
_INFO = (processors.CPUS, processors.MEMORY, "hardware.numaInfo.numNodes", _MODEL)
_UNALIKE = "different models"


class HostMethods(CapabilitiesMethods, HostStatisticsMethods):
    """The methods of a connection that ask about its hosts."""

    def getHostname(self) -> str:
        """Return the host's DNS name, or without one its name in the inventory; of several hosts that of the vCenter.

        The vCenter's is the one in the URI. Raises OPERATION_FAILED where this user sees no host.
        """
        hosts = self._hosts(_DNS)
        if len(hosts) > 1:
            return self.backend.uri.host
        dns = hosts[0][_DNS]
        name = dns.hostName if dns is not None and dns.hostName else hosts[0]["name"]
        return f"{name}.{dns.domainName}" if dns is not None and dns.hostName and dns.domainName else str(name)

    def getInfo(self) -> list[Any]:
        """Return [CPU model, memory in MiB, cores, MHz, NUMA nodes, sockets a node, cores a socket, threads a core].

        Of several hosts it is their memory, cores and nodes together. What they do not have in common is said so: the
        model is "different models", MHz is 0, and the CPUs count as one socket, which is libvirt's way for what has no
        regular topology. Raises OPERATION_FAILED where this user sees no host.
        """
        hosts = self._hosts(*_INFO)
        memory = sum(int(host[processors.MEMORY] or 0) for host in hosts) // 2**20
        model = common(_model(host[_MODEL]) for host in hosts)
        megahertz = common(_hertz(host) // 10**6 for host in hosts)
        cores = sum(shape.sockets * shape.cores for shape in map(_shape, hosts))
        return [_UNALIKE if model is None else model, memory, cores, megahertz or 0, *_layout(hosts, cores)]

    def getSysinfo(self, flags: int = 0) -> str:
        """Return libvirt's ``<sysinfo>`` document: the host's BIOS, make and processors, as far as vSphere tells.

        Raises OPERATION_UNSUPPORTED where the URI names several hosts.
        """
        check_flags(flags, 0, "virConnectGetSysinfo")
        return host_firmware.document(self._only_host("the firmware", *host_firmware.PATHS))

    def getMaxVcpus(self, type: str | None = None) -> int:  # noqa: A002
        """Return how many vCPUs a domain may have: what each host says, else what its virtual hardware takes.

        ``type`` makes no difference.
        """
        with translated("cannot read the host"):
            return most_vcpus(self.backend.session, self.backend.scope)


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
