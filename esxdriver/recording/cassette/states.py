"""Which answers hold when: a state of the host is the changes made so far, in order.

In a file, calls stand in the order of recording, and each is made in the state that the one above leaves behind;
only where that is not so (several sessions in one file) does a call say ``after`` which change it comes.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from esxdriver.recording.cassette.match import LOGINS, Call, Ids, Role, canonical
from esxdriver.recording.interactions import Contents, Interaction

START = ""


@dataclass(frozen=True)
class Entry:
    """An interaction with the call it makes and the state it was recorded in."""

    interaction: Interaction
    call: Call
    state: str
    loaded: bool

    @property
    def key(self) -> tuple[str, str]:
        """Where a replay looks for it."""
        return key_in(self.state, self.call)

    @property
    def next_state(self) -> str:
        """The state after it."""
        return next_state(self.state, self.call)


def key_in(state: str, call: Call) -> tuple[str, str]:
    """Return where the answers to a call in a state are found."""
    return (START if call.role is Role.TIMELESS else state, call.key)


def next_state(state: str, call: Call) -> str:
    """Return the state after a call: another one when it is a change."""
    if call.role is not Role.CHANGE:
        return state
    return hashlib.blake2b(f"{state} {call.key}".encode(), digest_size=12).hexdigest()


def entries(contents: Contents) -> list[Entry]:
    """Return the interactions of a file with their calls and states."""
    ids, found = Ids(), list[Entry]()
    state = START
    for interaction in contents.interactions:
        if interaction.after is not None:
            state = found[interaction.after - 1].next_state if interaction.after else START
        call = canonical(interaction.method, interaction.url, interaction.body, ids)
        ids.learn(call, interaction.answer)
        found.append(Entry(interaction, call, state, loaded=True))
        state = found[-1].next_state
    return found


def departures(found: Iterable[Entry]) -> dict[str, list[str]]:
    """Return the operations that change the host, by the state in which each was recorded."""
    made: dict[str, list[str]] = {}
    for entry in found:
        if entry.call.role is Role.CHANGE:
            made.setdefault(entry.state, []).append(entry.call.operation)
    return made


def is_of_host(entry: Entry) -> bool:
    """Whether the answer is a reading of the host, which holds in one state alone."""
    return entry.call.role is Role.READ and not entry.call.is_session


def out_of_state(found: Iterable[Entry]) -> Iterator[tuple[int, str]]:
    """Yield the number of each call that was recorded in another state than the one that it stands in, and why.

    Two things show it. A reading of a state that stands below the change which ended this state was made when the host
    had moved on. A change outside of any session has lost its session: a later one has replaced the readings before it.
    """
    left: dict[str, str] = {}
    sessions, has_sessions = 0, False
    for number, entry in enumerate(found, 1):
        name = entry.call.operation
        if name in LOGINS:
            sessions, has_sessions = sessions + 1, True
        elif name == "Logout":
            sessions = max(sessions - 1, 0)
        elif is_of_host(entry) and entry.state in left:
            yield number, f"it was recorded after {left[entry.state]} and answers for the state before that"
        elif entry.call.role is Role.CHANGE:
            if has_sessions and not sessions:
                yield number, "the answers before it were recorded later, when the host may have been in another state"
            left.setdefault(entry.state, f"call {number} ({name})")


def numbered(kept: Iterable[Entry]) -> Iterable[Interaction]:
    """Return the interactions, ``after`` set wherever the state is not what the one above leaves behind."""
    made_by: dict[str, int] = {START: 0}
    state = START
    for number, entry in enumerate(kept, 1):
        after = None if entry.state == state or entry.call.role is Role.TIMELESS else made_by[entry.state]
        yield replace(entry.interaction, after=after)
        if entry.call.role is not Role.TIMELESS:
            state = entry.next_state
        made_by.setdefault(state, number)
