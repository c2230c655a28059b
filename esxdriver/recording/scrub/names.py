"""Names, and what stands for each: found wherever they stand as words of their own, the longest first.

The time that a text takes grows with the text and not with the number of names: each word of the text is looked up
among the words that a name begins with, and then each length that such a name has.
"""

import re
from collections.abc import Iterator, Mapping

_BEGINNING = re.compile(r"[0-9A-Za-z]++|[^0-9A-Za-z]")
_LONGEST = 255  # characters that a name in vSphere or DNS can have
_SHORTEST = 2


class Names:
    """What stands for each name; ``within()`` replaces them in a text."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._lengths: dict[str, list[int]] = {}
        for name in known:
            if _SHORTEST <= len(name) <= _LONGEST and (first := _BEGINNING.match(name)):
                self._lengths.setdefault(first[0], []).append(len(name))
        for first_word, lengths in self._lengths.items():
            self._lengths[first_word] = sorted(set(lengths), reverse=True)

    def within(self, text: str) -> str:
        """Return the text with each name in it replaced."""
        return "".join(self._parts(text)) if self._lengths else text

    def _parts(self, text: str) -> Iterator[str]:
        end = 0
        for match in _BEGINNING.finditer(text):
            start = match.start()
            if start < end or match[0] not in self._lengths:
                continue
            if name := self._name_at(text, start, match[0]):
                yield text[end:start]
                yield self._known[name]
                end = start + len(name)
        yield text[end:]

    def _name_at(self, text: str, start: int, first: str) -> str | None:
        if not _is_edge(text[start - 1 : start]):
            return None
        for length in self._lengths[first]:
            name = text[start : start + length]
            if name in self._known and _is_edge(text[start + length : start + length + 1]):
                return name
        return None


def _is_edge(character: str) -> bool:
    return not (character.isascii() and character.isalnum())
