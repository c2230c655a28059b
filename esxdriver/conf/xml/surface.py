"""libvirt's XML: safe reading, writing, and an element as a surface. The only importer of lxml in ``conf``."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal

from lxml import etree

from esxdriver.characters import NO_XML
from esxdriver.conf.xml.tree import Element, printed
from esxdriver.errors import WrongTypeError, xml_error

# The namespace of the project's own elements, which stand in <metadata>: only there does libvirt's schema let them.
METADATA = "urn:x-esxdriver:domain:1"
NAMESPACES = {
    "esxdriver": METADATA,
    "vmware": "http://libvirt.org/schemas/domain/vmware/1.0",
}
_PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}
LARGEST_DOCUMENT = 16 * 2**20  # bytes

_IN_METADATA = "meta:"  # in front of a path in the companion of an element
_PROLOG = re.compile(r"(?:\s|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_STEP = re.compile(r"(?P<name>[\w:.-]+)(?:\[@(?P<key>[\w.-]+)='(?P<value>[^']*)'\])?")


@dataclass(frozen=True)
class _Path:
    """A parsed path: ``os/firmware/feature[@name='secure-boot']/@enabled``."""

    steps: tuple[tuple[str, str | None, str | None], ...]
    attribute: str | None
    in_metadata: bool


@cache
def _parsed(path: str) -> _Path:
    *above, last = path.removeprefix(_IN_METADATA).split("/")
    attribute = last[1:] if last.startswith("@") else None
    names = above if attribute else [*above, last]
    steps = []
    for name in names:
        if name == ".":
            continue
        match = _STEP.fullmatch(name)
        assert match, path  # paths are written in the tables, never by a user
        steps.append((_qualified(match["name"]), match["key"], match["value"]))
    return _Path(tuple(steps), attribute, path.startswith(_IN_METADATA))


def printable(value: str) -> str:
    """Return a value without the characters that no XML document can hold."""
    return value if value.isprintable() else NO_XML.sub("", value)


@cache
def _prefixed(tag: str) -> str:
    namespace, _, local = tag[1:].partition("}") if tag[0] == "{" else ("", "", tag)
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}:{local}" if prefix else tag


@cache
def _qualified(name: str) -> str:
    prefix, colon, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if colon else name


class ElementSurface:
    """An XML element as a surface: lxml's where it is read, a :class:`~esxdriver.conf.xml.tree.Element` to be written.

    Paths that start with ``meta:`` lead to a companion element of the project's own in ``<metadata>``, which
    ``companion`` gives, and makes when asked to.
    """

    kind: ClassVar[Literal["xml"]] = "xml"

    def __init__(
        self,
        element: Any,
        companion: "Callable[[bool], ElementSurface | None] | None" = None,
        **options: Any,
    ) -> None:
        self.element = element
        self.options = options
        self._companion = companion

    def get(self, path: str) -> str | None:
        """Return the text or attribute at ``path``; an element without text is the empty string."""
        parsed = _parsed(path)
        element = self._companion_element(make=False) if parsed.in_metadata else self.element
        for step in parsed.steps:
            element = _child(element, *step) if element is not None else None
        if element is None:
            return None
        value: str | None = element.text or "" if parsed.attribute is None else element.get(parsed.attribute)
        return value

    def put(self, path: str, value: str | None) -> None:
        """Write the text or attribute at ``path``; None writes nothing: elements are written once, afresh."""
        if value is None:
            return
        parsed = _parsed(path)
        element = self._companion_element(make=True) if parsed.in_metadata else self.element
        for name, key, named in parsed.steps:
            element = element.at(name) if key is None else _child_made(element, name, key, named)
        if not value.isprintable():
            value = printable(value)
        if parsed.attribute is not None:
            element.attributes[parsed.attribute] = value
        elif value:
            element.text = value

    def _companion_element(self, *, make: bool) -> Any:
        companion = self._companion(make) if self._companion else None
        assert companion is not None or not make
        return companion.element if companion is not None else None

    def children(self, path: str = ".") -> Iterator["ElementSurface"]:
        """Yield a surface for each element below the one at ``path``, comments left out."""
        element = self.element
        for step in _parsed(path).steps:
            element = _child(element, *step)
            if element is None:
                return
        for child in element.iterchildren(etree.Element):
            yield ElementSurface(child, **self.options)

    def added(self, name: str, **attributes: str) -> "ElementSurface":
        """Append an element and return its surface."""
        values = {key: printable(value) for key, value in attributes.items()} if attributes else None
        return ElementSurface(self.element.made(_qualified(name), values), **self.options)

    def drop_if_empty(self, child: "ElementSurface") -> None:
        """Remove a child of a document that is being written, if nothing has come into it."""
        if not child.element.children:
            self.element.remove(child.element)

    @property
    def name(self) -> str:
        """The element's name, with the prefix of a known namespace."""
        return _prefixed(self.element.tag)


