"""Other names for hosts, addresses, machines, datastores and users, the same ones throughout a recording.

Names are collected where the schema says that something is called so, then replaced there and in paths and
free text. What an object *is* (states, types, versions, references) is never touched, whatever it is called.
"""

import ipaddress
import re
from collections.abc import Callable
from functools import partial

from lxml import etree

from esxdriver.recording.secrets import label, local, sibling, type_of

# The object or structure whose "name" it is -> what it names.
_OWNERS = {
    "VirtualMachine": "vm",
    "VirtualMachineConfigInfo": "vm",
    "VirtualMachineConfigSpec": "vm",
    "VirtualMachineConfigSummary": "vm",
    "VirtualMachineSummary": "vm",
    "CreateVM_Task": "vm",
    "CloneVM_Task": "vm",
    "HostSystem": "host",
    "HostListSummary": "host",
    "HostConfigSummary": "host",
    "Datastore": "datastore",
    "DatastoreSummary": "datastore",
    "DatastoreInfo": "datastore",
    "LocalDatastoreInfo": "datastore",
    "NasDatastoreInfo": "datastore",
    "VmfsDatastoreInfo": "datastore",
    "VirtualMachineConfigInfoDatastoreUrlPair": "datastore",
}
_NAME_PROPERTIES = {"name", "config.name", "info.name", "summary.name", "summary.config.name"}
_NAME_PLACES = {"config", "info", "summary", "spec", "val", "datastoreUrl"}
# Values whose own name tells what they name.
_TELLING = {
    "hostName": "host",
    "domainName": "domain",
    "searchDomain": "domain",
    "vmName": "vm",
    "datastoreName": "datastore",
    "userName": "user",
    "username": "user",
    "principal": "user",
}
_STAND_INS = {
    "vm": "machine{}",
    "host": "host{}.example",
    "datastore": "store{}",
    "user": "user{}",
    "domain": "domain{}.example",
}
_KEPT_NAMES = {"root", "localhost", "scrubbed", "vpxuser", "dcui"}  # they are the same everywhere

_UNTOUCHED = re.compile(
    r"(type|state|status|mode|version|build|guestId|key|op|level|format|family|pathSet|prop)$", re.IGNORECASE
)
_FREE_TEXT = re.compile(r"[/\[\]@\s.]")

_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9a-fA-F:]*:[0-9a-fA-F:]*:)[0-9a-fA-F:]{3,39}(?![\w:.])")
_MAC = re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}(?![\w:])")
_OUR_IPV4 = ipaddress.ip_network("198.18.0.0/15")  # RFC 2544: for tests, never routed
_OUR_IPV6 = ipaddress.ip_network("2001:db8::/32")  # RFC 3849: for documentation


def _named(stand_in: str) -> Callable[[str, int], str]:
    return lambda _, number: stand_in.format(number)


class _Numbered:
    """Values of one sort and their stand-ins, numbered from 1."""

    def __init__(self, make: Callable[[str, int], str]) -> None:
        self.taken: set[str] = set()
        self.known: dict[str, str] = {}
        self._make = make

    def of(self, value: str) -> str:
        if value not in self.known:
            number = len(self.known) + 1
            while (stand_in := self._make(value, number)) in self.taken:
                number += 1
            self.taken.add(stand_in)
            self.known[value] = stand_in
        return self.known[value]


