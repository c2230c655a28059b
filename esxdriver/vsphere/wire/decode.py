"""SOAP answers to pyVmomi's objects: lxml parses the text, and a plan for each type says what to make of it.

The objects equal those of pyVmomi's own decoder, which spends most of its time in callbacks and type checks. The
envelope is read here, elements in :mod:`esxdriver.vsphere.wire.readers`. Source: SOAP 1.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree

from esxdriver.vsphere.wire.characters import marked_characters
from esxdriver.vsphere.wire.contents import Content, ContentReaders
from esxdriver.vsphere.wire.readers import XSI_TYPE, Element, local

_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
_PROLOG = 1000  # bytes in which the envelope has to begin


class NoSoapError(ValueError):
    """An answer is no SOAP envelope, or only a part of one."""


class RefusedError(ValueError):
    """An answer has a document type definition, with which it could be made to grow without end."""


class Direct:
    """A result type of this package's own: an answer is read without making pyVmomi's objects of all that it has.

    Members of devices that have a name in ``unread`` are left out.
    """

    unread: frozenset[str] = frozenset()

    def read(self, response: Element, readers: ContentReaders, stub: Any, *, marked: bool) -> Any:
        """Return what an answer that is no fault says. Raises ValueError for one that makes no sense.

        ``marked`` says that it had characters that XML does not have, and where they were there is a mark.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Paged(Direct):
    """The result type of a method of the property collector whose answer is to be a :class:`Page`.

    Members of devices that have a name in ``unread`` are left out: they need not be decoded to be thrown away. With a
    text, so are the objects that do not hold it as a value: of a thousand names, one is looked for.
    """

    unread: frozenset[str] = frozenset()
    text: str | None = None

    def is_wanted(self, element: Element) -> bool:
        """Whether an object may be what is looked for."""
        return self.text is None or self.text in element.itertext()

    def read(self, response: Element, readers: ContentReaders, stub: Any, *, marked: bool) -> "Page | None":
        """Return the page; None when the answer is empty. Raises ValueError for one of another type."""
        if not len(response):
            return None
        if local(response[0].tag) != "returnval" or response[0].get(XSI_TYPE) not in (None, "RetrieveResult"):
            raise ValueError("it is no result of a property collector")
        return Page(response[0], self, readers, stub, marked=marked)


class Page:
    """A page of a property collector's answer; its objects are decoded while they are iterated over.

    The ``token`` of the next page is there before that work begins.
    """

    def __init__(
        self, element: Element, asked: Paged, readers: ContentReaders, stub: Any, *, marked: bool = False
    ) -> None:
        self.token = next((child.text for child in element if local(child.tag) == "token"), None)
        self.objects = [child for child in element if local(child.tag) == "objects" and asked.is_wanted(child)]
        self._readers = readers
        self._stub = stub
        self._marked = marked

    def __iter__(self) -> Iterator[Content]:
        """Yield each managed object, those of its properties that could be read, and why the others could not."""
        for element in self.objects:
            yield self._readers.content(element, self._stub, marked=self._marked)


def decode(stub: Any, answer: bytes, kind: Any) -> Any:
    """Return the object of type ``kind`` in a SOAP answer, or the fault; None when the answer is empty.

    Raises NoSoapError, RefusedError, and ValueError for a result that makes no sense as a whole.
    """
    response, marked = _response(answer)
    if response is None:
        if kind is type(None):
            raise ValueError("it is empty")
        return None
    direct = kind if isinstance(kind, Direct) else None
    readers = _readers(stub.version, direct.unread if direct else frozenset())
    if response.tag == f"{_SOAP}Fault":
        return readers.fault(response, stub)
    if direct:
        return direct.read(response, readers, stub, marked=marked)
    return readers.result(response, kind, stub)


_readers = cache(ContentReaders)


def _response(answer: bytes) -> tuple[Element | None, bool]:
    """Return what stands in the body of the envelope, and whether bad characters are marked in it."""
    start = answer.find(b"Envelope", 0, _PROLOG)
    if start < 0:
        raise NoSoapError("no envelope")
    if b"<!DOCTYPE" in answer[:start]:
        raise RefusedError("it has a document type definition")
    marked = False
    try:
        envelope = _parsed(answer)
    except etree.XMLSyntaxError as error:
        envelope, marked = _without_bad_characters(answer, error), True
    if envelope.getroottree().docinfo.internalDTD is not None:
        raise RefusedError("it has a document type definition")
    body = envelope.find(f"{_SOAP}Body")
    if body is None:
        raise NoSoapError("no body")
    return next(iter(body), None), marked


def _parsed(answer: bytes) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True, collect_ids=False,
    )  # fmt: skip
    return etree.fromstring(answer, parser)


def _without_bad_characters(answer: bytes, error: etree.XMLSyntaxError) -> Element:
    """Return an answer that has characters which XML has not, each marked: only what holds them is unusable."""
    marked = marked_characters(answer)
    if marked == answer:
        raise NoSoapError(str(error)) from None
    try:
        return _parsed(marked)
    except etree.XMLSyntaxError as cause:
        raise NoSoapError(str(cause)) from None
