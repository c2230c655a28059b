"""Other applications' elements in ``<metadata>``: carried as text, from one document to the next, as they are."""

import copy
from typing import Any

import libvirt
from lxml import etree

from esxdriver.conf.xml.surface import ElementSurface, parse, parsed_document
from esxdriver.errors import xml_error


def adopt(parent: ElementSurface, texts: tuple[str, ...]) -> None:
    """Append elements that :func:`verbatim` gave to ``parent``."""
    for text in texts:
        parent.element.append(_Foreign(parsed_document(text.encode())))


class _Foreign:
    """Another application's element in a document that is written here."""

    def __init__(self, element: etree._Element) -> None:
        self.tag = str(element.tag)
        self._element = element

    def printed(self, level: int) -> str:
        """Return the element's text, indented as deep as it stands."""
        etree.indent(self._element, "  ", level=level)
        text: str = etree.tostring(self._element, encoding="unicode", with_tail=False)
        return text


def adopted(text: str) -> tuple[str, ...]:
    """Return the elements that stand side by side in ``text``, each as :func:`verbatim` gave it.

    Text that is not well formed holds none.
    """
    try:
        root = parsed_document(f"<_>{text}</_>".encode())
        return tuple(verbatim(ElementSurface(child)) for child in root.iterchildren(etree.Element))
    except libvirt.libvirtError:
        return ()


def verbatim(surface: ElementSurface) -> str:
    """Return an element as canonical text, to be carried as it is; the indentation is the document's, not its own.

    Raises XML_ERROR for what has no canonical text, as one with a relative namespace.
    """
    element = copy.deepcopy(surface.element)
    for each in element.iter():
        if len(each) and not (each.text or "").strip():
            each.text = None
        if not (each.tail or "").strip():
            each.tail = None
    try:
        text: bytes = etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
    except etree.LxmlError as cause:
        raise xml_error(f"<{surface.element.tag}>: {cause}") from None
    return text.decode()


def namespace_of(text: str) -> str | None:
    """Return the namespace of the element that :func:`verbatim` gave, or None."""
    return etree.QName(parsed_document(text.encode())).namespace


def in_namespace(text: str, uri: str, prefix: str) -> str:
    """Return an element, as :func:`verbatim` does, in a namespace with this prefix; what is below it stays.

    Raises XML_ERROR for a text that is no document, and for a prefix that is none.
    """
    element = parse(text).element
    try:
        made = etree.Element(
            etree.QName(uri, etree.QName(element).localname), nsmap=_prefixes({**element.nsmap, prefix: uri})
        )
    except ValueError as error:
        raise xml_error(f"prefix '{prefix}' of '{uri}': {error}") from None
    return _moved(element, made)


def out_of_namespace(text: str) -> str:
    """Return an element, as :func:`verbatim` does, in no namespace; contrary of :func:`in_namespace`."""
    element = parsed_document(text.encode())
    own = etree.QName(element).namespace
    others = {prefix: uri for prefix, uri in element.nsmap.items() if uri != own}
    return _moved(element, etree.Element(etree.QName(element).localname, nsmap=_prefixes(others)))


def _prefixes(nsmap: dict[str | None, str]) -> Any:
    """Return prefixes as lxml takes them, which is more than its types say."""
    return nsmap


def _moved(element: Any, made: Any) -> str:
    """Give what an element holds to another, and return that as text."""
    made.text = element.text
    for name, value in element.attrib.items():
        made.set(name, value)
    for child in list(element):
        made.append(child)
    return verbatim(ElementSurface(made))
