"""Editing single elements of a document as text: whatever is not edited stays as it is, byte for byte.

An element is found by its path; what is done to it is a :class:`Change`: attributes to have or not to have, and empty
child elements to have or not to have. Nothing else in the document is printed anew.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from esxdriver.conf.xml import surface as xml
from esxdriver.conf.xml.surface import ElementSurface
from esxdriver.conf.xml.tree import escaped

Path = tuple[str, ...]

_NAME = re.compile(rb"<[^\s/>]+")
_ATTRIBUTE = re.compile(rb"\s+([^\s=]+)\s*=\s*(\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True)
class Change:
    """What an element is to have: attributes by name, None for not at all; empty children, True or False."""

    attributes: Mapping[str, str | None] = field(default_factory=dict)
    children: Mapping[str, bool] = field(default_factory=dict)


@dataclass
class _Span:
    """Where an element stands, in bytes: where it and its start tag begin, where that tag ends, where the element ends.

    Its end tag begins at ``close``. Of an element that is one tag, ``tag_end``, ``close`` and ``end`` are the same.
    ``children`` have their names.
    """

    start: int
    tag_end: int
    end: int = 0
    close: int = 0
    children: list[tuple[str, "_Span"]] = field(default_factory=list)


def edited(text: str, paths: Collection[Path], change: Callable[[ElementSurface], Change]) -> str:
    """Return the document with each element at one of ``paths`` (names from the root down) changed.

    Raises XML_ERROR as :func:`esxdriver.conf.xml.surface.parse` does, and whatever ``change`` raises.
    """
    root = xml.parse(text)
    elements = list(_elements(root.element, (root.element.tag,), paths))
    if not elements:
        return text
    data = text.encode("utf-8", "surrogatepass")
    spans = _spans(data, paths)
    assert len(spans) == len(elements)
    edits: list[tuple[int, int, bytes]] = []
    for element, span in zip(elements, spans, strict=True):
        edits += _edits(data, span, change(ElementSurface(element)))
    for start, end, new in sorted(edits, reverse=True):
        data = data[:start] + new + data[end:]
    return data.decode("utf-8", "surrogatepass")


def _elements(element: Any, here: Path, paths: Collection[Path]) -> list[Any]:
    """Return the elements at ``paths``, in the order in which they begin."""
    found = [element] if here in paths else []
    if any(path[: len(here)] == here for path in paths):
        for child in element.iterchildren("*"):
            found += _elements(child, (*here, child.tag), paths)
    return found


def _spans(data: bytes, paths: Collection[Path]) -> list[_Span]:
    """Return where the elements at ``paths`` stand; the document is known to be well formed and without a DTD."""
    parser = expat.ParserCreate("utf-8", "\n")  # a namespace and a name are apart by what stands in neither
    found: list[_Span] = []
    above: list[tuple[str, _Span]] = []

    def start(name: str, _attributes: object) -> None:
        span = _Span(parser.CurrentByteIndex, _end_of_tag(data, parser.CurrentByteIndex))
        if above:
            above[-1][1].children.append((name, span))
        above.append((name, span))
        if tuple(each for each, _ in above) in paths:
            found.append(span)

    def end(_name: str) -> None:
        _, span = above.pop()
        alone = data[span.tag_end - 2 : span.tag_end] == b"/>"
        span.close = span.tag_end if alone else parser.CurrentByteIndex
        span.end = span.tag_end if alone else data.index(b">", span.close) + 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(data, True)
    return found


def _end_of_tag(data: bytes, start: int) -> int:
    name = _NAME.match(data, start)
    assert name is not None
    end = name.end()
    while attribute := _ATTRIBUTE.match(data, end):
        end = attribute.end()
    return data.index(b">", end) + 1


def _edits(data: bytes, span: _Span, change: Change) -> list[tuple[int, int, bytes]]:
    edits = _attribute_edits(data, span, change.attributes)
    for name, wanted in change.children.items():
        present = [child for each, child in span.children if each == name]
        if not wanted:
            edits += [(_blank_before(data, child.start), child.end, b"") for child in present]
    added = b"".join(
        _blank_of_children(data, span) + f"<{name}/>".encode()
        for name, wanted in change.children.items()
        if wanted and name not in [each for each, _ in span.children]
    )
    return edits + (_appended(data, span, added) if added else [])


def _attribute_edits(data: bytes, span: _Span, wanted: Mapping[str, str | None]) -> list[tuple[int, int, bytes]]:
    name = _NAME.match(data, span.start)
    assert name is not None
    edits, missing, end = [], dict(wanted), name.end()
    while attribute := _ATTRIBUTE.match(data, end):
        end = attribute.end()
        key = attribute[1].decode()
        if key not in missing:
            continue
        value = missing.pop(key)
        if value is None:
            edits.append((attribute.start(), end, b""))
        else:
            edits.append((*attribute.span(2), f"'{escaped(value)}'".encode()))
    added = "".join(f" {key}='{escaped(value)}'" for key, value in missing.items() if value is not None)
    return [*edits, (end, end, added.encode())] if added else edits


def _blank_before(data: bytes, start: int) -> int:
    return len(data[:start].rstrip())


def _blank_of_children(data: bytes, span: _Span) -> bytes:
    """Return what stands between an element's start tag and its first child, when it is blank."""
    if not span.children:
        return b""
    blank = data[span.tag_end : span.children[0][1].start]
    return b"" if blank.strip() else blank


def _appended(data: bytes, span: _Span, added: bytes) -> list[tuple[int, int, bytes]]:
    if span.close != span.tag_end or data[span.tag_end - 2 : span.tag_end] != b"/>":
        at = span.children[-1][1].end if span.children else span.tag_end
        return [(at, at, added)]
    name = _NAME.match(data, span.start)
    assert name is not None
    return [(span.tag_end - 2, span.tag_end, b">" + added + b"</" + name[0][1:] + b">")]
