"""libvirt's ``<capabilities>`` document.

Source: https://libvirt.org/formatcaps.html .
"""

from collections.abc import Sequence
from dataclasses import dataclass

from esxdriver.conf.xml import surface as xml


@dataclass(frozen=True)
class Thread:
    """A CPU of the host's as libvirt counts them, a thread: its number, its socket's, and its core's in the socket.

    All count from 0. ``siblings`` are the numbers of the threads of its core, its own among them.
    """

    number: int
    socket: int
    core: int
    siblings: tuple[int, ...]


@dataclass(frozen=True)
class Cell:
    """A NUMA cell: its memory in KiB, None where it is not known, and its CPUs."""

    number: int
    memory: int | None
    threads: tuple[Thread, ...]


@dataclass(frozen=True)
class Signature:
    """A CPU's family, model and stepping, as CPUID has them."""

    family: int
    model: int
    stepping: int


@dataclass(frozen=True)
class Topology:
    """A host's sockets, the cores of each, and the threads of each core."""

    sockets: int
    cores: int
    threads: int


@dataclass(frozen=True)
class Host:
    """What is known of a host, or of all hosts together, where they are alike: the rest is None or empty.

    ``arch`` is libvirt's architecture, ``vendor`` libvirt's name of the CPU's maker, ``live`` whether running domains
    migrate, ``migration`` the scheme of the URIs that say where to.
    """

    arch: str
    migration: str
    uuid: str | None = None
    vendor: str | None = None
    signature: Signature | None = None
    topology: Topology | None = None
    live: bool = False
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class MachineType:
    """A version of virtual hardware, ``vmx-19``, and how many vCPUs a domain of it may have."""

    name: str
    vcpus: int


# Word size in bits of each architecture that ESX runs guests of, by the host's.
_GUESTS = {"x86_64": {"i686": 32, "x86_64": 64}, "aarch64": {"aarch64": 64}}


def guests_of(arch: str) -> Sequence[str]:
    """Return the architectures of the guests that hosts of this one run, the host's own last."""
    return tuple(_GUESTS[arch])


def capabilities_xml(host: Host, machines: Sequence[MachineType] = ()) -> str:
    """Return the document for ``host``, whose domains may be of the types ``machines``."""
    root = xml.new("capabilities")
    _put_host(root.added("host"), host)
    for arch, bits in _GUESTS[host.arch].items():
        guest = root.added("guest")
        guest.put("os_type", "hvm")
        described = guest.added("arch")
        described.put("@name", arch)
        described.put("wordsize", str(bits))
        for machine in machines:
            described.added("machine", maxCpus=str(machine.vcpus)).put(".", machine.name)
        described.put("domain/@type", "vmware")
        _put_features(guest.added("features"), arch)
    return xml.text_of(root)


def _put_features(features: xml.ElementSurface, arch: str) -> None:
    """Every domain has ACPI and APIC, takes snapshots of its disks, and boots from the devices that say so."""
    if arch == "i686":
        features.added("pae")
    features.added("deviceboot")
    for name in ("disksnapshot", "acpi", "apic"):
        features.added(name, default="on", toggle="no")


def _put_host(root: xml.ElementSurface, host: Host) -> None:
    root.put("uuid", host.uuid)
    cpu = root.added("cpu")
    cpu.put("arch", host.arch)
    cpu.put("vendor", host.vendor)
    if host.signature is not None:
        cpu.added("signature", **{name: str(number) for name, number in vars(host.signature).items()})
    if host.topology is not None:
        shape = host.topology
        cpu.added("topology", sockets=str(shape.sockets), dies="1", cores=str(shape.cores), threads=str(shape.threads))
    root.added("power_management")  # a domain can be suspended, a host cannot
    migration = root.added("migration_features")
    if host.live:
        migration.added("live")
    migration.put("uri_transports/uri_transport", host.migration)
    if host.cells:
        _put_cells(root.added("topology").added("cells", num=str(len(host.cells))), host.cells)


def _put_cells(root: xml.ElementSurface, cells: Sequence[Cell]) -> None:
    for cell in cells:
        element = root.added("cell", id=str(cell.number))
        if cell.memory is not None:
            element.added("memory", unit="KiB").put(".", str(cell.memory))
        cpus = element.added("cpus", num=str(len(cell.threads)))
        for each in cell.threads:
            cpus.added("cpu", id=str(each.number), socket_id=str(each.socket), die_id="0", core_id=str(each.core),
                       siblings=_ranges(each.siblings))  # fmt: skip


def _ranges(numbers: Sequence[int]) -> str:
    """Return consecutive numbers as libvirt's set of CPUs: ``4-5``, or ``4`` for one."""
    first, last = min(numbers), max(numbers)
    return str(first) if first == last else f"{first}-{last}"
