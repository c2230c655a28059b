"""SOAP answers to pyVmomi's objects: lxml parses the text, and a plan for each type says what to make of it.

The objects equal those of pyVmomi's own decoder, which spends most of its time in callbacks and type checks. What
a newer host may send does not matter: a type nobody knows is read as the one that stands there by declaration,
an unknown word of an enumeration is kept, an unknown field or a value that makes no sense is left out.
Source: vSphere Web Services API, the WSDL's types; SOAP 1.1.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from lxml import etree
from pyVmomi import vmodl
from pyVmomi.VmomiSupport import DataObject, GetCompatibleType, ManagedObject

from esxdriver.vsphere.values import Convert, converter, type_named

log = logging.getLogger(__name__)

_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_PROLOG = 1000  # bytes in which the envelope has to begin

Element = etree._Element
Reader = Callable[[Element, Any], Any]
"""Makes the value of an element; the second argument is the stub that managed objects will call through."""


class NoSoapError(ValueError):
    """An answer is no SOAP envelope, or only a part of one."""


class RefusedError(ValueError):
    """An answer has a document type definition, with which it could be made to grow without end."""


class Page:
    """A page of a property collector's answer; its objects are decoded while they are iterated over.

    Ask for a method's result as a Page in order to have the ``token`` of the next page before the work begins.
    """

    def __init__(self, token: str | None, objects: list[Element], read: Reader, stub: Any) -> None:
        self.token = token
        self.objects = objects
        self._read = read
        self._stub = stub

    def __iter__(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Yield each managed object with those of its properties that could be read."""
        for element in self.objects:
            yield self._read(element, self._stub)


def decode(stub: Any, answer: bytes, kind: Any) -> Any:
    """Return the object of type ``kind`` in a SOAP answer, or the fault; None when the answer is empty.

    Raises NoSoapError, RefusedError, and ValueError for a result that makes no sense as a whole.
    """
    response = _response(answer)
    decoder = _decoder(stub.version)
    if response is None:
        return None
    return decoder.fault(response, stub) if response.tag == f"{_SOAP}Fault" else decoder.result(response, kind, stub)


def _response(answer: bytes) -> Element | None:
    """Return what stands in the body of the envelope."""
    start = answer.find(b"Envelope", 0, _PROLOG)
    if start < 0:
        raise NoSoapError("no envelope")
    if b"<!DOCTYPE" in answer[:start]:
        raise RefusedError("it has a document type definition")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True, collect_ids=False,
    )  # fmt: skip
    try:
        envelope = etree.fromstring(answer, parser)
    except etree.XMLSyntaxError as broken:
        raise NoSoapError(str(broken)) from None
    if envelope.getroottree().docinfo.internalDTD is not None:
        raise RefusedError("it has a document type definition")
    body = envelope.find(f"{_SOAP}Body")
    if body is None:
        raise NoSoapError("no body")
    return next(iter(body), None)


class _Named(dict[str, "Reader | None"]):
    """The reader of each type by the word in ``xsi:type``, None where there is no such type."""

    def __init__(self, make: Callable[[Any], Reader], above: Any = object) -> None:
        super().__init__()
        self._make = make
        self._above = above

    def __missing__(self, word: str) -> Reader | None:
        kind = type_named(word)
        if kind in (None, object) or not issubclass(kind, self._above):
            return None
        return self.setdefault(word, self._make(kind))


class _Steps(dict[str, tuple[str, bool, "Convert | None", Reader]]):
    """What to do with each child of an object: the property's name, whether it is a list, how one is made.

    Most are plain text and only converted: a call less for each.
    """

    def __init__(self, kind: Any, reader: Callable[[str, Any], Reader]) -> None:
        super().__init__()
        self._kind = kind
        self._reader = reader

    def __missing__(self, tag: str) -> tuple[str, bool, "Convert | None", Reader] | None:
        try:
            info = self._kind._GetPropertyInfo(_local(tag))
        except AttributeError:
            log.debug("%s has no %s here: left out", self._kind.__name__, tag)
            return None
        many = issubclass(info.type, list)
        kind = info.type.Item if many else info.type
        convert = None if many else converter(kind)
        return self.setdefault(tag, (info.name, many, convert, self._reader(info.name, kind)))


