"""Objects with the properties that somebody has saved: as the host has sent them, and found again by their paths.

A path may lead into what was saved (``config.hardware`` into ``config``), or be made of it (``config`` of
``config.hardware`` and ``config.name``). Source: vSphere API, PropertyCollector, ObjectContent.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from esxdriver.recording.scrub.secrets import XSI_TYPE, local
from esxdriver.vsphere.wire.declared import declared_type, sent_type
from esxdriver.vsphere.wire.values import type_named

VIM = "urn:vim25"
_PREFIXES: Any = {None: VIM}  # so it is written without one
Ref = tuple[str, str]
"""A managed object: its type, and its ID."""

_HOLDERS = frozenset(("ObjectContent", "objects", "returnval"))
_XSD = frozenset(
    ("string", "int", "long", "short", "byte", "boolean", "double", "float", "dateTime", "base64Binary", "anyURI")
)


def made(name: str, *content: etree._Element | str, kind: str = "", ref: str = "") -> etree._Element:
    """Return an element of the API; ``kind`` is its ``xsi:type``, ``ref`` the type of the object that it refers to."""
    attributes = {**({"type": ref} if ref else {}), **({XSI_TYPE: kind} if kind else {})}
    element = etree.Element(f"{{{VIM}}}{name}", attributes, _PREFIXES)
    for each in content:
        if isinstance(each, str):
            element.text = each
        else:
            element.append(each)
    return element


def reference(name: str, ref: Ref) -> etree._Element:
    """Return an element that refers to an object."""
    return made(name, ref[1], kind="ManagedObjectReference" if name == "val" else "", ref=ref[0])


def references(refs: Iterable[Ref]) -> etree._Element:
    """Return a value that refers to several objects."""
    items = [reference("ManagedObjectReference", ref) for ref in refs]
    return made("val", *items, kind="ArrayOfManagedObjectReference")


def refers_to(element: etree._Element) -> list[Ref]:
    """Return the objects to which a value, or what is in it, refers."""
    found = [(each.get("type") or "", each.text or "") for each in element.iter() if not len(each)]
    return [(kind, name) for kind, name in found if kind and name]


class Objects:
    """The objects, with what was withheld of them; those that are only referred to exist, too."""

    def __init__(self) -> None:
        self.saved: dict[Ref, dict[str, etree._Element]] = {}
        self.withheld: dict[Ref, dict[str, etree._Element]] = {}
        self._mentioned: dict[Ref, None] = {}

    def add(self, root: etree._Element) -> int:
        """Keep the properties of objects in a document, each as it came first; return how many objects it has."""
        found = [each for each in root.iter() if local(each) in _HOLDERS and len(each) and _is_object(each[0])]
        for element in found:
            self._add(element)
        return len(found)

    def _add(self, element: etree._Element) -> None:
        ref = (element[0].get("type") or "", (element[0].text or "").strip())
        values, faults = self.saved.setdefault(ref, {}), self.withheld.setdefault(ref, {})
        for child in element:
            name, value = _named(child)
            if local(child) == "propSet" and value is not None:
                self.put(ref, name, _clean(value, "val"), only_new=True)
            elif local(child) == "missingSet" and value is not None and name not in values:
                faults.setdefault(name, _clean(value, "fault"))

    def add_property(self, ref: Ref, path: str, value: etree._Element) -> None:
        """Keep a property that an answer has elsewhere than among those of an object."""
        self.put(ref, path, _clean(value, "val"), only_new=True)

    def put(self, ref: Ref, path: str, value: etree._Element, *, only_new: bool = False) -> None:
        """Set a property; with ``only_new``, unless it is there."""
        values = self.saved.setdefault(ref, {})
        if not only_new or path not in values:
            values[path] = value
            self._mentioned.update(dict.fromkeys(refers_to(value)))

    def of_kind(self, *kinds: str) -> list[Ref]:
        """Return those objects of a type, or one of its subtypes, of which something was saved."""
        return [ref for ref in self.saved if any(is_a(ref[0], kind) for kind in kinds)]

    def mentioned(self, *kinds: str) -> list[Ref]:
        """Return those that something refers to."""
        return [ref for ref in self._mentioned if ref[0] in kinds]

    def __contains__(self, ref: Ref) -> bool:
        return ref in self.saved or ref in self._mentioned

    def refs(self, ref: Ref, path: str) -> list[Ref]:
        """Return the objects that a property refers to."""
        value = self.value(ref, path)
        return [] if value is None else refers_to(value)

    def text(self, ref: Ref, path: str) -> str:
        """Return a property that is a text; empty when it is unset."""
        value = self.value(ref, path)
        return "" if value is None else value.text or ""

    def value(self, ref: Ref, path: str) -> etree._Element | None:
        """Return a property as the element ``val``, None when it is unset or was not saved."""
        values = self.saved.get(ref, {})
        if path in values:
            return values[path]
        kind = class_named(ref[0])
        names = path.split(".")
        for known in range(len(names) - 1, 0, -1):
            above = ".".join(names[:known])
            if above in values:
                return _inside(values[above], declared_type(kind, above), names[known:])
        parts = {each[len(path) + 1 :]: value for each, value in values.items() if each.startswith(f"{path}.")}
        return _assembled(declared_type(kind, path), parts) if parts else None

    def fault(self, ref: Ref, path: str) -> etree._Element | None:
        """Return why a property, or what it is a part of, was withheld; None when it was not."""
        faults = self.withheld.get(ref, {})
        names = path.split(".")
        return next((faults[each] for n in range(len(names), 0, -1) if (each := ".".join(names[:n])) in faults), None)


def _is_object(element: etree._Element) -> bool:
    return local(element) == "obj" and bool(element.get("type")) and bool((element.text or "").strip())


def _named(element: etree._Element) -> tuple[str, etree._Element | None]:
    """Return the path that a ``propSet`` or ``missingSet`` names, and its value or fault."""
    parts = {local(child): child for child in element}
    named = parts.get("name", parts.get("path"))
    return (named.text or "" if named is not None else ""), parts.get("val", parts.get("fault"))


def _clean(element: etree._Element, name: str) -> etree._Element:
    """Return a copy in the API's namespace, with nothing but types, texts and members."""
    ref = element.get("type") or ""
    kind = element.get(XSI_TYPE) or ("ManagedObjectReference" if ref and name == "val" else "")
    copied = made(name, *(_clean(child, local(child)) for child in element), kind=_type(kind), ref=ref)
    if not len(copied):
        copied.text = element.text
    return copied


