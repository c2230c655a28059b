"""Documents that need not be made again while a watch says that their machines have not changed."""

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from esxdriver.driver.reading_ahead import ReadingAhead

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from esxdriver.vsphere.query.known import Change
    from esxdriver.vsphere.query.watch import Watch

# Whatever changes a document changes one of these.
_VERSION = ("config.changeVersion", "runtime.powerState")

# Whoever misses the documents of so many machines within so many seconds is taken to go through them all.
_MISSES, _WITHIN = 2, 2.0


class Documents:
    """Domains' XML, each as long as the watch knows of no other version of its machine; nothing secret is kept."""

    def __init__(self, watch: "Watch") -> None:
        self._watch = watch
        self._held: dict[str, tuple[Any, dict[int, str]]] = {}
        self._misses: deque[tuple[float, Any]] = deque(maxlen=_MISSES)
        self._ahead: tuple[int, ReadingAhead] | None = None  # for these flags; one at a time
        watch.listen(self._forget)

    def version(self, ref: Any) -> Any:
        """Return the version that a machine has now, None when that is not known."""
        found = self._watch.properties(ref, _VERSION)
        if found is None or found["config.changeVersion"] is None:
            return None
        return tuple(found[path] for path in _VERSION)

    def get(self, ref: Any, flags: int) -> str | None:
        """Return the document of a machine for these flags, None when it has to be made."""
        if self._ahead is not None:
            self._ahead[1].note(ref)
        return self._known(ref, flags)

    def _known(self, ref: Any, flags: int) -> str | None:
        version, texts = self._held.get(ref._moId, (None, {}))
        return texts.get(flags) if version is not None and version == self.version(ref) else None

    def read_ahead(
        self, ref: Any, flags: int, read: "Callable[[Sequence[Any]], Generator[tuple[Any, str]]]"
    ) -> str | None:
        """Return a document that was missing, if it is read with others; None when it has to be read alone.

        Reading others begins when so many were missing lately that somebody seems to go through them all: ``read``
        yields the documents of machines, those behind ``ref`` first. That of ``ref`` is read alone meanwhile.
        """
        self._misses.append((time.monotonic(), ref))
        ahead = self._ahead
        if ahead is None or not ahead[1].is_alive:
            if self._are_many_missing():
                self._ahead = flags, self._reading(ref, flags, read)
            return None
        if ahead[0] != flags:
            return None
        ahead[1].wait_for(ref)
        return self._known(ref, flags)

    def read_all(
        self, flags: int, size: int, read: "Callable[[Sequence[Any]], Generator[tuple[Any, str]]]"
    ) -> "Iterator[None]":
        """Read all documents that are missing, ``size`` at a time; yield after each time.

        While they are read for somebody who goes through them all, it waits.
        """
        known = [each.ref for each in self._watch.machines(_VERSION) or ()]
        for start in range(0, len(known), size):
            if self._ahead is not None:
                self._ahead[1].wait_for_end()
            versions = self._missing(known[start : start + size], flags)
            for ref, text in read(list(versions)) if versions else ():
                self.put(ref, flags, versions[ref], text)
            yield

    def _missing(self, refs: "Sequence[Any]", flags: int) -> dict[Any, Any]:
        """Return those machines whose documents are missing and can be kept, each with its version."""
        versions = {each: self.version(each) for each in refs if self._known(each, flags) is None}
        return {each: version for each, version in versions.items() if version is not None}

    def _are_many_missing(self) -> bool:
        misses = list(self._misses)
        return len({ref for _, ref in misses}) == _MISSES and misses[-1][0] - misses[0][0] <= _WITHIN

    def _reading(
        self, ref: Any, flags: int, read: "Callable[[Sequence[Any]], Generator[tuple[Any, str]]]"
    ) -> ReadingAhead:
        """Begin to read the other documents that are missing, those behind ``ref`` first."""
        known = [each.ref for each in self._watch.machines(_VERSION) or ()]
        start = known.index(ref) + 1 if ref in known else 0
        versions = self._missing([each for each in known[start:] + known[:start] if each != ref], flags)
        ahead = ReadingAhead(list(versions), read, lambda each, text: self.put(each, flags, versions[each], text))
        ahead.start()
        return ahead

    def close(self) -> None:
        """Read nothing ahead any more."""
        if self._ahead is not None:
            self._ahead[1].stop()

    def put(self, ref: Any, flags: int, version: Any, text: str) -> None:
        """Keep a document that was made of ``version``, unless the machine has another one meanwhile."""
        if version is None or version != self.version(ref):
            return
        held, texts = self._held.get(ref._moId, (None, {}))
        self._held[ref._moId] = version, (texts if held == version else {}) | {flags: text}

    def _forget(self, changes: "Sequence[Change]") -> None:
        for change in changes:
            self._held.pop(change.ref._moId, None)
