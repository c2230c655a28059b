"""What a host has used: its CPUs' times and its memory; of several hosts, the first answers.

Reference: https://libvirt.org/html/libvirt-libvirt-host.html
"""

import libvirt

from esxdriver.driver.backend import Backend
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.statistics.counters import Group
from esxdriver.vsphere.wire.faults import translated

_SIZE, _USED = "hardware.memorySize", "summary.quickStats.overallMemoryUsage"
_NUMA = "hardware.numaInfo.numNodes"
_EVERYTHING = -1  # libvirt's ALL_CPUS and ALL_CELLS


class HostStatisticsMethods:
    """The methods of a connection that count what its host does."""

    backend: Backend

    def getCPUStats(self, cpuNum: int, flags: int = 0) -> dict[str, int]:
        """Return "user", all the time that a CPU has worked, and "idle", in ns: of one, or with -1 of all together.

        They begin with the first request of this connection. vSphere does not tell user from kernel time. Raises
        INVALID_ARG for a CPU that there is not.
        """
        check_flags(flags, 0, "virNodeGetCPUStats")
        host = self._first_host("name").ref
        with translated("cannot read the host's statistics"):
            figures = self.backend.statistics.of_host(host, Group.HOST_CPU)
        numbers = [part for part in figures.parts(Group.HOST_CPU) if part.isdecimal()]
        chosen = [part for part in numbers if cpuNum in (_EVERYTHING, int(part))]
        if not chosen:
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"the host has no figures of a CPU {cpuNum}")
        each = [figures.of(Group.HOST_CPU, part) for part in chosen]
        return {name: sum(known[name] for known in each if name in known) for name in ("user", "idle")}

    def getMemoryStats(self, cellNum: int, flags: int = 0) -> dict[str, int]:
        """Return "total" and "free" memory in KiB; ``cellNum`` is -1 for all cells, or 0 where there is one.

        Raises INVALID_ARG for another: vSphere does not tell cells apart.
        """
        check_flags(flags, 0, "virNodeGetMemoryStats")
        host = self._first_host(_SIZE, _USED, _NUMA)
        if cellNum != _EVERYTHING and (cellNum != 0 or int(host[_NUMA] or 1) > 1):
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"vSphere has no figures of a cell {cellNum}: -1 is all of them")
        return {"total": int(host[_SIZE] or 0) // 1024, "free": _free(host) // 1024}

    def getFreeMemory(self) -> int:
        """Return how much of the host's memory is free, in bytes."""
        return _free(self._first_host(_SIZE, _USED))

    def getCellsFreeMemory(self, startCell: int, maxCells: int) -> list[int]:
        """Return the free memory of each NUMA cell from ``startCell`` on, ``maxCells`` of them at most, in bytes.

        Raises INVALID_ARG for a cell that there is not, OPERATION_UNSUPPORTED where there are several: vSphere does not
        tell them apart.
        """
        host = self._first_host(_SIZE, _USED, _NUMA)
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

    def _first_host(self, *paths: str) -> Found:
        with translated("cannot read the host"):
            found = inventory.host_properties(self.backend.session, self.backend.scope, *paths)
        if not found:
            raise error(
                libvirt.VIR_ERR_OPERATION_FAILED,
                "there is no host in the part of the inventory that the URI names, or none that this user may see",
            )
        return found[0]


def _free(host: Found) -> int:
    return max(int(host[_SIZE] or 0) - int(host[_USED] or 0) * 2**20, 0)
