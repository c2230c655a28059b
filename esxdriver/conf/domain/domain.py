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
from esxdriver.conf.domain.nvram import NVRAM, NVRAM_NAME
from esxdriver.conf.domain.processor import (
    CORES,
    CPU_LIST,
    CPU_NUMBERS,
    CPU_SET,
    TOPOLOGY,
    VCPUS,
    VIM_SHARES,
    VMX_SHARES,
)
from esxdriver.conf.mapping.codecs import COUNT, KIB, MEMORY_STEP, NUMBER, TEXT, YES_NO, Size, Switch, whole
from esxdriver.conf.mapping.enums import Firmware
from esxdriver.conf.mapping.fields import At, Codec, InvalidValueError, Surface, UnsupportedValueError, fact
from esxdriver.conf.mapping.hardware import HIGHEST_HARDWARE
from esxdriver.conf.mapping.identity import GENID, NAME, PAIRED_UUID, UUID_TEXT


class _Prose:
    """Text that may be empty; then XML and VMX have none."""

    def read(self, surface: Surface, path: str) -> str | None:
        return surface.get(path) or ""

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value or None)


class _Annotation(_Prose):
    """Text that may be empty: an empty annotation removes the old one."""

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


class _Limit(Size):
    """The most memory a machine may have of the host's; None is no limit, which vSphere has to be asked for."""

    def nothing(self, surface: Surface, path: str) -> None:
        """Write that there is no limit."""
        surface.put(path, -1)


@dataclass(frozen=True)
class _Guarantee:
    """Memory that the host reserves; none is not written."""

    size: Codec

    def read(self, surface: Surface, path: str) -> Any:
        """Return the amount in KiB."""
        return self.size.read(surface, path)

    def write(self, surface: Surface, path: str, value: int) -> None:
        """Write the amount, if there is one."""
        if value:
            self.size.write(surface, path, value)


class _HardwareVersion:
    """A virtual hardware version, 19; what is read may have vSphere's form."""

    def read(self, surface: Surface, path: str) -> int | None:
        value = surface.get(path)
        if value in (None, ""):
            return None
        number = whole(path, str(value).removeprefix("vmx-"))
        if not 0 < number <= HIGHEST_HARDWARE:
            raise InvalidValueError(path, value)
        return number

    def write(self, surface: Surface, path: str, value: int) -> None:
        surface.put(path, str(value))


class _HardwareKey(_HardwareVersion):
    """A virtual hardware version as vSphere has it, ``vmx-19``."""

    def write(self, surface: Surface, path: str, value: int) -> None:
        surface.put(path, f"vmx-{value:02d}")


HARDWARE = _HardwareVersion()


class _HardwareXML(_HardwareVersion):
    """A virtual hardware version of a document, which may also say it as the machine type, ``vmx-19``."""

    _MACHINE = "os/type/@machine"

    def read(self, surface: Surface, path: str) -> int | None:
        said, machine = super().read(surface, path), str(surface.get(self._MACHINE) or "")
        if not machine.startswith("vmx-"):  # another hypervisor's, which programs write without being asked
            return said
        version = super().read(surface, self._MACHINE)
        if said not in (None, version):
            raise InvalidValueError(self._MACHINE, machine, [f"vmx-{said:02d}"])
        return version


class _SecureBoot:
    """UEFI secure boot, which libvirt describes as two features of the firmware."""

    def read(self, surface: Surface, path: str) -> bool | None:
        return YES_NO.read(surface, path)

    def write(self, surface: Surface, _: str, value: bool) -> None:
        for feature in ("enrolled-keys", "secure-boot") if value else ("secure-boot",):
            surface.put(f"os/firmware/feature[@name='{feature}']/@enabled", "yes" if value else "no")


class _Smbios:
    """Whether the guest sees the host's SMBIOS tables: ``mode='host'``."""

    def read(self, surface: Surface, path: str) -> bool | None:
        value = surface.get(path)
        if value == "sysinfo":
            raise UnsupportedValueError("os/smbios/@mode 'sysinfo': ESX has host and emulate")
        return None if value is None else bool(value == "host")

    def write(self, surface: Surface, path: str, value: bool) -> None:
        surface.put(path, "host" if value else None)


_REFLECT_HOST = Switch(vmx=(True, None), vim=("TRUE", None))


