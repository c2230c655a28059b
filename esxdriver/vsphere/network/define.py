"""Defining, changing and removing standard switches: the rules are checked first, then the steps are taken.

What a switch's document does not list goes: a physical NIC, a port group. Where machines use one that would go, nothing
is changed; the VMkernel's port groups always stay. A distributed switch is its vCenter's, and changed there.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import libvirt

from esxdriver.conf.network.network import NetworkDef, key_of, uuid_of
from esxdriver.errors import error, unsupported
from esxdriver.vsphere.network import plan
from esxdriver.vsphere.network.steps import take
from esxdriver.vsphere.network.switches import Host, HostSwitch, Switch, hosts_and_switches
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import each_of
from esxdriver.vsphere.wire.session import Session

_INVALID = libvirt.VIR_ERR_OPERATION_INVALID


def define(session: Session, scope: Scope, want: NetworkDef) -> None:
    """Make the standard switch ``want``, or make the one of its name so; no change is requested where it is so already.

    Raises OPERATION_FAILED for a name and a UUID that do not belong together, CONFIG_UNSUPPORTED for a UUID that the
    host would not give a new switch, ACCESS_DENIED where this user sees no host, OPERATION_UNSUPPORTED where there are
    several to make a switch on, and what :func:`change` raises.
    """
    hosts, known = hosts_and_switches(session, scope)
    have = meant(known, want)
    if have is not None:
        change(session, hosts, have, want)
        return
    host = _only(hosts, f"network '{want.name}'")
    _check_new_uuid(want)
    _check(host, None, want)
    take(plan.creation(host.system, want), f"cannot define network '{want.name}'")


def meant(known: Iterable[Switch], want: NetworkDef) -> Switch | None:
    """Return the switch that a document means, None for a new one. Raises OPERATION_FAILED."""
    switches = list(known)
    named = next((each for each in switches if each.name == want.name and each.uuid == want.uuid), None) or next(
        (each for each in switches if each.name == want.name and each.on), None
    )
    same = next((each for each in switches if each.uuid == want.uuid), None)
    if same is not None and same is not named:
        raise error(
            libvirt.VIR_ERR_OPERATION_FAILED,
            f"network '{same.name}' has the UUID {same.uuid}: a switch keeps its name; write another <uuid>, or none",
        )
    if named is not None and want.uuid not in (None, named.uuid):
        raise error(
            libvirt.VIR_ERR_OPERATION_FAILED, f"network '{named.name}' already exists with the UUID {named.uuid}"
        )
    return named


def change(session: Session, hosts: Sequence[Host], have: Switch, want: NetworkDef) -> None:
    """Make a switch as it is wanted, if it is not so; what was done before a step that is refused is taken back.

    Raises OPERATION_UNSUPPORTED for a distributed switch, or one of several hosts; NETWORK_EXIST for a port group's
    name that is taken; NO_INTERFACE for a physical NIC that is not there; OPERATION_INVALID for what is in use; and
    what the host refuses.
    """
    mine = standard(have)
    host = next(each for each in hosts if any(one is mine for one in each.switches))
    _check(host, mine, want)
    kept = {each.name for each in want.portgroups}
    _check_unused(session, mine, [each.spec.name for each in mine.shown if each.spec.name not in kept])
    take(plan.edit(mine, have.definition, want), f"cannot define network '{have.name}'")


def undefine(session: Session, have: Switch) -> None:
    """Remove a switch with its port groups.

    Raises OPERATION_INVALID for what is in use, by whom, and OPERATION_UNSUPPORTED for a distributed switch or one of
    several hosts, before anything is done; and what the host refuses.
    """
    mine = standard(have)
    if mine.hidden:
        names = ", ".join(f"'{each}'" for each in mine.hidden)
        raise error(
            _INVALID, f"network '{have.name}' carries the host's own adapters, on the port groups {names}: it stays"
        )
    _check_unused(session, mine, [each.spec.name for each in mine.shown])
    take(plan.removal(mine), f"cannot undefine network '{have.name}'")


def standard(have: Switch) -> HostSwitch:
    """Return the one standard switch that a network is. Raises OPERATION_UNSUPPORTED for what is not changed here."""
    if not have.on:
        raise error(
            libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
            f"network '{have.name}' is a distributed switch: change it in vCenter, where all of its hosts are known",
        )
    if len(have.on) > 1:
        raise _several(f"network '{have.name}'", [each.host_name for each in have.on])
    return have.on[0]


def _only(hosts: Sequence[Host], what: str) -> Host:
    if not hosts:
        raise error(libvirt.VIR_ERR_ACCESS_DENIED, f"{what}: this user may see no host of what the URI names")
    if len(hosts) > 1:
        raise _several(what, [each.name for each in hosts])
    return hosts[0]


def _several(what: str, names: Iterable[str]) -> libvirt.libvirtError:
    hosts = ", ".join(sorted(names))
    return error(
        libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
        f"{what}: the URI names several hosts, and each has switches of its own: name one in its path ({hosts})",
    )


def _check_new_uuid(want: NetworkDef) -> None:
    given = str(uuid_of(key_of(want.name)))
    if want.uuid not in (None, given):
        raise unsupported(f"network '{want.name}': a new switch gets the UUID {given}: leave <uuid> out")


def _check(host: Host, mine: HostSwitch | None, want: NetworkDef) -> None:
    """Raise the error for a switch that cannot be made as wanted, as far as the host's other switches tell."""
    others = [each for each in host.switches if each is not mine]
    used = {nic: each.switch.name for each in others for nic in each.nics}
    for nic in want.nics:
        if nic not in host.nics:
            has = ", ".join(host.nics) or "none"
            raise error(libvirt.VIR_ERR_NO_INTERFACE, f"'{nic}' is no physical NIC of the host; it has: {has}")
        if nic in used:
            raise error(_INVALID, f"physical NIC '{nic}' belongs to network '{used[nic]}': take it away there first")
    taken = {group.spec.name: each.switch.name for each in others for group in each.groups}
    taken |= dict.fromkeys(mine.hidden if mine else (), want.name)
    for each in want.portgroups:
        if each.name in taken:
            raise error(
                libvirt.VIR_ERR_NETWORK_EXIST,
                f"port group '{each.name}' is there already, on switch '{taken[each.name]}': a host has a name once",
            )
    if mine is not None and mine.hidden and mine.nics and not want.nics:
        raise error(
            _INVALID,
            f"network '{want.name}' carries the host's own adapters: without a physical NIC nobody could reach the "
            "host; leave one in its <forward>",
        )


def _check_unused(session: Session, mine: HostSwitch, names: Sequence[str]) -> None:
    """Raise OPERATION_INVALID when machines use one of the port groups, and say which."""
    users = machines_on(session, mine.host, {name: mine.networks[name] for name in names})
    if users:
        listed = "; ".join(f"'{name}' by {', '.join(sorted(who))}" for name, who in users.items())
        raise error(_INVALID, f"port groups are in use, {listed}: give these domains another network first")


def machines_on(session: Session, host: Any, networks: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the names of a host's machines that use each of some port groups, in two round trips at most."""
    if not networks:
        return {}
    found = {each.ref: each["vm"] or () for each in each_of(session, dict.fromkeys(networks.values(), ("vm",)))}
    refs = {name: found.get(ref, ()) for name, ref in networks.items()}
    every = {ref for each in refs.values() for ref in each}
    if not every:
        return {}
    known = {each.ref: each for each in each_of(session, dict.fromkeys(every, ("name", "runtime.host")))}
    here = {ref: each.title for ref, each in known.items() if each["runtime.host"] in (None, host)}
    users = {name: [here[ref] for ref in each if ref in here] for name, each in refs.items()}
    return {name: who for name, who in users.items() if who}
