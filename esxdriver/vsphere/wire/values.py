"""The plain values of vSphere's types: what each makes of its text on the wire, and which type a name means.

Source: vSphere Web Services API, the WSDL's simple types.
"""

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from pyVmomi.Iso8601 import ParseISO8601
from pyVmomi.VmomiSupport import (
    XMLNS_VMODL_BASE,
    XMLNS_XSD,
    DataObject,
    Enum,
    GetWsdlMethod,
    GetWsdlType,
    GuessWsdlType,
    ManagedMethod,
    ManagedObject,
    UnknownManagedMethod,
    binary,
)

_REFERENCE = "ManagedObjectReference"
_NAMES_KEPT = 4096  # names of types that are remembered; the whole API has about 3000

Convert = Callable[[str], Any]
"""Makes a value of an element's text; raises ValueError for text that makes no sense."""


@lru_cache(_NAMES_KEPT)
def type_named(name: str) -> Any:
    """Return the type that ``xsi:type`` or ``type`` names, or None. No host uses one name in two namespaces."""
    name = name.rpartition(":")[2]
    names = [name, name.removesuffix("Reference")] if name.endswith(_REFERENCE) else [name]
    for each in names:
        for look_up in (lambda it: GetWsdlType(XMLNS_XSD, it), GuessWsdlType):
            try:
                return look_up(each)
            except KeyError:
                continue
    return None


def converter(kind: Any) -> Convert | None:
    """Return what makes a value of an element's text, and raises ValueError; None for what has elements of its own."""
    if kind is object or issubclass(kind, (ManagedObject, DataObject)):
        return None
    return _members_of(kind) if issubclass(kind, Enum) else _CONVERTERS.get(kind, kind)


def _members_of(kind: Any) -> Convert:
    members = {str(name): name for name in kind.values}

    def convert(text: str) -> Any:
        if not text:
            raise ValueError("it is empty")
        return members.get(text) or kind(text)

    return convert


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise ValueError(f"'{text}' is neither true nor false")
    return _TRUTHS[text.lower()]


def _time(text: str) -> datetime:
    found: datetime | None = ParseISO8601(text)
    if found is None:
        raise ValueError(f"'{text}' is no date")
    return found


def _kind_of(text: str) -> Any:
    if not text:
        return None
    kind = type_named(text)
    if kind is None:
        raise ValueError(f"there is no type {text}")
    return kind


def _method(text: str) -> Any:
    name = text.rpartition(":")[2]
    try:
        return GetWsdlMethod(XMLNS_VMODL_BASE, name)
    except KeyError:
        return UnknownManagedMethod(name)


_TRUTHS = {"true": True, "1": True, "false": False, "0": False}

# Types whose constructor does not understand the text on the wire.
_CONVERTERS: Mapping[Any, Convert] = {
    bool: _truth,
    str: str,
    binary: lambda text: binary(base64.b64decode(text)),
    datetime: _time,
    type: _kind_of,
    ManagedMethod: _method,
}