@dataclass(frozen=True, kw_only=True)
class DomainDef:
    """A domain's definition. Memory is in KiB; None is what the document or host does not say.

    ``vmx_path`` is the VMX file that the definition was read from, which names files beside it without a directory.
    ``options`` are vSphere's ``extraConfig`` as far as no other field holds them; None where the
    document is silent, and then a host's are left as they are. ``foreign`` are other applications' metadata.
    """

    name: str = fact(NAME, xml=At("name", codec=TEXT), vim="name", vmx="displayName")
    uuid: str | None = fact(
        UUID_TEXT, xml="uuid", vim="instanceUuid", vmx=At("vc.uuid", codec=PAIRED_UUID), default=None
    )
    hwuuid: str | None = fact(UUID_TEXT, xml="hwuuid", vim="uuid", vmx=At("uuid.bios", codec=PAIRED_UUID), default=None)
    genid: str | None = fact(
        GENID, xml=At("genid", codec=UUID_TEXT), vim="extra:vm.genid", vmx="vm.genid", default=None
    )
    title: str | None = fact(TEXT, xml="title", vim="extra:esxdriver.title", vmx="esxdriver.title", default=None)
    description: str = fact(
        _Prose(), xml="description", vim=At("annotation", codec=_Annotation()), vmx="annotation", default=""
    )
    guest_id: str | None = fact(
        TEXT, xml="meta:esxdriver:guestId", vim="guestId", vmx=At("guestOS", codec=GUEST), default=None
    )
    vmx_path: str | None = fact(TEXT, xml="meta:esxdriver:vmxPath", default=None)
    hardware: int | None = fact(
        HARDWARE, xml=At("meta:esxdriver:hardwareVersion", codec=_HardwareXML()),
        vim=At("version", codec=_HardwareKey()), vmx="virtualHW.version", default=None,
    )  # fmt: skip
    memory: int = fact(
        Size(), xml=At("memory", codec=KIB), vim=At("hardware.memoryMB", codec=Size(step=MEMORY_STEP // 1024)),
        vmx="memsize",
    )  # fmt: skip
    current_memory: int | None = fact(
        Size(), xml=At("currentMemory", codec=KIB), vim=At("memoryAllocation.limit", codec=_Limit()),
        vmx="sched.mem.max", default=None,
    )  # fmt: skip
    min_guarantee: int = fact(
        Size(), xml=At("memtune/min_guarantee", codec=_Guarantee(KIB)), vim="memoryAllocation.reservation",
        vmx=At("sched.mem.minsize", codec=_Guarantee(Size())), default=0,
    )  # fmt: skip
    vcpus: int = fact(COUNT, xml=At("vcpu", codec=VCPUS), vim="hardware.numCPU", vmx="numvcpus", default=1)
    cpuset: tuple[int, ...] = fact(
        CPU_SET, xml="vcpu/@cpuset", vim=At("cpuAffinity.affinitySet", codec=CPU_NUMBERS),
        vmx=At("sched.cpu.affinity", codec=CPU_LIST), default=(),
    )  # fmt: skip
    shares: int | None = fact(
        COUNT, xml="cputune/shares", vim=At("cpuAllocation.shares", codec=VIM_SHARES),
        vmx=At("sched.cpu.shares", codec=VMX_SHARES), default=None,
    )  # fmt: skip
    firmware: Firmware | None = fact(Firmware, xml="os/@firmware", vim="firmware", vmx="firmware", default=None)
    arch: str | None = fact(TEXT, xml="os/type/@arch", default=None)
    secure_boot: bool | None = fact(
        YES_NO, xml=At("os/firmware/feature[@name='secure-boot']/@enabled", codec=_SecureBoot()),
        vim="bootOptions.efiSecureBootEnabled", vmx="uefi.secureBoot.enabled", default=None,
    )  # fmt: skip
    nvram: str | None = fact(
        TEXT, xml=At("os/nvram", codec=NVRAM), vim=At("extra:nvram", codec=NVRAM_NAME), vmx="file:nvram", default=None
    )
    host_smbios: bool = fact(
        _REFLECT_HOST, xml=At("os/smbios/@mode", codec=_Smbios()), vim="extra:smbios.reflectHost",
        vmx="smbios.reflectHost", default=False,
    )  # fmt: skip
    cores_per_socket: int = fact(
        NUMBER, xml=At("cpu/topology", codec=TOPOLOGY), vim="hardware.numCoresPerSocket",
        vmx=At("cpuid.coresPerSocket", codec=CORES), default=1,
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
