"""What a property collector says of objects: their properties, each of its declared type or missing with the reason.

Bulk reads are made of these: they are read without making an ``ObjectContent`` first.
Source: vSphere Web Services API, PropertyCollector, ObjectContent, MissingProperty.
"""

from typing import Any

from pyVmomi import vmodl
from pyVmomi.VmomiSupport import ManagedObject

from esxdriver.vsphere.wire.characters import MARK
from esxdriver.vsphere.wire.declared import declared_type, of_type
from esxdriver.vsphere.wire.faults import BadPropertyError
from esxdriver.vsphere.wire.readers import XSI_TYPE, Element, Readers, local

_NAMED = {"propSet", "changeSet"}
_GIVES = {"assign", "add"}  # operations of a change that has a value
_MISSING = vmodl.query.PropertyCollector.MissingProperty

Content = tuple[Any, dict[str, Any], dict[str, Exception]]
"""A managed object, those of its properties that could be read, and why the others could not."""


class ContentReaders(Readers):
    """The readers of one version of the API, which read the contents of objects, too."""

    def content(self, element: Element, stub: Any, *, marked: bool = False) -> Content:
        """Return what an ``ObjectContent`` or ``ObjectUpdate`` says. Raises ValueError where it does not say of what.

        A property that an update says is unset is None.

        ``marked`` says that the answer had characters that XML does not have, and where they were there is a mark.
        """
        ref: Any = None
        values: dict[str, Any] = {}
        missing: dict[str, Exception] = {}
        for child in element:
            tag = local(child.tag)
            if tag in _NAMED:
                name, value = child if tag == "propSet" else _changed(child)
                path = name.text or ""
                try:
                    if marked and value is not None:
                        _check_unmarked(value)
                    values[path] = self._property(ref, path, value, stub) if value is not None else None
                except ValueError as error:
                    missing[path] = BadPropertyError(f"{path} of {_shown(ref)} cannot be used: {error}")
            elif tag == "missingSet":
                read = self._reader(_MISSING)(child, stub)
                missing[read.path or ""] = read.fault or vmodl.MethodFault()
            elif tag == "obj":
                ref = self._reader(ManagedObject)(child, stub)
        if ref is None:
            raise ValueError("it does not say of which object")
        return ref, values, missing

    def _property(self, ref: Any, path: str, element: Element, stub: Any) -> Any:
        """Return the value of a property. Raises ValueError for one that is not of its type."""
        kind: Any = type(ref)
        declared = declared_type(kind, path)
        if len(element) and declared is not None and self._anything[element.get(XSI_TYPE) or ""] is None:
            return self._reader(declared)(element, stub)
        return of_type(declared, self._any(element, stub))


def _changed(element: Element) -> tuple[Element, Element | None]:
    """Return the name and the value of a change; None where the property is unset now."""
    name, operation, *value = element
    return name, value[0] if value and operation.text in _GIVES else None


def _check_unmarked(element: Element) -> None:
    for child in element.iter():
        if child.text and MARK in child.text:
            raise ValueError(f"there is a character in its {local(child.tag)} that XML does not have")


def _shown(ref: Any) -> str:
    return f"{ref._wsdlName} {ref._moId}" if ref is not None else "an object"