def _child(element: Any, name: str, key: str | None, value: str | None) -> Any:
    if key is None:
        return element.first.get(name) if element.__class__ is Element else next(element.iterchildren(name), None)
    return next((each for each in element.iterchildren(name) if each.get(key) == value), None)


def _child_made(element: Any, name: str, key: str, value: str | None) -> Any:
    found = _child(element, name, key, value)
    return element.made(name, {key: value or ""}) if found is None else found


def parse(text: str, *roots: str) -> ElementSurface:
    """Return the root element of ``text``, which must be one of ``roots``, if there are any.

    Nothing outside the text is fetched and no entity expanded. Raises XML_ERROR for a document that is not well
    formed, has a DTD, is over 16 MiB or has another root; TypeError, as libvirt-python does, for what is no ``str``.
    """
    if not isinstance(text, str):
        raise WrongTypeError(f"a {_listed(roots) or 'XML'} document is a str, not {type(text).__name__}")
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > LARGEST_DOCUMENT:
        raise xml_error(f"the document has {len(data)} bytes, more than the {LARGEST_DOCUMENT} that are read")
    prolog = _PROLOG.match(text.removeprefix("\ufeff"))
    if text.removeprefix("\ufeff").startswith("<!DOCTYPE", prolog.end() if prolog else 0):
        raise xml_error("a document type definition is not accepted: remove the <!DOCTYPE> line")
    element = parsed_document(without_encoding(text).encode("utf-8", "surrogatepass"))
    if roots and element.tag not in roots:
        raise xml_error(f"unexpected root element <{element.tag}>, expecting {_listed(roots)}")
    return ElementSurface(element)


def _listed(roots: Sequence[str]) -> str:
    return ", ".join(f"<{each}>" for each in roots)


def parsed_document(data: bytes) -> etree._Element:
    """Return the root of a document in UTF-8, with nothing fetched and no entity expanded. Raises XML_ERROR."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as cause:
        raise xml_error(f"(line {cause.lineno}) {cause.msg}") from None


def without_encoding(text: str) -> str:
    """Drop the XML declaration: the text is decoded already, whatever encoding it names."""
    return re.sub(r"\A\ufeff?\s*<\?xml\s.*?\?>", "", text, count=1, flags=re.DOTALL)


def new(root: str, **options: Any) -> ElementSurface:
    """Return the surface of a new document's root."""
    return ElementSurface(Element(root), **options)


def companion(parent: ElementSurface, name: str, key: str, value: str) -> ElementSurface | None:
    """Return the element ``name`` below ``parent`` whose attribute ``key`` is ``value``."""
    found = _child(parent.element, _qualified(name), key, value)
    return ElementSurface(found) if found is not None else None


def text_of(surface: ElementSurface, *declared: str) -> str:
    """Return the document as libvirt prints it; its root declares the namespaces with the prefixes ``declared``."""
    return printed(surface.element, _PREFIXES, frozenset(NAMESPACES[prefix] for prefix in declared))
