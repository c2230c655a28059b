"""The procedures of libvirt's remote protocol, read from ``protocol.txt`` and made into types when first asked for."""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from esxdriver.rpc import xdr
from esxdriver.rpc.xdr import Structure, Type

PROGRAM = 0x20008086
VERSION = 1
STRING_MAX = 4194304

TABLE = Path(__file__).with_name("protocol.txt")

_NUMBERS = {
    "i32": xdr.INT,
    "u32": xdr.UNSIGNED,
    "i64": xdr.HYPER,
    "u64": xdr.UNSIGNED_HYPER,
    "f64": xdr.DOUBLE,
    "i8w": xdr.CHAR,
    "u8w": xdr.UNSIGNED_CHAR,
    "u16w": xdr.UNSIGNED_SHORT,
}
_BASIC: dict[str, Type] = _NUMBERS | {
    "str": xdr.String(STRING_MAX),
    "uuid": xdr.FixedOpaque(16),
    "typed_param_value": xdr.Union(
        {
            1: xdr.INT,
            2: xdr.UNSIGNED,
            3: xdr.HYPER,
            4: xdr.UNSIGNED_HYPER,
            5: xdr.DOUBLE,
            6: xdr.INT,
            7: xdr.String(STRING_MAX),
        }
    ),
}
_EXPRESSION = re.compile(r"(?P<of>\w+)(?:<(?P<limit>\d+)>|\[(?P<size>\d+)\]|(?P<optional>\?))?")
_NONE = "-"


@dataclass(frozen=True)
class Procedure:
    """A row of the table: what a client may call, or the message of an event.

    ``arguments`` and ``reply`` are None when there are none; a message is the arguments of an event.
    """

    kind: str
    number: int
    name: str
    tier: str
    rules: frozenset[str]
    argument_fields: str
    reply_fields: str

    @cached_property
    def arguments(self) -> Structure | None:
        """What a client sends, or the message of an event."""
        return _optional_structure(f"{self.name}_args", self.argument_fields)

    @cached_property
    def reply(self) -> Structure | None:
        """What the reply holds."""
        return _optional_structure(f"{self.name}_ret", self.reply_fields)

    @property
    def priority(self) -> bool:
        """Whether libvirtd would let a priority worker do it."""
        return "hi" in self.rules

    @property
    def streams(self) -> bool:
        """Whether a stream of data follows the reply, to the client or from it."""
        return bool(self.rules & {"down", "up"})

    def denies(self, arguments: Any) -> bool:
        """Whether a read-only client is refused with these arguments."""
        return any(rule.startswith("deny") and _applies(rule[5:], arguments) for rule in self.rules)


def _applies(condition: str, arguments: Any) -> bool:
    """Whether ``field&bits`` or ``field=value`` holds, or there is no condition."""
    field, operator, number = re.fullmatch(r"(\w*)([&=]?)(\d*)", condition).groups()  # type: ignore[union-attr]
    if not field:
        return True
    value = getattr(arguments, field)
    return bool(value & int(number)) if operator == "&" else bool(value == int(number))


@cache
def procedures() -> dict[int, Procedure]:
    """Return every procedure of the table by its number."""
    return {row.number: row for row in map(_procedure, _lines()) if row is not None}


@cache
def others() -> dict[int, str]:
    """Return the names of the procedures that are never answered, by their numbers."""
    return {int(line[1]): line[2] for line in _lines() if line[0] == "other"}


@cache
def _by_name() -> dict[str, Procedure]:
    return {row.name: row for row in procedures().values()}


def named(name: str) -> Procedure:
    """Return the procedure of that name; KeyError when the table has none."""
    return _by_name()[name]


@cache
def structures() -> dict[str, str]:
    """Return the fields of every structure that is not the arguments or the reply of one procedure."""
    return {line[1]: line[2] for line in _lines() if line[0] == "struct"}


@cache
def structure(name: str) -> Structure:
    """Return the structure of that name; ``X_msg`` is the message of the event X, ``X_ret`` the reply of the call X."""
    return _structure(name, fields_of(name))


def fields_of(name: str) -> str:
    """Return the fields of the structure of that name."""
    if name in structures():
        return structures()[name]
    row = named(name.removesuffix("_msg").removesuffix("_ret"))
    return row.reply_fields if name.endswith("_ret") else row.argument_fields


@cache
def type_of(expression: str) -> Type:
    """Return the type that ``expression`` means; ValueError for one of another form, KeyError for an unknown name."""
    parts = _EXPRESSION.fullmatch(expression)
    if parts is None:
        raise ValueError(f"no type of the table: {expression}")
    if parts["limit"] is not None:
        return _counted(parts["of"], int(parts["limit"]))
    if parts["size"] is not None:
        return _fixed(parts["of"], int(parts["size"]))
    inner = _BASIC.get(parts["of"]) or structure(parts["of"])
    return xdr.Optional(inner) if parts["optional"] else inner


def _counted(of: str, limit: int) -> Type:
    special = {"i8w": xdr.Chars, "bytes": xdr.Opaque}.get(of)
    return special(limit) if special else xdr.Array(type_of(of), limit)


def _fixed(of: str, size: int) -> Type:
    return xdr.Chars(size, fixed=True) if of == "i8w" else xdr.FixedOpaque(size)


def _structure(name: str, fields: str) -> Structure:
    pairs = (field.split(":", 1) for field in fields.split())
    return Structure(name, {field: type_of(expression) for field, expression in pairs})


def _optional_structure(name: str, fields: str) -> Structure | None:
    return None if fields == _NONE else _structure(name, fields)


@cache
def _lines() -> list[list[str]]:
    text = TABLE.read_text(encoding="ascii")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def _procedure(line: list[str]) -> Procedure | None:
    if line[0] in {"struct", "other"}:
        return None
    kind, number, name, tier, rules, arguments, *reply = line
    return Procedure(
        kind, int(number), name, tier, frozenset(rules.split(",")), arguments, reply[0] if reply else _NONE
    )
