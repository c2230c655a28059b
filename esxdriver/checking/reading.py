"""Everything that the driver reads, asked of a host: of the host itself, its datastores, and its domains within limits.

What guests show and files hold, screenshots and downloads, is not asked for: a recording would keep them.
Nothing is changed. ``check`` names in a report are the keys of the tables here.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.checking.asking import Asking, HostLost
from esxdriver.checking.domain_reading import read_domain
from esxdriver.checking.host_versions import about, escaped_names, versions
from esxdriver.checking.names import Names
from esxdriver.checking.own import reading_only
from esxdriver.checking.privileges import missing_privileges
from esxdriver.checking.probes import OF_NAME, OF_POOL, OF_STATISTICS, OF_VOLUME
from esxdriver.checking.report import Finding, Report, Status, Unread
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.driver import diskmodes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain
    from esxdriver.driver.storage_pool import StoragePool
    from esxdriver.vmx import Paths
    from esxdriver.vsphere.machine.unread import Row


@dataclass(frozen=True)
class Limits:
    """How much is asked: of so many domains, so many volumes of a datastore, and so many of a host's devices.

    After ``unanswered`` answers in a row that do not come, nothing more is asked.
    """

    domains: int = 50
    volumes: int = 3
    devices: int = 3
    unanswered: int = 3


def operations(conn: "Connect") -> dict[str, tuple[int, float]]:
    """Return how often each of vSphere's operations was called so far, and how many seconds that took."""
    session = conn.backend.session
    return {name: (count, session.seconds.get(name, 0.0)) for name, count in session.calls.items()}


def _starting(conn: "Connect") -> list["Domain"]:
    return conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)


def _watched(conn: "Connect") -> int:
    """Start the watch that events come from, and end it; return how many machines it knew."""
    watch = conn.backend.start_watch(devices=True)
    try:
        return len(watch.machines(("name",)) or ())
    finally:
        conn.backend.leave_watch()


def _documents(conn: "Connect") -> dict[str, str]:
    """Return the documents of all domains as a bulk read makes them, by the domains' IDs."""
    return {domain.ref._moId: text for domain, text in conn.getAllXMLDesc()}


_OF_HOST: Mapping[str, Callable[["Connect"], Any]] = {
    "host: name": lambda conn: conn.getHostname(),
    "host: info": lambda conn: conn.getInfo(),
    "host: capabilities": lambda conn: conn.getCapabilities(),
    "host: domain capabilities": lambda conn: conn.getDomainCapabilities(),
    "host: sysinfo": lambda conn: conn.getSysinfo(),
    "host: most vCPUs": lambda conn: conn.getMaxVcpus(),
    "host: CPU statistics": lambda conn: conn.getCPUStats(-1),
    "host: memory statistics": lambda conn: conn.getMemoryStats(-1),
    "host: free memory": lambda conn: conn.getFreeMemory(),
    "host: CPU map": lambda conn: conn.getCPUMap(),
    "host: CPU models": lambda conn: conn.getCPUModelNames("x86_64"),
    "all: disk modes": diskmodes.of_connection,
    "all: statistics": lambda conn: conn.getAllDomainStats(0),
    "all: rates": lambda conn: conn.getAllDomainRates(),
    "all: autostart": _starting,
    "events: a watch begins and ends": _watched,
}
_OF_POOL: Mapping[str, Callable[["StoragePool"], Any]] = {
    "pool: info": lambda pool: pool.info(),
    "pool: document": lambda pool: pool.XMLDesc(),
}

Tracked = Callable[[list["Domain"]], "Iterable[Domain]"]


def read_host(conn: "Connect", limits: Limits = Limits(), *, names: bool = False, tracked: Tracked = iter) -> Report:
    """Ask a host all that the driver reads, and return what came of it; no answer of the host's raises.

    ``names`` puts the site's names into the report. ``tracked`` passes the domains on, one after the other.
    """
    reading = _Reading(Asking(conn, Names(shown=names), limits.unanswered), limits)
    try:
        with reading_only(conn.backend):
            reading.run(tracked)
    except HostLost:
        reading.asking.findings.append(Finding("all", Status.UNANSWERED, "", "the host no longer answers: given up"))
    return reading.report()


