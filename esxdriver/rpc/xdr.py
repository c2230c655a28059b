"""The types of XDR, each with both ways: ``parse(data, at)`` and ``write(value, out)``. Source: RFC 4506.

``parse`` returns the value and where the next one starts. It believes no length: each is held against the type's
limit and against what is left of the data before anything is made. ``least`` is the size of a type's smallest value.
A body that is wrong, and a value that does not fit its type, raise :class:`XDRError` and nothing else.
As libvirt does it, padding is not looked at and any word but zero makes an optional value present.
"""

import struct
from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class XDRError(ValueError):
    """Data that is no value of its type, or a value that its type cannot hold."""


class Type(Protocol):
    """What every type of the wire can do."""

    @property
    def least(self) -> int:
        """Bytes of the smallest value."""

    def parse(self, data: bytes, at: int) -> tuple[Any, int]:
        """Return the value at ``at`` and the offset behind it. Raises XDRError."""

    def write(self, value: Any, out: bytearray) -> None:
        """Append ``value`` to ``out``. Raises XDRError."""


class Number:
    """A number of four or eight bytes; ``low`` and ``high`` narrow what a word of four bytes may hold."""

    def __init__(self, code: str, low: int | None = None, high: int | None = None) -> None:
        self._struct = struct.Struct(f">{code}")
        self._low, self._high = low, high
        self.least = self._struct.size

    def parse(self, data: bytes, at: int) -> tuple[Any, int]:
        try:
            (value,) = self._struct.unpack_from(data, at)
        except struct.error:
            raise _ends_early() from None
        self._check(value)
        return value, at + self.least

    def write(self, value: Any, out: bytearray) -> None:
        try:
            self._check(value)
            out += self._struct.pack(value)
        except (struct.error, TypeError, OverflowError):
            raise XDRError(f"{value!r:.40} does not fit a number of {self.least} bytes") from None

    def _check(self, value: Any) -> None:
        if self._low is not None and not self._low <= value <= (self._high or 0):
            raise XDRError(f"{value!r:.40} is not between {self._low} and {self._high}")


INT = Number("i")
UNSIGNED = Number("I")
HYPER = Number("q")
UNSIGNED_HYPER = Number("Q")
DOUBLE = Number("d")
CHAR = Number("i", -128, 127)
UNSIGNED_CHAR = Number("I", 0, 255)
UNSIGNED_SHORT = Number("I", 0, 65535)


class Opaque:
    """Bytes with their length in front."""

    least = 4

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def parse(self, data: bytes, at: int) -> tuple[bytes, int]:
        length, at = _length(data, at, self._limit, 1)
        return _taken(data, at, length), at + _padded(length)

    def write(self, value: bytes, out: bytearray) -> None:
        _write_length(value, self._limit, out)
        out += value
        out += bytes(-len(value) % 4)


