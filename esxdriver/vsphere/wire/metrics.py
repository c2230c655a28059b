"""What a performance manager says of many machines, read without making a ``PerfEntityMetricCSV`` of each first.

Source: vSphere Web Services API, PerformanceManager, PerfEntityMetricCSV, PerfMetricSeriesCSV.
"""

from typing import Any, NamedTuple

from esxdriver.vsphere.wire.decode import Direct
from esxdriver.vsphere.wire.readers import Element, local


class Series(NamedTuple):
    """The values of a counter, by commas; the instance is a part's name, or empty for the whole."""

    counter: int
    instance: str
    values: str


class Metrics(NamedTuple):
    """What is said of one machine or host: its ID, intervals and times of its samples by commas, and their values."""

    entity: str
    info: str
    series: list[Series]


class MetricsResult(Direct):
    """The result type of ``QueryPerf`` whose answer is to be a list of :class:`Metrics`; its format has to be csv."""

    def read(self, response: Element, *_: Any, **__: Any) -> list[Metrics]:
        """Return what is said of each; a series of no counter is left out."""
        return [_metrics(each) for each in response]


def _metrics(element: Element) -> Metrics:
    entity, info, series = "", "", []
    for child in element:
        if len(child):
            series += _series(child)
        elif local(child.tag) == "sampleInfoCSV":
            info = child.text or ""
        elif local(child.tag) == "entity":
            entity = child.text or ""
    return Metrics(entity, info, series)


def _series(element: Element) -> list[Series]:
    """Return a series, whose members are in the order of their schema."""
    try:
        (counter, instance), values = element
        return [Series(int(counter.text or ""), instance.text or "", values.text or "")]
    except ValueError:
        return []
