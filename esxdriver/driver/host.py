"""What a connection says of its host, or of all the hosts that its URI names.

Reference: https://libvirt.org/html/libvirt-libvirt-host.html
"""

from typing import Any

from esxdriver.driver.host_capabilities import CapabilitiesMethods
from esxdriver.driver.host_stats import HostStatisticsMethods
from esxdriver.errors import check_flags
from esxdriver.vsphere.wire.faults import translated

_DNS = "config.network.dnsConfig"


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
        from esxdriver.driver import node_info

        return node_info.of_hosts(self._hosts(*node_info.PATHS))

    def getSysinfo(self, flags: int = 0) -> str:
        """Return libvirt's ``<sysinfo>`` document: the host's BIOS, make and processors, as far as vSphere tells.

        Raises OPERATION_UNSUPPORTED where the URI names several hosts.
        """
        from esxdriver.driver import host_firmware

        check_flags(flags, 0, "virConnectGetSysinfo")
        return host_firmware.document(self._only_host("the firmware", *host_firmware.PATHS))

    def getMaxVcpus(self, type: str | None = None) -> int:  # noqa: A002
        """Return how many vCPUs a domain may have: what each host says, else what its virtual hardware takes.

        ``type`` makes no difference.
        """
        from esxdriver.vsphere.query.vcpus import most_vcpus

        with translated("cannot read the host"):
            return most_vcpus(self.backend.session, self.backend.scope)
