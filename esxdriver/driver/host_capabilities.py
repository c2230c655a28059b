"""What domains the hosts of a connection can run.

Reference: https://libvirt.org/html/libvirt-libvirt-host.html and libvirt-libvirt-domain.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libvirt

from esxdriver.conf.mapping import hardware
from esxdriver.driver.hosts import HostReads, common, several
from esxdriver.errors import check_flags, error, invalid_arg
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esxdriver.conf.capabilities import Host, MachineType
    from esxdriver.vsphere.machine.environment import Environment
    from esxdriver.vsphere.query.retrieve import Found

_UUID, _VMOTION, _MOST = "hardware.systemInfo.uuid", "capability.vmotionSupported", "capability.maxSupportedVcpus"
_PRODUCT = "config.product"
_MIGRATION = "vpxmigr"


class CapabilitiesMethods(HostReads):
    """The methods of a connection that say what it can run."""

    _environment: Environment | None = None

    def getCapabilities(self) -> str:
        """Return libvirt's ``<capabilities>`` document: the host's CPUs and memory, the guests and machine types.

        Machine types are the versions of virtual hardware, ``vmx-19``, that the host makes machines of, the one that it
        chooses itself first. Of several hosts, the document has what they have in common, and no UUID. Three round
        trips, later one: a host's machine types are asked for once.
        """
        from esxdriver.conf.capabilities import capabilities_xml
        from esxdriver.vsphere.query import processors

        hosts = self._hosts(_UUID, _VMOTION, _MOST, processors.MEMORY, *processors.PATHS)
        return capabilities_xml(self._described(hosts), self._machine_types(hosts))

    def _described(self, hosts: Sequence[Found]) -> Host:
        from esxdriver.conf.capabilities import Host
        from esxdriver.vsphere.query import processors

        one = hosts[0] if len(hosts) == 1 else None
        alone = self.backend.scope.datacenter is None  # without a vCenter nothing migrates
        return Host(
            arch=common(map(processors.arch, hosts)) or "x86_64",
            migration=_MIGRATION,
            uuid=one[_UUID] if one else None,
            vendor=common(map(processors.vendor, hosts)),
            signature=common(map(processors.signature, hosts)),
            topology=common(map(processors.topology, hosts)),
            live=not alone and all(host[_VMOTION] for host in hosts),
            cells=processors.cells(one) if one else (),
        )

    def _machine_types(self, hosts: Sequence[Found]) -> list[MachineType]:
        most = min((int(host[_MOST]) for host in hosts if host[_MOST]), default=None)
        with translated("cannot ask what machines the host can run"):
            versions = self._asked().versions()
            default = self._default(versions)
        versions.sort(key=lambda number: (number != default, -number))
        return [_machine_type(number, most) for number in versions]

    def _asked(self) -> Environment:
        from esxdriver.vsphere.machine.environment import Environment

        if self._environment is None:
            self._environment = Environment(self.backend.session, self.backend.scope)
        return self._environment

    def _default(self, versions: Sequence[int]) -> int | None:
        """Return the version that a new machine gets where nobody says: that of every computing resource."""
        environment = self._asked()
        chosen = common(
            next((number for number, default in environment.versions_of(each).items() if default), None)
            for each in environment.computers()
        )
        return chosen if chosen in versions else max(versions, default=None)

    # -- what a domain may have

    def getDomainCapabilities(
        self,
        emulatorbin: str | None = None,
        arch: str | None = None,
        machine: str | None = None,
        virttype: str | None = None,
        flags: int = 0,
    ) -> str:
        """Return libvirt's ``<domainCapabilities>`` document: what a domain of a machine type may have on this host.

        ``machine`` is one of the machine types of :meth:`getCapabilities`, and the host's own choice without it;
        ``arch`` is ``x86_64`` or ``i686``, ``virttype`` ``vmware``. Buses and models of disks, network cards (with
        libvirt 10 or later, whose schema has a place for them), video, firmware and limits are the host's own answer.
        Four round trips; what was asked once is remembered.

        Raises INVALID_ARG for what this host does not run, OPERATION_UNSUPPORTED where the URI names several clusters,
        or hosts that are in none, whose answers differ, ACCESS_DENIED where this user may not ask.
        """
        from esxdriver.conf.capabilities import guests_of
        from esxdriver.conf.domain_capabilities import EMULATOR, domain_capabilities_xml
        from esxdriver.driver.offered import parts
        from esxdriver.vsphere.query import processors

        check_flags(flags, 0, "virConnectGetDomainCapabilities")
        hosts = self._hosts(_PRODUCT, _MOST, processors.PACKAGES)
        known = guests_of(common(map(processors.arch, hosts)) or "x86_64")
        for what, value, accepted in (
            ("virtualization type", virttype, ("vmware",)), ("architecture", arch, known),
            ("emulator", emulatorbin, (EMULATOR,)),
        ):  # fmt: skip
            _check(what, value, accepted)
        with translated("cannot ask what machines the host can run"):
            computer, version = self._computer(), self._version(machine)
            offer = self._asked().offer(computer, version)
        most = min((int(host[_MOST]) for host in hosts if host[_MOST]), default=hardware.most_vcpus(version))
        vcpus = min(filter(None, (offer.vcpus if offer else None, most, hardware.most_vcpus(version))))
        products = [host[_PRODUCT] for host in hosts if host[_PRODUCT] is not None] or [self.backend.session.about]
        oldest = min(tuple(int(part) for part in each.apiVersion.split(".")[:2]) for each in products)
        return domain_capabilities_xml(_name(version), arch or known[-1], vcpus, parts(offer, oldest) if offer else ())

    def _computer(self) -> Found:
        computers = self._asked().computers()
        if not computers:
            raise error(libvirt.VIR_ERR_ACCESS_DENIED, "this user may not see what machines the host can run")
        if len(computers) > 1:
            raise several("what a domain may have", (each.title for each in computers))
        return computers[0]

    def _version(self, machine: str | None) -> int:
        versions = self._asked().versions()
        if machine is not None:
            _check("machine type", machine, [_name(number) for number in reversed(versions)])
            return int(machine[len("vmx-") :])
        return self._default(versions) or hardware.DEFAULT_HARDWARE

    def getCPUModelNames(self, arch: str, flags: int = 0) -> list[str]:
        """Raise NO_SUPPORT, as libvirt's own driver does: a domain has the host's CPU, or what EVC leaves of it."""
        raise error(libvirt.VIR_ERR_NO_SUPPORT, "virConnectGetCPUModelNames")

    def getCPUMap(self, flags: int = 0) -> tuple[int, list[bool], int]:
        """Return how many CPUs (threads) the host has, which of them are online, and how many are: on ESX, all.

        All is 0 and empty where the host does not say. Raises OPERATION_UNSUPPORTED where the URI names several hosts.
        """
        from esxdriver.vsphere.query import processors

        check_flags(flags, 0, "virNodeGetCPUMap")
        shape = processors.topology(self._only_host("the map of CPUs", processors.CPUS))
        count = shape.sockets * shape.cores * shape.threads if shape else 0
        return count, [True] * count, count


def _name(version: int) -> str:
    return f"vmx-{version:02}"


def _machine_type(version: int, most: int | None) -> MachineType:
    from esxdriver.conf.capabilities import MachineType

    own = hardware.most_vcpus(version)
    return MachineType(_name(version), own if most is None else min(own, most))


def _check(what: str, value: str | None, accepted: Sequence[str]) -> None:
    if value is not None and value not in accepted:
        raise invalid_arg(f"{what} '{value}': this host has {', '.join(accepted)}")
