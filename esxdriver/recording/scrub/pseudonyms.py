"""Other names for hosts, addresses, machines, datastores and users, the same ones throughout a recording.

Names are collected where the schema says that something is called so, then replaced there and in paths and
free text. What an object *is* (states, types, versions, references) is never touched, whatever it is called.
"""

import re
from collections.abc import Callable
from functools import partial
from itertools import islice

from lxml import etree

from esxdriver.recording.scrub.addresses import Addresses, Numbered, address, addresses
from esxdriver.recording.scrub.secrets import label, local, sibling, type_of

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
    "instanceUuid": "uuid",
    "uuid": "uuid",
}
_PLACEHOLDERS = {
    "vm": "machine{}",
    "host": "host{}.example",
    "datastore": "store{}",
    "user": "user{}",
    "domain": "domain{}.example",
    "uuid": "00000000-0000-0000-0000-{:012}",
}
_KEPT_NAMES = {"root", "localhost", "scrubbed", "vpxuser", "dcui"}  # they are the same everywhere

_UNTOUCHED = re.compile(
    r"(type|state|status|mode|version|build|guestId|key|op|level|format|family|pathSet|prop)$", re.IGNORECASE
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FREE_TEXT = re.compile(r"[/\[\]@\s.]")


def _named(placeholder: str) -> Callable[[str, int], str]:
    return lambda _, number: placeholder.format(number)


class Pseudonyms:
    """Call ``note()`` for every element first, then ``of()`` for every text.

    ``done`` says that the recording had pseudonyms before: what looks like one is one, and stays.
    """

    def __init__(self, *, done: bool) -> None:
        self._done = done
        self._names = {sort: Numbered(_named(text)) for sort, text in _PLACEHOLDERS.items()}
        self._addresses = addresses()
        self._whole: dict[str, str] | None = None
        self._pattern: re.Pattern[str] | None = None

    def note(self, element: etree._Element) -> None:
        """Remember the name that an element gives, if it gives one."""
        text = element.text or ""
        sort = _sort_of(element)
        if sort and text.strip() and text not in _KEPT_NAMES and not address(text):
            numbered = self._names[sort]
            if self._done and _like(_PLACEHOLDERS[sort], text):
                numbered.taken.add(text)
                numbered.known.setdefault(text, text)
            else:
                numbered.of(text)
        for like_it in self._addresses if self._done else ():
            like_it.numbered.taken.update(filter(like_it.is_ours, like_it.pattern.findall(text)))

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
        for sort in self._addresses:
            text = sort.pattern.sub(partial(self._address, sort), text)
        return text

    def _address(self, sort: Addresses, found: re.Match[str]) -> str:
        text = found[0]
        kept = sort.is_usual(text) or (self._done and sort.is_ours(text))
        return text if kept else sort.numbered.of(text.lower())

    def _settled(self) -> tuple[dict[str, str], re.Pattern[str] | None]:
        if self._whole is None:
            self._whole = {real: name for numbered in self._names.values() for real, name in numbered.known.items()}
            self._whole = _short_host_names(self._names["host"].known) | self._whole
            longest_first = sorted((name for name in self._whole if len(name) > 1), key=len, reverse=True)
            alternatives = "|".join(map(re.escape, longest_first))
            self._pattern = re.compile(rf"(?<![0-9A-Za-z])(?:{alternatives})(?![0-9A-Za-z])") if alternatives else None
        return self._whole, self._pattern


def _sort_of(element: etree._Element) -> str | None:
    name = label(element)
    if sort := _TELLING.get(name):
        return sort if sort != "uuid" or _UUID.fullmatch(element.text or "") else None
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
    above = property_set.getparent()
    before = () if above is None else islice(above, 2)  # an update has its kind before the object
    return next((other.get("type", "") for other in before if local(other) == "obj"), "")


def _names_property(element: etree._Element) -> bool:
    above = element.getparent()
    return local(element) == "name" and above is not None and local(above) in ("propSet", "changeSet", "missingSet")


def _short_host_names(hosts: dict[str, str]) -> dict[str, str]:
    return {real.partition(".")[0]: name.partition(".")[0] for real, name in hosts.items() if "." in real}


def _like(placeholder: str, text: str) -> bool:
    start, _, end = re.split(r"(\{.*\})", placeholder)
    return re.fullmatch(rf"{re.escape(start)}\d+{re.escape(end)}", text) is not None
