"""Names of files that stand for domains: each domain's own, whatever it is called and whoever is called the same."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

# What a file's name must not hold: separators, what steers a terminal, and what makes a name hidden or another
# directory's.
_UNFIT = re.compile(r"[/\\\x00-\x1f\x7f]|^\.")

_LONGEST = 180  # bytes: with a UUID, an ID and the ending it stays below the 255 that file systems take


class FileNames:
    """The file names of domains, for which all of them have to be known: ``NAME.xml``.

    A name that several share carries the UUID of each, and with a shared UUID the ID in its reference, too, so that no
    file depends on the order in which they are read. File systems may take upper and lower case for the same.
    """

    def __init__(self, domains: Iterable["Domain"]) -> None:
        everyone = list(domains)
        self._names = Counter(_key(each.name()) for each in everyone)
        self._twins = Counter((_key(each.name()), each.UUIDString()) for each in everyone)
        self._written: set[str] = set()

    def of(self, domain: "Domain") -> str:
        """Return the file name of a domain; one that came after the others were listed takes no other's."""
        key, uuid = _key(domain.name()), domain.UUIDString()
        name = _shortened(_fit(domain.name()))
        if self._names[key] > 1 or name != _fit(domain.name()) or name.lower() in self._written:
            name = f"{name}.{uuid}"
        if self._twins[key, uuid] > 1 or name.lower() in self._written:
            name = f"{name}.{domain.number}"
        self._written.add(name.lower())
        return f"{name}.xml"


def fitting(name: str) -> str:
    """Return what a file may be called that stands for a domain of this name alone."""
    return _shortened(_fit(name))


def _key(name: str) -> str:
    return _shortened(_fit(name)).lower()


def _fit(name: str) -> str:
    return _UNFIT.sub(lambda match: f"%{ord(match[0]):02x}", name)


def _shortened(name: str) -> str:
    return name.encode()[:_LONGEST].decode(errors="ignore")
