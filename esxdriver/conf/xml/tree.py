"""The elements of a document that is being written: lighter than lxml's, and laid out as libvirt lays them out.

A dump makes some hundred elements and reads none of them from a text; lxml takes longer to make one than the rest of
the work on it takes. An :class:`Element` has those methods of an lxml element that surfaces use.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Protocol

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&apos;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
_AWKWARD = re.compile("[&<>'\n\t\r]")
_AWKWARD_TEXT = re.compile("[&<>\r]")


_NONE: frozenset[str] = frozenset()


class Foreign(Protocol):
    """An element of another document, which knows how it is printed."""

    tag: str

    def printed(self, level: int) -> str:
        """Return its text, ``level`` elements deep."""


class Element:
    """An element with a tag in lxml's notation, ``{namespace}name``."""

    __slots__ = ("attributes", "children", "first", "tag", "text")

    def __init__(self, tag: str, attributes: dict[str, str] | None = None) -> None:
        self.tag = tag
        self.attributes = attributes or {}
        self.text: str | None = None
        self.children: list[Any] = []
        self.first: dict[str, Any] = {}  # the first child with each tag

    def get(self, name: str) -> str | None:
        """Return an attribute, or None."""
        return self.attributes.get(name)

    def made(self, tag: str, attributes: dict[str, str] | None = None) -> "Element":
        """Append an element and return it."""
        child = Element(tag, attributes)
        self.append(child)
        return child

    def at(self, tag: str) -> Any:
        """Return the first child with a tag; one is appended when there is none."""
        return self.first.get(tag) or self.made(tag)

    def append(self, element: "Element | Foreign") -> None:
        """Append an element, one of another document, too."""
        self.children.append(element)
        self.first.setdefault(element.tag, element)

    def remove(self, element: "Element") -> None:
        """Remove a child that is the only one with its tag."""
        self.children.remove(element)
        del self.first[element.tag]

    def iterchildren(self, tag: Any) -> Iterator[Any]:
        """Yield the children with a tag; where ``tag`` is no text, as lxml's ``etree.Element``, all of them."""
        return iter([each for each in self.children if each.tag == tag] if isinstance(tag, str) else self.children)


def printed(root: Element, prefixes: Mapping[str, str], declared: frozenset[str], level: int = 0) -> str:
    """Return the document: two spaces a level, no XML declaration.

    ``prefixes`` are the namespaces that may stand in it and their short names. Those that are ``declared`` are so by
    the root; others, by the first elements that need them. The root stands ``level`` elements deep.
    """
    lines: list[str] = []
    _Printer(prefixes, lines.append).put(root, "  " * level, _NONE, declared)
    return "".join(lines)


class _Printer:
    """Gives out a document line by line."""

    def __init__(self, prefixes: Mapping[str, str], give: Callable[[str], None]) -> None:
        self._prefixes = prefixes
        self._give = give
        self._names: dict[str, tuple[str, str]] = {}

    def put(self, element: Element, indent: str, known: frozenset[str], wanted: frozenset[str]) -> None:
        """Print an element; the namespaces ``known`` are declared above it, those ``wanted`` it declares itself."""
        name = element.tag
        if name[0] == "{":
            namespace, name = self._names.get(name) or self._prefixed(name)
            if namespace not in known:
                wanted |= {namespace}
        opened = f"{indent}<{name}"
        if wanted:
            opened += "".join([f" xmlns:{self._prefixes[each]}='{each}'" for each in sorted(wanted - known)])
        for key, value in element.attributes.items():
            opened += f" {key}='{escaped(value)}'"
        text = escaped_text(element.text) if element.text else ""
        if not element.children:
            self._give(f"{opened}>{text}</{name}>\n" if text else f"{opened}/>\n")
            return
        self._give(f"{opened}>{text}\n")
        inner, below = indent + "  ", known | wanted if wanted else known
        for child in element.children:
            if child.__class__ is Element:
                self.put(child, inner, below, _NONE)
            else:
                self._give(f"{inner}{child.printed(len(inner) // 2)}\n")
        self._give(f"{indent}</{name}>\n")

    def _prefixed(self, tag: str) -> tuple[str, str]:
        """Return the namespace of a tag, and its name with the prefix of that."""
        namespace, _, local = tag[1:].partition("}")
        self._names[tag] = namespace, f"{self._prefixes[namespace]}:{local}"
        return self._names[tag]


@lru_cache(4096)  # most values stand in every domain
def escaped(value: str) -> str:
    """Return a value as it stands between an attribute's quotes."""
    return _AWKWARD.sub(_escape, value)


def escaped_text(value: str) -> str:
    """Return a value as it stands between tags."""
    return _AWKWARD_TEXT.sub(_escape, value)


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES[match[0]]