def _type(name: str) -> str:
    """Return an ``xsi:type`` with the prefix that answers declare."""
    name = name.rpartition(":")[2]
    return f"xsd:{name}" if name in _XSD else name


def class_named(name: str) -> Any:
    """Return the class of the managed objects of a type; None when it is unknown."""
    return type_named(name)


def is_a(kind: str, wanted: str) -> bool:
    """Whether objects of a type are of another one, or of one of its subtypes."""
    if kind == wanted:
        return True
    one, other = class_named(kind), class_named(wanted)
    return one is not None and other is not None and issubclass(one, other)


def _inside(value: etree._Element, declared: Any, names: list[str]) -> etree._Element | None:
    """Return what a value has under a path, as the element ``val``."""
    for position, name in enumerate(names):
        members = [child for child in value if local(child) == name]
        if not members:
            return None
        declared = declared_type(type_named(value.get(XSI_TYPE) or "") or declared, name)
        if declared is not None and issubclass(declared, list):
            last = position == len(names) - 1
            return made("val", *_items(members, declared), kind=sent_type(declared)) if last else None
        value = members[0]
    kind = value.get(XSI_TYPE) or (sent_type(declared) if declared not in (None, object) else "")
    return _renamed(value, "val", kind)


def _items(members: list[etree._Element], declared: Any) -> Iterator[etree._Element]:
    name = sent_type(declared.Item).removeprefix("xsd:")
    return (_renamed(each, name, each.get(XSI_TYPE) or "") for each in members)


def _renamed(element: etree._Element, name: str, kind: str) -> etree._Element:
    copied = _clean(element, name)
    if kind:
        copied.set(XSI_TYPE, kind)
    return copied


def _assembled(declared: Any, parts: dict[str, etree._Element]) -> etree._Element | None:
    """Return a value of which parts were saved; None where its type is unknown."""
    if declared in (None, object) or issubclass(declared, list):
        return None
    members: list[etree._Element] = []
    for name in dict.fromkeys(path.partition(".")[0] for path in parts):
        inner = {path[len(name) + 1 :]: value for path, value in parts.items() if path.startswith(f"{name}.")}
        value = parts[name] if name in parts else _assembled(declared_type(declared, name), inner)
        members += [] if value is None else _as_members(value, name)
    return made("val", *members, kind=sent_type(declared))


def _as_members(value: etree._Element, name: str) -> list[etree._Element]:
    if (value.get(XSI_TYPE) or "").startswith("ArrayOf"):
        return [_renamed(each, name, each.get(XSI_TYPE) or "") for each in value]
    return [_renamed(value, name, "" if value.get("type") else value.get(XSI_TYPE) or "")]
