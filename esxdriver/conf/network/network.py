"""``<network>``: a virtual switch, as libvirt's XML has it.

| libvirt                             | a standard switch of vSphere's      |
|-------------------------------------|-------------------------------------|
| ``name``                            | its name                            |
| ``uuid``                            | the MD5 of its key                  |
| ``forward/interface/@dev``          | a physical NIC that it uses         |
| ``portgroup``                       | a port group for machines           |
| ``@trustGuestRxFilters``            | MAC address changes and forged transmits: both accepted, or both rejected |
| ``vlan``, ``bandwidth``             | see :mod:`esxdriver.conf.network.policy` |

Port groups of VMkernel adapters are not shown, and stay. libvirt has no names for teaming, promiscuous mode and MTU:
they stay as they are. Source: https://libvirt.org/formatnetwork.html
"""

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from esxdriver.conf.mapping.codecs import TEXT, YES_NO
from esxdriver.conf.mapping.fields import InvalidValueError, UnsupportedValueError, dump, fact, load
from esxdriver.conf.network.policy import BANDWIDTH, VLAN, Bandwidth, Vlan
from esxdriver.conf.xml import surface as xml
from esxdriver.conf.xml.surface import ElementSurface
from esxdriver.errors import unsupported, xml_error

_KEY = "key-vim.host.VirtualSwitch-"  # what begins the key of each standard switch; its name follows
_ELEMENTS = {
    "network": {"name", "uuid", "forward", "bridge", "bandwidth", "portgroup"},
    "portgroup": {"vlan", "bandwidth"},
    "forward": {"interface"},
}
_MODES = {"none", "bridge"}


@dataclass(frozen=True, kw_only=True)
class PortgroupDef:
    """A port group. What a document does not say is None."""

    name: str = fact(TEXT, xml="@name")
    trusted: bool | None = fact(YES_NO, xml="@trustGuestRxFilters", default=None)
    vlan: Vlan | None = fact(VLAN, xml="vlan", default=None)
    bandwidth: Bandwidth | None = fact(BANDWIDTH, xml="bandwidth", default=None)


@dataclass(frozen=True, kw_only=True)
class NetworkDef:
    """A switch: the physical NICs that it forwards to, and its port groups. What a document does not say is None."""

    name: str = fact(TEXT, xml="name")
    uuid: str | None = fact(TEXT, xml="uuid", default=None)
    trusted: bool | None = fact(YES_NO, xml="@trustGuestRxFilters", default=None)
    bandwidth: Bandwidth | None = fact(BANDWIDTH, xml="bandwidth", default=None)
    nics: tuple[str, ...] = ()
    portgroups: tuple[PortgroupDef, ...] = ()
    forwards: bool = False

    def portgroup(self, name: str) -> PortgroupDef | None:
        """Return the port group of this name, if there is one."""
        return next((each for each in self.portgroups if each.name == name), None)


def format(definition: NetworkDef) -> str:  # noqa: A001
    """Return the document of a network."""
    root = xml.new("network")
    dump(definition, root, ("name", "uuid", "trusted"))
    if definition.nics or definition.forwards:
        forward = root.added("forward")
        forward.put("@dev", definition.nics[0] if definition.nics else None)
        forward.put("@mode", "bridge")
        for nic in definition.nics:
            forward.added("interface", dev=nic)
    dump(definition, root, ("bandwidth",))
    for portgroup in definition.portgroups:
        dump(portgroup, root.added("portgroup"))
    return xml.text_of(root)


def parse(text: str) -> NetworkDef:
    """Return the network that a document asks for.

    Raises XML_ERROR for what is not well formed or has no meaning, CONFIG_UNSUPPORTED for what no switch of ESX's has.
    """
    root = xml.parse(text, "network")
    try:
        _only(root, "network")
        if root.get("@ipv6") == "yes":
            raise UnsupportedValueError("network/@ipv6: a switch passes whatever comes; leave it out")
        portgroups = tuple(_portgroup(each) for each in root.children() if each.name == "portgroup")
        found = load(NetworkDef, root, uuid=_uuid(root), nics=_nics(root), portgroups=portgroups)
    except InvalidValueError as cause:
        raise xml_error(str(cause)) from None
    except UnsupportedValueError as cause:
        raise unsupported(str(cause)) from None
    _check(found, root)
    return found


def parse_portgroup(text: str) -> PortgroupDef:
    """Return the port group that a ``<portgroup>`` describes. Raises XML_ERROR and CONFIG_UNSUPPORTED."""
    try:
        return _portgroup(xml.parse(text, "portgroup"))
    except InvalidValueError as cause:
        raise xml_error(str(cause)) from None
    except UnsupportedValueError as cause:
        raise unsupported(str(cause)) from None


def parse_interface(text: str) -> str:
    """Return the physical NIC that an ``<interface dev=>`` names. Raises XML_ERROR."""
    device = xml.parse(text, "interface").get("@dev")
    if not device:
        raise xml_error("an <interface> of a network needs dev=, the name of a physical NIC")
    return device


def key_of(name: str) -> str:
    """Return the key that hosts give a standard switch of this name."""
    return _KEY + name


def uuid_of(key: str) -> UUID:
    """Return the UUID of the network of a standard switch with this key: the MD5 of its text."""
    return UUID(bytes=hashlib.md5(key.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest())


def _only(element: ElementSurface, name: str) -> None:
    """Raise UnsupportedValueError for an element that no switch has."""
    for child in element.children():
        if child.name not in _ELEMENTS[name]:
            has = ", ".join(sorted(_ELEMENTS[name]))
            raise UnsupportedValueError(f"<{child.name}> in a <{name}>: a switch of vSphere's has {has}; remove it")


def _portgroup(element: ElementSurface) -> PortgroupDef:
    _only(element, "portgroup")
    found = load(PortgroupDef, element)
    if element.get("@default") == "yes":
        raise UnsupportedValueError(f"portgroup '{found.name}': vSphere has no default port group: remove default=")
    if found.vlan is not None:
        found.vlan.check_single(f"portgroup '{found.name}'")
    return found


def _uuid(root: ElementSurface) -> str | None:
    text = root.get("uuid")
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        raise InvalidValueError("uuid", text) from None


def _nics(root: ElementSurface) -> tuple[str, ...]:
    forward = next((each for each in root.children() if each.name == "forward"), None)
    if forward is None:
        return ()
    _only(forward, "forward")
    mode, first = forward.get("@mode") or "nat", forward.get("@dev")
    if mode not in _MODES:
        raise UnsupportedValueError(f"forward/@mode '{mode}': a switch of vSphere's is a bridge; write mode='bridge'")
    named = [each.get("@dev") or "" for each in forward.children()]
    nics = named or ([first] if first else [])
    if first and first != nics[0]:
        raise InvalidValueError("forward/@dev", first, nics[:1])
    if "" in nics or (mode == "none" and nics):
        raise InvalidValueError("forward/interface/@dev", "")
    _once(nics, "forward/interface/@dev")
    return tuple(nics)


def _once(names: Collection[str], path: str) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise InvalidValueError(path, f"{name}' twice, '{name}")


def _check(found: NetworkDef, root: ElementSurface) -> None:
    bridge = root.get("bridge/@name")
    if bridge not in (None, found.name):
        raise unsupported(f"bridge/@name '{bridge}': a switch's bridge is called as it is, '{found.name}'")
    for name, times in Counter(each.name for each in found.portgroups).items():
        if times > 1:
            raise unsupported(f"network '{found.name}' has {times} <portgroup> elements named '{name}'")
