"""What makes pyVmomi's objects of elements: a reader for each type, planned when the type is first met.

What a newer host may send does not matter: a type nobody knows is read as the one that stands there by declaration,
an unknown value of an enumeration is kept, an unknown field or a value that makes no sense is left out.
A value of another type than the one declared is none: what stands in an object is of its property's type, or missing.
Source: vSphere Web Services API, the WSDL's types.
"""

import logging
from collections.abc import Callable
from typing import Any

from lxml import etree
from pyVmomi import vim, vmodl
from pyVmomi.VmomiSupport import DataObject, GetCompatibleType, ManagedObject

from esxdriver.vsphere.wire.declared import of_type
from esxdriver.vsphere.wire.values import Convert, converter, type_named

log = logging.getLogger(__name__)

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_DEVICES = (vim.vm.device.VirtualDevice, vim.vm.device.VirtualDevice.BackingInfo)

Element = etree._Element
Reader = Callable[[Element, Any], Any]
"""Makes the value of an element; the second argument is the stub that managed objects will call through."""


class _Named(dict[str, "Reader | None"]):
    """The reader of each type by the name in ``xsi:type``, None where there is no such type."""

    def __init__(self, make: Callable[[Any], Reader], above: Any = object) -> None:
        super().__init__()
        self._make = make
        self._above = above

    def __missing__(self, name: str) -> Reader | None:
        kind = type_named(name)
        if kind in (None, object) or not issubclass(kind, self._above):
            item = getattr(kind, "Item", None)  # of an array
            return (
                None if item is None or not issubclass(item, self._above) else self.setdefault(name, self._make(kind))
            )
        return self.setdefault(name, self._make(kind))


_Step = tuple[str, bool, "Convert | None", Reader]


class _Steps(dict[str, _Step | None]):
    """What to do with each child of an object: the property's name, whether it is a list, how one is made.

    Most are plain text and only converted: a call less for each.
    """

    def __init__(self, kind: Any, reader: Callable[[str, Any], Reader], unread: frozenset[str]) -> None:
        super().__init__()
        self._kind = kind
        self._reader = reader
        self._unread = unread

    def __missing__(self, tag: str) -> _Step | None:
        if local(tag) in self._unread:
            return self.setdefault(tag, None)
        try:
            info = self._kind._GetPropertyInfo(local(tag))
        except AttributeError:
            log.debug("%s has no %s here: left out", self._kind.__name__, tag)
            return None
        many = issubclass(info.type, list)
        kind = info.type.Item if many else info.type
        convert = None if many else converter(kind)
        return self.setdefault(tag, (info.name, many, convert, self._reader(info.name, kind)))


class Readers:
    """The readers of one version of the API: types newer than it are read as their older parents.

    What devices have under a name in ``unread`` is left out.
    """

    def __init__(self, version: str, unread: frozenset[str]) -> None:
        self._version = version
        self._unread = unread
        self._readers: dict[Any, Reader] = {}
        self._anything = _Named(self._of_any)
        self._faults = _Named(self._object, Exception)

    def result(self, response: Element, kind: Any, stub: Any) -> Any:
        """Return what a method returns. Raises ValueError for what it does not."""
        if kind is type(None):
            if len(response):
                raise ValueError("it has a value, where there is none to have")
            return None
        many = issubclass(kind, list)
        read = self._reader(kind.Item if many else kind)
        values = [read(each, stub) for each in response]
        if not many:
            return of_type(kind, values[0]) if values else None
        return values[0] if values and isinstance(values[0], list) else kind(values)

    def fault(self, element: Element, stub: Any) -> Any:
        """Return a fault as its class; one that nobody knows is a RuntimeFault that says its name."""
        text = element.findtext("faultstring") or ""
        said = next(element.iterfind("detail/*"), None)
        if said is None:
            return _saying(vmodl.RuntimeFault(), text)
        name = said.get(XSI_TYPE) or local(said.tag).removesuffix("Fault")
        read = self._faults[name]
        return _saying(vmodl.RuntimeFault(), f"{text} ({name})") if read is None else _saying(read(said, stub), text)

    def _reader(self, kind: Any) -> Reader:
        """Return the reader of what is declared as ``kind``."""
        if kind not in self._readers:
            self._readers[kind] = self._made(kind)
        return self._readers[kind]

    def _made(self, kind: Any) -> Reader:
        if kind is object:
            return self._any
        if issubclass(kind, ManagedObject):
            return _reference(kind)
        if issubclass(kind, Exception):
            return self._localized()
        if issubclass(kind, DataObject):
            return self._polymorphic(self._object(kind), _Named(self._of_any, kind))
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
            name = element.get(XSI_TYPE)
            return ((named[name] if name else None) or declared)(element, stub)

        return read

    def _object(self, kind: Any) -> Reader:
        """Return the reader of a data object of exactly this class, or of what the version has for it."""
        kind = GetCompatibleType(kind, self._version)
        blank = vars(kind())
        lists = [(name, type(value)) for name, value in blank.items() if isinstance(value, list)]
        member = self._member if issubclass(kind, vmodl.LocalizedMethodFault) else self._declared
        steps = _Steps(kind, member, self._unread if issubclass(kind, _DEVICES) else frozenset())
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
                except ValueError as error:
                    log.debug("%s.%s is left out: %s", kind.__name__, name, error)
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
                except ValueError as error:
                    log.debug("an item of %s is left out: %s", kind.__name__, error)
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
        name = element.get(XSI_TYPE)
        read = self._anything[name] if name else None
        if read is not None:
            return read(element, stub)
        if len(element):
            raise ValueError(f"there is no type {name}")
        return element.text or ""


def _saying(fault: Any, text: str | None) -> Any:
    fault.msg = text
    return fault


def local(tag: str) -> str:
    """Return a tag without its namespace."""
    return tag.rpartition("}")[2]


def _reference(declared: Any) -> Reader:
    """Return the reader of a managed object: its ``type`` is no ``xsi:type``."""

    def read(element: Element, stub: Any) -> Any:
        kind = type_named(element.get("type") or "")
        guid = element.get("serverGuid")
        if not element.text or len(element):
            raise ValueError("it names no object")
        if kind is None or not issubclass(kind, ManagedObject):
            kind = declared
        return kind(element.text or "", stub, None if guid and stub.SupportServerGUIDs() else guid)

    return read