class FixedOpaque:
    """Exactly ``size`` bytes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.least = _padded(size)

    def parse(self, data: bytes, at: int) -> tuple[bytes, int]:
        return _taken(data, at, self._size), at + self.least

    def write(self, value: bytes, out: bytearray) -> None:
        if not isinstance(value, bytes) or len(value) != self._size:
            raise XDRError(f"{self._size} bytes are needed")
        out += value
        out += bytes(-self._size % 4)


class String:
    """Text in UTF-8, what is no UTF-8 kept by surrogate escapes; a NUL would end it in every client written in C."""

    least = 4

    def __init__(self, limit: int) -> None:
        self._opaque = Opaque(limit)

    def parse(self, data: bytes, at: int) -> tuple[str, int]:
        raw, at = self._opaque.parse(data, at)
        if b"\0" in raw:
            raise XDRError("a NUL in a string")
        return raw.decode("utf-8", "surrogateescape"), at

    def write(self, value: str, out: bytearray) -> None:
        try:
            raw = value.encode("utf-8", "surrogateescape")
        except (UnicodeEncodeError, AttributeError):
            raise XDRError("a string is needed that UTF-8 can hold") from None
        if b"\0" in raw:
            raise XDRError("a NUL in a string")
        self._opaque.write(raw, out)


class Optional:
    """A value or None."""

    least = 4

    def __init__(self, of: Type) -> None:
        self._of = of

    def parse(self, data: bytes, at: int) -> tuple[Any, int]:
        present, at = UNSIGNED.parse(data, at)
        return self._of.parse(data, at) if present else (None, at)

    def write(self, value: Any, out: bytearray) -> None:
        UNSIGNED.write(int(value is not None), out)
        if value is not None:
            self._of.write(value, out)


class Array:
    """A list with its length in front."""

    least = 4

    def __init__(self, of: Type, limit: int) -> None:
        self._of, self._limit = of, limit

    def parse(self, data: bytes, at: int) -> tuple[list[Any], int]:
        length, at = _length(data, at, self._limit, self._of.least)
        values = []
        parse = self._of.parse
        for _ in range(length):
            value, at = parse(data, at)
            values.append(value)
        return values, at

    def write(self, value: Sequence[Any], out: bytearray) -> None:
        _write_length(value, self._limit, out)
        for each in value:
            self._of.write(each, out)


class Chars:
    """Bytes of which each stands in a word of its own: C's ``char`` in an array. ``size`` makes their number fixed."""

    def __init__(self, limit: int, *, fixed: bool = False) -> None:
        self._limit, self._fixed = limit, fixed
        self.least = 4 * limit if fixed else 4

    def parse(self, data: bytes, at: int) -> tuple[bytes, int]:
        length, at = (self._limit, at) if self._fixed else _length(data, at, self._limit, 4)
        cells = _taken(data, at, 4 * length)
        return cells[3::4], at + 4 * length

    def write(self, value: bytes, out: bytearray) -> None:
        if self._fixed and len(value) != self._limit:
            raise XDRError(f"{self._limit} characters are needed")
        if not self._fixed:
            _write_length(value, self._limit, out)
        for each in value:
            out += (each - 256 if each > 127 else each).to_bytes(4, "big", signed=True)


class Union:
    """A number that says which type follows it; the value is the pair of both."""

    def __init__(self, arms: Mapping[int, Type]) -> None:
        self._arms = arms
        self.least = 4 + min(arm.least for arm in arms.values())

    def parse(self, data: bytes, at: int) -> tuple[tuple[int, Any], int]:
        kind, at = INT.parse(data, at)
        value, at = self._arm(kind).parse(data, at)
        return (kind, value), at

    def write(self, value: tuple[int, Any], out: bytearray) -> None:
        kind, inner = value
        INT.write(kind, out)
        self._arm(kind).write(inner, out)

    def _arm(self, kind: int) -> Type:
        if kind not in self._arms:
            raise XDRError(f"no value has the type {kind!r:.40}")
        return self._arms[kind]


class Structure:
    """Fields in their order; the value is a named tuple, and any sequence of as many values may be written."""

    def __init__(self, name: str, fields: Mapping[str, Type]) -> None:
        self.fields = fields
        make: Any = namedtuple  # noqa: PYI024 - the names come from a table
        self.of: Any = make(name, list(fields))
        self.least = sum(each.least for each in fields.values())
        self._types = tuple(fields.values())

    def parse(self, data: bytes, at: int) -> tuple[Any, int]:
        values = []
        for each in self._types:
            value, at = each.parse(data, at)
            values.append(value)
        return self.of._make(values), at

    def write(self, value: Sequence[Any], out: bytearray) -> None:
        if len(value) != len(self._types):
            raise XDRError(f"{len(self._types)} values are needed, not {len(value)}")
        for each, inner in zip(self._types, value, strict=True):
            each.write(inner, out)


def _length(data: bytes, at: int, limit: int, least: int) -> tuple[int, int]:
    """Return a length that the type allows and for which there is enough data, and the offset behind it."""
    length, at = UNSIGNED.parse(data, at)
    if length > limit:
        raise XDRError(f"a length of {length}, of which {limit} are allowed")
    if length * least > len(data) - at:
        raise _ends_early()
    return length, at


def _write_length(value: Sequence[Any], limit: int, out: bytearray) -> None:
    if len(value) > limit:
        raise XDRError(f"a length of {len(value)}, of which {limit} are allowed")
    UNSIGNED.write(len(value), out)


def _taken(data: bytes, at: int, size: int) -> bytes:
    if _padded(size) > len(data) - at:
        raise _ends_early()
    return bytes(data[at : at + size])


def _padded(size: int) -> int:
    return size + -size % 4


def _ends_early() -> XDRError:
    return XDRError("the data ends too early")
