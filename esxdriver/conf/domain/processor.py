"""A domain's vCPUs: how many, on which host CPUs, in which sockets, with which shares."""

from collections.abc import Iterable
from typing import Any

from esxdriver.conf.mapping.codecs import COUNT, NUMBER, whole
from esxdriver.conf.mapping.enums import ShareLevel
from esxdriver.conf.mapping.fields import InvalidValueError, Kind, Surface, UnsupportedValueError

_MOST_CPUS = 4096


class _Vcpus:
    """``<vcpu>``: all of them are plugged in."""

    def read(self, surface: Surface, path: str) -> int | None:
        count = COUNT.read(surface, path)
        if count is not None and surface.get("vcpu/@current") not in (None, str(count)):
            raise UnsupportedValueError("vcpu/@current: ESX starts all vCPUs; make it equal to <vcpu> or leave it out")
        return count

    def write(self, surface: Surface, path: str, value: int) -> None:
        COUNT.write(surface, path, value)
        surface.put("vcpu/@placement", "static")


class _CpuList:
    """Host CPUs as VMX has them: ``0,1,3``, ``all`` or nothing for any. What is read may have libvirt's form."""

    def read(self, surface: Surface, path: str) -> tuple[int, ...] | None:
        value = surface.get(path)
        if not value or value == "all":
            return None
        cpus: set[int] = set()
        for part in str(value).split(","):
            chosen = _range(path, part.strip().removeprefix("^"))
            cpus = cpus - chosen if part.strip().startswith("^") else cpus | chosen
        return tuple(sorted(cpus))

    def write(self, surface: Surface, path: str, value: tuple[int, ...]) -> None:
        surface.put(path, ",".join(map(str, value)) or None)


class _CpuSet(_CpuList):
    """Host CPUs as libvirt has them: ``0-3,^2``."""

    def write(self, surface: Surface, path: str, value: tuple[int, ...]) -> None:
        surface.put(path, ",".join(_runs(value)) or None)


class _CpuNumbers:
    """Host CPUs as vSphere has them: a list of numbers."""

    def read(self, surface: Surface, path: str) -> tuple[int, ...] | None:
        return tuple(sorted(surface.get(path) or ()))

    def write(self, surface: Surface, path: str, value: tuple[int, ...]) -> None:
        surface.put(path, list(value))


def _range(path: str, part: str) -> set[int]:
    first, dash, last = part.partition("-")
    low, high = whole(path, first), whole(path, last if dash else first)
    if not 0 <= low <= high < _MOST_CPUS:
        raise InvalidValueError(path, part)
    return set(range(low, high + 1))


def _runs(cpus: Iterable[int]) -> list[str]:
    runs: list[list[int]] = []
    for cpu in cpus:
        if runs and runs[-1][1] == cpu - 1:
            runs[-1][1] = cpu
        else:
            runs.append([cpu, cpu])
    return [str(low) if low == high else f"{low}-{high}" for low, high in runs]


class _Topology:
    """``<topology>``, which is left out for sockets of one core."""

    def read(self, surface: Surface, _: str) -> int | None:
        if surface.get("cpu/topology") is None:
            return None
        parts = {
            part: NUMBER.read(surface, f"cpu/topology/@{part}") or 1
            for part in ("sockets", "dies", "clusters", "cores", "threads")
        }
        product = 1
        for count in parts.values():
            product *= count
        if product != (NUMBER.read(surface, "vcpu") or 1):
            raise UnsupportedValueError(
                f"cpu/topology: {product} CPUs in all, but <vcpu> is {surface.get('vcpu') or 1}"
            )
        for part in ("dies", "clusters", "threads"):
            if parts[part] != 1:
                raise UnsupportedValueError(f"cpu/topology/@{part} {parts[part]}: ESX has sockets and cores; write 1")
        return parts["cores"]

    def write(self, surface: Surface, _: str, value: int) -> None:
        vcpus = _vcpus(surface, "vcpu")
        if value <= 1 or vcpus % value:
            return
        parts = {"sockets": vcpus // value, "dies": 1, "clusters": 1, "cores": value, "threads": 1}
        for part, count in parts.items():
            surface.put(f"cpu/topology/@{part}", str(count))


class _Cores:
    """VMX's cores of a socket, left out for sockets of one."""

    def read(self, surface: Surface, path: str) -> int | None:
        return NUMBER.read(surface, path)

    def write(self, surface: Surface, path: str, value: int) -> None:
        surface.put(path, str(value) if value > 1 else None)


class _VimShares:
    """vSphere's CPU shares: a level, and beside it the number that it stands for."""

    def read(self, surface: Surface, path: str) -> int | None:
        level = _level("vim", surface.get(f"{path}.level"))
        if level is None:
            return _number(path, surface.get(f"{path}.shares"))
        return level * _vcpus(surface, "hardware.numCPU")

    def write(self, surface: Surface, path: str, value: int) -> None:
        surface.put(f"{path}.level", ShareLevel.naming(value, _vcpus(surface, "hardware.numCPU")).vim)
        surface.put(f"{path}.shares", value)


class _VmxShares:
    """VMX's CPU shares: a level where the number has one, or else the number."""

    def read(self, surface: Surface, path: str) -> int | None:
        value = surface.get(path)
        level = _level("vmx", value)
        return _number(path, value) if level is None else level * _vcpus(surface, "numvcpus")

    def write(self, surface: Surface, path: str, value: int) -> None:
        level = ShareLevel.naming(value, _vcpus(surface, "numvcpus"))
        surface.put(path, str(value) if level is ShareLevel.CUSTOM else level.vmx)


def _level(kind: Kind, value: Any) -> int | None:
    """Return the shares of each vCPU that a level stands for, None where it stands for no number."""
    level = ShareLevel.of(kind, value) if value is not None else None
    return level.per_vcpu if level else None


def _number(path: str, value: Any) -> int | None:
    """Return a number of shares. Raises InvalidValueError for one that libvirt's XML could not be read with."""
    if value is None:
        return None
    number = whole(path, value)
    if not COUNT.least <= number <= COUNT.most:
        raise InvalidValueError(path, value)
    return number


def _vcpus(surface: Surface, path: str) -> int:
    return whole("vcpu", surface.get(path) or 1)


VCPUS = _Vcpus()
CPU_SET, CPU_NUMBERS, CPU_LIST = _CpuSet(), _CpuNumbers(), _CpuList()
TOPOLOGY, CORES = _Topology(), _Cores()
VIM_SHARES, VMX_SHARES = _VimShares(), _VmxShares()
