"""Asking a host for its latest samples: hundreds of machines in one call, the next call on its way meanwhile.

Source: vSphere API, PerformanceManager.QueryPerf, whose format ``csv`` is a tenth of the other to send and to read.
"""

import functools
import itertools
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyVmomi import vim, vmodl

from esxdriver.conf.xml.tree import escaped_text
from esxdriver.vsphere.query.retrieve import properties
from esxdriver.vsphere.query.scan import ahead
from esxdriver.vsphere.statistics.totals import Samples
from esxdriver.vsphere.wire.metrics import Metrics, MetricsResult
from esxdriver.vsphere.wire.pending import PendingCall, method
from esxdriver.vsphere.wire.session import Session
from esxdriver.vsphere.wire.written import Written, arguments

_log = logging.getLogger(__name__)

INTERVAL = 20  # seconds that a sample covers: a host's "real time"
PART = 512  # machines in a call: with what reads them, a thousand take three calls
_MISSING = -1
_ATTEMPTS = 5  # machines may disappear while they are asked about

_QuerySpec, _MetricId = vim.PerformanceManager.QuerySpec, vim.PerformanceManager.MetricId
_METRICS = MetricsResult()
_NAME = "the-name-of-the-machine"


@dataclass(frozen=True)
class Request:
    """What to ask of a machine or host: counters with their instances, later than ``after``; None: the latest."""

    ref: Any
    counters: frozenset[tuple[str, str]]
    after: datetime | None


class Performance:
    """A host's counters. Their keys are asked for once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keys: dict[str, int] = {}
        self._names: dict[int, str] = {}

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[str, Samples]]:
        """Yield the managed object of each machine that has samples, and these: ``PART`` of them take a round trip.

        The first time takes one more. A counter that the host does not know is left out, and so is a machine that is
        gone or may not be asked about, or whose samples have no times that can be read.
        """
        keys = self._known()
        wanted = iter([each for each in requests if any(name in keys for name, _ in each.counters)])
        parts = (_Part(self._session, keys, part) for part in iter(lambda: list(itertools.islice(wanted, PART)), []))
        found = ((each.entity, _readable(each, self._names)) for each in ahead(parts))
        return ((moid, samples) for moid, samples in found if samples is not None)

    def _known(self) -> Mapping[str, int]:
        if not self._keys:
            performance = self._session.content.perfManager
            for each in properties(self._session, performance, "perfCounter")["perfCounter"] or ():
                self._names[each.key] = f"{each.groupInfo.key}.{each.nameInfo.key}.{each.rollupType}"
            self._keys = {name: key for key, name in self._names.items()}
        return self._keys


class _Part:
    """Some of the machines, asked about at once, and waited for when the answer is needed."""

    def __init__(self, session: Session, keys: Mapping[str, int], requests: Sequence[Request]) -> None:
        self._session = session
        self._keys = keys
        self._requests = requests
        self._ask()

    def _ask(self) -> None:
        performance = self._session.content.perfManager
        query = method(vim.PerformanceManager, "QueryStats", _METRICS)
        self._coming = PendingCall(performance, query, _written(performance, query, self._requests, self._keys))

    def close(self) -> None:
        """Give up what is on its way."""
        self._coming.close()

    def found(self) -> Iterator[Metrics]:
        """Yield what is said; machines that are gone meanwhile, or may not be asked about, are asked about no more."""
        for attempt in range(_ATTEMPTS):
            try:
                yield from self._coming.result() or ()
            except (vmodl.fault.ManagedObjectNotFound, vim.fault.NoPermission) as error:
                if attempt == _ATTEMPTS - 1 or not self._is_left_out(error):
                    raise
                if self._requests:
                    self._ask()
                    continue
            return

    def _is_left_out(self, error: Any) -> bool:
        """Ask about one machine less; return whether the error has said about which."""
        subject = getattr(error, "obj", None) or getattr(error, "object", None)
        left = [each for each in self._requests if each.ref != subject]
        if len(left) == len(self._requests):
            return False
        _log.info("no statistics of %s: %s", subject, error.msg)
        self._requests = left
        return True


def _written(callee: Any, query: Any, requests: Iterable[Request], keys: Mapping[str, int]) -> Written:
    """Return what is asked, as it is sent: machines that are asked about alike differ in their names alone."""
    made: dict[Any, list[bytes]] = {}
    text: list[bytes] = []
    for each in requests:
        alike = type(each.ref), each.counters, each.after
        if alike not in made:
            spec = _spec(each, type(each.ref)(_NAME), keys)
            made[alike] = arguments(callee._stub, callee, query, [[spec]]).split(_NAME.encode())
        before, after = made[alike]
        text += before, escaped_text(each.ref._moId).encode(), after
    return Written(b"".join(text))


def _spec(request: Request, ref: Any, keys: Mapping[str, int]) -> Any:
    wanted = sorted(request.counters)
    metrics = [_MetricId(counterId=keys[name], instance=instance) for name, instance in wanted if name in keys]
    since = {"maxSample": 1} if request.after is None else {"startTime": request.after}
    return _QuerySpec(entity=ref, metricId=metrics, intervalId=INTERVAL, format="csv", **since)


def _readable(found: Metrics, names: Mapping[int, str]) -> Samples | None:
    """Return the samples of a machine, None where they make no sense: then those of the others count all the same."""
    try:
        return _samples(found, names)
    except ValueError as error:
        _log.warning("no statistics of %s: %s", found.entity, error)
        return None


def _samples(found: Metrics, names: Mapping[int, str]) -> Samples:
    times, intervals = _info(found.info)
    series = {
        (names[counter], instance): [_number(value) for value in values.split(",")]
        for counter, instance, values in found.series
        if counter in names
    }
    return Samples(times, intervals, series)


@functools.lru_cache(64)  # most machines have theirs at the same times
def _info(text: str) -> tuple[list[datetime], list[int]]:
    """Return the times and intervals of samples."""
    info = text.split(",")
    return [datetime.fromisoformat(each.strip()) for each in info[1::2]], [int(each) for each in info[0:-1:2]]


def _number(text: str) -> int:
    return int(text) if text.strip().isdigit() else _MISSING
