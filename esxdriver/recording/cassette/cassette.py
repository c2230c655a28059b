"""A cassette: the calls of a session and their answers, found again by key.

A recorded answer holds for the state in which it was given, and a state is the changes made so far, in order.
So a read replays what was recorded after the same changes: equal reads in recorded order, the last one again
and again (that is what polling needs). What was not recorded in that state is a miss, never an old answer.
Changes replay in recorded order. Waits for updates have rules of their own (``updates``).
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import libvirt

from esxdriver.errors import error
from esxdriver.recording.cassette import files
from esxdriver.recording.cassette.connection import Connections, connection
from esxdriver.recording.cassette.match import Call, Ids, Role, canonical
from esxdriver.recording.cassette.miss import miss
from esxdriver.recording.cassette.save import save
from esxdriver.recording.cassette.states import (
    START,
    Entry,
    departures,
    entries,
    is_of_host,
    key_in,
    next_state,
    numbered,
)
from esxdriver.recording.cassette.updates import WAITS, Updates
from esxdriver.recording.interactions import Contents, Interaction


class Mode(StrEnum):
    """What is asked from the host; the modes are called as in vcrpy and pytest-recording."""

    NONE = "none"  # nothing
    ONCE = "once"  # everything when there is no file yet, else nothing
    NEW_EPISODES = "new_episodes"  # what the file does not have
    ALL = "all"  # everything; what is not asked again stays in the file
    REWRITE = "rewrite"  # everything, into a new file


@dataclass(frozen=True)
class Counts:
    """How a cassette was used: numbers of calls, and of recorded interactions that were not asked for."""

    replayed: int
    recorded: int
    missed: int
    unused: int


class Cassette:
    """Answers requests from what was recorded, and records what it may.

    Use it as a context manager, or ``close()`` it: that writes the file when something was recorded. Leaving
    the block with an exception writes nothing.
    """

    def __init__(
        self, path: Path, mode: Mode, contents: Contents | None, connections: Connections | None = None
    ) -> None:
        self.path = path
        self.mode = mode
        self.head: dict[str, Any] = contents.head if contents and mode is not Mode.REWRITE else {}
        self.missed: list[str] = []
        self._connections = connections
        self._entries = entries(contents) if contents and mode is not Mode.REWRITE else []
        self._index: dict[tuple[str, str], list[Entry]] = {}
        for entry in self._entries:
            self._index.setdefault(entry.key, []).append(entry)
        self._played: Counter[tuple[str, str]] = Counter()
        self._replayed = self._recorded = 0
        self._replayed_change = ""
        self._state = START
        self._passed = {START}
        self._updates = Updates(self._entries)
        self._ids = Ids()
        self._lock = threading.Lock()
        self.asks = mode in (Mode.NEW_EPISODES, Mode.ALL, Mode.REWRITE) or (mode is Mode.ONCE and contents is None)
        self.secrets: tuple[str, ...] = ()
        self.ordinary: tuple[str, ...] = ()
        self.pseudonyms = False

    def connections(self) -> Connections:
        """Return what a SOAP stub asks for connections: each call gives a new one, bound to this cassette."""
        return lambda: connection(self, self._connections if self.asks else None)

    def answer(self, request: Any, ask: Callable[[], Interaction]) -> Interaction:
        """Return the answer to vcrpy's request, by ``ask()`` if it may be recorded. Raises RPC on a miss."""
        with self._lock:
            call = canonical(request.method, request.uri, request.body or b"", self._ids)
            if not self._must_ask(call) and (recorded := self._play(call)):
                return recorded
            if not self.asks and (nothing := self._updates.nothing(call)):
                return nothing
            if not self.asks or self._replayed_change:
                self.missed.append(call.operation)
                raise miss(self.path, call, self._entries, self._replayed_change if self.asks else "")
        interaction = ask()
        with self._lock:
            self._record(call, interaction)
        return interaction

    def _must_ask(self, call: Call) -> bool:
        # What is new needs a session that lives: a login of the past opens none.
        return self.mode is Mode.ALL or (self.mode is Mode.NEW_EPISODES and call.is_session)

    def _play(self, call: Call) -> Interaction | None:
        if call.operation in WAITS:
            update = self._updates.next(call, self._passed)
            self._replayed += update is not None
            return update
        key = key_in(self._state, call)
        recorded = self._index.get(key)
        if not recorded:
            return None
        entry = recorded[min(self._played[key], len(recorded) - 1)]
        self._played[key] += 1
        self._replayed += 1
        if call.role is Role.CHANGE:
            self._replayed_change = call.operation
        self._advance(call, entry.interaction)
        return entry.interaction

    def _record(self, call: Call, interaction: Interaction) -> None:
        entry = Entry(interaction, call, self._state, loaded=False)
        self._entries.append(entry)
        # Another login alone is nothing new.
        self._recorded += self.mode is Mode.ALL or not (call.is_session and entry.key in self._index)
        self._advance(call, interaction)

    def _advance(self, call: Call, interaction: Interaction) -> None:
        self._ids.learn(call, interaction.answer)
        self._state = next_state(self._state, call)
        self._passed.add(self._state)

    @property
    def counts(self) -> Counts:
        """How the cassette was used so far."""
        return Counts(self._replayed, self._recorded, len(self.missed), len(self.unused))

    @property
    def unused(self) -> list[str]:
        """The operations of loaded interactions that were not asked for."""
        read = [e for key, recorded in self._index.items() for e in recorded[self._played[key] :]]
        return [entry.call.operation for entry in read if entry.call.operation not in WAITS] + self._updates.unused()

    def contents(self) -> Contents:
        """Return what a file would hold now. In mode ALL what was recorded anew replaces the old."""
        loaded = [entry for entry in self._entries if entry.loaded]
        recorded = [entry for entry in self._entries if not entry.loaded]
        if self.mode is not Mode.ALL:
            return Contents(self.head, list(numbered(loaded + recorded)))
        anew = {entry.key for entry in recorded}
        # The states of what is kept may be made by what was recorded anew, so that stands first.
        return Contents(self.head, list(numbered(recorded + [e for e in loaded if e.key not in anew])))

    def close(self) -> None:
        """Scrub what was recorded and write the file; without anything recorded, leave it as it is.

        Raises OPERATION_INVALID when what was recorded may be of another state of the host than what the file holds,
        OPERATION_DENIED when a secret would be left, WRITE_FAILED; then the file is as it was.
        """
        if not self._recorded or all(entry.loaded for entry in self._entries):
            return
        self._refuse_another_state()
        save(self.path, self.contents(), pseudonyms=self.pseudonyms, secrets=self.secrets, ordinary=self.ordinary)
        self._entries = [replace(entry, loaded=True) for entry in self._entries]

    def _refuse_another_state(self) -> None:
        """Refuse readings in a state that a change in the file has left, unless this session made that change, too.

        The host may be as the change has left it, and an answer from there would replace or contradict the file's.
        """
        anew = {entry.key for entry in self._entries if not entry.loaded}
        left = departures(entry for entry in self._entries if entry.loaded and entry.key not in anew)
        for entry in self._entries:
            if not entry.loaded and is_of_host(entry) and entry.state in left:
                raise error(
                    libvirt.VIR_ERR_OPERATION_INVALID,
                    f"cassette {self.path} is not written: it holds {left[entry.state][0]}, and {entry.call.operation} "
                    "was recorded now as if that had not been, while the host may be as it was left. Record the whole "
                    "session afresh (--rewrite, mode 'rewrite'), or this one into a cassette of its own",
                )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()


def replay(path: str | PathLike[str]) -> Cassette:
    """Open a cassette that answers from its file alone. Raises OPEN_FAILED or CONF_SYNTAX."""
    where = Path(path)
    return Cassette(where, Mode.NONE, files.load(where))


def record(
    path: str | PathLike[str],
    connections: Connections,
    *,
    mode: str = Mode.ONCE,
    pseudonyms: bool = False,
    secrets: Iterable[str] = (),
    ordinary: Iterable[str] = (),
) -> Cassette:
    """Open a cassette that asks the host behind ``connections`` as ``mode`` allows.

    ``pseudonyms`` also replaces names and addresses. ``secrets`` are texts that must not be in the file besides those
    that the calls reveal: finding one at the end means that nothing is written (OPERATION_DENIED). ``ordinary`` are
    values that are no secrets, though they stand where secrets do. A file that is there is read first, so that one
    which is refused (CONF_SYNTAX) is never written over.
    """
    where = Path(path)
    contents = files.load(where) if where.exists() else None
    cassette = Cassette(where, Mode(mode), contents, connections)
    cassette.pseudonyms, cassette.secrets, cassette.ordinary = pseudonyms, tuple(secrets), tuple(ordinary)
    return cassette
