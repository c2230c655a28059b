"""Documents that need not be made again while a watch says that their machines have not changed."""

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esxdriver.vsphere.query.watch import Change, Watch

# Whatever changes a document changes one of these.
_VERSION = ("config.changeVersion", "runtime.powerState")

# Whoever misses so many documents within so many seconds is taken to go through them all.
_MISSES, _WITHIN = 4, 2.0
_ALONG = 100  # machines that are read at once then


class Documents:
    """Domains' XML, each as long as the watch knows of no other version of its machine; nothing secret is kept."""

    def __init__(self, watch: "Watch") -> None:
        self._watch = watch
        self._held: dict[str, tuple[Any, dict[int, str]]] = {}
        self._misses: deque[float] = deque(maxlen=_MISSES)
        self.reading_ahead = threading.Lock()  # one at a time: others read their own document meanwhile
        watch.listen(self._forget)

    def version(self, ref: Any) -> Any:
        """Return the version that a machine has now, None when that is not known."""
        found = self._watch.properties(ref, _VERSION)
        if found is None or found["config.changeVersion"] is None:
            return None
        return tuple(found[path] for path in _VERSION)

    def get(self, ref: Any, flags: int) -> str | None:
        """Return the document of a machine for these flags, None when it has to be made."""
        version, texts = self._held.get(ref._moId, (None, {}))
        return texts.get(flags) if version is not None and version == self.version(ref) else None

    def missing_from(self, ref: Any, flags: int) -> list[Any]:
        """Note that a machine's document is missing; return the machines from it on that lack one, too.

        Nothing is returned unless so many were missing lately that somebody seems to go through them all.
        """
        now = time.monotonic()
        self._misses.append(now)
        if len(self._misses) < _MISSES or now - self._misses[0] > _WITHIN:
            return []
        known = self._watch.machines(_VERSION) or ()
        refs = [each.ref for each in known if each.ref == ref or self.get(each.ref, flags) is None]
        start = refs.index(ref) if ref in refs else 0
        return (refs[start:] + refs[:start])[:_ALONG]

    def put(self, ref: Any, flags: int, version: Any, text: str) -> None:
        """Keep a document that was made of ``version``, unless the machine has another one meanwhile."""
        if version is None or version != self.version(ref):
            return
        held, texts = self._held.get(ref._moId, (None, {}))
        self._held[ref._moId] = version, (texts if held == version else {}) | {flags: text}

    def _forget(self, changes: "Sequence[Change]") -> None:
        for change in changes:
            self._held.pop(change.ref._moId, None)
