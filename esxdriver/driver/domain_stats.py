"""What a domain has used: times, traffic and memory, as libvirt's totals.

They begin with the first request of the connection after the domain's start, see :mod:`esxdriver.vsphere.statistics`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.conf.devices.interface import InterfaceDef
from esxdriver.conf.mapping.states import PowerState
from esxdriver.driver.domain_info import AFFECT, InfoMethods
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.machine.guest import card_name
from esxdriver.vsphere.statistics.counters import PATHS, Group
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from esxdriver.vsphere.bulk import stats as bulk
    from esxdriver.vsphere.query.retrieve import Found
    from esxdriver.vsphere.statistics.statistics import Figures

_log = logging.getLogger(__name__)

_UNKNOWN = -1  # what libvirt has where a driver does not know a figure

_TRAFFIC = ("bytes", "pkts", "errs", "drop")
# libvirt's names of a block device's figures, and the counters' fields.
_BLOCK = {
    "rd_operations": "rd.reqs", "rd_bytes": "rd.bytes", "rd_total_times": "rd.times",
    "wr_operations": "wr.reqs", "wr_bytes": "wr.bytes", "wr_total_times": "wr.times",
}  # fmt: skip
_OLD_BLOCK = ("rd_operations", "rd_bytes", "wr_operations", "wr_bytes")


class StatisticsMethods(InfoMethods):
    """The methods of a domain that count.

    Each raises OPERATION_INVALID for a domain that is not active, but for ``info()`` and ``blockInfo()``.
    """

    def info(self) -> list[int]:
        """Return [state, maximum memory in KiB, memory in KiB, vCPUs, CPU time in ns].

        The time is 0 where nothing is known of it. Two round trips for a domain that runs, the first time three.
        """
        found, sizes = self._sizes()
        return [*sizes, self._figures_of(found, Group.CPU).of(Group.CPU).get("time", 0)]

    def getCPUStats(self, total: bool, flags: int = 0) -> list[dict[str, int]]:
        """Return the CPU time in ns: with ``total`` [{"cpu_time", "user_time", "system_time"}].

        Else {"cpu_time", "vcpu_time"} of each of the domain's own vCPUs: vSphere does not tell which of the host's CPUs
        they ran on.
        """
        check_flags(flags, 0, "virDomainGetCPUStats")
        figures = self._active_figures(Group.CPU, Group.VCPU)
        if total:
            times = figures.of(Group.CPU)
            return [{f"{'cpu' if name == 'time' else name}_time": value for name, value in times.items()}]
        times_of_each = [figures.of(Group.VCPU, part).get("time", 0) for part in figures.parts(Group.VCPU)]
        return [{"cpu_time": time, "vcpu_time": time} for time in times_of_each]

    def memoryStats(self) -> dict[str, int]:
        """Return "actual", "rss", "swap_in" and "swap_out" in KiB, and "last_update" in seconds since 1970.

        What the guest itself sees of its memory vSphere does not tell.
        """
        from esxdriver.vsphere.bulk import stats as bulk

        found = self._active(*bulk.MEMORY, *PATHS)
        figures = self._figures_of(found, Group.MEMORY)
        known = {"actual": bulk.memory(found)[1]}
        known |= {name: value for name, value in figures.of(Group.MEMORY).items() if name != "ballooned"}
        return known if figures.last is None else known | {"last_update": int(figures.last.timestamp())}

    def setMemoryStatsPeriod(self, period: int, flags: int = 0) -> int:
        """Refuse it with NO_SUPPORT: a host takes its samples by itself, every 20 seconds."""
        self.backend.require_writable("virDomainSetMemoryStatsPeriod")
        check_flags(flags, AFFECT, "virDomainSetMemoryStatsPeriod")
        raise error(
            libvirt.VIR_ERR_NO_SUPPORT, "an ESX host takes samples of the memory every 20 seconds, and nothing else"
        )

    def blockStats(self, path: str) -> tuple[int, int, int, int, int]:
        """Return (reads, bytes read, writes, bytes written, -1) of a disk; -1 is what vSphere does not count.

        ``path`` is the disk's target or source, or nothing for all of them. Raises INVALID_ARG for another.
        """
        known = self._block_figures(path)
        reads, read, writes, written = (known.get(name, _UNKNOWN) if known else 0 for name in _OLD_BLOCK)
        return reads, read, writes, written, _UNKNOWN

    def blockStatsFlags(self, path: str, flags: int = 0) -> dict[str, int]:
        """Return "rd_operations", "rd_bytes", "rd_total_times" (ns), and the same with "wr", as far as they are known.

        ``path`` is that of :meth:`blockStats`.
        """
        check_flags(flags, libvirt.VIR_TYPED_PARAM_STRING_OKAY, "virDomainBlockStatsFlags")
        return self._block_figures(path)

    def interfaceStats(self, path: str) -> tuple[int, ...]:
        """Return (bytes, packets, errors, drops) received, and the same sent, of a network card; -1: not known.

        ``path`` is the card's name, ``nic0`` for the first, or its MAC address. Raises INVALID_ARG for another.
        """
        found = self._active(*PATHS)
        key = self._card(path)
        known = self._figures_of(found, Group.INTERFACE).of(Group.INTERFACE, str(key))
        fields = [f"{way}.{name}" for way in ("rx", "tx") for name in _TRAFFIC]
        return tuple(known.get(name, _UNKNOWN if known or name.endswith("errs") else 0) for name in fields)

    def blockInfo(self, path: str, flags: int = 0) -> list[int]:
        """Return [capacity, allocation, physical size] of a hard disk, in bytes; the last two are the file's size.

        ``path`` is the disk's target or source. Raises INVALID_ARG for another, OPERATION_UNSUPPORTED for a drive.
        """
        check_flags(flags, 0, "virDomainGetBlockInfo")
        known = self._disk(path).known
        if "capacity" not in known:
            raise error(
                libvirt.VIR_ERR_OPERATION_UNSUPPORTED, f"'{path}' is no hard disk: vSphere does not tell its size"
            )
        size = known.get("allocation", known["capacity"])
        return [known["capacity"], size, size]

    # -- where the figures come from

    def _active(self, *paths: str) -> Found:
        found = self._read(*paths)
        if self.backend.shown_state(found) is PowerState.SHUTOFF:
            raise error(libvirt.VIR_ERR_OPERATION_INVALID, f"domain '{self.title}' is not running")
        return found

    def _active_figures(self, *groups: Group) -> Figures:
        return self._figures_of(self._active(*PATHS), *groups)

    def _figures_of(self, found: Found, *groups: Group) -> Figures:
        with translated(f"cannot read the statistics of domain '{self.title}'"):
            return self.backend.statistics.of_machine(found, *groups)

    def _block_figures(self, path: str) -> dict[str, int]:
        found = self._active(*PATHS)
        disks = [self._disk(path)] if path else self._disks()
        figures = self._figures_of(found, Group.BLOCK)
        return _sums([figures.of(Group.BLOCK, disk.instance) for disk in disks])

    def _disks(self) -> list[bulk.Disk]:
        from esxdriver.vsphere.bulk import stats as bulk

        machine, _ = self.read_machine()
        return bulk.disks_of(machine, self._read(bulk.LAYOUT)[bulk.LAYOUT])

    def _disk(self, path: str) -> bulk.Disk:
        """Return the disk with this target or source."""
        for disk in self._disks():
            if path and path in (disk.known["name"], disk.known.get("path")):
                return disk
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"invalid path: domain '{self.title}' has no disk '{path}'")

    def networkCards(self) -> list[tuple[str, InterfaceDef]]:
        """Return each network card's name, ``nic0`` for the first, and its definition. libvirt has no such method."""
        return [(card_name(key), card) for key, card in self._cards()]

    def _cards(self) -> list[tuple[int, InterfaceDef]]:
        machine, _ = self.read_machine()
        return [(int(device.key), card) for card, device in machine.devices if isinstance(card, InterfaceDef)]

    def _card(self, path: str) -> int:
        for key, card in self._cards():
            if path.lower() in (card_name(key), card.mac):
                return key
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"invalid path: domain '{self.title}' has no interface '{path}'")


def _sums(figures: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for each in figures:
        for name, field in _BLOCK.items():
            if field in each:
                sums[name] = sums.get(name, 0) + each[field]
    return sums
