"""Documents read for somebody who goes through them all: a thread is one part ahead of who asks.

1. The host works on the next part while the last is made into documents, and those are asked for meanwhile.
2. Nobody who stops asking has everything read: two parts ahead, the thread waits, and ends when nothing more is asked
   for.
3. Who asks for a document of the part that is coming waits for it; any other is read alone, and so is the one whose
   reader was the reason to begin: it is not in ``refs``.
"""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import libvirt

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

PART = 100  # machines in a round trip

_PATIENCE = 2.0  # seconds without a question that end it
_TOGETHER = 8  # documents between two calls of those who wait: each costs as much as a part of a document

_log = logging.getLogger(__name__)


class ReadingAhead:
    """Reads the documents of ``refs``: ``read(refs)`` yields each with its machine, and ``put`` keeps it.

    ``read`` gives machines a part after the other, in any order within one, and may leave some out.
    """

    def __init__(
        self,
        refs: Sequence[Any],
        read: Callable[[Sequence[Any]], Generator[tuple[Any, str]]],
        put: Callable[[Any, str], None],
    ) -> None:
        self._refs, self._read, self._put = refs, read, put
        self._parts = {ref._moId: number // PART for number, ref in enumerate(refs)}
        self._coming = set(self._parts)
        self._part = 0  # that is being read
        self._arrived_of_part = 0
        self._asked = 0  # the last from which something was asked for
        self._ended = False
        self._change = threading.Condition()

    def start(self) -> None:
        """Begin, in a thread."""
        threading.Thread(target=self._run, name="esxdriver-ahead", daemon=True).start()

    def stop(self) -> None:
        """End with the next document."""
        with self._change:
            self._ended = True
            self._change.notify_all()

    @property
    def is_alive(self) -> bool:
        """Whether it reads, or may go on."""
        return not self._ended

    def note(self, ref: Any) -> None:
        """Take note that a document is asked for."""
        part = self._parts.get(ref._moId, 0)
        if part > self._asked:
            with self._change:
                self._asked = max(self._asked, part)
                self._change.notify_all()

    def wait_for_end(self) -> None:
        """Return when it reads no more."""
        with self._change:
            self._change.wait_for(lambda: self._ended)

    def wait_for(self, ref: Any) -> None:
        """Return when the document of a machine is there, or will not come soon."""
        moid = ref._moId
        part = self._parts.get(moid)
        if part is None or part > self._part + 1:
            return
        with self._change:
            self._change.wait_for(lambda: self._ended or moid not in self._coming)

    # -- the thread

    def _run(self) -> None:
        try:
            with closing(self._read(self._refs)) as found:
                for ref, text in found:
                    if not self._goes_on_to(self._parts[ref._moId]):
                        break
                    self._put(ref, text)
                    self._arrived(ref)
        except libvirt.libvirtError as error:  # who asks for a document meets it again
            _log.debug("documents are not read ahead any more: %s", error)
        finally:
            self.stop()

    def _goes_on_to(self, part: int) -> bool:
        """Return whether to go on with this part, which somebody has to come near to first."""
        if part == self._part:
            return not self._ended
        with self._change:
            self._part, self._arrived_of_part = part, 0
            self._coming = {moid for moid in self._coming if self._parts[moid] >= part}  # the others were left out
            self._change.notify_all()
            return self._change.wait_for(lambda: self._ended or self._asked >= part - 1, _PATIENCE) and not self._ended

    def _arrived(self, ref: Any) -> None:
        with self._change:
            self._coming.discard(ref._moId)
            self._arrived_of_part += 1
            if self._arrived_of_part % _TOGETHER == 0 or self._arrived_of_part == self._size_of(self._part):
                self._change.notify_all()

    def _size_of(self, part: int) -> int:
        return min(PART, len(self._refs) - part * PART)
