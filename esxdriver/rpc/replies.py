"""A method's result to the values of its reply, by the reply's fields; and the arguments of a call to a method's."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from esxdriver.rpc import typed_params
from esxdriver.rpc.messages import rpc_error
from esxdriver.rpc.protocol import Procedure
from esxdriver.rpc.references import DESCRIBE, References

# Arguments that say how much the client can take, not what it wants.
ROOM = {
    "need_results", "maxnames", "maxids", "maxuuids", "nparams", "maxStats", "maxerrors", "maxinfo", "maplen",
    "ncpumaps", "need_map", "need_online",
}  # fmt: skip
# Flags that only speak of the wire. Source: libvirt include/libvirt/libvirt-common.h
_STRING_PARAMETERS = 4
_TYPED_FLAGS = re.compile(r"domain_(get|set)_\w*(parameters|tune|cpu_stats)\w*|domain_block_stats_flags")

_FIELD = re.compile(r"(?P<name>\w+):(?P<of>\w+)(?:<(?P<limit>\d+)>|(?P<optional>\?))?")


@cache
def fields(text: str) -> list[tuple[str, str, int | None]]:
    """Return name, type and limit of each field of a row of the table; the limit of a list, None for another."""
    found = (_FIELD.match(field) for field in text.split())
    return [(each["name"], each["of"], int(each["limit"]) if each["limit"] else None) for each in found if each]


def arguments(procedure: Procedure, sent: Any, references: References) -> tuple[Any, list[Any]]:
    """Return the object whose method is called, None for the connection, and the method's arguments."""
    if sent is None:
        return None, []
    values = [made(sent[number], references) for number, made in _makers(procedure.name, procedure.argument_fields)]
    if is_method(procedure):
        return values[0], values[1:]
    return None, values


def is_method(procedure: Procedure) -> bool:
    """Whether the first argument refers to the object whose method is meant."""
    first = fields(procedure.argument_fields)[0]
    return first[1] in DESCRIBE and first[2] is None


@cache
def _makers(procedure: str, text: str) -> list[tuple[int, Callable[[Any, References], Any]]]:
    """Return which of the arguments go to the method, by their numbers, and what makes its arguments of them."""
    return [
        (number, _maker(procedure, name, of, limit))
        for number, (name, of, limit) in enumerate(fields(text))
        if name not in ROOM
    ]


def _maker(procedure: str, name: str, of: str, limit: int | None) -> Callable[[Any, References], Any]:
    if of in DESCRIBE and limit is None:
        return lambda value, references: references.object(of, value)
    if of == "typed_param":
        return lambda value, _: typed_params.from_wire(value)
    if name == "flags" and _TYPED_FLAGS.fullmatch(procedure):
        return lambda value, _: value & ~_STRING_PARAMETERS
    return lambda value, _: value


def values(procedure: Procedure, sent: Any, result: Any, references: References) -> Sequence[Any]:
    """Return the values of the reply; ``sent`` are the arguments as they came."""
    (name, of, limit), *others = fields(procedure.reply_fields)
    if limit is None:
        return [references.reference(of, result)] if of in DESCRIBE else _sequence(result, 1 + len(others))
    listed: Sequence[Any] = _listed(of, result, references)
    check_limit(name, listed, limit)
    room = _room(sent)
    return [listed if room is None else listed[:room], *(len(listed) for _ in others)]


def check_limit(what: str, listed: Sequence[Any], limit: int) -> None:
    """Raise libvirt's own error for a list that is longer than clients take."""
    if len(listed) > limit:
        raise rpc_error(f"Too many {what} '{len(listed)}' for limit '{limit}'")


def _listed(of: str, result: Any, references: References) -> Sequence[Any]:
    if of in DESCRIBE:
        return references.references(of, result)
    if of == "typed_param":
        return typed_params.to_wire(result)
    return list(result)


def _sequence(result: Any, length: int) -> Sequence[Any]:
    return [result] if length == 1 else list(result)


def _room(sent: Any) -> int | None:
    """Return how many items the client has room for; None when it takes all."""
    for name in ("maxnames", "maxids", "maxuuids", "nparams"):
        if (room := getattr(sent, name, None)) is not None:
            return max(int(room), 0)
    return None if getattr(sent, "need_results", 1) else 0
