"""The codecs of plain values: text, numbers, switches, sizes, lists.

Vocabularies are codecs of their own: see :class:`esxdriver.conf.mapping.enums.MappedEnum`.
"""

from dataclasses import dataclass
from typing import Any

from esxdriver.conf.mapping.fields import InvalidValueError, Surface

_MOST_BITS = 64
_TRUE = {"yes", "true", "on", "1"}
_FALSE = {"no", "false", "off", "0", ""}

# Bytes in each unit that libvirt accepts: https://libvirt.org/formatdomain.html#memory-allocation
_UNITS = {
    "b": 1, "bytes": 1, "byte": 1,
    "KB": 10**3, "k": 2**10, "KiB": 2**10,
    "MB": 10**6, "M": 2**20, "MiB": 2**20,
    "GB": 10**9, "G": 2**30, "GiB": 2**30,
    "TB": 10**12, "T": 2**40, "TiB": 2**40,
    "PB": 10**15, "P": 2**50, "PiB": 2**50,
    "EB": 10**18, "E": 2**60, "EiB": 2**60,
}  # fmt: skip


MEMORY_STEP = 4 * 1024  # KiB; a machine's memory comes in such steps: vSphere API, VirtualMachineConfigSpec.memoryMB


def in_steps(memory: int) -> int:
    """Return an amount of memory, in KiB, rounded up to what a machine can have, in KiB."""
    return -(-memory // MEMORY_STEP) * MEMORY_STEP


class _Text:
    """A string; an empty one reads as None."""

    def read(self, surface: Surface, path: str) -> str | None:
        value = surface.get(path)
        return str(value) if value not in (None, "") else None

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value or None)


class _Exists:
    """True where an element stands, as ``<readonly/>`` does."""

    def read(self, surface: Surface, path: str) -> bool | None:
        return True if surface.get(path) is not None else None

    def write(self, surface: Surface, path: str, value: bool) -> None:
        surface.put(path, "" if value else None)


@dataclass(frozen=True)
class _Number:
    """A whole number, at least ``least``; text surfaces hold it in decimal (``0x`` is read, too)."""

    least: int = 0
    most: int = 2**63 - 1

    def read(self, surface: Surface, path: str) -> int | None:
        value = surface.get(path)
        if value is None or value == "":
            return None
        number = whole(path, value)
        if not self.least <= number <= self.most:
            raise InvalidValueError(path, value)
        return number

    def write(self, surface: Surface, path: str, value: int) -> None:
        surface.put(path, value if surface.kind == "vim" else str(value))  # the one surface with numbers


@dataclass(frozen=True)
class Switch:
    """A yes or no with values of its own on each surface; one of None writes nothing."""

    yes: str = "yes"
    no: str | None = None
    vmx: tuple[Any, Any] = (True, False)
    vim: tuple[Any, Any] = (True, False)

    def _values(self, surface: Surface) -> tuple[Any, Any]:
        return {"xml": (self.yes, self.no), "vmx": self.vmx, "vim": self.vim}[surface.kind]

    def read(self, surface: Surface, path: str) -> bool | None:
        """Return which of the two it is; a text that is neither is read as any libvirt switch is.

        Raises :class:`InvalidValueError` for what is no switch at all.
        """
        value = surface.get(path)
        if value is None:
            return None
        yes, no = self._values(surface)
        if value == yes:
            return True
        if value == no:
            return False
        return _truth(path, value) if isinstance(value, str) else bool(value)

    def write(self, surface: Surface, path: str, value: bool) -> None:
        """Write the surface's own value for it."""
        yes, no = self._values(surface)
        surface.put(path, yes if value else no)


@dataclass(frozen=True)
class Size:
    """An amount of memory in KiB, which a surface counts in units of ``unit`` KiB; -1 says that it has no end.

    Without an end it is None. What is written is rounded up to a multiple of ``step`` units. What is read is at most
    ``most`` KiB: more than that, no document could be read with.
    """

    unit: float = 1024
    step: int = 1
    most: int = 2**53 - 1

    def read(self, surface: Surface, path: str) -> int | None:
        """Return the amount in KiB. Raises :class:`InvalidValueError` for what is no number or too large."""
        value = surface.get(path)
        if _is_unlimited(value):
            return None
        amount = int(whole(path, value) * self.unit)
        if amount > self.most:
            raise InvalidValueError(path, value)
        return amount

    def write(self, surface: Surface, path: str, value: int) -> None:
        """Write an amount of ``value`` KiB, rounded up to what the surface can hold."""
        NUMBER.write(surface, path, int(-(-value // (self.unit * self.step))) * self.step)


class _Kib:
    """An amount of memory in KiB in XML, which may have a unit; ``unlimited`` and -1 say that it has no end."""

    def read(self, surface: Surface, path: str) -> int | None:
        value = surface.get(path)
        return (
            None if _is_unlimited(value) else -(-in_bytes(path, value, surface.get(f"{path}/@unit") or "KiB") // 1024)
        )

    def write(self, surface: Surface, path: str, value: int) -> None:
        surface.put(path, str(value))
        surface.put(f"{path}/@unit", "KiB")


def _is_unlimited(value: Any) -> bool:
    return value in (None, "") or str(value) in ("unlimited", "-1")


class _Bytes:
    """A number of bytes in XML, whose unit is ``bytes`` where none is said."""

    def read(self, surface: Surface, path: str) -> int | None:
        value = surface.get(path)
        return None if value in (None, "") else in_bytes(path, value, surface.get(f"{path}/@unit") or "bytes")

    def write(self, surface: Surface, path: str, value: int) -> None:
        surface.put(path, str(value))
        surface.put(f"{path}/@unit", "bytes")


def in_bytes(path: str, value: Any, unit: str) -> int:
    """Return the amount at ``path`` in bytes, whose unit is ``unit``. Raises :class:`InvalidValueError`."""
    scale = {name.lower(): size for name, size in _UNITS.items()} | _UNITS
    size = scale.get(unit) or scale.get(unit.lower())
    if size is None:
        raise InvalidValueError(f"{path}/@unit", unit, _UNITS)
    amount = whole(path, value)
    if not 0 <= amount * size < 2**63:
        raise InvalidValueError(path, value)
    return amount * size


def whole(path: str, value: Any) -> int:
    """Return ``value`` as a whole number of at most 64 bits; raise :class:`InvalidValueError` when it is none."""
    if isinstance(value, int):
        return value
    text = str(value).strip()
    if not text.isascii() or "_" in text:  # Python reads other scripts' digits, and groups them in its own way
        raise InvalidValueError(path, value)
    try:
        number = int(text, 0 if text[:2] in ("0x", "0X") else 10)
    except ValueError:
        raise InvalidValueError(path, value) from None
    if number.bit_length() > _MOST_BITS:
        raise InvalidValueError(path, value)
    return number


def _truth(path: str, value: Any) -> bool:
    text = str(value).lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise InvalidValueError(path, value, ("yes", "no"))


TEXT = _Text()
EXISTS = _Exists()
NUMBER = _Number()
BYTES = _Bytes()
KIB = _Kib()
POSITIVE = _Number(1)
COUNT = _Number(1, 2**31 - 1)  # what vSphere keeps in 32 bits
AMOUNT = _Number(0, 2**31 - 1)
ANY_NUMBER = _Number(-(2**31), 2**31 - 1)
YES_NO = Switch(no="no")
