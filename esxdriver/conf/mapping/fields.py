"""The mapping engine: a fact about a domain or a device is written once and used both ways on every surface.

A *surface* is anything with ``get(path)`` and ``put(path, value)``: an XML element, a vSphere object, the keys of
a VMX file. A definition is a frozen dataclass whose fields are made by :func:`fact`: each names its codec and,
for each surface, its path there. Where a value is another on one surface than on the others, that column has a codec
of its own, ``vmx=At("uuid.bios", codec=PAIRED_UUID)``. Only the engine looks at a surface's ``kind``: here, to choose
the column, and in what all columns share, numbers, switches and enums, to choose the spelling.
:func:`load` reads a definition off a surface, :func:`dump` writes it back.
"""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cache
from operator import attrgetter
from typing import Any, Literal, Protocol, TypeVar, cast

Kind = Literal["xml", "vim", "vmx"]
T = TypeVar("T")


class Surface(Protocol):
    """Where facts stand: ``get`` gives None for what is absent, ``put`` of None removes."""

    @property
    def kind(self) -> Kind:
        """Which column of the tables applies here."""

    def get(self, path: str) -> Any:
        """Return the value at ``path``, or None when there is none."""

    def put(self, path: str, value: Any) -> None:
        """Write the value at ``path``, making what stands above it; None removes it."""


class Codec(Protocol):
    """Turns a field's value into what a surface holds, and back.

    One that has a method ``nothing(surface, path)`` writes something for None, too: that is a statement of its own.
    """

    def read(self, surface: Surface, path: str) -> Any:
        """Return the value at ``path``, or None; raise :class:`InvalidValueError` for what has no meaning."""

    def write(self, surface: Surface, path: str, value: Any) -> None:
        """Write ``value`` at ``path``."""


class InvalidValueError(ValueError):
    """A value on a surface that has no meaning.

    What follows is decided by whoever reads: in XML it is the user's error; on a host, libvirt has no words for the
    device, and it is left out.
    """

    def __init__(self, path: str, value: object, accepted: Collection[str] = ()) -> None:
        choices = f"; accepted: {', '.join(sorted(accepted))}" if accepted else ""
        super().__init__(f"invalid value '{value}' for '{path}'{choices}")
        self.path = path


class UnsupportedValueError(ValueError):
    """A value that libvirt knows and ESX has no counterpart for."""


@dataclass(frozen=True)
class At:
    """A path of a fact that counts only where ``where`` is true of the record; it may have a ``codec`` of its own.

    ``where`` names an attribute, as ``backing.is_hard_disk``, of a fact that stands before this one.
    """

    path: str
    where: str | None = None
    codec: Codec | None = None


Paths = str | At | tuple[At, ...]


@dataclass(frozen=True)
class Fact:
    """One fact: the codec of its value, and its paths on each surface that knows it.

    Of several paths the first counts whose ``where`` is true; where none is, nothing is read or written.
    """

    codec: Codec
    columns: Mapping[Kind, tuple[At, ...]]
    default: Any = MISSING

    @property
    def paths(self) -> Mapping[Kind, str]:
        """The first path on each surface."""
        return {kind: column[0].path for kind, column in self.columns.items()}


def fact(
    codec: Codec,
    *,
    xml: Paths | None = None,
    vim: Paths | None = None,
    vmx: Paths | None = None,
    where: str | None = None,
    default: Any = MISSING,
) -> Any:
    """Make the dataclass field of one fact; a surface without a path does not know it.

    ``where`` is that of every path that has none of its own.
    """
    given: dict[Kind, Paths | None] = {"xml": xml, "vim": vim, "vmx": vmx}
    columns = {kind: _column(paths, where) for kind, paths in given.items() if paths is not None}
    return field(default=default, metadata={"fact": Fact(codec, columns, default)})


def _column(paths: Paths, where: str | None) -> tuple[At, ...]:
    each = (At(paths),) if isinstance(paths, str) else (paths,) if isinstance(paths, At) else paths
    return tuple(replace(at, where=at.where or where) for at in each)


