"""What an argument of a public method has to be, by how it is declared, and the error for what it is not.

libvirt-python's C code raises TypeError for a value of another type and OverflowError for a number that its C type does
not hold; None in place of an object or a text goes on to libvirt, which refuses it by a code.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import libvirt

from esxdriver.errors import WrongTypeError, error


@dataclass(frozen=True)
class Kind:
    """What is taken, and the code that None is refused with, where libvirt itself does so; else it is a TypeError."""

    takes: Callable[[Any], bool]
    none: int | None = None

    def refusal(self, value: Any, method: str, name: str) -> Exception:
        """Return what to raise for a value that is not taken."""
        if value is None and self.none is not None:
            given = f"{method}() argument '{name}'"
            refusal: Exception = error(
                self.none, given + " must not be None" * (self.none == libvirt.VIR_ERR_INVALID_ARG)
            )
            return refusal
        if _is_number(value) and self.takes in (_is_int, _is_long):
            return OverflowError(f"{method}() argument '{name}' is too large: {value}")
        return WrongTypeError(f"{method}() argument '{name}' is of the wrong type: {type(value).__name__}")


def refuse(method: str, checks: Mapping[str, Kind], given: Mapping[str, Any]) -> Exception | None:
    """Return what to raise, if anything: a wrong type first, as libvirt-python sees to it before libvirt is called."""
    found = ((checks[name], name, value) for name, value in given.items())
    wrong = [kind.refusal(value, method, name) for kind, name, value in found if not kind.takes(value)]
    return next((each for each in wrong if not isinstance(each, libvirt.libvirtError)), wrong[0] if wrong else None)


def kinds(method: Callable[..., Any]) -> dict[str, Kind | None]:
    """Return what each argument has to be, in their order. Its code says so; ``inspect`` takes 20 us."""
    code, declared = method.__code__, method.__annotations__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return {name: _kind(name, declared.get(name)) for name in names}


def _kind(name: str, declared: Any) -> Kind | None:
    text = declared if isinstance(declared, str) else getattr(declared, "__name__", str(declared))
    if text == "int":
        return _NUMBERS.get(name, _INT)
    generic, _, parameters = text.partition("[")
    kind = _KINDS.get(generic)
    return _or_none(kind) if kind and parameters.endswith("] | None") else kind


def _or_none(kind: Kind) -> Kind:
    return Kind(lambda value: value is None or kind.takes(value))


def _is_number(value: Any) -> bool:
    return hasattr(value, "__index__")


def _is_int(value: Any) -> bool:
    return _is_number(value) and -(2**31) <= value < 2**32  # unsigned ones, too


def _is_long(value: Any) -> bool:
    return _is_number(value) and -(2**63) <= value < 2**64


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _has(attribute: str) -> Callable[[Any], bool]:
    return lambda value: hasattr(value, attribute)


_INT = Kind(_is_int)
# Numbers of another size than int. Of some libvirt-python drops bits that are too many; here the method refuses them.
_NUMBERS = {
    **dict.fromkeys(("flags", "nvcpus", "stats", "types"), Kind(_is_number)),
    **dict.fromkeys(("bandwidth", "capacity", "length", "memory", "offset", "size"), Kind(_is_long)),
}  # fmt: skip
_KINDS: Mapping[str, Kind] = {
    "str": Kind(lambda value: isinstance(value, str), libvirt.VIR_ERR_INVALID_ARG),
    "str | None": Kind(_is_text_or_none),
    "bytes": Kind(lambda value: isinstance(value, bytes | bytearray | str)),  # virtinst looks UUIDs up by their text
    "Mapping": Kind(lambda value: isinstance(value, Mapping)),
    "Sequence": Kind(lambda value: isinstance(value, Sequence) and not isinstance(value, str | bytes)),
    # Objects are known by what is asked of them: the daemon has its own streams.
    "Connect": Kind(_has("backend"), libvirt.VIR_ERR_INVALID_CONN),
    "DomainSnapshot": Kind(_has("getDomain"), libvirt.VIR_ERR_INVALID_DOMAIN_SNAPSHOT),
    "StorageVol": Kind(_has("path"), libvirt.VIR_ERR_INVALID_STORAGE_VOL),
    "Stream": Kind(_has("require_free"), libvirt.VIR_ERR_INVALID_STREAM),
    "Domain | None": Kind(lambda value: value is None or hasattr(value, "ref")),
}
