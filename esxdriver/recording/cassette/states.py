"""Which answers hold when: a state of the host is the changes made so far, in order.

In a file, calls stand in the order of recording, and each is made in the state that the one above leaves behind;
only where that is not so (several sessions in one file) does a call say ``after`` which change it comes.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from esxdriver.recording.cassette.match import Call, Ids, Role, canonical
from esxdriver.recording.interactions import Interaction, Tape

START = ""


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
    return (START if call.role is Role.TIMELESS else state, call.key)


def next_state(state: str, call: Call) -> str:
    """Return the state after a call: another one when it is a change."""
    if call.role is not Role.CHANGE:
        return state
    return hashlib.blake2b(f"{state} {call.key}".encode(), digest_size=12).hexdigest()


def entries(tape: Tape) -> list[Entry]:
    """Return the interactions of a file with their calls and states."""
    ids, found = Ids(), list[Entry]()
    state = START
    for interaction in tape.interactions:
        if interaction.after is not None:
            state = found[interaction.after - 1].next_state if interaction.after else START
        call = canonical(interaction.method, interaction.url, interaction.body, ids)
        ids.learn(call, interaction.answer)
        found.append(Entry(interaction, call, state, loaded=True))
        state = found[-1].next_state
    return found


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
