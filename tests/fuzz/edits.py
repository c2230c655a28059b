"""Edits that make a good input odd. An input is told by its seed and its edits, which print short."""

import re
from dataclasses import dataclass

from hypothesis import strategies as st

LARGEST = 200_000  # characters of an input
_NEAR = 300  # characters that a cut-out piece may have
_NUMBER = re.compile(r"\d+")
_VALUE = re.compile(r"(?<=['\">])[^'\"<>\n]+(?=['\"<])")
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<(\w+)[^<>]*?(/>|>[^<>]*</\1>)")

TOKENS = [
    "", "0", "-1", "1", "2147483648", "-9223372036854775809", "18446744073709551616", "9" * 400, "1e309", "NaN", "0x10",
    "\0", "\x1b[2J", "\x85", "\u2028", "\u202e", "\ufeff", "\ufffe", "\udcff", "é", "日本", "\U0001f600", " ", "\t", "\n", "\r",
    "<", ">", "&", "&#0;", "&#x110000;", "&a;", "<!DOCTYPE a [<!ENTITY a 'b'>]>", "<![CDATA[", "]]>", "<!--", "<?x?>",
    "<a/>", "<disk/>", "'", '"', "\\", "..", "../../x", "/", "[ds] a.vmdk", "[]", "[", "] ", "%s", "%2f", "%zz", "|22",
    "|0", "#", "=", ":", "@", "yes", "no", "true", "TRUE", "none", "null", "persistent", "00000000-0000-0000-0000-000000000000",
    "a" * 5000, "xsi:nil='true'", "xsi:type='xsd:string'", "!!python/object:os.system", "&x", "*x", "- ", "{", "1_0", "\u0661",
]  # fmt: skip


def _span(text, at, width):
    start = at % (len(text) + 1)
    return start, min(len(text), start + width % _NEAR)


def _delete(text, at, width, _):
    start, end = _span(text, at, width)
    return text[:start] + text[end:]


def _double(text, at, width, _):
    start, end = _span(text, at, width)
    return text[:end] + text[start:end] + text[end:]


def _many(text, at, width, _):
    start, end = _span(text, at, width)
    return text[:end] + text[start:end] * 300 + text[end:]


def _move(text, at, width, _):
    start, end = _span(text, at, width)
    piece, rest = text[start:end], text[:start] + text[end:]
    to = (at * 7919) % (len(rest) + 1)
    return rest[:to] + piece + rest[to:]


def _insert(text, at, _, token):
    start, _end = _span(text, at, 0)
    return text[:start] + token + text[start:]


def _replace(text, at, width, token):
    start, end = _span(text, at, width)
    return text[:start] + token + text[end:]


def _cut(text, at, _, __):
    return text[: at % (len(text) + 1)]


def _matched(pattern):
    """Return the edit that puts a token in the place of a match."""

    def edit(text, at, _, token):
        found = list(pattern.finditer(text))
        if not found:
            return text
        match = found[at % len(found)]
        return text[: match.start()] + token + text[match.end() :]

    return edit


def _swap(text, at, width, _):
    """Put one word of the text in the place of another."""
    found = list(_WORD.finditer(text))
    if not found:
        return text
    match, other = found[at % len(found)], found[width % len(found)]
    return text[: match.start()] + other.group() + text[match.end() :]


def _flip(text, at, width, _):
    start = at % max(1, len(text))
    return text[:start] + chr((ord(text[start]) ^ (1 << width % 7)) & 0x7F) + text[start + 1 :] if text else text


OPERATIONS = {
    "delete": _delete, "double": _double, "many": _many, "move": _move, "insert": _insert, "replace": _replace,
    "cut": _cut, "number": _matched(_NUMBER), "value": _matched(_VALUE), "element": _matched(_TAG), "swap": _swap,
    "flip": _flip,
}  # fmt: skip


@dataclass(frozen=True)
class Edited:
    """A seed, by its number, and what is done to it: operation, place, width and token, one after the other."""

    seed: int
    edits: tuple

    def of(self, seeds) -> str:
        """Return the input."""
        text = seeds[self.seed % len(seeds)]
        for operation, at, width, token in self.edits:
            text = OPERATIONS[operation](text, at, width, token)[:LARGEST]
        return text


_NUMBERS = st.integers(0, 10**6)
_EDIT = st.tuples(st.sampled_from(sorted(OPERATIONS)), _NUMBERS, _NUMBERS, st.sampled_from(TOKENS))
EDITED = st.builds(Edited, st.integers(0, 1000), st.lists(_EDIT, min_size=1, max_size=4).map(tuple))
