"""What a connection says of its host.

Reference: https://libvirt.org/html/libvirt-libvirt-host.html
"""

from collections.abc import Mapping
from typing import Any

from esxdriver.conf.capabilities import Host, capabilities_xml
from esxdriver.driver import host_firmware
from esxdriver.driver.host_stats import HostStatisticsMethods
from esxdriver.errors import check_flags
from esxdriver.vsphere.query.vcpus import most_vcpus
from esxdriver.vsphere.wire.faults import translated

_HOST = {
    "memory": "hardware.memorySize",
    "cpus": "hardware.cpuInfo.numCpuCores",
    "threads": "hardware.cpuInfo.numCpuThreads",
    "sockets": "hardware.cpuInfo.numCpuPackages",
    "hz": "hardware.cpuInfo.hz",
    "nodes": "hardware.numaInfo.numNodes",
    "uuid": "hardware.systemInfo.uuid",
    "name": "name",
    "dns": "config.network.dnsConfig",
    "description": "summary.hardware.cpuModel",
}


class HostMethods(HostStatisticsMethods):
    """The methods of a connection that ask about the host; of several hosts, the first answers."""

    def getHostname(self) -> str:
        """Return the host's DNS name; of several hosts, the first's."""
        host = self._host()
        dns = host["dns"]
        name = dns.hostName if dns is not None and dns.hostName else host["name"]
        return f"{name}.{dns.domainName}" if dns is not None and dns.hostName and dns.domainName else str(name)

    def getInfo(self) -> list[Any]:
        """Return [CPU model, memory in MiB, cores, MHz, NUMA nodes, sockets a node, cores a socket, threads a core]."""
        host = self._host()
        nodes, sockets, cores = (max(int(host[name] or 0), 1) for name in ("nodes", "sockets", "cpus"))
        threads = max(int(host["threads"] or cores) // cores, 1)
        memory, megahertz = int(host["memory"] or 0) // 2**20, int(host["hz"] or 0) // 10**6
        sockets_a_node, cores_a_socket = max(sockets // nodes, 1), cores // sockets
        return [_model(host["description"]), memory, cores, megahertz, nodes, sockets_a_node, cores_a_socket, threads]

    def getCapabilities(self) -> str:
        """Return libvirt's ``<capabilities>`` document: the host's UUID and CPU, the guests it runs."""
        return capabilities_xml(Host(uuid=self._host()["uuid"], arch="x86_64", migration="vpxmigr"))

    def getSysinfo(self, flags: int = 0) -> str:
        """Return libvirt's ``<sysinfo>`` document: the host's BIOS, make and processors, as far as vSphere tells."""
        check_flags(flags, 0, "virConnectGetSysinfo")
        return host_firmware.document(self._first_host(*host_firmware.PATHS))

    def getMaxVcpus(self, type: str | None = None) -> int:  # noqa: A002
        """Return how many vCPUs a domain may have: what the host says, else what its virtual hardware takes."""
        with translated("cannot read the host"):
            return most_vcpus(self.backend.session, self.backend.scope)

    def _host(self) -> Mapping[str, Any]:
        found = self._first_host(*_HOST.values())
        return {name: found[path] for name, path in _HOST.items()}


def _model(description: Any) -> str:
    """Return a CPU's model without trade marks, as short as libvirt's ``virNodeInfo`` needs it."""
    model = str(description or "")
    for mark in ("(R)", "(C)", "(TM)"):
        model = model.replace(mark, "")
    return " ".join(model.split())[:31]
