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

# Whoever misses so many documents within so many seconds is taken to go through them all.
_MISSES, _WITHIN = 4, 2.0


class Documents:
    """Domains' XML, each as long as the watch knows of no other version of its machine; nothing secret is kept."""

    def __init__(self, watch: "Watch") -> None:
        self._watch = watch
        self._held: dict[str, tuple[Any, dict[int, str]]] = {}
        self._misses: deque[float] = deque(maxlen=_MISSES)
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

        That begins when so many were missing lately that somebody seems to go through them all: ``read`` yields the
        documents of machines, those of the part from ``ref`` on first.
        """
        self._misses.append(time.monotonic())
        if self._are_many_missing() and (self._ahead is None or not self._ahead[1].is_alive):
            self._ahead = flags, self._reading(ref, flags, read)
        if self._ahead is None or self._ahead[0] != flags:
            return None
        self._ahead[1].wait_for(ref)
        return self._known(ref, flags)

    def read_all(
        self, flags: int, size: int, read: "Callable[[Sequence[Any]], Generator[tuple[Any, str]]]"
    ) -> "Iterator[None]":
        """Read all documents that are missing, ``size`` at a time; yield after each time."""
        known = self._watch.machines(_VERSION) or ()
        missing = [each.ref for each in known if self._known(each.ref, flags) is None]
        for start in range(0, len(missing), size):
            part = missing[start : start + size]
            versions = {each._moId: self.version(each) for each in part}
            for ref, text in read(part):
                self.put(ref, flags, versions[ref._moId], text)
            yield

    def _are_many_missing(self) -> bool:
        return len(self._misses) == _MISSES and self._misses[-1] - self._misses[0] <= _WITHIN

    def _reading(
        self, ref: Any, flags: int, read: "Callable[[Sequence[Any]], Generator[tuple[Any, str]]]"
    ) -> ReadingAhead:
        """Begin to read the documents that are missing, from that of ``ref`` on."""
        known = self._watch.machines(_VERSION) or ()
        refs = [each.ref for each in known if each.ref == ref or self._known(each.ref, flags) is None]
        start = refs.index(ref) if ref in refs else 0
        refs = refs[start:] + refs[:start]
        versions = {each._moId: self.version(each) for each in refs}
        ahead = ReadingAhead(refs, read, lambda each, text: self.put(each, flags, versions[each._moId], text))
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
