"""Which machines the ``VIR_CONNECT_LIST_DOMAINS_*`` flags choose.

Source: https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectListAllDomainsFlags
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import libvirt

from esxdriver.conf.mapping.states import PowerState, shown_state
from esxdriver.errors import check_flags
from esxdriver.flags import Filters, always, never
from esxdriver.vsphere.machine.transient import transient_machines
from esxdriver.vsphere.query.inventory import Scope, host_properties
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.wire.session import Session


@dataclass(frozen=True)
class Known:
    """What a filter has to know besides a machine: those that start with their host, what is saved, and transient."""

    starts: frozenset[Any] = frozenset()
    managed_save: bool = False
    transient: frozenset[Any] = frozenset()


Test = Callable[[Found, Known], bool]


def _state(*states: PowerState | None) -> Test:
    return lambda each, known: shown_state(PowerState.of_machine(each), managed_save=known.managed_save) in states


def _not(test: Test) -> Test:
    return lambda each, known: not test(each, known)


def _has_snapshot(each: Found, _: Known) -> bool:
    return each["snapshot"] is not None


def _starts(each: Found, known: Known) -> bool:
    return each.ref in known.starts


def _is_saved(each: Found, known: Known) -> bool:
    return known.managed_save and PowerState.of_machine(each) is PowerState.PAUSED


def _is_transient(each: Found, known: Known) -> bool:
    return each.ref in known.transient


# A vSphere machine has no checkpoint.
_FILTERS = Filters(
    {
        libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE: _not(_state(PowerState.SHUTOFF)),
        libvirt.VIR_CONNECT_LIST_DOMAINS_INACTIVE: _state(PowerState.SHUTOFF),
    },
    {
        libvirt.VIR_CONNECT_LIST_DOMAINS_PERSISTENT: _not(_is_transient),
        libvirt.VIR_CONNECT_LIST_DOMAINS_TRANSIENT: _is_transient,
    },
    {
        libvirt.VIR_CONNECT_LIST_DOMAINS_RUNNING: _state(PowerState.RUNNING),
        libvirt.VIR_CONNECT_LIST_DOMAINS_PAUSED: _state(PowerState.PAUSED),
        libvirt.VIR_CONNECT_LIST_DOMAINS_SHUTOFF: _state(PowerState.SHUTOFF),
        libvirt.VIR_CONNECT_LIST_DOMAINS_OTHER: _state(None),
    },
    {
        libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE: _is_saved,
        libvirt.VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE: _not(_is_saved),
    },
    {
        libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART: _starts,
        libvirt.VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART: _not(_starts),
    },
    {
        libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT: _has_snapshot,
        libvirt.VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT: _not(_has_snapshot),
    },
    {
        libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT: never,
        libvirt.VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT: always,
    },
)

_AUTOSTART = libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART | libvirt.VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART
_TRANSIENT = libvirt.VIR_CONNECT_LIST_DOMAINS_TRANSIENT | libvirt.VIR_CONNECT_LIST_DOMAINS_PERSISTENT


def selected(found: Iterable[Found], flags: int, known: Known) -> list[Found]:
    """Return the machines that ``flags`` choose. Raises INVALID_ARG for flags that libvirt does not know."""
    check_flags(flags, _FILTERS.known, "virConnectListAllDomains")
    return [each for each in found if _FILTERS.admit(flags, each, known)]


def autostarted(session: Session, scope: Scope, flags: int) -> frozenset[Any]:
    """Return the machines that start with their host, if ``flags`` ask for it: one round trip then, else none."""
    if not flags & _AUTOSTART:
        return frozenset()
    configs = [each["config.autoStart"] for each in host_properties(session, scope, "config.autoStart")]
    return frozenset(
        power.key
        for config in configs
        if config is not None and config.defaults is not None and config.defaults.enabled
        for power in config.powerInfo or ()
        if power.startAction == "powerOn"
    )


def transient(session: Session, scope: Scope, flags: int) -> frozenset[Any]:
    """Return the machines that are transient, if ``flags`` ask for these or for the others alone: one round trip."""
    if flags & _TRANSIENT in (0, _TRANSIENT):
        return frozenset()
    return transient_machines(session, scope)
