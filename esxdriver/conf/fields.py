"""The mapping engine: a fact about a domain or a device is written once and used both ways on every surface.

A *surface* is anything with ``get(path)`` and ``put(path, word)``: an XML element, a vSphere object, the keys of
a VMX file. A definition is a frozen dataclass whose fields are made by :func:`fact`: each names its codec and,
for each surface, its path there. :func:`load` reads a definition off a surface, :func:`dump` writes it back.
"""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache, cached_property
from typing import Any, Literal, Protocol, TypeVar, cast

Kind = Literal["xml", "vim", "vmx"]
T = TypeVar("T")


class Surface(Protocol):
    """Where facts stand: ``get`` gives None for what is absent, ``put`` of None removes."""

    @property
    def kind(self) -> Kind:
        """Which column of the tables applies here."""

    def get(self, path: str) -> Any:
        """Return the word at ``path``, or None when there is none."""

    def put(self, path: str, word: Any) -> None:
        """Write the word at ``path``, making what stands above it; None removes it."""


class Codec(Protocol):
    """Turns a value into the words of a surface and back."""

    def read(self, surface: Surface, path: str) -> Any:
        """Return the value at ``path``, or None; raise :class:`BadWord` for a word that has no meaning."""

    def write(self, surface: Surface, path: str, value: Any) -> None:
        """Write ``value`` at ``path``."""


class BadWord(ValueError):
    """A word on a surface that no table has.

    What it means is for the edge to say: in XML it is the user's error, on a host it is a device that libvirt
    has no words for.
    """

    def __init__(self, path: str, word: object, accepted: Collection[str] = ()) -> None:
        choices = f"; accepted: {', '.join(sorted(accepted))}" if accepted else ""
        super().__init__(f"invalid value '{word}' for '{path}'{choices}")
        self.path = path


class UnsupportedWord(ValueError):
    """A word that libvirt knows and ESX has no counterpart for."""


@dataclass(frozen=True)
class Fact:
    """One fact: the codec of its value and its path on each surface that knows it.

    A path may name facts that stand before it in braces, as ``{backing.xml_source}`` does; an empty path means
    that the surface has no place for the fact after all.
    """

    codec: Codec
    paths: Mapping[Kind, str]

    @cached_property
    def none_is_said(self) -> bool:
        """Whether None is a statement of its own, and not the lack of one."""
        return hasattr(self.codec, "nothing")


def fact(
    codec: Codec,
    *,
    xml: str | None = None,
    vim: str | None = None,
    vmx: str | None = None,
    default: Any = MISSING,
) -> Any:
    """Make the dataclass field of one fact; a surface without a path does not know it."""
    columns: dict[Kind, str | None] = {"xml": xml, "vim": vim, "vmx": vmx}
    paths = {kind: path for kind, path in columns.items() if path is not None}
    return field(default=default, metadata={"fact": Fact(codec, paths)})


@cache
def facts(definition: Hashable, kind: Kind) -> tuple[tuple[str, Fact], ...]:
    """Return the name and fact of each field of ``definition`` that surfaces of ``kind`` know."""
    return tuple(
        (each.name, each.metadata["fact"])
        for each in fields(cast("Any", definition))
        if "fact" in each.metadata and kind in each.metadata["fact"].paths
    )


def load(definition: type[T], surface: Surface, unread: Callable[[BadWord], None] | None = None, /, **known: Any) -> T:
    """Return the ``definition`` that stands on ``surface``; what is ``known`` already is not looked up.

    A fact that the surface is silent about takes the field's default. Raises :class:`BadWord`, unless ``unread``
    takes it: then the fact has its default, too. One without a default is always missed.
    """
    for name, each, path, is_template in _columns(cast("Any", definition), surface.kind):
        if name in known:
            continue
        value = None
        place = path.format_map(known) if is_template else path
        try:
            value = each.codec.read(surface, place) if place else None
        except BadWord as word:
            if unread is None:
                raise
            unread(word)
        known[name] = _default(definition, name) if value is None else value
    return definition(**known)


def dump(record: Any, surface: Surface, names: Collection[str] | None = None) -> None:
    """Write the facts of ``record`` (only those of ``names``, when given) to ``surface``.

    None writes nothing, unless its codec has a word for it.
    """
    known = vars(record)
    for name, each, path, is_template in _columns(cast("Any", type(record)), surface.kind):
        value = known[name]
        if (value is None and not each.none_is_said) or (names is not None and name not in names):
            continue
        place = path.format_map(known) if is_template else path
        if not place:
            continue
        if value is not None:
            each.codec.write(surface, place, value)
        else:
            each.codec.nothing(surface, place)  # type: ignore[attr-defined]


@cache
def _columns(definition: Hashable, kind: Kind) -> tuple[tuple[str, Fact, str, bool], ...]:
    """Return the name and fact of each field, its path on ``kind``, and whether that is to be filled in."""
    return tuple((name, each, each.paths[kind], "{" in each.paths[kind]) for name, each in facts(definition, kind))


def differing(have: Any, want: Any, kind: Kind) -> list[str]:
    """Return the names of the facts on ``kind`` in which ``want`` asks for something else than ``have``.

    A fact that is None in ``want`` is one that the document does not speak of: it stays as it is.
    """
    return [
        name
        for name, each in facts(cast("Any", type(want)), kind)
        if _asks(each, getattr(have, name), getattr(want, name))
    ]


def _asks(each: Fact, have: Any, want: Any) -> bool:
    return bool(have != want) and (want is not None or each.none_is_said)


@cache
def _defaults(definition: Hashable) -> Mapping[str, Field[Any]]:
    return {each.name: each for each in fields(cast("Any", definition))}


def _default(definition: type, name: str) -> Any:
    default = _defaults(cast("Any", definition))[name].default
    if default is MISSING:
        raise BadWord(name, "nothing")
    return default
