"""The types that properties are declared with, and whether a value is of its property's type.

Source: vSphere Web Services API, the properties of managed objects.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from pyVmomi.VmomiSupport import XMLNS_XSD, DataObject, GetQualifiedWsdlName, ManagedObject

_PATHS_KEPT = 4096

# What holds the values of a type: pyVmomi has classes of its own for numbers and texts, and hosts mix them.
_HOLDERS = (bool, int, float, str, datetime, list, ManagedObject)


@lru_cache(_PATHS_KEPT)
def declared_type(kind: Any, path: str) -> Any:
    """Return the type that a property path is declared with, from a managed object's class; None when unknown."""
    for name in path.split("."):
        try:
            kind = kind._GetPropertyInfo(name).type
        except AttributeError:
            return None
    return kind


def sent_type(kind: Any) -> str:
    """Return what ``xsi:type`` calls a type, with the prefix ``xsd:`` where it is one of XML Schema's."""
    if issubclass(kind, list):
        item = sent_type(kind.Item).removeprefix("xsd:")
        return f"ArrayOf{item[0].upper()}{item[1:]}"
    if issubclass(kind, ManagedObject):
        return "ManagedObjectReference"
    namespace, name = GetQualifiedWsdlName(kind)
    return f"xsd:{name}" if namespace == XMLNS_XSD else str(name)


def of_type(declared: Any, value: Any) -> Any:
    """Return the value. Raises ValueError when it is not of the declared type; None is any."""
    if declared is None or value is None or _is_of(declared, value):
        return value
    raise ValueError(f"it is a {type(value).__name__} in the place of a {declared.__name__}")


def _is_of(declared: Any, value: Any) -> bool:
    if not isinstance(value, _holder(declared)):
        return False
    return not isinstance(value, list) or declared is object or all(_is_of(declared.Item, item) for item in value)


@lru_cache(_PATHS_KEPT)
def _holder(declared: Any) -> type:
    """Return the class of what holds the values of a type."""
    holders = (declared,) if issubclass(declared, DataObject) else _HOLDERS
    return next((each for each in holders if issubclass(declared, each)), object)
