"""A domain, whole: what ``<domain type='vmware'>`` says and vSphere's ``config`` holds.

| libvirt                        | vSphere (``config.``)             | VMX                   |
|--------------------------------|-----------------------------------|-----------------------|
| ``name``                       | ``name``                          | ``displayName``       |
| ``uuid``, ``hwuuid``           | ``instanceUuid``, ``uuid``        | ``vc.uuid``, ``uuid.bios`` |
| ``memory``                     | ``hardware.memoryMB``             | ``memsize``           |
| ``currentMemory``              | ``memoryAllocation.limit``        | ``sched.mem.max``     |
| ``memtune/min_guarantee``      | ``memoryAllocation.reservation``  | ``sched.mem.minsize`` |
| ``vcpu``, its ``cpuset``       | ``hardware.numCPU``, ``cpuAffinity`` | ``numvcpus``, ``sched.cpu.affinity`` |
| ``cpu/topology/@cores``        | ``hardware.numCoresPerSocket``    | ``cpuid.coresPerSocket`` |
| ``os/@firmware``, ``nvram``    | ``firmware``, ``extraConfig``     | ``firmware``, ``nvram`` |
| ``metadata``                   | ``guestId``, ``version``, ``extraConfig`` | ``guestOS``, ``virtualHW.version`` |

Sources: https://libvirt.org/formatdomain.html and the vSphere API's VirtualMachineConfigInfo.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from esxdriver.conf.devices.chardev import ParallelDef, SerialDef
from esxdriver.conf.devices.controller import ControllerDef
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.filesystem import FilesystemDef
from esxdriver.conf.devices.graphics import GraphicsDef, VideoDef
from esxdriver.conf.devices.hostdev import HostdevDef, TpmDef
from esxdriver.conf.devices.interface import InterfaceDef
from esxdriver.conf.devices.kinds import KINDS
from esxdriver.conf.devices.sound import SoundDef
from esxdriver.conf.domain.guest import GUEST
from esxdriver.conf.domain.nvram import NVRAM
from esxdriver.conf.domain.processor import CORES_PER_SOCKET, CPU_SET, SHARES, VCPUS
from esxdriver.conf.mapping.codecs import MEMORY_STEP, TEXT, YES_NO, Size, Switch, whole
from esxdriver.conf.mapping.enums import Firmware
from esxdriver.conf.mapping.fields import InvalidValueError, Surface, UnsupportedValueError, fact
from esxdriver.conf.mapping.identity import GENID, NAME, UUID_TEXT


class _Prose:
    """Text that may be empty: an empty annotation removes the old one."""

    def read(self, surface: Surface, path: str) -> str | None:
        return surface.get(path) or ""

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value if value or surface.kind == "vim" else None)


class _Limit:
    """The most memory a domain may have of the host's; None is no limit."""

    _SIZE = Size()

    def read(self, surface: Surface, path: str) -> int | None:
        return self._SIZE.read(surface, path)

    def write(self, surface: Surface, path: str, value: int) -> None:
        self._SIZE.write(surface, path, value)

    def nothing(self, surface: Surface, path: str) -> None:
        """Write that there is no limit."""
        surface.put(path, -1 if surface.kind == "vim" else None)


class _Guarantee:
    """Memory that the host reserves; none is not written to XML."""

    _SIZE = Size()

    def read(self, surface: Surface, path: str) -> int | None:
        return self._SIZE.read(surface, path)

    def write(self, surface: Surface, path: str, value: int) -> None:
        if value or surface.kind == "vim":
            self._SIZE.write(surface, path, value)


_NEWEST_HARDWARE = 1000  # far beyond any that there is


class _HardwareVersion:
    """A virtual hardware version: 19, ``vmx-19`` in vSphere."""

    def read(self, surface: Surface, path: str) -> int | None:
        value = surface.get(path)
        if value in (None, ""):
            return None
        number = whole(path, str(value).removeprefix("vmx-"))
        if not 0 < number < _NEWEST_HARDWARE:
            raise InvalidValueError(path, value)
        return number

    def write(self, surface: Surface, path: str, value: int) -> None:
        surface.put(path, f"vmx-{value:02d}" if surface.kind == "vim" else str(value))


HARDWARE = _HardwareVersion()


class _SecureBoot:
    """UEFI secure boot, which libvirt describes as two features of the firmware."""

    def read(self, surface: Surface, path: str) -> bool | None:
        return YES_NO.read(surface, path)

    def write(self, surface: Surface, path: str, value: bool) -> None:
        if surface.kind != "xml":
            YES_NO.write(surface, path, value)
            return
        for feature in ("enrolled-keys", "secure-boot") if value else ("secure-boot",):
            surface.put(f"os/firmware/feature[@name='{feature}']/@enabled", "yes" if value else "no")


class _Smbios:
    """Whether the guest sees the host's SMBIOS tables: ``mode='host'``."""

    _SWITCH = Switch(yes="host", no=None, vmx=(True, None), vim=("TRUE", None))

    def read(self, surface: Surface, path: str) -> bool | None:
        value = surface.get(path)
        if surface.kind != "xml" or value in (None, "host"):
            return self._SWITCH.read(surface, path)
        if value == "sysinfo":
            raise UnsupportedValueError("os/smbios/@mode 'sysinfo': ESX has host and emulate")
        return False

    def write(self, surface: Surface, path: str, value: bool) -> None:
        self._SWITCH.write(surface, path, value)


