"""Ask a host all that the commands which look at a domain or the host will ask: for a recording that answers them all.

What the host refuses is recorded as refused, and replays so: it keeps nothing else out of the recording.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import libvirt

from esxdriver.driver import diskmodes
from esxdriver.driver.connect import Connect
from esxdriver.driver.domain import Domain

# Without the host, or the right to ask it, there is nothing to go on with.
_FATAL = {
    libvirt.VIR_ERR_RPC,
    libvirt.VIR_ERR_NO_CONNECT,
    libvirt.VIR_ERR_AUTH_FAILED,
    libvirt.VIR_ERR_AUTH_CANCELLED,
    libvirt.VIR_ERR_OPERATION_TIMEOUT,
}

# What it is called when it fails -> how it is asked for.
_OF_HOST: Mapping[str, Callable[[Connect], Any]] = {
    "the host's name": lambda conn: conn.getHostname(),
    "the host's size": lambda conn: conn.getInfo(),
    "the most vCPUs": lambda conn: conn.getMaxVcpus(),
    "the storage pools": lambda conn: conn.listAllStoragePools(),
    "the disk modes": diskmodes.of_connection,
    "the statistics": lambda conn: conn.getAllDomainStats(),
    "the definitions": lambda conn: list(conn.getAllXMLDesc()),
    "which domains start by themselves": lambda conn: conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART),
    "which domains are transient": lambda conn: conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_TRANSIENT),
}
# Names that no domain has: with these, look-ups are recorded that read all domains and so find any.
_MISSING: tuple[Callable[[Connect], Any], ...] = (
    lambda conn: conn.lookupByName(""),
    lambda conn: conn.lookupByID(-1),
)


def _info(domain: Domain) -> None:
    """Ask for the size as on a new connection: totals begin with the first request of one."""
    domain.backend.statistics.forget()
    domain.info()


_OF_DOMAIN: Mapping[str, Callable[[Domain], Any]] = {
    "its definition": lambda domain: domain.XMLDesc(),
    "its size": _info,
    "its state": lambda domain: domain.state(),
    "whether it is transient": lambda domain: domain.isPersistent(),
    "its disk modes": diskmodes.of_domain,
    "its snapshots": lambda domain: [
        (snapshot.getXMLDesc(), snapshot.isCurrent()) for snapshot in domain.listAllSnapshots()
    ],
    "itself by its UUID": lambda domain: domain.connect().lookupByUUIDString(domain.UUIDString()).name(),
}

Tracked = Callable[[list[Domain]], Iterable[Domain]]


def look_at_everything(conn: Connect, tracked: Tracked = iter) -> list[str]:
    """Ask for everything, and return a line for each thing that the host would not tell.

    ``tracked`` passes the domains on, one after the other. Raises what ends the session, and what keeps the domains
    from being listed.
    """
    refused = list(filter(None, (_refusal(what, ask, conn) for what, ask in _OF_HOST.items())))
    domains = conn.listAllDomains()
    for ask in _MISSING:
        _refusal("", ask, conn)
    for domain in tracked(domains):
        named = f"domain '{domain.name()}': "
        refused += filter(None, (_refusal(named + what, ask, domain) for what, ask in _OF_DOMAIN.items()))
    return refused


def _refusal(what: str, ask: Callable[[Any], Any], asked: Any) -> str:
    """Ask, and return what to say when the host refuses, else nothing."""
    try:
        ask(asked)
    except libvirt.libvirtError as error:
        if error.get_error_code() in _FATAL:
            raise
        return f"{what}: {error}"
    return ""
