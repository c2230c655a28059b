"""The switches of a scope, as libvirt's networks.

A host's standard switches are those of the host that the URI names; where it names several hosts, switches with the
same key are one network, with what any of the hosts has. Sources: vSphere API, HostVirtualSwitch, HostPortGroup,
DistributedVirtualSwitch, DistributedVirtualPortgroup.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import libvirt
from pyVmomi import vim

from esxdriver.conf.mapping.identity import unescaped
from esxdriver.conf.network.network import NetworkDef, PortgroupDef, uuid_of
from esxdriver.errors import error
from esxdriver.vsphere.network import policy
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found, below, each_of
from esxdriver.vsphere.wire.session import Session

_HOST = (
    "name", "configManager.networkSystem", "config.network.vswitch", "config.network.portgroup", "config.network.pnic",
    "network",
)  # fmt: skip
_NETWORK = ("name",)
_PORTGROUP = ("name", "key", "config.distributedVirtualSwitch", "config.defaultPortConfig", "config.uplink")
_SWITCH = ("name", "uuid")

# What a watch of the switches follows.
WATCHED = {
    vim.HostSystem: (
        "name", "configManager.networkSystem", "config.network.vswitch", "config.network.portgroup", "network",
    ),
    vim.Network: _NETWORK,
    vim.dvs.DistributedVirtualPortgroup: _PORTGROUP,
    vim.DistributedVirtualSwitch: _SWITCH,
}  # fmt: skip


@dataclass(frozen=True)
class HostSwitch:
    """A standard switch on one host: how it is, and its port groups, those for machines by the names in ``shown``.

    ``networks`` are the managed objects of these, which know the machines that use them.
    """

    host: Any
    host_name: str
    system: Any
    switch: Any
    groups: tuple[Any, ...]
    networks: Mapping[str, Any]

    @property
    def nics(self) -> tuple[str, ...]:
        """The names of the physical NICs that it forwards to; an old bridge has a single one, and no list."""
        bridge = self.switch.spec.bridge if self.switch.spec is not None else None
        named = getattr(bridge, "nicDevice", None) or ()
        return (named,) if isinstance(named, str) else tuple(named)

    @property
    def shown(self) -> list[Any]:
        """The port groups for machines."""
        return [each for each in self.groups if each.spec.name in self.networks]

    @property
    def hidden(self) -> list[str]:
        """The names of the port groups that are the VMkernel's."""
        return [each.spec.name for each in self.groups if each.spec.name not in self.networks]


@dataclass(frozen=True)
class Switch:
    """A switch as a network: standard ``on`` some hosts, or distributed with a managed object, ``ref``.

    ``keys`` are those of a distributed switch's port groups, by their names.
    """

    definition: NetworkDef
    on: tuple[HostSwitch, ...] = ()
    ref: Any = None
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        return self.definition.name

    @property
    def uuid(self) -> str:
        """The network's UUID."""
        assert self.definition.uuid is not None
        return self.definition.uuid


@dataclass(frozen=True)
class Host:
    """A host of the scope, with its standard switches and the names of its physical NICs."""

    name: str
    system: Any
    switches: tuple[HostSwitch, ...]
    nics: tuple[str, ...]


def switches(session: Session, scope: Scope) -> list[Switch]:
    """Return the switches of the scope: one round trip, another where port groups are distributed ones."""
    return hosts_and_switches(session, scope)[1]


def hosts_and_switches(session: Session, scope: Scope) -> tuple[list[Host], list[Switch]]:
    """Return the hosts of the scope, and its switches, as :func:`switches` does."""
    wanted = {vim.HostSystem: _HOST, vim.Network: _NETWORK, vim.dvs.DistributedVirtualPortgroup: _PORTGROUP}
    found = below(session, scope.computer or scope.root, wanted)
    read = _hosts(found, scope)
    groups = _groups(found)
    known = each_of(session, dict.fromkeys(groups, _SWITCH)) if groups else []
    return read, _switches(read, known, groups)


def watched(found: Sequence[Found], scope: Scope) -> list[Switch]:
    """Return the switches of the scope, of all objects that a watch of them knows."""
    known = [each for each in found if isinstance(each.ref, vim.DistributedVirtualSwitch)]
    groups = _groups(found)
    return _switches(_hosts(found, scope), [each for each in known if each.ref in groups], groups)


def _hosts(found: Sequence[Found], scope: Scope) -> list[Host]:
    names = {each.ref: each.name for each in found if isinstance(each.ref, vim.Network) and each["name"]}
    hosts = [each for each in found if isinstance(each.ref, vim.HostSystem) and scope.host in (None, each.ref)]
    return [_host(each, names) for each in hosts]


