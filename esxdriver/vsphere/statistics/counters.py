"""Which counter each figure of libvirt's comes from: the table, one row a figure.

| figure            | counter                                   | its unit                    | libvirt's unit |
|-------------------|-------------------------------------------|-----------------------------|----------------|
| CPU and vCPU time | ``cpu.*.summation``                       | ms in the interval          | ns             |
| swap              | ``mem.swap*Rate.average``                 | KiB a second                | KiB            |
| bytes             | ``net.bytes*``, ``virtualDisk.read, write`` | KiB a second              | bytes          |
| packets           | ``net.packets*``, ``net.dropped*``        | number in the interval      | number         |
| requests          | ``virtualDisk.number*Averaged``           | number a second             | number         |
| time of requests  | the same, times ``total*Latency``         | ms a request                | ns             |

Counters are named ``group.name.rollup``; their keys differ from product to product. Parts of a machine are named by
vSphere: a vCPU by its number, a network card by its key in the configuration, a disk as ``scsi0:1``.
Source: vSphere API, PerformanceManager and its counters of CPU, memory, network and virtual disk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache

BOOTED = "runtime.bootTime"
PATHS = ("runtime.powerState", BOOTED)  # what has to be known of a machine whose statistics are wanted

WHOLE = ""  # the instance of a counter that stands for the whole machine


class Measure(Enum):
    """What a value says: how much in its interval, how much a second, or how much there is."""

    AMOUNT = "amount"
    RATE = "rate"
    LEVEL = "level"


class Group(Enum):
    """Figures that are asked for together; the value says which instances of its counters are wanted.

    ``HOST_CPU`` is about a host, all others are about a machine.
    """

    CPU = "cpu", False
    VCPU = "vcpu", True
    MEMORY = "memory", False
    INTERFACE = "interface", True
    BLOCK = "block", True
    HOST_CPU = "host cpu", True

    def __init__(self, label: str, parts: bool) -> None:
        self.label = label
        self.parts = parts


@dataclass(frozen=True)
class Counter:
    """Where a figure comes from: a counter, and what one of its units is in libvirt's.

    With ``other``, ``combine`` makes each value of it and of that counter's at the same time.
    """

    group: Group
    field: str
    name: str
    unit: int = 1
    measure: Measure = Measure.AMOUNT
    other: str = ""
    combine: Callable[[int, int], int] | None = None


def _product(one: int, other: int) -> int:
    return one * other


def _rest(whole: int, part: int) -> int:
    return max(whole - part, 0)


_NS_OF_MS = 10**6
_BYTES_OF_KIB = 1024
_RATE, _LEVEL = Measure.RATE, Measure.LEVEL
_READS, _WRITES = "virtualDisk.numberReadAveraged.average", "virtualDisk.numberWriteAveraged.average"
_READ_TIME, _WRITE_TIME = "virtualDisk.totalReadLatency.average", "virtualDisk.totalWriteLatency.average"
_USED, _SYSTEM = "cpu.used.summation", "cpu.system.summation"

COUNTERS = (
    Counter(Group.CPU, "time", _USED, _NS_OF_MS),
    Counter(Group.CPU, "user", _USED, _NS_OF_MS, other=_SYSTEM, combine=_rest),
    Counter(Group.CPU, "system", _SYSTEM, _NS_OF_MS),
    Counter(Group.VCPU, "time", _USED, _NS_OF_MS),
    Counter(Group.VCPU, "wait", "cpu.wait.summation", _NS_OF_MS),
    Counter(Group.VCPU, "delay", "cpu.ready.summation", _NS_OF_MS),
    Counter(Group.MEMORY, "rss", "mem.consumed.average", measure=_LEVEL),
    Counter(Group.MEMORY, "ballooned", "mem.vmmemctl.average", measure=_LEVEL),
    Counter(Group.MEMORY, "swap_in", "mem.swapinRate.average", measure=_RATE),
    Counter(Group.MEMORY, "swap_out", "mem.swapoutRate.average", measure=_RATE),
    Counter(Group.INTERFACE, "rx.bytes", "net.bytesRx.average", _BYTES_OF_KIB, _RATE),
    Counter(Group.INTERFACE, "rx.pkts", "net.packetsRx.summation"),
    Counter(Group.INTERFACE, "rx.drop", "net.droppedRx.summation"),
    Counter(Group.INTERFACE, "tx.bytes", "net.bytesTx.average", _BYTES_OF_KIB, _RATE),
    Counter(Group.INTERFACE, "tx.pkts", "net.packetsTx.summation"),
    Counter(Group.INTERFACE, "tx.drop", "net.droppedTx.summation"),
    Counter(Group.BLOCK, "rd.reqs", _READS, measure=_RATE),
    Counter(Group.BLOCK, "rd.bytes", "virtualDisk.read.average", _BYTES_OF_KIB, _RATE),
    Counter(Group.BLOCK, "rd.times", _READS, _NS_OF_MS, _RATE, other=_READ_TIME, combine=_product),
    Counter(Group.BLOCK, "wr.reqs", _WRITES, measure=_RATE),
    Counter(Group.BLOCK, "wr.bytes", "virtualDisk.write.average", _BYTES_OF_KIB, _RATE),
    Counter(Group.BLOCK, "wr.times", _WRITES, _NS_OF_MS, _RATE, other=_WRITE_TIME, combine=_product),
    Counter(Group.HOST_CPU, "user", _USED, _NS_OF_MS),
    Counter(Group.HOST_CPU, "idle", "cpu.idle.summation", _NS_OF_MS),
)

# Counters that hosts have of a machine's vCPUs alone: the whole is their sum.
SUMMED = frozenset({_SYSTEM})


@cache
def of_group(group: Group) -> tuple[Counter, ...]:
    """Return the rows of a group."""
    return tuple(row for row in COUNTERS if row.group is group)


def instances(group: Group) -> frozenset[tuple[str, str]]:
    """Return what to ask for: the counters that a group is made of, each with its instance, ``*`` for all parts."""
    names = {name for row in of_group(group) for name in (row.name, row.other) if name}
    return frozenset((name, "*" if group.parts or name in SUMMED else WHOLE) for name in names)
