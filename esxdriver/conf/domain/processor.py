"""A domain's vCPUs: how many, on which host CPUs, in which sockets, with which shares."""

from collections.abc import Iterable

from esxdriver.conf.mapping.codecs import COUNT, NUMBER, whole
from esxdriver.conf.mapping.enums import ShareLevel
from esxdriver.conf.mapping.fields import InvalidValueError, Surface, UnsupportedValueError

_MOST_CPUS = 4096


class _Vcpus:
    """``<vcpu>``: all of them are plugged in."""

    def read(self, surface: Surface, path: str) -> int | None:
        value = surface.get(path)
        if value in (None, ""):
            return None
        count = whole(path, value)
        if not 1 <= count < 2**31:
            raise InvalidValueError(path, value)
        if surface.kind == "xml" and surface.get("vcpu/@current") not in (None, str(count)):
            raise UnsupportedValueError("vcpu/@current: ESX starts all vCPUs; make it equal to <vcpu> or leave it out")
        return count

    def write(self, surface: Surface, path: str, value: int) -> None:
        NUMBER.write(surface, path, value)
        if surface.kind == "xml":
            surface.put("vcpu/@placement", "static")


class _CpuSet:
    """Host CPUs: ``0-3,^2`` in libvirt, numbers in vSphere, ``0,1,3`` or ``all`` in VMX. None of them is any."""

    def read(self, surface: Surface, path: str) -> tuple[int, ...] | None:
        value = surface.get(path)
        if surface.kind == "vim":
            return tuple(sorted(value or ()))
        if not value or value == "all":
            return None
        cpus: set[int] = set()
        for part in str(value).split(","):
            chosen = _range(path, part.strip().removeprefix("^"))
            cpus = cpus - chosen if part.strip().startswith("^") else cpus | chosen
        return tuple(sorted(cpus))

    def write(self, surface: Surface, path: str, value: tuple[int, ...]) -> None:
        if surface.kind == "vim":
            surface.put(path, list(value))
        elif surface.kind == "vmx":
            surface.put(path, ",".join(map(str, value)) or None)
        else:
            surface.put(path, ",".join(_runs(value)) or None)


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


class _CoresPerSocket:
    """``<topology>``, which is left out for sockets of one core."""

    def read(self, surface: Surface, path: str) -> int | None:
        if surface.kind != "xml":
            return NUMBER.read(surface, path)
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

    def write(self, surface: Surface, path: str, value: int) -> None:
        if surface.kind == "vim":
            NUMBER.write(surface, path, value)
            return
        if surface.kind == "vmx":
            surface.put(path, str(value) if value > 1 else None)
            return
        vcpus = whole("vcpu", surface.get("vcpu") or 1)
        if value <= 1 or vcpus % value:
            return
        parts = {"sockets": vcpus // value, "dies": 1, "clusters": 1, "cores": value, "threads": 1}
        for part, count in parts.items():
            surface.put(f"cpu/topology/@{part}", str(count))


class _Shares:
    """CPU shares: a number in libvirt, a level with a name where the number has one elsewhere."""

    def read(self, surface: Surface, path: str) -> int | None:
        if surface.kind == "xml":
            return COUNT.read(surface, path)
        value = surface.get(path if surface.kind == "vmx" else f"{path}.level")
        level = ShareLevel.of(surface.kind, value) if value is not None else None
        if level is None or level.per_vcpu is None:
            number = value if surface.kind == "vmx" else surface.get(f"{path}.shares")
            return None if number is None else whole(path, number)
        return level.per_vcpu * whole("vcpu", surface.get(_VCPUS[surface.kind]) or 1)

    def write(self, surface: Surface, path: str, value: int) -> None:
        if surface.kind == "xml":
            NUMBER.write(surface, path, value)
            return
        level = ShareLevel.naming(value, whole("vcpu", surface.get(_VCPUS[surface.kind]) or 1))
        if surface.kind == "vim":
            surface.put(f"{path}.level", level.vim)
            surface.put(f"{path}.shares", value)
        else:
            surface.put(path, str(value) if level is ShareLevel.CUSTOM else level.vmx)


_VCPUS = {"vim": "hardware.numCPU", "vmx": "numvcpus"}

VCPUS = _Vcpus()
CPU_SET = _CpuSet()
CORES_PER_SOCKET = _CoresPerSocket()
SHARES = _Shares()
