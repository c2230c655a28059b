"""vSphere's offer to machines of a version in libvirt's words: the elements of ``<domainCapabilities>``.

Source: https://libvirt.org/formatdomaincaps.html
"""

from collections.abc import Iterator, Mapping, Sequence

import libvirt

from esxdriver.conf.devices.address import Bus
from esxdriver.conf.devices.controller import ControllerModel
from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.devices.graphics import VideoDef
from esxdriver.conf.devices.hostdev import HostdevBacking, TpmDef
from esxdriver.conf.devices.interface import NicModel
from esxdriver.conf.domain_capabilities import Part
from esxdriver.conf.mapping.enums import DiskMode, Firmware
from esxdriver.vsphere.machine.offer import Offer

_YES_NO = ("yes", "no")
# ESXi 7.0 has no VNC server any more. Source: its release notes.
_WITHOUT_VNC = (7, 0)
# libvirt's schema has a place for network cards since some version after 9.0.
_HAS_INTERFACE = libvirt.getVersion() >= 10_000_000
_FLOPPY = "VirtualFloppy"
_TPM = {"model": ["tpm-crb"], "backendModel": ["emulator"], "backendVersion": ["2.0"]}


def parts(offer: Offer, api: tuple[int, ...]) -> list[Part]:
    """Return the elements, in libvirt's order; ``api`` is the version of the host."""
    firmware = [each.xml for each in Firmware if each in offer.firmware]
    secure = ["yes", "no"] if offer.secure_boot else ["no"]
    return [
        Part("os", supported=True, enums={"firmware": firmware}),
        Part("os/loader", supported=False, enums={"secure": secure}),
        Part("memoryBacking", supported=False),
        *_devices(offer, vnc=api < _WITHOUT_VNC),
        *(Part(f"features/{name}", supported=False) for name in ("gic", "vmcoreinfo")),
        Part("features/genid", supported=True),
        *(Part(f"features/{name}", supported=False) for name in ("backingStoreInput", "backup", "sev", "sgx")),
    ]


def _devices(offer: Offer, *, vnc: bool) -> Iterator[Part]:
    has = offer.classes.__contains__
    yield _part("disk", True, _disk(offer))
    yield _part("graphics", vnc, {"type": ["vnc"]})
    yield _part("video", has(VideoDef.vim_class), {"modelType": ["vmvga"]})
    passed = dict.fromkeys(each.xml for each in HostdevBacking if has(each.vim_device))
    yield _part("hostdev", bool(passed), {"mode": ["subsystem"], "subsysType": list(passed)})
    yield _part("rng", False)
    yield _part("filesystem", False)
    yield _part("tpm", has(TpmDef.vim_class), _TPM)
    yield _part("redirdev", False)
    yield _part("channel", False)
    if _HAS_INTERFACE:
        yield _part("interface", True, {"model": [each.xml for each in NicModel if has(each.vim)]})


def _part(name: str, supported: bool, enums: Mapping[str, Sequence[str]] | None = None) -> Part:
    return Part(f"devices/{name}", supported, (enums or {}) if supported else {})


def _disk(offer: Offer) -> dict[str, list[str]]:
    """Return what a disk may be. The models are those of SCSI controllers; the modes are those of new disks."""
    rows = [row for row in ControllerModel if row.vim in offer.classes]
    buses = [bus.xml for bus in Bus if bus is not Bus.FDC and any(row.type == bus.xml for row in rows)]
    devices = dict.fromkeys(each.device for each in Backing if each.vim_device in offer.classes)
    modes = [mode for mode in DiskMode if mode in offer.modes and mode.definable]
    return {
        "diskDevice": list(devices),
        "bus": buses + ([Bus.FDC.xml] if _FLOPPY in offer.classes else []),
        "controllerModel": [str(row.model) for row in rows if row.type == Bus.SCSI.xml],
        "snapshot": [value for value in _YES_NO if any(mode.snapshot is (value == "yes") for mode in modes)],
        "persistent": [value for value in _YES_NO if any(mode.persistent is (value == "yes") for mode in modes)],
    }
