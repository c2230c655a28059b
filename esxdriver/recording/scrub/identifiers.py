"""Numbers that tell one machine, disk or switch from all others in the world, and what stands for each.

UUIDs, with dashes or as VMX files have them (``56 4d 5c 9f ...-...``), volumes of VMFS, world wide names of controllers
and disks. One that stands in several forms has the same number in all of them.
"""

import re

_DIGIT = re.compile(r"[0-9a-fA-F]")
_PATTERN = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"  # a UUID
    r"|[0-9a-fA-F]{8}-[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"  # a volume of VMFS
    r"|(?:[0-9a-fA-F]{2}[ -]){15}[0-9a-fA-F]{2}"  # a UUID of a VMX file, of a virtual switch
    r"|(?:[0-9a-fA-F]{2} ){7}[0-9a-fA-F]{2}"  # a SAS controller's name
    r"|(?<=fc\.)[0-9a-fA-F]{16}:[0-9a-fA-F]{16}"  # a Fibre Channel adapter's node and port
    r"|0[0-9]000000[0-9a-fA-F]{10,}|[0-9a-fA-F]{24,}"  # a disk's own number, a UUID without dashes
    r"|(?:005056|000[cC]29)[0-9a-fA-F]{6}"  # a MAC address without colons
    r"|(?<=naa\.)[0-9a-fA-F]{16,32}|(?<=eui\.)[0-9a-fA-F]{16,32}"  # a disk's
    r")(?![0-9A-Za-z])"
)
_OWN_DIGITS = 8  # of a placeholder, after zeros


class Identifiers:
    """What stands for each identifier, numbered from 1 past those that are there."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._taken: set[int] = set()
        self._last = 0

    def note(self, text: str) -> None:
        """Remember which numbers a text has already."""
        for found in _PATTERN.findall(text):
            if (number := _number(found)) is not None:
                self._taken.add(number)

    def within(self, text: str) -> str:
        """Return the text with each identifier replaced; a null one says nothing, and stays."""
        return _PATTERN.sub(lambda found: self.of(found[0]), text)

    def of(self, text: str) -> str:
        """Return the placeholder of an identifier, with its length and punctuation."""
        if _number(text) is not None:
            return text
        digits = "".join(_DIGIT.findall(text)).lower()
        if digits not in self._numbers:
            self._numbers[digits] = self._next()
        shown = iter(f"{self._numbers[digits]:0{len(digits)}d}")
        return _DIGIT.sub(lambda _: next(shown), text)

    def _next(self) -> int:
        self._last += 1
        while self._last in self._taken:
            self._last += 1
        return self._last


def is_identifier(text: str) -> bool:
    """Whether a text as a whole is one."""
    return _PATTERN.fullmatch(text) is not None


def _number(text: str) -> int | None:
    """Return the number of a placeholder (0 of a null identifier), None for any other."""
    digits = "".join(_DIGIT.findall(text))
    own = digits[-_OWN_DIGITS:]
    return int(own) if not digits[:-_OWN_DIGITS].strip("0") and own.isdecimal() else None
