"""A cassette: the calls of a session and their answers, found again by key.

A recorded answer holds for the state in which it was given, and a state is the changes made so far, in order.
So a read replays what was recorded after the same changes: equal reads in recorded order, the last one again
and again (that is what polling needs). What was not recorded in that state is a miss, never an old answer.
Changes replay in recorded order.
"""

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from esxdriver.recording import files
from esxdriver.recording.connection import CassetteConnection, Connections
from esxdriver.recording.files import Interaction, Tape
from esxdriver.recording.match import Call, Ids, Role, canonical
from esxdriver.recording.miss import miss
from esxdriver.recording.save import save

_START = ""


class Mode(StrEnum):
    """What is asked from the host: the words of vcrpy and pytest-recording."""

    NONE = "none"  # nothing
    ONCE = "once"  # everything when there is no file yet, else nothing
    NEW_EPISODES = "new_episodes"  # what the file does not have
    ALL = "all"  # everything; what is not asked again stays in the file
    REWRITE = "rewrite"  # everything, into a new file


@dataclass(frozen=True)
class Entry:
    """An interaction with the call it makes and the state it was recorded in."""

    interaction: Interaction
    call: Call
    state: str
    loaded: bool

    @property
    def place(self) -> tuple[str, str]:
        """Where a replay looks for it."""
        return place(self.state, self.call)

    @property
    def next_state(self) -> str:
        """The state after it."""
        return next_state(self.state, self.call)


def place(state: str, call: Call) -> tuple[str, str]:
    """Return where the answers to a call in a state are found."""
    return (_START if call.role is Role.TIMELESS else state, call.key)


def next_state(state: str, call: Call) -> str:
    """Return the state after a call: another one when it is a change."""
    if call.role is not Role.CHANGE:
        return state
    return hashlib.blake2b(f"{state} {call.key}".encode(), digest_size=12).hexdigest()


@dataclass(frozen=True)
class Counts:
    """How a cassette was used: numbers of calls, and of recorded interactions that were not asked for."""

    replayed: int
    recorded: int
    missed: int
    unused: int


def entries(tape: Tape) -> list[Entry]:
    """Return the interactions of a file with their calls and states."""
    ids, found = Ids(), list[Entry]()
    state = _START
    for interaction in tape.interactions:
        if interaction.after is not None:
            state = found[interaction.after - 1].next_state if interaction.after else _START
        call = canonical(interaction.method, interaction.url, interaction.body, ids)
        ids.learn(call, interaction.answer)
        found.append(Entry(interaction, call, state, loaded=True))
        state = found[-1].next_state
    return found


class Cassette:
    """Answers requests from what was recorded, and records what it may.

    Use it as a context manager, or ``close()`` it: that writes the file when something was recorded. Leaving
    the block with an exception writes nothing.
    """

    def __init__(self, path: Path, mode: Mode, tape: Tape | None, connections: Connections | None = None) -> None:
        self.path = path
        self.mode = mode
        self.head: dict[str, Any] = tape.head if tape else {}
        self.missed: list[str] = []
        self._connections = connections
        self._entries = entries(tape) if tape and mode is not Mode.REWRITE else []
        self._index: dict[tuple[str, str], list[Entry]] = {}
        for entry in self._entries:
            self._index.setdefault(entry.place, []).append(entry)
        self._played: Counter[tuple[str, str]] = Counter()
        self._replayed = self._recorded = 0
        self._state = _START
        self._ids = Ids()
        self._lock = threading.Lock()
        self.asks = mode in (Mode.NEW_EPISODES, Mode.ALL, Mode.REWRITE) or (mode is Mode.ONCE and tape is None)
        self._secrets: tuple[str, ...] = ()
        self._pseudonyms = False

    def connections(self) -> Connections:
        """Return what a SOAP stub asks for connections: each call gives a new one, bound to this cassette."""
        return lambda: CassetteConnection(self, self._connections if self.asks else None)

    def answer(self, request: Any, ask: Callable[[], Interaction]) -> Interaction:
        """Return the answer to vcrpy's request, by ``ask()`` if it may be recorded. Raises RPC on a miss."""
        with self._lock:
            call = canonical(request.method, request.uri, request.body or b"", self._ids)
            if self.mode is not Mode.ALL and (entry := self._play(call)):
                return entry.interaction
            if not self.asks:
                self.missed.append(call.operation)
                raise miss(self.path, call, self._entries)
        interaction = ask()
        with self._lock:
            self._record(call, interaction)
        return interaction

    def _play(self, call: Call) -> Entry | None:
        spot = place(self._state, call)
        recorded = self._index.get(spot)
        if not recorded:
            return None
        entry = recorded[min(self._played[spot], len(recorded) - 1)]
        self._played[spot] += 1
        self._replayed += 1
        self._advance(call, entry.interaction)
        return entry

    def _record(self, call: Call, interaction: Interaction) -> None:
        self._entries.append(Entry(interaction, call, self._state, loaded=False))
        self._recorded += 1
        self._advance(call, interaction)

    def _advance(self, call: Call, interaction: Interaction) -> None:
        self._ids.learn(call, interaction.answer)
        self._state = next_state(self._state, call)

    @property
    def counts(self) -> Counts:
        """How the cassette was used so far."""
        return Counts(self._replayed, self._recorded, len(self.missed), len(self.unused))

    @property
    def unused(self) -> list[str]:
        """The operations of loaded interactions that were not asked for."""
        return [
            entry.call.operation for spot, recorded in self._index.items() for entry in recorded[self._played[spot] :]
        ]

    def tape(self) -> Tape:
        """Return what a file would hold now. In mode ALL what was recorded anew replaces the old."""
        loaded = [entry for entry in self._entries if entry.loaded]
        recorded = [entry for entry in self._entries if not entry.loaded]
        if self.mode is not Mode.ALL:
            return Tape(self.head, list(_with_states(loaded + recorded)))
        anew = {entry.place for entry in recorded}
        # The states of what is kept may be made by what was recorded anew, so that stands first.
        return Tape(self.head, list(_with_states(recorded + [e for e in loaded if e.place not in anew])))

    def close(self) -> None:
        """Scrub what was recorded and write the file; without anything recorded, leave it as it is."""
        if all(entry.loaded for entry in self._entries):
            return
        save(self.path, self.tape(), pseudonyms=self._pseudonyms, secrets=self._secrets)
        self._entries = [replace(entry, loaded=True) for entry in self._entries]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()


def _with_states(kept: Iterable[Entry]) -> Iterable[Interaction]:
    """Return the interactions, ``after`` set wherever the state is not what the one above leaves behind."""
    made_by: dict[str, int] = {_START: 0}
    state = _START
    for number, entry in enumerate(kept, 1):
        after = None if entry.state == state or entry.call.role is Role.TIMELESS else made_by[entry.state]
        yield replace(entry.interaction, after=after)
        if entry.call.role is not Role.TIMELESS:
            state = entry.next_state
        made_by.setdefault(state, number)


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
) -> Cassette:
    """Open a cassette that asks the host behind ``connections`` as ``mode`` allows.

    ``pseudonyms`` also replaces names and addresses. ``secrets`` are words that must not be in the file
    besides those that the calls reveal: finding one at the end means that nothing is written
    (OPERATION_DENIED). A file that is there is read first, so that one which is refused (CONF_SYNTAX) is
    never written over.
    """
    where = Path(path)
    tape = files.load(where) if where.exists() else None
    cassette = Cassette(where, Mode(mode), tape, connections)
    cassette._pseudonyms, cassette._secrets = pseudonyms, tuple(secrets)
    return cassette
