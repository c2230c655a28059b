"""Defining networks, and changing parts of them.

Reference: https://libvirt.org/html/libvirt-libvirt-network.html, virNetworkDefineXMLFlags and virNetworkUpdate.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import libvirt

from esxdriver.conf.network import network as network_xml
from esxdriver.conf.xml.schema import check_schema
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.network.define import change, define
from esxdriver.vsphere.network.switches import hosts_and_switches, same
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from esxdriver.conf.network.network import NetworkDef
    from esxdriver.driver.backend import Backend
    from esxdriver.vsphere.network.switches import Switch

T = TypeVar("T")

_VALIDATE = getattr(libvirt, "VIR_NETWORK_DEFINE_VALIDATE", 1)  # since libvirt 7.8
_AFFECT = libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE | libvirt.VIR_NETWORK_UPDATE_AFFECT_CONFIG


def define_network(backend: Backend, text: str, flags: int, function: str) -> NetworkDef:
    """Define the network that a document describes, and return what it asked for.

    Raises OPERATION_DENIED, INVALID_ARG for flags, and what the schema, parsing and defining raise.
    """
    backend.require_writable(function)
    check_flags(flags, _VALIDATE, function)
    if flags & _VALIDATE:
        check_schema(text, "network")
    want = network_xml.parse(text)
    with translated(f"cannot define network '{want.name}'"):
        define(backend.session, backend.scope, want)
    return want


def update_network(backend: Backend, known: Switch, command: int, section: int, text: str, flags: int) -> None:
    """Add, change or delete a part of a network; see :meth:`esxdriver.driver.network.Network.update`."""
    backend.require_writable("virNetworkUpdate")
    check_flags(flags, _AFFECT, "virNetworkUpdate")
    edit = _EDITS.get(section)
    if edit is None:
        raise error(
            libvirt.VIR_ERR_NO_SUPPORT,
            f"can't update section {section} of network '{known.name}': of a switch there are port groups and the "
            "interfaces that it forwards to",
        )
    if command not in _COMMANDS:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"unrecognized network update command {command}")
    made = edit(command, text)
    with translated(f"cannot update network '{known.name}'"):
        hosts, found = hosts_and_switches(backend.session, backend.scope)
        now = same(found, known)
        change(backend.session, hosts, now, made(now.definition))


_MODIFY, _DELETE = libvirt.VIR_NETWORK_UPDATE_COMMAND_MODIFY, libvirt.VIR_NETWORK_UPDATE_COMMAND_DELETE
_FIRST = libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_FIRST
_COMMANDS = {_MODIFY, _DELETE, _FIRST, libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST}


def _portgroup_edit(command: int, text: str) -> Callable[[NetworkDef], NetworkDef]:
    want = network_xml.parse_portgroup(text)

    def made(have: NetworkDef) -> NetworkDef:
        _check_there(command, "portgroup", want.name, [each.name for each in have.portgroups], have.name)
        others = [each for each in have.portgroups if each.name != want.name]
        if command == _MODIFY:
            others = [want if each.name == want.name else each for each in have.portgroups]
        return replace(have, portgroups=_with(command, others, want))

    return made


def _interface_edit(command: int, text: str) -> Callable[[NetworkDef], NetworkDef]:
    want = network_xml.parse_interface(text)
    if command == _MODIFY:
        raise error(libvirt.VIR_ERR_NO_SUPPORT, "forward interface entries cannot be modified, only added or deleted")

    def made(have: NetworkDef) -> NetworkDef:
        _check_there(command, "interface", want, have.nics, have.name)
        return replace(have, nics=_with(command, [each for each in have.nics if each != want], want))

    return made


_EDITS = {
    libvirt.VIR_NETWORK_SECTION_PORTGROUP: _portgroup_edit,
    libvirt.VIR_NETWORK_SECTION_FORWARD_INTERFACE: _interface_edit,
}


def _with(command: int, others: list[T], want: T) -> tuple[T, ...]:
    if command in (_MODIFY, _DELETE):
        return tuple(others)
    return (want, *others) if command == _FIRST else (*others, want)


def _check_there(command: int, what: str, name: str, names: Collection[str], network: str) -> None:
    """Raise OPERATION_INVALID for what is to be added and is there, or is to be changed or deleted and is not."""
    there, adds = name in names, command not in (_MODIFY, _DELETE)
    has = ", ".join(names) or "none"
    if there and adds:
        text = f"there is an existing {what} entry in network '{network}' that matches '{name}'"
        raise error(libvirt.VIR_ERR_OPERATION_INVALID, text)
    if not there and not adds:
        text = f"couldn't find a {what} entry in network '{network}' matching '{name}'; it has: {has}"
        raise error(libvirt.VIR_ERR_OPERATION_INVALID, text)
