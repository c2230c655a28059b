"""Other names for hosts, addresses, machines, datastores, networks and users, the same ones throughout a recording.

1. Names are collected where the schema says that something is called so, and from the paths of machines' files.
2. Then they are replaced there and wherever else they stand as words of their own: in paths, options, ids, free text.
3. A name that is a plain word (``manual``, ``any``) is also what states are called: where it is a whole value, it is
   replaced in elements that give names or are free text. States, types, versions and references are never touched,
   but for keys and IDs that end with the name of a host's switch or port group.
4. Addresses and numbers that are unique in the world (UUIDs, world wide names) are known by how they look.
"""

import re
from collections.abc import Callable
from functools import partial
from unicodedata import normalize
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from lxml import etree

from esxdriver.conf.mapping.identity import escaped, unescaped
from esxdriver.recording.scrub.addresses import Addresses, Numbered, address, addresses
from esxdriver.recording.scrub.identifiers import Identifiers, is_identifier
from esxdriver.recording.scrub.names import Names
from esxdriver.recording.scrub.naming import SNAPSHOTS, names_given, names_property, of_export, sort_of
from esxdriver.recording.scrub.secrets import label, local, sibling, type_of

_PLACEHOLDERS = {
    "vm": "machine{}",
    "host": "host{}.example",
    "datastore": "store{}",
    "network": "network{}",
    "switch": "switch{}",
    "datacenter": "datacenter{}",
    "folder": "folder{}",
    "cluster": "cluster{}",
    "pool": "pool{}",
    "snapshot": "snapshot{}",
    "user": "user{}",
    "domain": "domain{}.example",
    "field": "field{}",
    "export": "/export{}",
    "mount": "/mount{}",
    "file": "file{}",
}
# What people write of things, and what nobody else needs.
_NOTES = {"annotation", "customValue"}
# The same in one structure alone: (type or name of the owner, name).
_NOTES_IN = {
    ("CustomFieldStringValue", "value"), ("customValue", "value"), ("annotation", "value"),
    ("Tag", "key"), ("tag", "key"),
    ("VAppPropertyInfo", "value"), ("property", "value"), ("VAppPropertyInfo", "defaultValue"),
    ("property", "defaultValue"), ("DVSContactInfo", "name"), ("contact", "name"), ("contact", "contact"),
    ("DVPortgroupConfigInfo", "description"), ("DVSConfigInfo", "description"), ("VMwareDVSConfigInfo", "description"),
}  # fmt: skip
_FREE_TEXTS = {"summary", "label", "description", "externalId", "fullName", "message", "fullFormattedMessage", "text"}
_UNTOUCHED = re.compile(
    r"(type|state|status|mode|version|build|guestId|key|op|level|format|family|pathSet|prop)$", re.IGNORECASE
)
# What begins keys of what a host's network and storage have, and the IDs of an ESX host's networks: a name may follow.
_BEFORE_NAMES = ("key-vim.host.", "HaNetwork-")
_NO_NAME = re.compile(r"true|false|[-+]?[0-9.]{1,40}|[0-9]{4}-[0-9]{2}-[0-9]{2}T.{1,40}", re.IGNORECASE)
_AFTER = re.compile(r"[_.-]")  # vSphere calls a second directory web01_1, a snapshot's file web01-Snapshot1
_PLAIN_WORD = re.compile(r"[a-z]+[A-Za-z]*")


def _named(placeholder: str) -> Callable[[str, int], str]:
    return lambda _, number: placeholder.format(number)