def _switches(
    hosts: Sequence[Host], distributed: Sequence[Found], groups: Mapping[Any, Sequence[Found]]
) -> list[Switch]:
    standard = [_standard(each) for host in hosts for each in host.switches]
    return [*_merged(standard), *(_of_distributed(each, groups[each.ref]) for each in distributed if each["uuid"])]


def same(found: Iterable[Switch], known: Switch) -> Switch:
    """Return a switch as it is found now. Raises NO_NETWORK when it has been removed."""
    now = next((each for each in found if each.uuid == known.uuid), None)
    if now is None:
        raise error(libvirt.VIR_ERR_NO_NETWORK, f"network '{known.name}' has been removed")
    return now


def _host(found: Found, names: Mapping[Any, str]) -> Host:
    own = {names[ref]: ref for ref in found["network"] or () if ref in names}
    groups = found["config.network.portgroup"] or ()
    system = found["configManager.networkSystem"]
    made = [
        HostSwitch(
            found.ref, found.title, system, each,
            tuple(group for group in groups if group.spec.vswitchName == each.name),
            {group.spec.name: own[unescaped(group.spec.name)] for group in groups
             if unescaped(group.spec.name) in own and not _is_kernels(group)},
        )
        for each in found["config.network.vswitch"] or ()
    ]  # fmt: skip
    nics = tuple(each.device for each in found["config.network.pnic"] or ())
    return Host(found.title, system, tuple(made), nics)


def _is_kernels(group: Any) -> bool:
    """Whether what is plugged into a port group is the host's own."""
    return any(port.type not in ("virtualMachine", "unknown") for port in group.port or ())


def _standard(found: HostSwitch) -> Switch:
    switch = found.switch
    on = switch.spec.policy if switch.spec is not None else None
    definition = NetworkDef(
        name=switch.name, uuid=str(uuid_of(switch.key)), trusted=policy.trusted(on), bandwidth=policy.bandwidth_of(on),
        nics=found.nics, portgroups=tuple(map(_portgroup, found.shown)),
    )  # fmt: skip
    return Switch(definition, (found,))


def _portgroup(group: Any) -> PortgroupDef:
    spec = group.spec
    return PortgroupDef(
        name=spec.name, vlan=policy.vlan_of(spec.vlanId), trusted=policy.trusted(spec.policy),
        bandwidth=policy.bandwidth_of(spec.policy),
    )  # fmt: skip


def _merged(found: Iterable[Switch]) -> list[Switch]:
    """Return one switch for those with the same key."""
    by_key: dict[str, Switch] = {}
    for each in found:
        before = by_key.get(each.uuid)
        by_key[each.uuid] = each if before is None else _both(before, each)
    return list(by_key.values())


def _both(one: Switch, other: Switch) -> Switch:
    have, more = one.definition, other.definition
    known = {each.name for each in have.portgroups}
    definition = replace(
        have,
        nics=tuple(dict.fromkeys((*have.nics, *more.nics))),
        portgroups=(*have.portgroups, *(each for each in more.portgroups if each.name not in known)),
    )
    return replace(one, definition=definition, on=(*one.on, *other.on))


def _groups(found: Sequence[Found]) -> dict[Any, list[Found]]:
    """Return the port groups of each distributed switch."""
    groups: dict[Any, list[Found]] = {}
    for each in found:
        home = each["config.distributedVirtualSwitch"] if _is_distributed(each) else None
        if home is not None:
            groups.setdefault(home, []).append(each)
    return groups


def _is_distributed(found: Found) -> bool:
    return isinstance(found.ref, vim.dvs.DistributedVirtualPortgroup)


def _of_distributed(found: Found, groups: Sequence[Found]) -> Switch:
    shown = [each for each in groups if each["name"] and each["key"] and not each["config.uplink"]]
    definition = NetworkDef(
        name=found.name or found.title, uuid=_dashed(found["uuid"]), forwards=True,
        portgroups=tuple(_distributed_portgroup(each) for each in shown),
    )  # fmt: skip
    return Switch(definition, ref=found.ref, keys={each.name: each["key"] for each in shown})


def _distributed_portgroup(found: Found) -> PortgroupDef:
    return PortgroupDef(name=found.name, vlan=policy.trunk_of(getattr(found["config.defaultPortConfig"], "vlan", None)))


def _dashed(uuid: str) -> str:
    """Return a UUID as libvirt writes it, of one as vSphere does: pairs of digits; of what is none, its MD5."""
    try:
        return str(UUID("".join(uuid.replace("-", " ").split())))
    except ValueError:
        return str(uuid_of(uuid))
