"""Which machines the ``VIR_CONNECT_LIST_DOMAINS_*`` flags choose.

Source: https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectListAllDomainsFlags
"""

from collections.abc import Callable, Iterable
from typing import Any

import libvirt

from esxdriver.conf.mapping.states import PowerState
from esxdriver.errors import check_flags
from esxdriver.flags import Filters
from esxdriver.vsphere.query.inventory import Scope, host_properties
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.wire.session import Session

Test = Callable[[Found, frozenset[Any]], bool]


def _state(*states: PowerState | None) -> Test:
    return lambda each, _: PowerState.of_machine(each) in states


def _everything(_: Found, __: frozenset[Any]) -> bool:
    return True


def _not(test: Test) -> Test:
    return lambda each, starts: not test(each, starts)


def _has_snapshot(each: Found, _: frozenset[Any]) -> bool:
    return each["snapshot"] is not None


def _starts(each: Found, starts: frozenset[Any]) -> bool:
    return each.ref in starts


# A vSphere machine is always persistent, and has neither a managed save image nor a checkpoint.
_FILTERS = Filters(
    {
        libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE: _not(_state(PowerState.SHUTOFF)),
        libvirt.VIR_CONNECT_LIST_DOMAINS_INACTIVE: _state(PowerState.SHUTOFF),
    },
    {
        libvirt.VIR_CONNECT_LIST_DOMAINS_PERSISTENT: _everything,
        libvirt.VIR_CONNECT_LIST_DOMAINS_TRANSIENT: _not(_everything),
    },
    {
        libvirt.VIR_CONNECT_LIST_DOMAINS_RUNNING: _state(PowerState.RUNNING),
        libvirt.VIR_CONNECT_LIST_DOMAINS_PAUSED: _state(PowerState.PAUSED),
        libvirt.VIR_CONNECT_LIST_DOMAINS_SHUTOFF: _state(PowerState.SHUTOFF),
        libvirt.VIR_CONNECT_LIST_DOMAINS_OTHER: _state(None),
    },
    {
        libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE: _not(_everything),
        libvirt.VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE: _everything,
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
        libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT: _not(_everything),
        libvirt.VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT: _everything,
    },
)

_AUTOSTART = libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART | libvirt.VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART


def selected(found: Iterable[Found], flags: int, starts: frozenset[Any]) -> list[Found]:
    """Return the machines that ``flags`` choose; ``starts`` are those that start with their host."""
    check_flags(flags, _FILTERS.known, "virConnectListAllDomains")
    return [each for each in found if _FILTERS.admit(flags, each, starts)]


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
