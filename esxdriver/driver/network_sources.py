"""Interfaces of documents that name a host's network, ``type='network'``, as virt-install and others do.

| source                                | is |
|---------------------------------------|----|
| ``network='vSwitch0' portgroup='PG'`` | that port group of the switch |
| ``network='vSwitch0'``                | its port group for machines, if it has one alone |
| ``network='PG'``                      | the port group, if one switch alone has it |

A standard switch's port group is a ``bridge`` then, a distributed one's a ``vds`` with its key: what a dump shows.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.conf.devices.interface import InterfaceDef, Network
from esxdriver.errors import error, unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esxdriver.conf.domain.domain import DomainDef
    from esxdriver.vsphere.network.switches import Switch


def with_networks(conn: Any, want: "DomainDef") -> "DomainDef":
    """Return a definition whose interfaces name port groups; networks are read only if one names a network.

    Raises NO_NETWORK for a name that nothing has, CONFIG_UNSUPPORTED where it is not clear which port group is meant;
    both name the choices.
    """
    if not any(map(_names_network, want.interfaces)):
        return want
    known = _switches(conn)
    return replace(want, interfaces=tuple(_resolved(known, each) for each in want.interfaces))


def with_network(conn: Any, device: Any) -> Any:
    """Return a device that, if it is an interface, names a port group; see :func:`with_networks`."""
    return _resolved(_switches(conn), device) if _names_network(device) else device


def _names_network(device: Any) -> bool:
    return isinstance(device, InterfaceDef) and device.network is Network.VIRTUAL


def _switches(conn: Any) -> "list[Switch]":
    return [network.known for network in conn.listAllNetworks()]


def _resolved(known: "Sequence[Switch]", interface: InterfaceDef) -> InterfaceDef:
    if not _names_network(interface):
        return interface
    switch, portgroup = _meant(known, interface)
    plain = replace(interface, virtual_network=None, virtual_portgroup=None)
    if switch.on:
        return replace(plain, network=Network.BRIDGE, source=portgroup)
    return replace(plain, network=Network.VDS, switch=switch.uuid, portgroup=switch.keys[portgroup])


def _meant(known: "Sequence[Switch]", interface: InterfaceDef) -> "tuple[Switch, str]":
    name, portgroup = interface.virtual_network, interface.virtual_portgroup
    switch = next((each for each in known if each.name == name), None)
    if switch is not None:
        return switch, _portgroup(switch, portgroup, interface.label)
    having = [each for each in known if each.definition.portgroup(name or "") is not None]
    if len(having) == 1 and portgroup in (None, name):
        return having[0], str(name)
    if having:
        choices = " or ".join(f"network='{each.name}' portgroup='{name}'" for each in having)
        raise unsupported(f"{interface.label}: '{name}' is a port group, not a network: write {choices}")
    has = "; ".join(f"'{each.name}' with {_listed(each)}" for each in known) or "none"
    raise error(libvirt.VIR_ERR_NO_NETWORK, f"{interface.label}: no network '{name}'; the host has: {has}")


def _portgroup(switch: "Switch", wanted: str | None, label: str) -> str:
    names = [each.name for each in switch.definition.portgroups]
    if wanted is not None:
        if wanted not in names:
            text = f"{label}: network '{switch.name}' has no port group '{wanted}'; it has {_listed(switch)}"
            raise error(libvirt.VIR_ERR_NO_NETWORK, text)
        return wanted
    if len(names) == 1:
        return names[0]
    how = "say which by portgroup=" if names else "add one (net-update)"
    raise unsupported(f"{label}: network '{switch.name}' has {_listed(switch)}: {how}")


def _listed(switch: "Switch") -> str:
    names = ", ".join(f"'{each.name}'" for each in switch.definition.portgroups)
    return f"the port groups {names}" if names else "no port group for machines"
