"""The types that properties are declared with, and whether a value is of its property's type.

Source: vSphere Web Services API, the properties of managed objects.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from pyVmomi.VmomiSupport import DataObject, ManagedObject

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


def of_type(declared: Any, value: Any) -> Any:
    """Return the value. Raises ValueError when it is not of the declared type; None is any."""
    if declared in (None, object) or value is None or _is_of(declared, value):
        return value
    raise ValueError(f"it is a {type(value).__name__} in the place of a {declared.__name__}")


def _is_of(declared: Any, value: Any) -> bool:
    if issubclass(declared, DataObject):
        return isinstance(value, declared)
    holder = next((each for each in _HOLDERS if issubclass(declared, each)), None)
    if holder is list:
        return isinstance(value, list) and all(of_type(declared.Item, item) is item for item in value)
    return holder is None or isinstance(value, holder)