class _Reading:
    """A reading under way: what is known so far."""

    def __init__(self, asking: Asking, limits: Limits) -> None:
        self.asking = asking
        self._limits = limits
        self._unread: Counter[Row] = Counter()
        self._looked_at, self._total = 0, 0
        self._datastores: set[str] = set()
        self._versions: Mapping[str, Mapping[str, int]] = {}
        self._lacking: tuple[str, ...] = ()
        self._paths: Paths | None = None

    def run(self, tracked: Tracked) -> None:
        conn, ask = self.asking.conn, self.asking.ask
        answers = {check: ask(check, "", partial(question, conn)) for check, question in _OF_HOST.items()}
        for _, stats in answers["all: statistics"] or ():
            self.asking.probe(OF_STATISTICS, stats)
        self._versions = ask("all: versions", "", lambda: versions(conn)) or {}
        self._lacking = ask("host: privileges", "", lambda: missing_privileges(conn)) or ()
        self._paths = ask("all: datastores' URLs", "", conn.backend.paths)
        documents = ask("all: documents", "", lambda: _documents(conn)) or {}
        domains = ask("all: list", "", conn.listAllDomains) or []
        self._total = len(domains)
        for name in ask("all: names", "", lambda: escaped_names(conn)) or ():
            self.asking.probe(OF_NAME, name)
        for domain in tracked(domains[: self._limits.domains]):
            self._domain(domain, documents)
        self._pools()
        self._documents("network", ask("all: networks", "", conn.listAllNetworks) or [])
        self._documents("interface", ask("all: interfaces", "", conn.listAllInterfaces) or [])
        devices = ask("all: node devices", "", conn.listAllDevices) or []
        self._documents("node device", devices[: self._limits.devices])

    def _domain(self, domain: "Domain", documents: Mapping[str, str]) -> None:
        found = read_domain(self.asking, domain, documents.get(domain.ref._moId), self._paths)
        self._looked_at += 1
        self._unread.update(found.unread)
        paths = map(DatastorePath.parse, found.sources)
        self._datastores.update(path.datastore for path in paths if path is not None)

    def _documents(self, sort: str, named: "Sequence[Any]") -> None:
        """Ask for the documents of networks, interfaces or devices."""
        for each in named:
            self.asking.ask(f"{sort}: document", self.asking.names.of(sort, each.name()), each.XMLDesc)

    def _pools(self) -> None:
        pools = self.asking.ask("all: pools", "", self.asking.conn.listAllStoragePools) or []
        for pool in pools:
            where = self.asking.names.of("datastore", pool.name())
            for check, question in _OF_POOL.items():
                self.asking.ask(check, where, partial(question, pool))
            self.asking.probe(OF_POOL, pool)
            if pool.name() in self._datastores:
                self._volumes(pool, where)

    def _volumes(self, pool: "StoragePool", where: str) -> None:
        found = self.asking.ask("pool: volumes", where, pool.listAllVolumes) or []
        for number, volume in enumerate(found[: self._limits.volumes], 1):
            if self.asking.ask("volume: document", f"volume {number} of {where}", volume.XMLDesc) is not None:
                self.asking.probe(OF_VOLUME, volume)

    def report(self) -> Report:
        asking = self.asking
        return Report(
            host=about(asking.conn),
            domains=(self._looked_at, self._total),
            findings=tuple(asking.findings),
            timings=asking.timings,
            unread=tuple(Unread(*row, times) for row, times in sorted(self._unread.items())),
            operations=operations(asking.conn),
            versions=self._versions,
            probes=asking.probes,
            privileges=tuple(sorted({*asking.privileges, *self._lacking})),
        )
