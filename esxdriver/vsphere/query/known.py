"""What is remembered of the machines of a scope, or of what else is watched there, and what changes in it.

One thread learns, others look up: they see the machines before an answer or after it. What may not be looked up any
more, because it is not current, is for the watch to say.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esxdriver.errors import MALFORMED
from esxdriver.vsphere.query.inventory import IDENTITY
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.query.updates import Update

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

_WITHHELD = ""  # among a machine's properties: the paths of those that may not be read

Summaries = Mapping[str, Callable[[Any], Any]]
"""Properties that are watched besides ``PATHS``, and what of each is remembered."""
_Machines = dict[str, tuple[Any, dict[str, Any]]]


@dataclass(frozen=True)
class Change:
    """What has become of one object: ``before`` is None of one that has come, ``after`` of one that has gone."""

    ref: Any
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    def of(self, path: str) -> tuple[Any, Any] | None:
        """Return a property before and after when it is another now, of a machine that stays; None otherwise."""
        if self.before is None or self.after is None or self.before.get(path) == self.after.get(path):
            return None
        return self.before.get(path), self.after.get(path)


class Known:
    """The machines, or what else is watched, each with its properties, found by what they are."""

    def __init__(self) -> None:
        self._machines: _Machines = {}  # another one after each answer, so that it can be read without the lock
        self._index: dict[str, dict[Any, list[Any]]] = {}
        self._lock = threading.Lock()

    # -- looking up

    def machines(self, paths: Sequence[str]) -> list[Found]:
        """Return every machine with some properties."""
        return [_found(ref, known, paths) for ref, known in self._machines.values()]

    def everything(self) -> list[Found]:
        """Return every object with all its properties."""
        return [Found(ref, known) for ref, known in self._machines.values()]

    def having(self, path: str, value: Any) -> list[Found]:
        """Return the machines whose property has this value, with their ``IDENTITY``."""
        with self._lock:
            return [_found(*self._machines[moid], IDENTITY) for moid in self._indexed(path).get(value, ())]

    def properties(self, ref: Any, paths: Sequence[str]) -> Found | None:
        """Return properties of a machine; None when it is not known, or one of them is withheld."""
        known = self._machines.get(ref._moId)
        return _found(*known, paths) if known is not None and not _withholds(known[1], paths) else None

    def withholds(self, ref: Any, paths: Sequence[str]) -> bool:
        """Whether one of these properties is withheld of this machine: whoever wants it asks for it, each time."""
        known = self._machines.get(ref._moId)
        return known is not None and _withholds(known[1], paths)

    def _indexed(self, path: str) -> dict[Any, list[Any]]:
        """Return the keys of machines by a property's value, worked out anew after an update."""
        if path not in self._index:
            index: dict[Any, list[Any]] = {}
            for moid, (_, known) in self._machines.items():
                index.setdefault(known.get(path), []).append(moid)
            self._index[path] = index
        return self._index[path]

    # -- learning

    def learn(self, updates: Iterable[Update], summaries: Summaries, *, anew: bool = False) -> list[Change]:
        """Take over a whole answer, and return what is other than before, in the order of the answer.

        With ``anew``, what the answer does not have is gone.
        """
        before = self._machines
        known: _Machines = {} if anew else dict(before)
        touched = dict[str, None]()
        for update in updates:
            _apply(update, known, summaries)
            touched[update.ref._moId] = None
        changes = list(_changes(before, known, {**before, **known} if anew else touched))
        if changes:
            with self._lock:
                self._machines, self._index = known, {}
        return changes


def _found(ref: Any, known: Mapping[str, Any], paths: Sequence[str]) -> Found:
    return Found(ref, {path: known[path] for path in paths if known.get(path) is not None})


def _withholds(known: Mapping[str, Any], paths: Sequence[str]) -> bool:
    withheld = known.get(_WITHHELD)
    return withheld is not None and not withheld.isdisjoint(paths)


def _apply(update: Update, known: _Machines, summaries: Summaries) -> None:
    moid = update.ref._moId
    if update.left:
        known.pop(moid, None)
        return
    before = known[moid][1] if moid in known else {}
    now, useless = _summarized(update.properties, summaries)
    newly = update.withheld | useless
    withheld = (before.get(_WITHHELD, frozenset()) - update.properties.keys()) | newly
    if newly:
        name, paths = (before | now).get("name") or moid, ", ".join(sorted(newly))
        _log.warning("%s: the host withholds %s: it is asked for that each time", name, paths)
    known[moid] = update.ref, before | now | ({_WITHHELD: withheld} if withheld or _WITHHELD in before else {})


def _summarized(properties: Mapping[str, Any], summaries: Summaries) -> tuple[dict[str, Any], frozenset[str]]:
    """Return what is remembered of properties, and the paths of those of whose values no summary can be made."""
    now, useless = dict(properties), set()
    for path in summaries.keys() & properties.keys():
        try:
            now[path] = summaries[path](properties[path])
        except MALFORMED as error:
            _log.info("%s is of no use: %r", path, error)
            now[path] = None
            useless.add(path)
    return now, frozenset(useless)


def _changes(before: _Machines, known: _Machines, touched: Iterable[str]) -> Iterator[Change]:
    for moid in touched:
        was, now = before.get(moid), known.get(moid)
        found = now or was
        if found is not None and (was is None or now is None or was[1] != now[1]):
            yield Change(found[0], was[1] if was else None, now[1] if now else None)