class Pseudonyms:
    """Call ``note()`` for every element first, then ``of()`` for every text.

    ``done`` says that the recording had pseudonyms before: what looks like one is one, and stays.
    """

    def __init__(self, *, done: bool) -> None:
        self._done = done
        self._names = {sort: _Numbered(_named(text)) for sort, text in _STAND_INS.items()}
        self._ipv4 = _Numbered(lambda _, n: str(_OUR_IPV4[n]))
        self._ipv6 = _Numbered(lambda _, n: str(_OUR_IPV6[n]))
        self._macs = _Numbered(lambda mac, n: f"{mac[:9]}00:{n >> 8:02x}:{n & 255:02x}")
        self._whole: dict[str, str] | None = None
        self._pattern: re.Pattern[str] | None = None

    def note(self, element: etree._Element) -> None:
        """Remember the name that an element gives, if it gives one."""
        text = element.text or ""
        sort = _sort_of(element)
        if sort and text.strip() and text not in _KEPT_NAMES and not _address(text):
            numbered = self._names[sort]
            if self._done and _like(_STAND_INS[sort], text):
                numbered.taken.add(text)
                numbered.known.setdefault(text, text)
            else:
                numbered.of(text)
        for numbered, pattern, is_ours in self._addresses():
            numbered.taken.update(found for found in pattern.findall(text) if self._done and is_ours(found))

    def of(self, element: etree._Element, text: str) -> str:
        """Return the text with names and addresses replaced, as befits its element."""
        name = label(element)
        if name == "annotation":
            return "scrubbed"
        if element.get("type") or _UNTOUCHED.search(name) or _names_property(element):
            return text
        return self.within(text)

    def within(self, text: str) -> str:
        """Return the text with names and addresses replaced."""
        whole, pattern = self._settled()
        if text in whole:
            return whole[text]
        if pattern and _FREE_TEXT.search(text):
            text = pattern.sub(lambda found: whole[found[0]], text)
        for numbered, address, is_ours in self._addresses():
            text = address.sub(partial(self._address, numbered, is_ours), text)
        return text

    def _address(self, numbered: _Numbered, is_ours: Callable[[str], bool], found: re.Match[str]) -> str:
        text = found[0]
        return text if (self._done and is_ours(text)) or _everywhere(text) else numbered.of(text.lower())

    def _settled(self) -> tuple[dict[str, str], re.Pattern[str] | None]:
        if self._whole is None:
            self._whole = {
                real: name for numbered in self._names.values() for real, name in numbered.known.items()
            }
            self._whole |= _short_host_names(self._names["host"].known)
            longest_first = sorted((name for name in self._whole if len(name) > 1), key=len, reverse=True)
            alternatives = "|".join(map(re.escape, longest_first))
            self._pattern = (
                re.compile(rf"(?<![0-9A-Za-z])(?:{alternatives})(?![0-9A-Za-z])") if alternatives else None
            )
        return self._whole, self._pattern

    def _addresses(self) -> tuple[tuple[_Numbered, re.Pattern[str], Callable[[str], bool]], ...]:
        return (
            (self._macs, _MAC, lambda text: text[9:11] == "00"),
            (self._ipv4, _IPV4, lambda text: _in(text, _OUR_IPV4)),
            (self._ipv6, _IPV6, lambda text: _in(text, _OUR_IPV6)),
        )


def _sort_of(element: etree._Element) -> str | None:
    name = label(element)
    if name in _TELLING:
        return _TELLING[name]
    return _named_sort(element) if name == "name" and not _names_property(element) else None


def _named_sort(element: etree._Element) -> str | None:
    """Return what an element labelled "name" names."""
    above = element.getparent()
    if above is None:
        return None
    if local(element) == "val":
        return _OWNERS.get(_object_type(above)) if sibling(element, "name") in _NAME_PROPERTIES else None
    if local(above) not in _NAME_PLACES | _OWNERS.keys():
        return None
    over = above.getparent()
    owners = (type_of(above), local(above), "" if over is None else type_of(over))
    return next((_OWNERS[owner] for owner in owners if owner in _OWNERS), None) or _by_object(above)


def _by_object(element: etree._Element) -> str | None:
    """By the object whose property it is part of; ``config`` and ``spec`` without a type are a machine's."""
    for ancestor in (element, *element.iterancestors()):
        if local(ancestor) in ("propSet", "changeSet"):
            return _OWNERS.get(_object_type(ancestor))
    return "vm" if local(element) in ("config", "spec") and _in_machine_call(element) else None


def _in_machine_call(element: etree._Element) -> bool:
    above = element.getparent()
    return above is not None and local(above) in ("CreateVM_Task", "ReconfigVM_Task", "CloneVM_Task")


def _object_type(property_set: etree._Element) -> str:
    for other in property_set.itersiblings(preceding=True):
        if local(other) == "obj":
            return other.get("type", "")
    return ""


def _names_property(element: etree._Element) -> bool:
    above = element.getparent()
    return (
        local(element) == "name"
        and above is not None
        and local(above) in ("propSet", "changeSet", "missingSet")
    )


def _short_host_names(hosts: dict[str, str]) -> dict[str, str]:
    return {real.partition(".")[0]: name.partition(".")[0] for real, name in hosts.items() if "." in real}


def _like(stand_in: str, text: str) -> bool:
    return re.fullmatch(re.escape(stand_in).replace(r"\{\}", r"\d+"), text) is not None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _in(text: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    address = _address(text)
    return address is not None and address in network


def _everywhere(text: str) -> bool:
    """Not an address after all, or one that says nothing: loopback, unspecified, a netmask, multicast."""
    if _MAC.fullmatch(text):
        return text.lower() in ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff")
    address = _address(text)
    return (
        address is None
        or address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or text.startswith("255.")
    )
