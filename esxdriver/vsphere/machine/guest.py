"""What VMware Tools say of a guest, in libvirt's names. What they do not say is left out.

Source: vSphere API, GuestInfo; https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetGuestInfo
"""

import ipaddress
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import libvirt

from esxdriver.vsphere.query.retrieve import Found

_log = logging.getLogger(__name__)

TOOLS = "guest.toolsRunningStatus"

PATHS = (
    "runtime.powerState", TOOLS, "guest.hostName", "guest.net", "guest.disk", "guest.guestFullName",
    "config.extraConfig",
)  # fmt: skip

TOOLS_RUN = ("guestToolsRunning", "guestToolsExecutingScripts")

_FIRST_CARD = 4000  # the key of a machine's first network card
_DETAILS = "guestInfo.detailed.data"  # an option: name='value' ...
_DETAIL = re.compile(r"(\w+)='([^']*)'")

_V4, _V6 = libvirt.VIR_IP_ADDR_TYPE_IPV4, libvirt.VIR_IP_ADDR_TYPE_IPV6

# libvirt's name, and Tools' name in the details of the system.
_SYSTEM = {
    "os.name": "distroName",
    "os.pretty-name": "prettyName",
    "os.version-id": "distroVersion",
    "os.kernel-release": "kernelVersion",
}


def card_name(key: int) -> str:
    """Return the name of a network card by its key in vSphere: ``nic0`` for a machine's first."""
    return f"nic{key - _FIRST_CARD}"


def interfaces(found: Found) -> dict[str, dict[str, Any]]:
    """Return each interface's addresses by its name, as libvirt-python's ``interfaceAddresses()``.

    The name is the card's, or the MAC address of an interface that belongs to no card.
    """
    known: dict[str, dict[str, Any]] = {}
    for number, nic in enumerate(found["guest.net"] or ()):
        card = known.setdefault(_interface_name(nic, number), {"addrs": [], "hwaddr": nic.macAddress})
        card["addrs"] += _addresses(nic)  # a card may have several, one for each VLAN
    return known


def _interface_name(nic: Any, number: int) -> str:
    key = nic.deviceConfigId
    return card_name(key) if key is not None and key >= _FIRST_CARD else str(nic.macAddress or f"if{number}")


def _addresses(nic: Any) -> list[dict[str, Any]]:
    if nic.ipConfig is not None and nic.ipConfig.ipAddress:
        reported = [(each.ipAddress, each.prefixLength) for each in nic.ipConfig.ipAddress]
    else:  # old Tools say no prefix: the whole address is one
        reported = [(text, None) for text in nic.ipAddress or ()]
    return [address for text, prefix in reported if (address := _address(text, prefix)) is not None]


def _address(text: str, prefix: int | None) -> dict[str, Any] | None:
    """Return an address as libvirt has it; None for a text that is none: guests may say what they like."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        _log.warning("%r is left out: it is no address", text)
        return None
    length = found.max_prefixlen if prefix is None else prefix
    return {"addr": str(found), "prefix": length, "type": _V6 if found.version == 6 else _V4}


def file_systems(found: Found, targets: Mapping[int, str]) -> list[list[Any]]:
    """Return [mount point, name, type, targets of its disks] of each file system; ``targets`` are by disks' keys."""
    return [
        [each.diskPath, each.diskPath, each.filesystemType or "", _targets(each, targets)]
        for each in found["guest.disk"] or ()
    ]


def _targets(disk: Any, targets: Mapping[int, str]) -> list[str]:
    keys: Sequence[int] = [mapping.key for mapping in disk.mappings or ()]
    return [targets[key] for key in keys if key in targets]


def _system(found: Found) -> dict[str, Any]:
    options = {each.key: each.value for each in found["config.extraConfig"] or ()}
    details = dict(_DETAIL.findall(options.get(_DETAILS) or ""))
    known = {name: details[key] for name, key in _SYSTEM.items() if details.get(key)}
    full_name = {"os.pretty-name": found["guest.guestFullName"]} if found["guest.guestFullName"] else {}
    return full_name | known


def _hostname(found: Found) -> dict[str, Any]:
    return {"hostname": found["guest.hostName"]} if found["guest.hostName"] else {}


def _volumes(found: Found) -> dict[str, Any]:
    disks = found["guest.disk"] or ()
    known: dict[str, Any] = {"fs.count": len(disks)}
    for number, each in enumerate(disks):
        names = {"name": each.diskPath, "mountpoint": each.diskPath, "fstype": each.filesystemType}
        sizes = {"total-bytes": each.capacity}
        if each.capacity is not None and each.freeSpace is not None:
            sizes["used-bytes"] = each.capacity - each.freeSpace
        known |= {f"fs.{number}.{key}": value for key, value in (names | sizes).items() if value is not None}
    return known


def _cards(found: Found) -> dict[str, Any]:
    cards = interfaces(found)
    known: dict[str, Any] = {"if.count": len(cards)}
    for number, (name, card) in enumerate(cards.items()):
        known |= {f"if.{number}.name": name, f"if.{number}.addr.count": len(card["addrs"])}
        known |= {f"if.{number}.hwaddr": card["hwaddr"]} if card["hwaddr"] else {}
        for index, each in enumerate(card["addrs"]):
            path = f"if.{number}.addr.{index}"
            kind = "ipv6" if each["type"] == _V6 else "ipv4"
            known |= {f"{path}.type": kind, f"{path}.addr": each["addr"], f"{path}.prefix": each["prefix"]}
    return known


# The kinds of information, VIR_DOMAIN_GUEST_INFO_*, that Tools have.
INFORMATION: Mapping[int, Callable[[Found], dict[str, Any]]] = {
    libvirt.VIR_DOMAIN_GUEST_INFO_OS: _system,
    libvirt.VIR_DOMAIN_GUEST_INFO_HOSTNAME: _hostname,
    libvirt.VIR_DOMAIN_GUEST_INFO_FILESYSTEM: _volumes,
    libvirt.VIR_DOMAIN_GUEST_INFO_INTERFACES: _cards,
}
