"""Devices as text: those that differ in their texts alone, as a file's name or a MAC address, look alike.

What stands around the texts is worked out once for each *look* and filled in after that: a dump of many domains has
few looks, and to put each word into an element takes several times as long.
"""

import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, fields
from functools import cache, lru_cache, partial
from typing import Any, cast
from uuid import uuid4

from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.conf.mapping.fields import dump, facts
from esxdriver.conf.xml.surface import ElementSurface, printable
from esxdriver.conf.xml.tree import Element, escaped, escaped_text, printed

_LOOKS = 4096  # that are remembered
_MARK = uuid4().hex  # stands in a pattern around the number of a text; no document can have it from elsewhere
_MARKED = re.compile(f"{_MARK}(\\d+){_MARK}")

Texts = tuple[str, ...]
Constants = Callable[[Any, ElementSurface], None]


@dataclass(frozen=True)
class _Pattern:
    """A text with places for others: ``between`` as a format, and which text goes to each place, escaped how."""

    between: str
    places: tuple[tuple[int, Callable[[str], str]], ...]

    def filled(self, texts: Texts) -> str:
        return self.between % tuple([escape(texts[number]) for number, escape in self.places])


@dataclass(frozen=True)
class Look:
    """An element without its texts, and the words that go to its companion in ``<metadata>``, by their paths."""

    tag: str
    element: _Pattern
    companion: tuple[tuple[str, _Pattern], ...]


@dataclass(frozen=True)
class Printed:
    """A device's element in a document that is being written.

    ``look`` is its look ``level`` elements deep, where it nearly always stands, ``elsewhere`` makes that of another
    place.
    """

    look: Look
    texts: Texts
    level: int
    elsewhere: Callable[[int], Look]

    @property
    def tag(self) -> str:
        """The element's name."""
        return self.look.tag

    def printed(self, level: int) -> str:
        """Return the element's text for a place ``level`` elements deep."""
        look = self.look if level == self.level else self.elsewhere(level)
        return look.element.filled(self.texts)

    def companion(self) -> Iterator[tuple[str, str]]:
        """Yield what goes to the companion in ``<metadata>``: paths and words."""
        for path, word in self.look.companion:
            yield path, word.filled(self.texts)


def printed_device(tag: str, device: Any, disk_mode: DiskModeXML, level: int, constants: Constants) -> Printed:
    """Return a device as an element, most likely of a place ``level`` elements deep.

    ``constants`` writes what the tables do not say of a device of the kind.
    """
    values, key = vars(device), []
    texts: list[str] = []
    for name, is_text in _slots(cast("Any", type(device))):
        value = values[name]
        word = printable(value) if is_text and value else ""
        if word:
            key.append(f"{_MARK}{len(texts)}{_MARK}")
            texts.append(word)
        else:
            key.append(value)
    made = partial(_look, tag, cast("Any", type(device)), tuple(key), disk_mode, constants)
    return Printed(made(level), tuple(texts), level, made)


@cache
def _slots(definition: Hashable) -> tuple[tuple[str, bool], ...]:
    """Return the name of each field that tells devices apart, and whether it is a text that is written as it is."""
    verbatim = {name for name, each in facts(definition, "xml") if getattr(each.codec, "verbatim", False)}
    return tuple((each.name, each.name in verbatim) for each in fields(cast("Any", definition)) if each.compare)


@lru_cache(_LOOKS)
def _look(
    tag: str, definition: Any, key: tuple[Any, ...], disk_mode: DiskModeXML, constants: Constants, level: int
) -> Look:
    device = definition(**{name: value for (name, _), value in zip(_slots(definition), key, strict=True)})
    root, beside = Element(tag), _Beside()
    surface = ElementSurface(root, lambda _: beside, disk_mode=disk_mode)
    dump(device, surface)
    constants(device, surface)
    text = printed(root, {}, frozenset(), level).strip()
    return Look(tag, _pattern(text), tuple((path, _pattern(word, plain=True)) for path, word in beside.words))


class _Beside(ElementSurface):
    """A companion that keeps what is put there."""

    def __init__(self) -> None:
        super().__init__(None)
        self.words: list[tuple[str, str]] = []

    def put(self, path: str, word: str | None) -> None:
        if word is not None:
            self.words.append((path, word))


def _pattern(text: str, *, plain: bool = False) -> _Pattern:
    """Return the pattern of a text with marks; one that is ``plain`` holds no markup."""
    between, numbers = _MARKED.split(text)[::2], _MARKED.findall(text)
    places, before = [], ""
    for number, piece in zip(numbers, between, strict=False):
        before += piece
        in_a_tag = before.rfind("<") > before.rfind(">")
        places.append((int(number), str if plain else escaped if in_a_tag else escaped_text))
    return _Pattern("%s".join(piece.replace("%", "%%") for piece in between), tuple(places))
