"""A view of the machines of a scope that the host keeps up to date, and what changes in it.

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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyVmomi import vmodl

from esxdriver.errors import MALFORMED
from esxdriver.vsphere.query.inventory import IDENTITY, Scope
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.query.updates import Update, Updates
from esxdriver.vsphere.wire.faults import HostError, SessionClosedError, SessionEndedError
from esxdriver.vsphere.wire.session import Session
from esxdriver.vsphere.wire.soap import FAREWELL

_log = logging.getLogger(__name__)

# What is remembered of a machine: all that lists, lookups, states and events are made of.
PATHS = (
    *IDENTITY,
    "config.annotation",
    "config.changeVersion",
    "config.hardware.memoryMB",
    "config.hardware.numCPU",
    "config.memoryAllocation.limit",
    "guest.guestState",
    "guest.toolsRunningStatus",
    "runtime.bootTime",
    "runtime.connectionState",
    "snapshot",
)

_WATCHED = frozenset(PATHS)

LONGEST_WAIT = 20  # seconds; less where the connection's timeout= is short
SHORTEST_WAIT = 1  # while it catches up with a change of one's own
_PAUSES = (0.2, 1.0, 5.0, 15.0, 30.0)  # before each new start, the last ever after

_LOST_AFTER = 2  # failures
_WITHHELD = ""  # among a machine's properties: the paths of those that may not be read
_OWN_END = FAREWELL / 2  # seconds that a watch's end may take


@dataclass(frozen=True)
class Change:
    """What has become of one machine: ``before`` is None of one that has come, ``after`` of one that has gone."""

    ref: Any
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    def of(self, path: str) -> tuple[Any, Any] | None:
        """Return a property before and after when it is another now, of a machine that stays; None otherwise."""
        if self.before is None or self.after is None or self.before.get(path) == self.after.get(path):
            return None
        return self.before.get(path), self.after.get(path)


Listener = Callable[[Sequence[Change]], None]
Summaries = Mapping[str, Callable[[Any], Any]]
"""Properties that are watched besides ``PATHS``, and what of each is remembered."""
_Known = dict[str, tuple[Any, dict[str, Any]]]


class Watch:
    """What is known of the machines of a scope. :meth:`start` it, and :meth:`stop` it in the end.

    With ``before``, a watch of the scope that has ended, its listeners are this one's, too, and hear of the difference.
    """

    def __init__(self, session: Session, scope: Scope, before: "Watch | None" = None) -> None:
        self._session = session
        self._root = scope.root
        self._known: _Known = {}
        self._index: dict[str, dict[Any, list[Any]]] = {}
        self._listeners: list[Listener] = []
        self._lost_listeners: list[Callable[[], None]] = []
        self._summaries: dict[str, Callable[[Any], Any]] = {}
        self._summarized: dict[str, Callable[[Any], Any]] | None = None  # those that the updates tell of
        self._takes_over = before is not None
        if before is not None:
            before.hand_over_to(self)
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._stopped = threading.Event()
        self._failed: BaseException | None = None
        self._changes_seen = -1
        self._updates: Updates | None = None
        self._thread = threading.Thread(target=self._run, name="esxdriver-watch", daemon=True)

    def hand_over_to(self, other: "Watch") -> None:
        """Give another watch what this one knows, and its listeners: the same lists, whoever is asked to unlisten."""
        other._known = self._known  # noqa: SLF001 - it is one of its own kind
        other._listeners, other._lost_listeners = self._listeners, self._lost_listeners  # noqa: SLF001
        other._summaries = self._summaries  # noqa: SLF001

    # -- its life

    def start(self) -> None:
        """Begin, and return when every machine is known. Raises what the host says against it."""
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
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Call a listener no more."""
        self._listeners.remove(listener)

    def listen_lost(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called, in the watch's thread, each time that the host is lost, or the watch given up."""
        self._lost_listeners.append(listener)

    def unlisten_lost(self, listener: Callable[[], None]) -> None:
        """Call a listener no more."""
        self._lost_listeners.remove(listener)

    @property
    def failure(self) -> BaseException | None:
        """Why the host was lost, or the watch given up, the last time."""
        return self._failed

    def watch_also(self, summaries: Summaries) -> None:
        """Watch more properties; return when they are known of every machine, or when the host does not answer."""
        if not summaries.keys() <= self._summaries.keys():
            self._summaries = {**self._summaries, **summaries}
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
        if not self._has(paths):
            return None
        with self._lock:
            return [_found(ref, known, paths) for ref, known in self._known.values()]

    def having(self, path: str, value: Any) -> list[Found] | None:
        """Return the machines whose property of ``IDENTITY`` has this value; None when they have to be asked for."""
        if not self._has((path,)):
            return None
        with self._lock:
            return [_found(*self._known[moid], IDENTITY) for moid in self._indexed(path).get(value, ())]

    def withholds(self, ref: Any, paths: Sequence[str]) -> bool:
        """Whether one of these properties is withheld of this machine: whoever wants it asks for it, each time."""
        with self._lock:
            known = self._known.get(ref._moId)
        return known is not None and _withholds(known[1], paths)

    def properties(self, ref: Any, paths: Sequence[str]) -> Found | None:
        """Return properties of a machine; None when they have to be asked for, or the machine is not known."""
        if not self._has(paths):
            return None
        with self._lock:
            known = self._known.get(ref._moId)
        return None if known is None or _withholds(known[1], paths) else _found(*known, paths)

    def _has(self, paths: Sequence[str]) -> bool:
        return self.is_current and _WATCHED.issuperset(paths)

    def _indexed(self, path: str) -> dict[Any, list[Any]]:
        """Return the keys of machines by a property's value, worked out anew after an update."""
        if path not in self._index:
            index: dict[Any, list[Any]] = {}
            for moid, (_, known) in self._known.items():
                index.setdefault(known.get(path), []).append(moid)
            self._index[path] = index
        return self._index[path]

    # -- the thread

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                for _ in self._follow():
                    failures = 0
            except (vmodl.MethodFault, HostError, *MALFORMED) as error:
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
            self._tell_lost()
        self._stopped.wait(_PAUSES[min(failures, len(_PAUSES)) - 1])

    @property
    def _wants_more(self) -> bool:
        """Whether somebody has asked for properties that the updates do not tell of."""
        return self._summarized is not self._summaries

    def _is_the_end(self, error: BaseException) -> bool:
        ended = isinstance(error, SessionEndedError) and not self._session.comes_back
        return ended or isinstance(error, SessionClosedError)

    def _give_up(self, error: BaseException) -> None:
        was_ready = self._ready.is_set()
        self._failed = error
        self._stopped.set()
        self._ready.set()
        if was_ready and not isinstance(error, SessionClosedError):
            self._tell_lost()

    def _tell_lost(self) -> None:
        for listener in list(self._lost_listeners):
            try:
                listener()
            except Exception:  # noqa: BLE001 - as with a listener of changes
                _log.exception("a listener of the watch failed")

    def _follow(self) -> Iterator[None]:
        """Fetch every machine, then update after update; yield after each. Return when more properties are wanted."""
        summaries = self._summaries
        updates = Updates(self._session, self._root, [*PATHS, *summaries])
        try:
            changes_before = self._session.changes
            self._learn(*_gathered(updates, {}, SHORTEST_WAIT, summaries), changes_before, anew=True)
            self._updates, self._summarized = updates, summaries
            self._ready.set()
            while not self._stopped.is_set() and not self._wants_more:
                yield
                changes_before = self._session.changes
                longest = max(SHORTEST_WAIT, min(LONGEST_WAIT, self._session.uri.timeout // 2))
                seconds = longest if self.is_current else SHORTEST_WAIT
                self._learn(*_gathered(updates, self._known, seconds, summaries), changes_before)
        finally:
            self._updates = None  # what is known is not current any more
            updates.close()

    def _learn(self, known: _Known, touched: Iterable[str], changes_before: int, *, anew: bool = False) -> None:
        """Take over what is known now, and tell what is other than before of the machines that were touched, or of all.

        ``changes_before`` is how many changes the session had made when the host was asked.
        """
        before = self._known
        changes = list(_changes(before, known, {**before, **known} if anew else touched))
        with self._lock:
            self._changes_seen = changes_before
            if changes:
                self._known, self._index = known, {}
        if changes and (self._ready.is_set() or self._takes_over):
            self._report(changes)

    def _report(self, changes: Sequence[Change]) -> None:
        for listener in list(self._listeners):
            try:
                listener(changes)
            except Exception:  # noqa: BLE001 - the others go on, and so does the watch
                _log.exception("a listener of the watch failed")


def _withholds(known: Mapping[str, Any], paths: Sequence[str]) -> bool:
    return not known.get(_WITHHELD, frozenset()).isdisjoint(paths)


def _found(ref: Any, known: Mapping[str, Any], paths: Sequence[str]) -> Found:
    return Found(ref, {path: known[path] for path in paths if known.get(path) is not None})


def _gathered(updates: Updates, before: _Known, seconds: int, summaries: Summaries) -> tuple[_Known, dict[str, None]]:
    """Wait for a whole answer; return the machines as they are with it, and the keys of those it touches, in order."""
    known, touched = dict(before), dict[str, None]()
    answer = updates.wait(seconds)
    while answer is not None:
        for update in answer.updates:
            _apply(update, known, summaries)
            touched[update.ref._moId] = None
        answer = updates.wait(seconds) if answer.truncated else None
    return known, touched


def _apply(update: Update, known: _Known, summaries: Summaries) -> None:
    moid = update.ref._moId
    if update.left:
        known.pop(moid, None)
        return
    before = known[moid][1] if moid in known else {}
    now = {path: summaries[path](value) if path in summaries else value for path, value in update.properties.items()}
    withheld = (before.get(_WITHHELD, frozenset()) - update.properties.keys()) | update.withheld
    if update.withheld:
        name, paths = (before | now).get("name") or moid, ", ".join(sorted(update.withheld))
        _log.warning("%s: the host withholds %s: it is asked for that each time", name, paths)
    known[moid] = update.ref, before | now | ({_WITHHELD: withheld} if withheld or _WITHHELD in before else {})


def _changes(before: _Known, known: _Known, touched: Iterable[str]) -> Iterator[Change]:
    for moid in touched:
        was, now = before.get(moid), known.get(moid)
        found = now or was
        if found is not None and (was is None or now is None or was[1] != now[1]):
            yield Change(found[0], was[1] if was else None, now[1] if now else None)
