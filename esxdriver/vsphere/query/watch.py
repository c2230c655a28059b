"""A view of the machines of a scope, or of what else is there, that the host keeps up to date, and what changes in it.

1. One thread waits for updates on a connection of its own; what it learns is in memory for everybody else.
2. An answer is applied whole: who reads sees the machines before it or after it, and so do the listeners, in the
   order of the answers.
3. What is read here is current but for what the host has not reported yet. After a change through its own session it is
   not: :attr:`Watch.is_current` says no until a wait that began after the change has come back.
4. Whatever ends the updates (a lost connection or session, a host that has forgotten the filter or the version) leads
   to a new start, whose difference to what was known comes as changes: none twice, none missed. When the first new
   start fails, too, the host is lost: those who asked for it are notified, once, until it has been there again.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from pyVmomi import vim, vmodl

from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.known import PATHS, Change, Known, Summaries
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.query.updates import Update, Updates, Wanted
from esxdriver.vsphere.wire.faults import CALL_FAILURES, SessionClosedError, SessionEndedError
from esxdriver.vsphere.wire.session import Session
from esxdriver.vsphere.wire.soap import FAREWELL

_log = logging.getLogger(__name__)

_WATCHED = frozenset(PATHS)
MACHINES: Wanted = {vim.VirtualMachine: PATHS}
"""What a watch of the machines follows."""

LONGEST_WAIT = 20  # seconds; less where the connection's timeout= is short
SHORTEST_WAIT = 1  # while it catches up with a change of one's own
_PAUSES = (0.2, 1.0, 5.0, 15.0, 30.0)  # before each new start, the last ever after

_LOST_AFTER = 2  # failures
_OWN_END = FAREWELL / 2  # seconds that a watch's end may take


Listener = Callable[[Sequence[Change]], None]


class _Listeners:
    """Who hears of changes, and who of the loss of the host; one that fails is logged, and the others go on."""

    def __init__(self) -> None:
        self.of_changes: list[Listener] = []
        self.of_loss: list[Callable[[], None]] = []

    def report(self, changes: Sequence[Change]) -> None:
        self._call([partial(each, changes) for each in self.of_changes])

    def lost(self) -> None:
        self._call(list(self.of_loss))

    def _call(self, listeners: Iterable[Callable[[], None]]) -> None:
        for listener in listeners:
            try:
                listener()
            except Exception:  # noqa: BLE001 - the others go on, and so does the watch
                _log.exception("a listener of the watch failed")


class Watch:
    """What is known of the machines of a scope, or of the objects of other types in it that are ``wanted``.

    :meth:`start` it, and :meth:`stop` it in the end. With ``before``, a watch of the same that has ended, its listeners
    are this one's, too, and hear of the difference.
    """

    def __init__(
        self, session: Session, scope: Scope, before: "Watch | None" = None, wanted: Wanted = MACHINES
    ) -> None:
        self._session = session
        self._root = scope.root if wanted is MACHINES else scope.computer or scope.root
        self._wanted = wanted
        self.known: Known = before.known if before else Known()
        self.listeners: _Listeners = before.listeners if before else _Listeners()
        self.summaries: Summaries = before.summaries if before else {}
        self._summarized: Summaries | None = None  # those that the updates tell of
        self._takes_over = before is not None
        self._ready = threading.Event()
        self._stopped = threading.Event()
        self._failed: BaseException | None = None
        self._changes_seen = -1
        self._updates: Updates | None = None
        self._thread = threading.Thread(target=self._run, name="esxdriver-watch", daemon=True)

    # -- its life

    def start(self) -> None:
        """Begin, and return when everything is known. Raises what the host says against it."""
        self._thread.start()
        try:
            self._ready.wait()
        except BaseException:  # a signal: nobody would stop it any more
            self.stop()
            raise
        if self._failed is not None:
            raise self._failed

    def stop(self) -> None:
        """End the updates, within a second. May be called from a listener, by any thread, and more than once."""
        self._stopped.set()
        if not self._ready.is_set():
            self._give_up(SessionClosedError("the connection is closed"))
        updates = self._updates
        if updates is not None:  # a host that does not answer is not waited for
            threading.Thread(target=updates.cancel, name="esxdriver-cancel", daemon=True).start()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(timeout=_OWN_END)

    def listen(self, listener: Listener) -> None:
        """Have ``listener`` called with the changes of each answer, in the watch's own thread."""
        self.listeners.of_changes.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Call a listener no more."""
        self.listeners.of_changes.remove(listener)

    def listen_lost(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called, in the watch's thread, each time that the host is lost, or the watch given up."""
        self.listeners.of_loss.append(listener)

    def unlisten_lost(self, listener: Callable[[], None]) -> None:
        """Call a listener no more."""
        self.listeners.of_loss.remove(listener)

    @property
    def failure(self) -> BaseException | None:
        """Why the host was lost, or the watch given up, the last time."""
        return self._failed

    def watch_also(self, summaries: Summaries) -> None:
        """Watch more properties; return when they are known of every machine, or when the host does not answer."""
        if not summaries.keys() <= self.summaries.keys():
            self.summaries = {**self.summaries, **summaries}
        end = time.monotonic() + self._session.uri.timeout
        while self._wants_more and self.is_alive and time.monotonic() < end:
            updates = self._updates
            if updates is not None:
                updates.cancel()
            self._stopped.wait(_PAUSES[0])

    @property
    def is_alive(self) -> bool:
        """Whether updates are waited for, or a new start is."""
        return self._thread.is_alive() and not self._stopped.is_set()

    # -- what is known

    @property
    def is_current(self) -> bool:
        """Whether what is known has caught up with every change that its own session has made."""
        return self._updates is not None and self._changes_seen == self._session.changes

    def machines(self, paths: Sequence[str]) -> list[Found] | None:
        """Return every machine with properties of :data:`PATHS`; None when they have to be asked for."""
        return self.known.machines(paths) if self._has(paths) else None

    def having(self, path: str, value: Any) -> list[Found] | None:
        """Return the machines whose property of ``IDENTITY`` has this value; None when they have to be asked for."""
        return self.known.having(path, value) if self._has((path,)) else None

    def properties(self, ref: Any, paths: Sequence[str]) -> Found | None:
        """Return properties of a machine; None when they have to be asked for, or the machine is not known."""
        return self.known.properties(ref, paths) if self._has(paths) else None

    def withholds(self, ref: Any, paths: Sequence[str]) -> bool:
        """Whether one of these properties is withheld of this machine: whoever wants it asks for it, each time."""
        return self.known.withholds(ref, paths)

    def _has(self, paths: Sequence[str]) -> bool:
        return self.is_current and _WATCHED.issuperset(paths)

    # -- the thread

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                for _ in self._follow():
                    failures = 0
            except CALL_FAILURES as error:
                failures += 1
                self._pause_after(error, failures)
            except BaseException as error:  # whoever waits for the start must not wait for ever
                self._give_up(error)
                raise
            finally:
                self._updates = None

    def _pause_after(self, error: Exception, failures: int) -> None:
        """Wait before a new start, unless there is none; so many have failed one after another."""
        if self._stopped.is_set() or (self._wants_more and isinstance(error, vmodl.fault.RequestCanceled)):
            return
        if not self._ready.is_set() or self._is_the_end(error):
            self._give_up(error)
            return
        _log.info("watching anew: %s", error)
        if failures == _LOST_AFTER:
            self._failed = error
            self.listeners.lost()
        self._stopped.wait(_PAUSES[min(failures, len(_PAUSES)) - 1])

    @property
    def _wants_more(self) -> bool:
        """Whether somebody has asked for properties that the updates do not tell of."""
        return self._summarized is not self.summaries

    def _is_the_end(self, error: BaseException) -> bool:
        ended = isinstance(error, SessionEndedError) and not self._session.comes_back
        return ended or isinstance(error, SessionClosedError)

    def _give_up(self, error: BaseException) -> None:
        was_ready = self._ready.is_set()
        self._failed = error
        self._stopped.set()
        self._ready.set()
        if was_ready and not isinstance(error, SessionClosedError):
            self.listeners.lost()

    def _follow(self) -> Iterator[None]:
        """Fetch every machine, then update after update; yield after each. Return when more properties are wanted."""
        summaries = self.summaries
        wanted = {kind: [*paths, *summaries] for kind, paths in self._wanted.items()}
        updates = Updates(self._session, self._root, wanted)
        try:
            self._learn(updates, SHORTEST_WAIT, summaries, anew=True)
            self._updates, self._summarized = updates, summaries
            self._ready.set()
            while not self._stopped.is_set() and not self._wants_more:
                yield
                longest = max(SHORTEST_WAIT, min(LONGEST_WAIT, self._session.uri.timeout // 2))
                seconds = longest if self.is_current else SHORTEST_WAIT
                self._learn(updates, seconds, summaries)
        finally:
            self._updates = None  # what is known is not current any more
            updates.close()

    def _learn(self, updates: Updates, seconds: int, summaries: Summaries, *, anew: bool = False) -> None:
        """Wait for a whole answer, take over what is known now, and report what is other than before."""
        changes_before = self._session.changes
        changes = self.known.learn(_whole_answer(updates, seconds), summaries, anew=anew)
        self._changes_seen = changes_before
        if changes and (self._ready.is_set() or self._takes_over):
            self.listeners.report(changes)


def _whole_answer(updates: Updates, seconds: int) -> Iterator[Update]:
    answer = updates.wait(seconds)
    while answer is not None:
        yield from answer.updates
        answer = updates.wait(seconds) if answer.truncated else None
