"""The kinds of devices, a row each: what reads, writes, matches, plans and converts devices looks them up here.

1. A row says what libvirt calls the kind, which definition holds it, which classes of vSphere are such devices, and
   when two definitions mean the same device.
2. The order of the rows is that in which libvirt prints devices.
3. What vSphere and VMX know of a kind stands in their own packages, in tables by the name of the row:
   ``vmx/devices.py`` reads, ``vmx/device_writer.py`` writes. ``tests/test_kinds.py`` fails for a row that one lacks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from esxdriver.conf.devices.chardev import ParallelDef, SerialDef
from esxdriver.conf.devices.controller import ControllerDef, ControllerModel
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.filesystem import FilesystemDef
from esxdriver.conf.devices.graphics import GraphicsDef, VideoDef
from esxdriver.conf.devices.hostdev import DEVICE_ID, PCI_ADDRESS, HostdevDef, TpmDef
from esxdriver.conf.devices.interface import InterfaceDef
from esxdriver.conf.devices.sound import SoundDef
from esxdriver.conf.mapping.fields import Surface

Same = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Companion:
    """How a device's own element in ``<metadata>`` is found: by the value of its attribute ``key``.

    The value follows from libvirt's element (``of_element``) and from the definition (``of_device``) alike.
    """

    key: str
    of_element: Callable[[Surface], str]
    of_device: Callable[[Any], str]


@dataclass(frozen=True)
class DeviceKind:
    """One kind of device.

    ``name`` is the field of a domain's definition that lists such devices, ``element`` libvirt's. ``vim`` are
    vSphere's classes of them, whose subclasses count; none means that vSphere keeps them as options. ``identity``
    tells when a device (have) is the one that a definition (want) means, the surest test first. A domain has at most
    one device of a ``single`` kind.
    """

    name: str
    element: str
    definition: type
    identity: tuple[Same, ...]
    vim: tuple[str, ...] = ()
    companion: Companion | None = None
    single: bool = False


def _same_spot(have: DiskDef, want: DiskDef) -> bool:
    return (have.bus, have.address, have.backing.vim_device) == (want.bus, want.address, want.backing.vim_device)


def _same_controller(have: ControllerDef, want: ControllerDef) -> bool:
    if have.type == "usb":
        return want.type == "usb" and (want.model.unsaid or have.model is want.model)
    return (have.type, have.index) == (want.type, want.index)


def _alike(nic: InterfaceDef) -> InterfaceDef:
    """Return a network card without what no two cards have alike, so that the rest can be compared."""
    return replace(nic, mac=None, mac_type=None, mac_check=None, pci=None, boot_order=None, target=None, link=None)


def _same_network(have: InterfaceDef, want: InterfaceDef) -> bool:
    return (have.network, have.source, have.switch, have.portgroup, have.opaque_id) == (
        want.network, want.source, want.switch, want.portgroup, want.opaque_id,
    )  # fmt: skip


def _hostdev_of(element: Surface) -> str:
    """Return what :attr:`HostdevDef.identity` will be, nothing where the element names no device."""
    if element.get("@type") == "usb":
        numbers = (DEVICE_ID.read(element, path) for path in ("source/vendor/@id", "source/product/@id"))
        return ":".join(f"{number or 0:04x}" for number in numbers)
    return "" if element.get("source/address") is None else str(PCI_ADDRESS.read(element, "source/address"))


_DISK = (
    lambda have, want: _same_spot(have, want) and have.source == want.source,
    lambda have, want: _same_spot(have, want) and want.source in have.chain,
    lambda have, want: have.backing.is_hard_disk and want.backing.is_hard_disk and have.source == want.source,
    lambda have, want: _same_spot(have, want) and not have.backing.is_hard_disk,
)
_INTERFACE = (
    lambda have, want: want.mac is not None and have.mac == want.mac,
    lambda have, want: _alike(have) == _alike(want),
    _same_network,
)
_PORT = (lambda have, want: have.port == want.port,)
_ONLY = (lambda *_: True,)

KINDS: tuple[DeviceKind, ...] = (
    DeviceKind(
        "disks", "disk", DiskDef, _DISK, vim=("VirtualDisk", "VirtualCdrom", "VirtualFloppy"),
        companion=Companion("target", lambda element: element.get("target/@dev") or "", lambda disk: str(disk.target)),
    ),
    DeviceKind(
        "controllers", "controller", ControllerDef, (_same_controller,),
        vim=tuple(row.vim for row in ControllerModel if row.vim),
        companion=Companion(
            "controller",
            lambda element: f"{element.get('@type')}{element.get('@index') or 0}",
            lambda controller: f"{controller.type}{controller.index}",
        ),
    ),
    DeviceKind("filesystems", "filesystem", FilesystemDef, (lambda have, want: have.target == want.target,)),
    DeviceKind(
        "interfaces", "interface", InterfaceDef, _INTERFACE, vim=("VirtualEthernetCard",),
        companion=Companion("mac", lambda element: element.get("mac/@address") or "", lambda nic: nic.mac or ""),
    ),
    DeviceKind(
        "serials", "serial", SerialDef, _PORT, vim=("VirtualSerialPort",),
        companion=Companion(
            "port", lambda element: element.get("target/@port") or "0", lambda port: str(port.port or 0)
        ),
    ),
    DeviceKind("parallels", "parallel", ParallelDef, _PORT, vim=("VirtualParallelPort",)),
    DeviceKind("tpms", "tpm", TpmDef, _ONLY, vim=("VirtualTPM",), single=True),
    DeviceKind("graphics", "graphics", GraphicsDef, _ONLY, single=True),
    DeviceKind(
        "sounds", "sound", SoundDef, _ONLY, vim=("VirtualSoundCard",), single=True,
        companion=Companion("model", lambda element: element.get("@model") or "", lambda sound: str(sound.model.xml)),
    ),
    DeviceKind("videos", "video", VideoDef, _ONLY, vim=("VirtualMachineVideoCard",), single=True),
    DeviceKind(
        "hostdevs", "hostdev", HostdevDef, (lambda have, want: have.identity == want.identity,),
        vim=("VirtualPCIPassthrough", "VirtualUSB"),
        companion=Companion("device", _hostdev_of, lambda device: str(device.identity)),
    ),
)  # fmt: skip

KIND_OF: Mapping[type, DeviceKind] = {kind.definition: kind for kind in KINDS}
KIND_OF_ELEMENT: Mapping[str, DeviceKind] = {kind.element: kind for kind in KINDS}