@dataclass(frozen=True, kw_only=True)
class DomainDef:
    """A domain's definition. Memory is in KiB; None is what the document or host does not say.

    ``vmx_path`` is where a definition that was read from a VMX file has that file: files beside it are named without
    a directory there. ``options`` are vSphere's ``extraConfig`` as far as no other field holds them; None where the
    document is silent, and then a host's are left as they are. ``foreign`` are other applications' metadata.
    """

    name: str = fact(NAME, xml="name", vim="name", vmx="displayName")
    uuid: str | None = fact(UUID_TEXT, xml="uuid", vim="instanceUuid", vmx="vc.uuid", default=None)
    hwuuid: str | None = fact(UUID_TEXT, xml="hwuuid", vim="uuid", vmx="uuid.bios", default=None)
    genid: str | None = fact(GENID, xml="genid", vim="extra:vm.genid", vmx="vm.genid", default=None)
    title: str | None = fact(TEXT, xml="title", vim="extra:esxdriver.title", vmx="esxdriver.title", default=None)
    description: str = fact(_Prose(), xml="description", vim="annotation", vmx="annotation", default="")
    guest_id: str | None = fact(GUEST, xml="meta:esxdriver:guestId", vim="guestId", vmx="guestOS", default=None)
    vmx_path: str | None = fact(TEXT, xml="meta:esxdriver:vmxPath", default=None)
    hardware: int | None = fact(
        HARDWARE, xml="meta:esxdriver:hardwareVersion", vim="version", vmx="virtualHW.version",
        default=None,
    )  # fmt: skip
    memory: int = fact(Size(vim_step=MEMORY_STEP // 1024), xml="memory", vim="hardware.memoryMB", vmx="memsize")
    current_memory: int | None = fact(
        _Limit(), xml="currentMemory", vim="memoryAllocation.limit", vmx="sched.mem.max", default=None
    )
    min_guarantee: int = fact(
        _Guarantee(), xml="memtune/min_guarantee", vim="memoryAllocation.reservation",
        vmx="sched.mem.minsize", default=0,
    )  # fmt: skip
    vcpus: int = fact(VCPUS, xml="vcpu", vim="hardware.numCPU", vmx="numvcpus", default=1)
    cpuset: tuple[int, ...] = fact(
        CPU_SET, xml="vcpu/@cpuset", vim="cpuAffinity.affinitySet", vmx="sched.cpu.affinity", default=()
    )
    shares: int | None = fact(
        SHARES, xml="cputune/shares", vim="cpuAllocation.shares", vmx="sched.cpu.shares", default=None
    )
    firmware: Firmware | None = fact(Firmware, xml="os/@firmware", vim="firmware", vmx="firmware", default=None)
    arch: str | None = fact(TEXT, xml="os/type/@arch", default=None)
    secure_boot: bool | None = fact(
        _SecureBoot(), xml="os/firmware/feature[@name='secure-boot']/@enabled",
        vim="bootOptions.efiSecureBootEnabled", vmx="uefi.secureBoot.enabled", default=None,
    )  # fmt: skip
    nvram: str | None = fact(NVRAM, xml="os/nvram", vim="extra:nvram", vmx="file:nvram", default=None)
    host_smbios: bool = fact(
        _Smbios(), xml="os/smbios/@mode", vim="extra:smbios.reflectHost", vmx="smbios.reflectHost", default=False
    )
    cores_per_socket: int = fact(
        CORES_PER_SOCKET, xml="cpu/topology", vim="hardware.numCoresPerSocket",
        vmx="cpuid.coresPerSocket", default=1,
    )  # fmt: skip

    disks: tuple[DiskDef, ...] = ()
    controllers: tuple[ControllerDef, ...] = ()
    filesystems: tuple[FilesystemDef, ...] = ()
    interfaces: tuple[InterfaceDef, ...] = ()
    serials: tuple[SerialDef, ...] = ()
    parallels: tuple[ParallelDef, ...] = ()
    tpms: tuple[TpmDef, ...] = ()
    graphics: tuple[GraphicsDef, ...] = ()
    sounds: tuple[SoundDef, ...] = ()
    videos: tuple[VideoDef, ...] = ()
    hostdevs: tuple[HostdevDef, ...] = ()

    options: Mapping[str, str] | None = field(default=None, hash=False)
    foreign: tuple[str, ...] = ()
    datacenter_path: str | None = fact(TEXT, xml="vmware:datacenterpath", default=None)
    moref: str | None = fact(TEXT, xml="vmware:moref", default=None)

    def devices(self) -> Iterator[Any]:
        """Yield every device, in the order in which libvirt prints them."""
        for kind in KINDS:
            yield from getattr(self, kind.name)

    def boot_orders(self) -> list[int]:
        """Return the boot orders that devices have."""
        devices: Iterable[DiskDef | InterfaceDef] = (*self.disks, *self.interfaces)
        return [each.boot_order for each in devices if each.boot_order]
