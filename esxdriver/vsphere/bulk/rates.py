"""How busy machines are now: what the host's last sample of each said, a second."""

from collections.abc import Sequence
from dataclasses import dataclass

from esxdriver.conf.mapping.states import PowerState
from esxdriver.vsphere.bulk.stats import MEMORY, RESIDENT, memory
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.statistics import counters
from esxdriver.vsphere.statistics.counters import WHOLE, Group
from esxdriver.vsphere.statistics.statistics import NOTHING, Figures, Statistics
from esxdriver.vsphere.wire.session import Session

_PATHS = (*inventory.IDENTITY, *MEMORY, RESIDENT, *counters.PATHS)
_KIB_OF_MIB = 1024
_NS = 10**9


@dataclass(frozen=True)
class Rates:
    """How busy a domain is: CPUs (1.0: one is busy all the time), memory in KiB, traffic in bytes a second.

    ``memory`` is what it has of the host's, ``maximum`` what it may have. Of a domain that does not run, all but
    ``maximum`` is 0.
    """

    cpu: float = 0.0
    memory: int = 0
    maximum: int = 0
    read: int = 0
    written: int = 0
    received: int = 0
    sent: int = 0


def rates(session: Session, scope: Scope, totals: Statistics) -> list[tuple[Found, Rates]]:
    """Return each machine's identity and rates, in two round trips, the first time three."""
    found = inventory.machines(session, scope, *_PATHS)
    figures = totals.of_machines(found, Group.CPU, Group.INTERFACE, Group.BLOCK)
    return [(each, _rates(each, figures.get(each.ref._moId, NOTHING))) for each in found]


def _rates(found: Found, figures: Figures) -> Rates:
    most, _ = memory(found)
    if PowerState.of_machine(found) is not PowerState.RUNNING:
        return Rates(maximum=most)
    cards = [part for part in figures.rates.get(Group.INTERFACE, {}) if part.isdecimal()]
    disks = list(figures.rates.get(Group.BLOCK, {}))
    return Rates(
        cpu=_sum(figures, Group.CPU, [WHOLE], "time") / _NS,
        memory=int(found[RESIDENT] or 0) * _KIB_OF_MIB,
        maximum=most,
        read=_sum(figures, Group.BLOCK, disks, "rd.bytes"),
        written=_sum(figures, Group.BLOCK, disks, "wr.bytes"),
        received=_sum(figures, Group.INTERFACE, cards, "rx.bytes"),
        sent=_sum(figures, Group.INTERFACE, cards, "tx.bytes"),
    )


def _sum(figures: Figures, group: Group, parts: Sequence[str], field: str) -> int:
    return sum(figures.rates.get(group, {}).get(part, {}).get(field, 0) for part in parts)
