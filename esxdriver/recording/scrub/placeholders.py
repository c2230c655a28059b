"""What stands in a recording for a value that was taken out.

What was equal stays equal where that matters, and what is a placeholder already is left alone.
"""

import re
from functools import partial

from esxdriver.recording.scrub.secrets import PATTERNS, Kind

PLACEHOLDER = "scrubbed"
_KEEPS_SHAPE = re.compile(r"[0-9A-Fa-f]{16,}|[0-9A-Za-z]+([-: ][0-9A-Za-z]+)+")
_IS_PLACEHOLDER = re.compile(rf"{PLACEHOLDER}(?:-(\d+))?|0{{8,}}(\d{{1,8}})")
LONG = 16  # characters from which on a value is unlikely to be a common word or number
_ALNUM = re.compile(r"[0-9A-Za-z]")
_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z:.-]{5,}[0-9A-Za-z]")


class Placeholders:
    """The placeholders of a recording: equal values have equal ones throughout."""

    def __init__(self) -> None:
        self.wanted: dict[str, str] = {}
        self._known: dict[str, str] = {}
        self._taken: set[int] = set()

    def note(self, kind: Kind, text: str, where: str) -> None:
        """Remember a value that stands ``where``, and give it its placeholder."""
        if not text.strip():
            return
        if number := _number(text):
            self._taken.update(number)
            return
        if kind.wanted:
            self.wanted.setdefault(text, where)
        if kind.consistent:
            self._known.setdefault(text, "")

    def assign_numbers(self) -> None:
        """Give the values that were noted their numbers, past those that placeholders have already."""
        number = 0
        for text in [text for text, placeholder in self._known.items() if not placeholder]:
            number = next(n for n in range(number + 1, number + len(self._taken) + 2) if n not in self._taken)
            self._known[text] = _shaped(text, number)

    def of(self, kind: Kind, text: str) -> str:
        """Return the placeholder for a value."""
        if not text.strip() or _number(text):
            return text
        return self._known.get(text, PLACEHOLDER) if kind.consistent else PLACEHOLDER

    def within(self, text: str) -> str:
        """Return the text with what the patterns find, and every value that has a number, replaced."""
        if text in self._known:
            return self._known[text]
        for pattern, kind in PATTERNS:
            text = pattern.sub(partial(self._found, kind), text)
        return _TOKEN.sub(lambda found: self._known.get(found[0], found[0]), text) if self._known else text

    def _found(self, kind: Kind, found: re.Match[str]) -> str:
        return found[0].replace(found[1], self.of(kind, found[1]))


def _number(text: str) -> set[int] | None:
    """Return the numbers of a placeholder, ``{0}`` for one without; None for any other text."""
    found = _IS_PLACEHOLDER.fullmatch(text) or (
        _KEEPS_SHAPE.fullmatch(text) and _IS_PLACEHOLDER.fullmatch("".join(_ALNUM.findall(text)))
    )
    return {int(number) for number in found.groups() if number} or {0} if found else None


def _shaped(text: str, number: int) -> str:
    """Return a placeholder with the same length and punctuation where the value is long, else a word."""
    count = len(_ALNUM.findall(text))
    if count < LONG or not _KEEPS_SHAPE.fullmatch(text):
        return f"{PLACEHOLDER}-{number}"
    digits = iter(f"{number:0{count}d}")
    return _ALNUM.sub(lambda _: next(digits), text)
