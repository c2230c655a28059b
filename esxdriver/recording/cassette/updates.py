"""Waiting for updates (WaitForUpdatesEx and its kin), replayed.

A wait is another thread's, so it need not come in the state in which its answer was recorded. Updates are given in
recorded order, each once, and none before the change that it may come from. When there is none to give, the answer is
that of a wait whose time is up: nothing, after a pause.
"""

import time
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import replace

from esxdriver.recording.cassette.match import Call
from esxdriver.recording.cassette.states import Entry
from esxdriver.recording.interactions import Interaction

WAITS = {"WaitForUpdatesEx", "WaitForUpdates", "CheckForUpdates"}
# What ends a watch on the host. Whether a recording has it depends on which thread was first when it ended.
FAREWELLS = {"CancelWaitForUpdates", "DestroyPropertyCollector", "DestroyView"}
PAUSE = 0.2  # seconds: a loop of waits that are answered at once would keep a processor busy
_TIME_IS_UP = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<{0}Response xmlns="urn:vim25"/></soapenv:Body></soapenv:Envelope>'
)


class Updates:
    """The recorded answers to waits."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._recorded: dict[str, list[Entry]] = {}
        self._given: Counter[str] = Counter()
        self._any = entries[0].interaction if entries else None
        for entry in entries:
            if entry.call.operation in WAITS:
                self._recorded.setdefault(entry.call.key, []).append(entry)

    def next(self, call: Call, passed: Container[str]) -> Interaction | None:
        """Return the next recorded answer, None when there is none; ``passed`` are the states of the replay so far."""
        recorded, given = self._recorded.get(call.key, []), self._given[call.key]
        if given == len(recorded) or recorded[given].state not in passed:
            return None
        self._given[call.key] += 1
        return recorded[given].interaction

    def nothing(self, call: Call) -> Interaction | None:
        """Return an answer that says nothing: to a wait, after a pause, as when its time is up; and to the end of one.

        None to other calls, and to a wait that was never recorded.
        """
        found = self._recorded.get(call.key)
        if self._any is None or not (found or (call.operation in FAREWELLS and self._recorded)):
            return None
        if call.operation in WAITS:
            time.sleep(PAUSE)
        answer = _TIME_IS_UP.format(call.operation).encode()
        like = found[0].interaction if found else self._any
        return replace(like, status=200, reason="OK", answer=answer)

    def unused(self) -> list[str]:
        """Return the operation of each answer that was not asked for."""
        return [each.call.operation for key, found in self._recorded.items() for each in found[self._given[key] :]]
