"""Totals that rise, made of samples: pure.

1. A sample counts once: those are added that are later than the last that was.
2. A total never falls. A value that is missing (vSphere writes a negative one) adds nothing.
3. A figure that no sample has had is not there: it is not 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from esxdriver.vsphere.statistics.counters import SUMMED, WHOLE, Counter, Group, Measure, of_group

Parts = dict[str, dict[str, int]]
"""Figures by their names, by the part that they are of (``WHOLE``, or vSphere's name of it)."""


@dataclass(frozen=True)
class Samples:
    """What a host has said of one machine: when, over how many seconds, and a value each time by counter and instance.

    They are in the order of time. A negative value is missing.
    """

    times: Sequence[datetime]
    intervals: Sequence[int]
    values: Mapping[tuple[str, str], Sequence[int]]

    def series(self, name: str) -> Mapping[str, Sequence[int]]:
        """Return a counter's values by its instances; the sum of the parts is among them where a host has no whole."""
        return self._by_name.get(name, {})

    @cached_property
    def _by_name(self) -> Mapping[str, Mapping[str, Sequence[int]]]:
        found: dict[str, dict[str, Sequence[int]]] = {}
        for (name, instance), values in self.values.items():
            found.setdefault(name, {})[instance] = values
        for parts in (found[name] for name in SUMMED & found.keys() if WHOLE not in found[name]):
            parts[WHOLE] = [sum(max(value, 0) for value in column) for column in zip(*parts.values(), strict=False)]
        return found


@dataclass
class Totals:
    """The figures of a group since the machine was first asked about in this run of it.

    ``last`` is the time of the last sample that has been added, ``rates`` are what it said, a second.
    """

    group: Group
    last: datetime | None = None
    figures: Parts = field(default_factory=dict)
    rates: Parts = field(default_factory=dict)

    def add(self, samples: Samples, *, after: datetime | None) -> bool:
        """Add the samples later than ``after``; with None, all but the last one of before.

        Return whether any was new.
        """
        new = [number for number, time in enumerate(samples.times) if self._is_new(time, after)]
        if not new:
            return False
        self.rates = {}
        for row in of_group(self.group):
            others = samples.series(row.other or row.name)
            for part, values in samples.series(row.name).items():
                if (part == WHOLE) != row.group.parts and part in others:
                    self._add(row, part, values, others[part], samples.intervals, new)
        self.last = samples.times[new[-1]]
        return True

    def _is_new(self, time: datetime, after: datetime | None) -> bool:
        return time != self.last if after is None else time > after

    def _add(
        self,
        row: Counter,
        part: str,
        values: Sequence[int],
        others: Sequence[int],
        intervals: Sequence[int],
        new: Sequence[int],
    ) -> None:
        known = [n for n in new if n < len(values) and n < len(others) and values[n] >= 0 and others[n] >= 0]
        if not known:
            return
        amounts = [_amount(row, values[n], others[n], intervals[n]) for n in known]
        figures = self.figures.setdefault(part, {})
        if row.measure is Measure.LEVEL:
            figures[row.field] = amounts[-1]
            return
        figures[row.field] = figures.get(row.field, 0) + sum(amounts)
        self.rates.setdefault(part, {})[row.field] = amounts[-1] // max(intervals[known[-1]], 1)


def _amount(row: Counter, value: int, other: int, interval: int) -> int:
    """Return what a value says of its interval, in libvirt's unit."""
    plain = value if row.combine is None else row.combine(value, other)
    return plain * row.unit * (interval if row.measure is Measure.RATE else 1)
