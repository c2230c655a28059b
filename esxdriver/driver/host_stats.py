"""What hosts have used: their CPUs' times and their memory; of several hosts it is the sum.

Reference: https://libvirt.org/html/libvirt-libvirt-host.html
"""

from collections import Counter
from collections.abc import Mapping

import libvirt

from esxdriver.driver.hosts import HostReads
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.statistics.counters import Group
from esxdriver.vsphere.wire.faults import translated

_SIZE, _USED = "hardware.memorySize", "summary.quickStats.overallMemoryUsage"
_NUMA = "hardware.numaInfo.numNodes"
_EVERYTHING = -1  # libvirt's ALL_CPUS and ALL_CELLS


class HostStatisticsMethods(HostReads):
    """The methods of a connection that count what its hosts do."""

    def getCPUStats(self, cpuNum: int, flags: int = 0) -> dict[str, int]:
        """Return "user", all the time that a CPU has worked, and "idle", in ns: of one, or with -1 of all together.

        They begin with the first request of this connection. vSphere does not tell user from kernel time. Of several
        hosts, -1 is all CPUs of all of them. Raises INVALID_ARG for a CPU of which the host has no figures,
        OPERATION_UNSUPPORTED for one CPU of several hosts, OPERATION_FAILED where this user sees no host.
        """
        check_flags(flags, 0, "virNodeGetCPUStats")
        hosts = self._hosts() if cpuNum == _EVERYTHING else [self._only_host(f"CPU {cpuNum}")]
        times: Counter[str] = Counter()
        for host in hosts:
            for known in self._cpu_times(host, cpuNum):
                times.update(known)
        if not times:
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"the host has no figures of a CPU {cpuNum}")
        return {name: times[name] for name in ("user", "idle")}

    def _cpu_times(self, host: Found, number: int) -> list[Mapping[str, int]]:
        """Return the times of a host's CPUs, or of one of them."""
        with translated("cannot read the host's statistics"):
            figures = self.backend.statistics.of_host(host.ref, Group.HOST_CPU)
        numbers = [part for part in figures.parts(Group.HOST_CPU) if part.isdecimal()]
        return [figures.of(Group.HOST_CPU, part) for part in numbers if number in (_EVERYTHING, int(part))]

    def getMemoryStats(self, cellNum: int, flags: int = 0) -> dict[str, int]:
        """Return "total" and "free" memory in KiB; ``cellNum`` is -1 for all cells, or 0 where there is one.

        Of several hosts, -1 is their sum. Raises INVALID_ARG for another cell, as vSphere does not tell cells apart,
        OPERATION_UNSUPPORTED for a cell of several hosts, OPERATION_FAILED where this user sees no host.
        """
        check_flags(flags, 0, "virNodeGetMemoryStats")
        paths = (_SIZE, _USED, _NUMA)
        hosts = self._hosts(*paths) if cellNum == _EVERYTHING else [self._only_host(f"cell {cellNum}", *paths)]
        if cellNum != _EVERYTHING and (cellNum != 0 or int(hosts[0][_NUMA] or 1) > 1):
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"vSphere has no figures of a cell {cellNum}: -1 is all of them")
        total = sum(int(host[_SIZE] or 0) for host in hosts)
        return {"total": total // 1024, "free": sum(map(_free, hosts)) // 1024}

    def getFreeMemory(self) -> int:
        """Return how much memory is free on all hosts together, in bytes. Raises OPERATION_FAILED without a host."""
        return sum(map(_free, self._hosts(_SIZE, _USED)))

    def getCellsFreeMemory(self, startCell: int, maxCells: int) -> list[int]:
        """Return the free memory of each NUMA cell from ``startCell`` on, ``maxCells`` of them at most, in bytes.

        Raises INVALID_ARG for a cell that there is not, OPERATION_UNSUPPORTED where there are several cells, which
        vSphere does not tell apart, or several hosts, OPERATION_FAILED where this user sees no host.
        """
        host = self._only_host("the free memory of a cell", _SIZE, _USED, _NUMA)
        cells = max(int(host[_NUMA] or 1), 1)
        if not 0 <= startCell < cells or maxCells < 1:
            raise error(
                libvirt.VIR_ERR_INVALID_ARG,
                f"the host has {cells} cells from 0 on: none are {maxCells} from {startCell}",
            )
        if cells > 1:
            raise error(
                libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
                f"vSphere does not tell how the free memory is spread over {cells} cells: getFreeMemory() is all of it",
            )
        return [_free(host)]


def _free(host: Found) -> int:
    return max(int(host[_SIZE] or 0) - int(host[_USED] or 0) * 2**20, 0)
