"""Asking a host for its latest samples: all machines in one call.

Source: vSphere API, PerformanceManager.QueryPerf, whose format ``csv`` is a tenth of the other to send and to read.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyVmomi import vim, vmodl

from esxdriver.vsphere.query.retrieve import properties
from esxdriver.vsphere.statistics.totals import Samples
from esxdriver.vsphere.wire.session import Session

_log = logging.getLogger(__name__)

INTERVAL = 20  # seconds that a sample covers: a host's "real time"
_MISSING = -1
_ATTEMPTS = 5  # machines may disappear while they are asked about

_QuerySpec, _MetricId = vim.PerformanceManager.QuerySpec, vim.PerformanceManager.MetricId


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

    def ask(self, requests: Iterable[Request]) -> dict[str, Samples]:
        """Return the samples of each machine that has any, by its managed object: one round trip, the first time two.

        A counter that the host does not know is left out, and so is a machine that is gone or may not be asked about.
        """
        keys = self._known()
        specs = [spec for each in requests if (spec := _spec(each, keys)) is not None]
        return {each.entity._moId: _samples(each, self._names) for each in self._answer(specs)}

    def _known(self) -> Mapping[str, int]:
        if not self._keys:
            performance = self._session.content.perfManager
            for each in properties(self._session, performance, "perfCounter")["perfCounter"] or ():
                self._names[each.key] = f"{each.groupInfo.key}.{each.nameInfo.key}.{each.rollupType}"
            self._keys = {name: key for key, name in self._names.items()}
        return self._keys

    def _answer(self, specs: Sequence[Any]) -> Sequence[Any]:
        """Return the answer; machines that are gone meanwhile, or may not be asked about, are asked about no more."""
        for attempt in range(_ATTEMPTS):
            try:
                return (self._session.content.perfManager.QueryPerf(specs) or ()) if specs else ()
            except (vmodl.fault.ManagedObjectNotFound, vim.fault.NoPermission) as error:
                subject = getattr(error, "obj", None) or getattr(error, "object", None)
                left = [spec for spec in specs if spec.entity != subject]
                if len(left) == len(specs) or attempt == _ATTEMPTS - 1:
                    raise
                _log.info("no statistics of %s: %s", subject, error.msg)
                specs = left
        return ()


def _spec(request: Request, keys: Mapping[str, int]) -> Any:
    wanted = sorted(request.counters)
    metrics = [_MetricId(counterId=keys[name], instance=instance) for name, instance in wanted if name in keys]
    if not metrics:
        return None
    since = {"maxSample": 1} if request.after is None else {"startTime": request.after}
    return _QuerySpec(entity=request.ref, metricId=metrics, intervalId=INTERVAL, format="csv", **since)


def _samples(entity: Any, names: Mapping[int, str]) -> Samples:
    info = (entity.sampleInfoCSV or "").split(",")
    series = {
        (names[each.id.counterId], each.id.instance or ""): [_number(value) for value in (each.value or "").split(",")]
        for each in entity.value or ()
        if each.id.counterId in names
    }
    return Samples([_time(each) for each in info[1::2]], [int(each) for each in info[0:-1:2]], series)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.strip())


def _number(text: str) -> int:
    return int(text) if text.strip().isdigit() else _MISSING
