"""A connection to an ESX host or a vCenter, with the face of libvirt-python's ``virConnect``.

Reference: https://libvirt.org/html/libvirt-libvirt-host.html and libvirt-libvirt-domain.html
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

import libvirt

from esxdriver.auth import Credentials
from esxdriver.conf.capabilities import Host, capabilities_xml
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.conf.mapping.identity import unescaped
from esxdriver.conf.xml.schema import check_schema
from esxdriver.driver.domain import Domain, xml_style
from esxdriver.driver.native import native_from_xml, paths_of, xml_from_native
from esxdriver.errors import check_flags, error
from esxdriver.uri import ConnectURI
from esxdriver.vmx import Paths
from esxdriver.vsphere.bulk import machines as bulk
from esxdriver.vsphere.bulk.filters import autostarted, selected
from esxdriver.vsphere.bulk.stats import SUPPORTED, statistics
from esxdriver.vsphere.change.define import define
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.query.task import Progress
from esxdriver.vsphere.wire.faults import translated
from esxdriver.vsphere.wire.http import Connections
from esxdriver.vsphere.wire.session import Session

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

# Those of its filters that the driver's own list has, too; they have the same bits.
_STATS_FLAGS = (
    libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_TRANSIENT
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_PAUSED
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_SHUTOFF
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_OTHER
)

_WRITES_REFUSED = "read only access prevents {}"


class Connect:
    """An open connection. Get one from :func:`esxdriver.open`, ``openReadOnly`` or ``openAuth``.

    It can be used as a context manager, which closes it.
    """

    def __init__(self, session: Session, uri: ConnectURI, flags: int = 0) -> None:
        self._session = session
        self._uri = uri
        self._readonly = bool(flags & libvirt.VIR_CONNECT_RO)
        self._batch: bulk.Batch | None = None  # see esxdriver.prefetch
        with translated("cannot look around on the host"):
            self._scope = inventory.scope_of(session, uri.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the connection itself

    def close(self) -> int:
        """Log out. Return 0; it may be called again."""
        self._session.close()
        return 0

    def isAlive(self) -> int:
        """Return 1 when the host answers and the session is good, 0 otherwise. It asks."""
        return int(self._session.is_alive())

    def isEncrypted(self) -> int:
        """Return 1 for a connection over TLS."""
        return int(self._uri.transport == "https")

    def isSecure(self) -> int:
        """Return 1 for a connection that nobody can listen to."""
        return self.isEncrypted()

    def getType(self) -> str:
        """Return the driver's name, ``ESX``."""
        return "ESX"

    def getURI(self) -> str:
        """Return the URI of the connection; it holds no password."""
        return str(self._uri)

    def getVersion(self) -> int:
        """Return the product's version as major * 1000000 + minor * 1000 + update."""
        parts = [int(part) for part in self._session.about.version.split(".")[:3]]
        major, minor, update = [*parts, 0, 0][:3]
        return major * 1000000 + minor * 1000 + update

    def getLibVersion(self) -> int:
        """Return the version of the libvirt library in use, in the form of :meth:`getVersion`."""
        return int(libvirt.getVersion())

    # -- the host

    def _host(self) -> Mapping[str, Any]:
        with translated("cannot read the host"):
            found = inventory.host_properties(self._session, self._scope, *_HOST.values())
        if not found:
            raise error(
                libvirt.VIR_ERR_OPERATION_FAILED, "there is no host in the part of the vCenter that the URI names"
            )
        return {name: found[0][path] for name, path in _HOST.items()}

    def getHostname(self) -> str:
        """Return the host's DNS name; of several hosts, the first's."""
        host = self._host()
        dns = host["dns"]
        name = dns.hostName if dns is not None and dns.hostName else host["name"]
        return f"{name}.{dns.domainName}" if dns is not None and dns.hostName and dns.domainName else str(name)

    def getInfo(self) -> list[Any]:
        """Return [CPU model, memory in MiB, cores, MHz, NUMA nodes, sockets a node, cores a socket, threads a core]."""
        host = self._host()
        nodes = max(host["nodes"] or 1, 1)
        sockets, cores = max(host["sockets"] or 1, 1), max(host["cpus"] or 1, 1)
        threads = max((host["threads"] or cores) // cores, 1)
        model = str(host["description"] or "")
        for mark in ("(R)", "(C)", "(TM)"):
            model = model.replace(mark, "")
        return [
            " ".join(model.split())[:31],
            int(host["memory"] or 0) // 2**20,
            cores,
            int(host["hz"] or 0) // 10**6,
            nodes,
            max(sockets // nodes, 1),
            cores // sockets,
            threads,
        ]

    def getCapabilities(self) -> str:
        """Return libvirt's ``<capabilities>`` document: the host's UUID and CPU, the guests it runs."""
        host = self._host()
        return capabilities_xml(Host(uuid=host["uuid"], arch="x86_64", migration="vpxmigr"))

    def getMaxVcpus(self, type: str | None = None) -> int:  # noqa: A002
        """Return how many vCPUs a domain may have at most."""
        with translated("cannot read the host"):
            found = inventory.host_properties(self._session, self._scope, "capability.maxSupportedVcpus")
        most = found[0]["capability.maxSupportedVcpus"] if found else None
        if most is None:
            raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "the host does not say how many vCPUs it supports")
        return int(most)

    # -- domains

    def listAllDomains(self, flags: int = 0) -> list[Domain]:
        """Return the domains that the ``VIR_CONNECT_LIST_DOMAINS_*`` filters in ``flags`` let through.

        One round trip a page, whatever the filters; those for autostart take another.
        """
        with translated("cannot list the domains"):
            found = self._found("snapshot")
            starts = autostarted(self._session, self._scope, flags)
        return [self._domain(each) for each in selected(found, flags, starts)]

    def getAllXMLDesc(self, flags: int = 0, *, progress: Progress = None) -> Iterator[tuple[Domain, str]]:
        """Yield every domain with its definition; ``flags`` are those of :meth:`Domain.XMLDesc`.

        One round trip lists them, then it takes one for a hundred, and memory for two hundred however many there are.
        Each is as it was when its part was read; one that disappears meanwhile is left out, and so is one that cannot
        be read now, which is logged. ``progress`` is told percentages. libvirt has no such method: it is what
        ``listAllDomains()`` and ``XMLDesc()`` of each yield, many times faster.
        """
        style = xml_style(self, flags)
        return self._all_xml(flags, style, progress)

    def _all_xml(self, flags: int, style: domain_xml.Style, progress: Progress) -> Iterator[tuple[Domain, str]]:
        with translated("cannot dump the domains"):
            for found, machine in bulk.machines(self._session, self._scope, progress=progress):
                domain = self._domain(found)
                yield domain, domain_xml.format(machine.definition, domain._shown(style, flags))

    def getAllDomainStats(
        self, stats: int = 0, flags: int = 0, *, progress: Progress = None
    ) -> list[tuple[Domain, dict[str, Any]]]:
        """Return the domains with their statistics: the groups ``VIR_DOMAIN_STATS_*`` of ``stats``, 0 for all.

        vSphere has STATE, BALLOON, VCPU and BLOCK (names, sources, sizes). Other groups are left out; with
        VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS they raise ARGUMENT_UNSUPPORTED. The other flags choose domains.
        ``progress`` is told percentages.
        """
        enforce = flags & libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS
        if enforce and stats & ~SUPPORTED:
            raise error(
                libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED,
                f"vSphere has no such statistics (0x{stats & ~SUPPORTED & 0xFFFFFFFF:x})",
            )
        check_flags(flags & ~enforce, _STATS_FLAGS, "virConnectGetAllDomainStats")
        with translated("cannot read the domains' statistics"):
            return [
                (self._domain(found), figures)
                for found, figures in statistics(self._session, self._scope, stats or SUPPORTED, progress)
                if selected([found], flags & ~enforce, frozenset())
            ]

    def listDomainsID(self) -> list[int]:
        """Return the IDs of the active domains."""
        return [domain.ID() for domain in self.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)]

    def numOfDomains(self) -> int:
        """Return how many domains are active."""
        return len(self.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE))

    def listDefinedDomains(self) -> list[str]:
        """Return the names of the domains that are defined and not active."""
        return [domain.name() for domain in self.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_INACTIVE)]

    def numOfDefinedDomains(self) -> int:
        """Return how many domains are defined and not active."""
        return len(self.listDefinedDomains())

    def lookupByName(self, name: str) -> Domain:
        """Return the domain called ``name``.

        Raises NO_DOMAIN, and OPERATION_FAILED with their UUIDs when several domains have the name: vSphere allows
        that.
        """
        return self._only(
            f"no domain with matching name '{name}'",
            f"domains are called '{name}': use one of their UUIDs",
            lambda each: unescaped(each["name"] or "") == name,
        )

    def lookupByID(self, id: int) -> Domain:  # noqa: A002
        """Return the active domain whose ID, the number in its managed object reference, is ``id``."""
        return self._only(
            f"no domain with matching id {id}",
            f"domains have the ID {id}: use one of their UUIDs",
            lambda each: self._domain(each).ID() == id >= 0,
        )

    def lookupByUUID(self, uuid: bytes) -> Domain:
        """Return the domain with the UUID of these 16 bytes."""
        return self.lookupByUUIDString(uuid.hex())

    def lookupByUUIDString(self, uuidstr: str) -> Domain:
        """Return the domain with this UUID, the instance UUID (the BIOS UUID with ``legacy_uuid=1``).

        Raises INVALID_ARG for what is no UUID, NO_DOMAIN, and OPERATION_FAILED when several have it.
        """
        digits = uuidstr.replace("-", "").lower()
        if len(digits) != 32 or not set(digits) <= set("0123456789abcdef"):
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"'{uuidstr}' is not a UUID")
        return self._only(
            f"no domain with matching uuid '{uuidstr}'",
            f"domains share the UUID '{uuidstr}': use a name or an ID, or give all but one of them another",
            lambda each: (each[self._uuid_path] or "").replace("-", "") == digits,
        )

    def defineXML(self, xml: str) -> Domain:
        """Create the domain that ``xml`` describes, or make the existing one so; see :meth:`defineXMLFlags`."""
        return self.defineXMLFlags(xml, 0)

    def defineXMLFlags(self, xml: str, flags: int = 0) -> Domain:
        """Create the domain that ``xml`` describes, or make the existing one so, and return it.

        An existing domain is edited in place by one reconfiguration; what the document does not speak of stays, and
        when nothing differs nothing is asked. VIR_DOMAIN_DEFINE_VALIDATE checks it against libvirt's schema first.
        A refusal leaves the host as it was. Raises XML_ERROR, CONFIG_UNSUPPORTED, OPERATION_INVALID and the codes
        of vSphere's faults.
        """
        self._writable("virDomainDefineXMLFlags")
        check_flags(flags, libvirt.VIR_DOMAIN_DEFINE_VALIDATE, "virDomainDefineXMLFlags")
        if flags & libvirt.VIR_DOMAIN_DEFINE_VALIDATE:
            check_schema(xml, "domain")
        want = domain_xml.parse(xml, legacy_uuid=self._uri.legacy_uuid)
        found = define(
            self._session, self._scope, want, legacy_uuid=self._uri.legacy_uuid, auto_answer=self._uri.auto_answer
        )
        return self._domain(found)

    # -- native configurations

    def domainXMLFromNative(self, nativeFormat: str, nativeConfig: str, flags: int = 0) -> str:
        """Return the domain XML of a VMX file; ``nativeFormat`` is ``vmware-vmx``.

        Volumes in it become the names of this host's datastores, in one round trip. Raises INVALID_ARG for another
        format or what is no text, XML_ERROR with the line for what is no VMX.
        """
        self._writable("virConnectDomainXMLFromNative")
        check_flags(flags, 0, "virConnectDomainXMLFromNative")
        return xml_from_native(nativeFormat, nativeConfig, self._style, self._paths())

    def domainXMLToNative(self, nativeFormat: str, domainXml: str, flags: int = 0) -> str:
        """Return the VMX text of a domain document; ``nativeFormat`` is ``vmware-vmx``.

        Raises INVALID_ARG for another format, XML_ERROR and CONFIG_UNSUPPORTED as :meth:`defineXML` does.
        """
        self._writable("virConnectDomainXMLToNative")
        check_flags(flags, 0, "virConnectDomainXMLToNative")
        return native_from_xml(nativeFormat, domainXml, self._style, self._paths())

    def _paths(self) -> Paths:
        with translated("cannot read the datastores"):
            return paths_of(inventory.datastore_urls(self._session, self._scope))

    # -- what domains ask of their connection

    @property
    def _style(self) -> domain_xml.Style:
        return domain_xml.Style(disk_mode=self._spelling, legacy_uuid=self._uri.legacy_uuid)

    @property
    def _uuid_path(self) -> str:
        return "config.uuid" if self._uri.legacy_uuid else "config.instanceUuid"

    @property
    def _spelling(self) -> DiskModeXML:
        return DiskModeXML[self._uri.disk_mode.upper()]

    def _found(self, *more: str) -> Sequence[Found]:
        return inventory.machines(self._session, self._scope, *inventory.IDENTITY, *more)

    def _domain(self, found: Found) -> Domain:
        return Domain(
            self, found.ref, unescaped(found["name"] or ""), found[self._uuid_path], found["runtime.powerState"]
        )

    def _only(self, missing: str, ambiguous: str, matches: Callable[[Found], bool]) -> Domain:
        with translated("cannot look up the domain"):
            found = [each for each in self._found() if matches(each)]
        if not found:
            raise error(libvirt.VIR_ERR_NO_DOMAIN, missing)
        if len(found) > 1:
            listed = ", ".join(
                f"{unescaped(each['name'] or '')} ({each.ref._moId}, {each[self._uuid_path]})" for each in found
            )
            raise error(libvirt.VIR_ERR_OPERATION_FAILED, f"{len(found)} {ambiguous}; they are: {listed}")
        return self._domain(found[0])

    def _writable(self, function: str) -> None:
        if self._readonly:
            raise error(libvirt.VIR_ERR_OPERATION_DENIED, _WRITES_REFUSED.format(function))


def connected(
    uri: ConnectURI, connections: Connections, credentials: Callable[[], Credentials], flags: int = 0
) -> Connect:
    """Return an open connection over ``connections``, live or recorded; when anything fails, it is logged out."""
    session = Session(uri, credentials, connections).open()
    try:
        return Connect(session, uri, flags)
    except BaseException:
        session.close()
        raise
