"""The statistics of a connection: totals of those machines that somebody asks about, as long as somebody does.

1. Nothing runs by itself. Each time that somebody asks, the samples since the last time are fetched and added; a host
   remembers an hour of them. What has not been asked about for longer begins anew.
2. A host takes a sample each 20 seconds. Where many ask (a daemon's clients), an answer counts for as long; then one
   round trip fetches the samples of whatever else has been asked about lately, so that however many ask about however
   many machines, one by one, the host is asked once in that time.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from esxdriver.conf.mapping.states import PowerState
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.statistics.counters import BOOTED, WHOLE, Group, instances
from esxdriver.vsphere.statistics.samples import INTERVAL, Performance, Request
from esxdriver.vsphere.statistics.totals import Parts, Samples, Totals
from esxdriver.vsphere.wire.session import Session
from esxdriver.waiting import held

_FORGOTTEN = 3600.0  # seconds: the host remembers no more
_LATELY = 3 * INTERVAL  # seconds: who has asked since is taken to ask again
_SILENCE = 3 * INTERVAL  # seconds without a new sample: the host's clock was put back


@dataclass(frozen=True)
class Figures:
    """What is known of a machine: figures of each group by part and field, and what the last sample said, a second."""

    totals: Mapping[Group, Parts] = field(default_factory=dict)
    rates: Mapping[Group, Parts] = field(default_factory=dict)
    last: datetime | None = None

    def of(self, group: Group, part: str = WHOLE) -> Mapping[str, int]:
        """Return the figures of a part, or of the whole machine."""
        return self.totals.get(group, {}).get(part, {})

    def parts(self, group: Group) -> Sequence[str]:
        """Return the parts that have figures, numbers in their order."""
        return sorted(self.totals.get(group, {}), key=lambda part: (not part.isdecimal(), part.rjust(10, "0")))


NOTHING = Figures()


@dataclass
class _Run:
    """A machine between two power offs."""

    ref: Any
    booted: Any = None
    totals: dict[Group, Totals] = field(default_factory=dict)
    asked: float = 0.0
    answered: dict[Group, float] = field(default_factory=dict)
    silent_since: float | None = None

    def is_another(self, booted: Any) -> bool:
        """Whether a machine that was started then has been off since."""
        return None not in (self.booted, booted) and self.booted != booted

    def is_known(self, groups: Iterable[Group], since: float) -> bool:
        """Whether the host has been asked for all of these since then."""
        return all(self.answered.get(group, -_FORGOTTEN) >= since for group in groups)

    def after(self, groups: Iterable[Group], now: float) -> datetime | None:
        """Return the time from which samples are wanted: None for the latest one alone."""
        if self.silent_since is not None and now - self.silent_since > _SILENCE:
            return None
        lasts = [self.totals[group].last for group in groups if group in self.totals]
        return min((last for last in lasts if last is not None), default=None)

    def add(self, samples: Samples | None, groups: Iterable[Group], after: datetime | None, now: float) -> None:
        new = False
        for group in groups:
            self.answered[group] = now
            totals = self.totals.setdefault(group, Totals(group))
            later = totals.last if after is not None else None
            new |= samples is not None and totals.add(samples, after=later)
        if new:
            self.silent_since = None
        elif self.silent_since is None:
            self.silent_since = now

    def figures(self) -> Figures:
        """Return a copy: others may ask meanwhile."""
        return Figures(
            {group: _copy(each.figures) for group, each in self.totals.items()},
            {group: _copy(each.rates) for group, each in self.totals.items()},
            max((each.last for each in self.totals.values() if each.last is not None), default=None),
        )


def _copy(parts: Parts) -> Parts:
    return {part: dict(figures) for part, figures in parts.items()}


class Statistics:
    """The totals of machines and hosts. May be used by several threads, which wait for each other."""

    def __init__(self, session: Session) -> None:
        self._performance = Performance(session)
        self._runs: dict[str, _Run] = {}
        self._lock = threading.Lock()
        self._counts_for = 0.0
        self._machines: Callable[[], Iterable[Found]] = tuple

    def share(self, machines: Callable[[], Iterable[Found]]) -> None:
        """Let an answer count until the host's next sample, as many ask; ``machines`` gives those now, with ``PATHS``.

        It must ask nobody.
        """
        self._counts_for = float(INTERVAL)
        self._machines = machines

    def of_machine(self, machine: Found, *groups: Group) -> Figures:
        """Return the figures of a machine, none where it does not run; see :meth:`of_machines`."""
        return self.of_machines([machine], *groups).get(machine.ref._moId, NOTHING)

    def of_machines(self, machines: Iterable[Found], *groups: Group) -> dict[str, Figures]:
        """Return the figures of those machines that run, by their managed objects, in one round trip.

        ``PATHS`` have to be among what was read of them. A machine that is suspended keeps its totals; one that was
        powered off since the last time starts anew.
        """
        with held(self._lock):
            runs = list(self._running(machines))
            since = time.monotonic() - self._counts_for
            wanted = [run for run, has_samples in runs if has_samples and not self._is_shared(run, groups, since)]
            if wanted and self._counts_for:
                wanted += self._others(wanted, groups, since)
            self._ask(wanted, groups)
            self._drop_idle()
            return {run.ref._moId: run.figures() for run, _ in runs}

    def of_host(self, ref: Any, *groups: Group) -> Figures:
        """Return the figures of a host, in one round trip."""
        with held(self._lock):
            run = self._runs.setdefault(ref._moId, _Run(ref))
            run.asked = time.monotonic()
            if not self._is_shared(run, groups, run.asked - self._counts_for):
                self._ask([run], groups)
            return run.figures()

    def forget(self) -> None:
        """Begin anew with every machine."""
        with self._lock:
            self._runs.clear()

    def _running(self, machines: Iterable[Found]) -> Iterator[tuple[_Run, bool]]:
        """Yield the run of each machine that is not off, and whether it has new samples."""
        for found in machines:
            moid, power = found.ref._moId, PowerState.of_machine(found)
            if power not in (PowerState.RUNNING, PowerState.PAUSED):
                self._runs.pop(moid, None)
                continue
            run = self._runs.get(moid)
            if run is None or run.is_another(found[BOOTED]):
                run = self._runs[moid] = _Run(found.ref)
            run.asked = time.monotonic()
            runs = power is PowerState.RUNNING
            run.booted = found[BOOTED] if runs else None  # who resumes goes on, whatever the host says of its start
            yield run, runs

    def _is_shared(self, run: _Run, groups: Sequence[Group], since: float) -> bool:
        return self._counts_for > 0 and run.is_known(groups, since)

    def _others(self, wanted: Sequence[_Run], groups: Sequence[Group], since: float) -> Iterator[_Run]:
        """Yield what else runs and has been asked about lately, and needs new samples, too."""
        asked_for = {run.ref._moId for run in wanted}
        lately = time.monotonic() - _LATELY
        for found in self._machines():
            run = self._runs.get(found.ref._moId)
            if run is None or run.asked < lately or run.ref._moId in asked_for or not run.answered.keys() >= {*groups}:
                continue
            runs_on = PowerState.of_machine(found) is PowerState.RUNNING and not run.is_another(found[BOOTED])
            if runs_on and not run.is_known(groups, since):
                yield run

    def _ask(self, runs: Sequence[_Run], groups: Sequence[Group]) -> None:
        if not runs:
            return
        now = time.monotonic()
        counters = frozenset(each for group in groups for each in instances(group))
        requests = {run.ref._moId: Request(run.ref, counters, run.after(groups, now)) for run in runs}
        left = {run.ref._moId: run for run in runs}
        for moid, samples in self._performance.ask(requests.values()):
            if moid in left:
                left.pop(moid).add(samples, groups, requests[moid].after, now)
        for moid, run in left.items():
            run.add(None, groups, requests[moid].after, now)

    def _drop_idle(self) -> None:
        """Drop what nobody has asked about for as long as the host remembers samples."""
        now = time.monotonic()
        for moid in [key for key, run in self._runs.items() if now - run.asked > _FORGOTTEN]:
            del self._runs[moid]