class Pseudonyms:
    """Call ``note()`` for every element first, then ``of()`` for every text.

    ``done`` says that the recording had pseudonyms before: what looks like one is one, and stays.
    """

    def __init__(self, *, done: bool) -> None:
        self._has_pseudonyms = done
        self._sorts = {sort: Numbered(_named(text)) for sort, text in _PLACEHOLDERS.items()}
        self._addresses = addresses()
        self._identifiers = Identifiers()
        self._in_paths: list[tuple[str, str]] = []
        self._whole: dict[str, str] | None = None
        self._names = Names({})

    def note(self, element: etree._Element) -> None:
        """Remember the names that an element gives, if it gives any."""
        text = element.text or ""
        is_given = sort_of(element) is not None
        for sort, name in names_given(element):
            if is_given:
                self._name(sort, name)
            else:
                self._in_paths.append((sort, name))
        self._identifiers.note(text)
        for like_it in self._addresses if self._has_pseudonyms else ():
            like_it.numbered.taken.update(filter(like_it.is_ours, like_it.pattern.findall(text)))

    def _name(self, sort: str, name: str) -> None:
        if address(name) or is_identifier(name):
            return
        numbered = self._sorts[sort]
        if self._has_pseudonyms and _like(_PLACEHOLDERS[sort], name):
            numbered.taken.add(name)
            numbered.known.setdefault(name, name)
        else:
            numbered.of(name)

    def of(self, element: etree._Element, text: str) -> str:
        """Return the text with names and addresses replaced, as befits its element."""
        name = label(element)
        if name in _NOTES or _is_note(element) or _is_of_snapshot(element):
            return "scrubbed"
        if text.startswith(_BEFORE_NAMES):
            start = next(each for each in _BEFORE_NAMES if text.startswith(each))
            return start + self.within(text.removeprefix(start))
        if of_export(element) is not None:
            return self.within(text)
        if _is_untouched(element):
            return text
        if sort_of(element) is None and (
            _NO_NAME.fullmatch(text) or (name not in _FREE_TEXTS and _PLAIN_WORD.fullmatch(text))
        ):
            return self._addressed(text)
        return self.within(text)

    def in_uri(self, uri: str) -> str:
        """Return a URI with the names in its path replaced."""
        parts, known = urlsplit(uri), self._all_names()
        items = [unquote(name) for name in parts.path.split("/")]
        # The host writes names with escapes, a URI has them as users know them.
        path = (quote(known.get(name) or known.get(escaped(name)) or name, safe="") for name in items)
        return urlunsplit(parts._replace(path="/".join(path)))

    def within(self, text: str) -> str:
        """Return the text with names and addresses replaced."""
        whole = self._all_names()
        return whole[text] if text in whole else self._addressed(self._names.within(text))

    def _addressed(self, text: str) -> str:
        text = self._identifiers.within(text)
        for sort in self._addresses:
            text = sort.pattern.sub(partial(self._address, sort), text)
        return text

    def _address(self, sort: Addresses, found: re.Match[str]) -> str:
        text = found[0]
        kept = sort.is_usual(text) or (self._has_pseudonyms and sort.is_ours(text))
        return text if kept else sort.numbered.of(text.lower())

    def _all_names(self) -> dict[str, str]:
        """Return what stands for each name, the names in paths last: most of them begin with one that is known."""
        if self._whole is None:
            for is_file in (False, True):  # what a machine's files are called begins with its own name
                given = self._known()
                for sort, name in self._in_paths:
                    if (sort == "file") is is_file and name not in given and not self._begins_with_one(name, given):
                        self._name(sort, name)
            self._whole = self._known()
            self._names = Names(self._whole)
        return self._whole

    @staticmethod
    def _begins_with_one(name: str, given: dict[str, str]) -> bool:
        """Whether a name in a path is one that is given, with what vSphere puts after it."""
        return any(name[: found.start()] in given for found in _AFTER.finditer(name))

    def _known(self) -> dict[str, str]:
        # What several are called is named after the first sort.
        sorts = reversed(self._sorts.values())
        known = {real: name for numbered in sorts for real, name in numbered.known.items()}
        return _written_otherwise(known) | _short_host_names(self._sorts["host"].known) | known


def _is_untouched(element: etree._Element) -> bool:
    """Whether it has a reference, a state, a path of a property, or registers of a processor, as long as UUIDs."""
    is_of_api = bool(element.get("type") or _UNTOUCHED.search(label(element)) or names_property(element))
    return is_of_api or "cpuid" in sibling(element, "key").lower()


def _is_note(element: etree._Element) -> bool:
    above = element.getparent()
    return above is not None and any((owner, label(element)) in _NOTES_IN for owner in (type_of(above), label(above)))


def _is_of_snapshot(element: etree._Element) -> bool:
    above = element.getparent()
    return label(element) == "description" and above is not None and local(above) in SNAPSHOTS


def _written_otherwise(known: dict[str, str]) -> dict[str, str]:
    """Return the names as messages, URLs and guests write them: without vSphere's escapes, with a URL's, decomposed."""
    return {
        form(name): shown
        for real, shown in known.items()
        for name in (real, unescaped(real))
        for form in (str, partial(quote, safe=""), partial(normalize, "NFD"), partial(normalize, "NFC"))
    }


def _short_host_names(hosts: dict[str, str]) -> dict[str, str]:
    return {real.partition(".")[0]: name.partition(".")[0] for real, name in hosts.items() if "." in real}


def _like(placeholder: str, text: str) -> bool:
    start, _, end = re.split(r"(\{.*\})", placeholder)
    return re.fullmatch(rf"{re.escape(start)}\d+{re.escape(end)}", text) is not None