class _Decoder:
    """The plans of one version of the API: types newer than it are read as their older parents."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._readers: dict[Any, Reader] = {}
        self._anything = _Named(self._of_any)
        self._faults = _Named(self._object, Exception)

    def result(self, response: Element, kind: Any, stub: Any) -> Any:
        """Return what a method returns."""
        if kind is type(None):
            return None
        many = issubclass(kind, list)
        read = self._reader(kind.Item if many else kind)
        values = [read(each, stub) for each in response]
        if not many:
            return values[0] if values else None
        return values[0] if values and isinstance(values[0], list) else kind(values)

    def fault(self, element: Element, stub: Any) -> Any:
        """Return a fault as its class; one that nobody knows is a RuntimeFault that says its name."""
        text = element.findtext("faultstring") or ""
        said = next(element.iterfind("detail/*"), None)
        if said is None:
            return _saying(vmodl.RuntimeFault(), text)
        name = said.get(_XSI_TYPE) or _local(said.tag).removesuffix("Fault")
        read = self._faults[name]
        return _saying(vmodl.RuntimeFault(), f"{text} ({name})") if read is None else _saying(read(said, stub), text)

    def _reader(self, kind: Any) -> Reader:
        """Return the reader of what is declared as ``kind``."""
        if kind not in self._readers:
            self._readers[kind] = self._made(kind)
        return self._readers[kind]

    def _made(self, kind: Any) -> Reader:
        if kind is Page:
            return self._page
        if kind is object:
            return self._any
        if issubclass(kind, ManagedObject):
            return _reference(kind)
        if issubclass(kind, Exception):
            return self._localized()
        if issubclass(kind, DataObject):
            return self._polymorphic(self._object(kind), self._anything)
        convert = converter(kind)
        assert convert is not None
        return lambda element, _: convert(element.text or "")

    def _of_any(self, kind: Any) -> Reader:
        """Return the reader of what says of itself that it is a ``kind``."""
        if issubclass(kind, list):
            return self._array(kind)
        if issubclass(kind, DataObject) and not issubclass(kind, Exception):
            return self._object(kind)
        return self._reader(kind)

    def _member(self, name: str, kind: Any) -> Reader:
        """Return the reader of a property; the one that holds a fault as it is is the wrapper's alone."""
        return self._polymorphic(self._object(kind), self._faults) if name == "fault" else self._reader(kind)

    def _polymorphic(self, declared: Reader, named: _Named) -> Reader:
        def read(element: Element, stub: Any) -> Any:
            word = element.get(_XSI_TYPE)
            return ((named[word] if word else None) or declared)(element, stub)

        return read

    def _object(self, kind: Any) -> Reader:
        """Return the reader of a data object of exactly this class, or of what the version has for it."""
        kind = GetCompatibleType(kind, self._version)
        blank = vars(kind())
        lists = [(name, type(value)) for name, value in blank.items() if isinstance(value, list)]
        steps = _Steps(kind, self._member if issubclass(kind, vmodl.LocalizedMethodFault) else self._declared)
        new = kind.__new__

        def read(element: Element, stub: Any) -> Any:
            made = new(kind)
            held = made.__dict__
            held.update(blank)
            for name, listed in lists:
                held[name] = listed()
            for child in element:
                step = steps[child.tag]
                if step is None:
                    continue
                name, many, convert, read_value = step
                try:
                    value = read_value(child, stub) if convert is None else convert(child.text or "")
                except ValueError as odd:
                    log.debug("%s.%s is left out: %s", kind.__name__, name, odd)
                    continue
                if many and not isinstance(value, list):
                    held[name].append(value)
                else:
                    held[name] = value
            return made

        return read

    def _declared(self, _name: str, kind: Any) -> Reader:
        return self._reader(kind)

    def _array(self, kind: Any) -> Reader:
        read_item = self._reader(kind.Item)

        def read(element: Element, stub: Any) -> Any:
            made = kind()
            for child in element:
                try:
                    made.append(read_item(child, stub))
                except ValueError as odd:
                    log.debug("an item of %s is left out: %s", kind.__name__, odd)
            return made

        return read

    def _localized(self) -> Reader:
        """Return the reader of a fault in its wrapper, which goes: the fault has its text."""
        read_wrapper = self._object(vmodl.LocalizedMethodFault)

        def read(element: Element, stub: Any) -> Any:
            wrapper = read_wrapper(element, stub)
            return _saying(wrapper.fault or vmodl.MethodFault(), wrapper.localizedMessage)

        return read

    def _any(self, element: Element, stub: Any) -> Any:
        word = element.get(_XSI_TYPE)
        read = self._anything[word] if word else None
        if read is not None:
            return read(element, stub)
        if len(element):
            raise ValueError(f"there is no type {word}")
        return element.text or ""

    def _page(self, element: Element, stub: Any) -> Page:
        objects = [child for child in element if _local(child.tag) == "objects"]
        token = next((child.text for child in element if _local(child.tag) == "token"), None)
        return Page(token, objects, self._content, stub)

    def _content(self, element: Element, stub: Any) -> tuple[Any, dict[str, Any]]:
        """Return what an ``ObjectContent`` says, without making one: bulk reads are made of these."""
        ref, values = None, {}
        for child in element:
            match _local(child.tag):
                case "obj":
                    ref = self._reader(ManagedObject)(child, stub)
                case "propSet":
                    with suppress(ValueError):
                        name, value = child
                        values[name.text or ""] = self._any(value, stub)
        return ref, values


_decoder = cache(_Decoder)


def _saying(fault: Any, text: str | None) -> Any:
    fault.msg = text
    return fault


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _reference(declared: Any) -> Reader:
    """Return the reader of a managed object: its ``type`` is no ``xsi:type``."""

    def read(element: Element, stub: Any) -> Any:
        kind = type_named(element.get("type") or "")
        guid = element.get("serverGuid")
        if kind is None or not issubclass(kind, ManagedObject):
            kind = declared
        return kind(element.text or "", stub, None if guid and stub.SupportServerGUIDs() else guid)

    return read