@cache
def facts(definition: Hashable, kind: Kind) -> tuple[tuple[str, Fact], ...]:
    """Return the name and fact of each field of ``definition`` that surfaces of ``kind`` know."""
    return tuple(
        (each.name, each.metadata["fact"])
        for each in fields(cast("Any", definition))
        if "fact" in each.metadata and kind in each.metadata["fact"].columns
    )


def load(
    definition: type[T], surface: Surface, unread: Callable[[InvalidValueError], None] | None = None, /, **known: Any
) -> T:
    """Return the ``definition`` that stands on ``surface``; what is ``known`` already is not looked up.

    A fact that the surface is silent about takes the field's default. Raises :class:`InvalidValueError`,
    unless ``unread`` takes it: then the fact has its default, too. A fact without a default must be there.
    """
    record = object.__new__(definition)  # as far as it is known, for the paths that depend on it
    values = vars(record)
    values.update(known)
    for column in _columns(cast("Any", definition), surface.kind):
        if column.name in known:
            continue
        value = None
        try:
            at = column.only or column.path_for(record)
            value = at.read(surface, at.path) if at else None
        except InvalidValueError as error:
            if unread is None:
                raise
            unread(error)
        if value is None:
            value = column.default
            if value is MISSING:
                raise InvalidValueError(column.name, "nothing")
        values[column.name] = value
    return definition(**values)


def dump(record: Any, surface: Surface, names: Collection[str] | None = None) -> None:
    """Write the facts of ``record`` (only those of ``names``, when given) to ``surface``.

    None writes nothing, unless its codec writes something for it.
    """
    known = vars(record)
    for column in _columns(cast("Any", type(record)), surface.kind):
        value = known[column.name]
        if (value is None and not column.says_none) or (names is not None and column.name not in names):
            continue
        at = column.only or column.path_for(record)
        if at is None:
            continue
        if value is not None:
            at.write(surface, at.path, value)
        elif at.nothing is not None:
            at.nothing(surface, at.path)


class _Path:
    """A path, what reads and writes there, and whether it counts for a record."""

    __slots__ = ("nothing", "path", "read", "where", "write")

    def __init__(self, at: At, codec: Codec) -> None:
        codec = at.codec or codec
        self.path = at.path
        self.where = attrgetter(at.where) if at.where else None
        self.read = codec.read
        self.write = codec.write
        self.nothing = getattr(codec, "nothing", None)


class _Column:
    """A fact on one kind of surface, worked out once, because all reading and writing goes through it."""

    __slots__ = ("default", "name", "only", "paths", "says_none")

    def __init__(self, name: str, known: Fact, kind: Kind) -> None:
        self.name = name
        self.default = known.default
        self.paths = tuple(_Path(at, known.codec) for at in known.columns[kind])
        self.says_none = any(at.nothing is not None for at in self.paths)
        self.only = self.paths[0] if self.paths[0].where is None else None

    def path_for(self, record: Any) -> _Path | None:
        """Return the path that counts for a record, or None."""
        for at in self.paths:
            if at.where is None or at.where(record):
                return at
        return None


@cache
def _columns(definition: Hashable, kind: Kind) -> tuple[_Column, ...]:
    return tuple(_Column(name, each, kind) for name, each in facts(definition, kind))


def altered(record: T, **changes: Any) -> T:
    """Return a copy of a definition with changes: ``dataclasses.replace`` in a tenth of the time.

    Only for those that a table's codec has checked, or the host has given: no constructor sees the changes.
    """
    made = object.__new__(type(record))
    vars(made).update(vars(record), **changes)
    return made


def differing(have: Any, want: Any, kind: Kind) -> list[str]:
    """Return the names of the facts on ``kind`` in which ``want`` asks for something else than ``have``.

    A fact that is None in ``want`` is one that the document does not speak of: it stays as it is, unless None is a
    statement of its own there.
    """
    return [
        column.name
        for column in _columns(cast("Any", type(want)), kind)
        if _asks(column, getattr(have, column.name), getattr(want, column.name))
    ]


def _asks(column: _Column, have: Any, want: Any) -> bool:
    return bool(have != want) and (want is not None or column.says_none)
