"""What a host's firmware says of it, as libvirt's ``<sysinfo>``.

Source: vSphere API, HostBIOSInfo, HostSystemInfo, HostCpuPackage; https://libvirt.org/formatdomain.html
"""

from collections.abc import Iterator
from typing import Any

from esxdriver.conf.sysinfo import Entries, sysinfo_xml
from esxdriver.vsphere.query.retrieve import Found

BIOS, SYSTEM, PROCESSORS = "hardware.biosInfo", "hardware.systemInfo", "hardware.cpuPkg"
PATHS = (BIOS, SYSTEM, PROCESSORS)

# HostSystemInfo.otherIdentifyingInfo: its kinds.
_SERIAL, _ASSET, _OEM = "ServiceTag", "AssetTag", "OemSpecificString"
_MHZ = 10**6


def document(host: Found) -> str:
    """Return the document of a host of which ``PATHS`` were read; what it does not say is left out."""
    others = list(_others(host[SYSTEM]))
    asset = next((value for kind, value in others if kind == _ASSET), None)
    blocks = [
        ("bios", _bios(host[BIOS])),
        ("system", _system(host[SYSTEM], dict(others))),
        ("chassis", {"asset": asset}),
        *(("processor", _processor(each)) for each in host[PROCESSORS] or ()),
    ]
    return sysinfo_xml(blocks, [value for kind, value in others if kind == _OEM])


def _others(system: Any) -> Iterator[tuple[str, str]]:
    for each in getattr(system, "otherIdentifyingInfo", None) or ():
        if each.identifierValue and each.identifierValue.strip():
            yield each.identifierType.key, each.identifierValue.strip()


def _bios(bios: Any) -> Entries:
    if bios is None:
        return {}
    date = bios.releaseDate.strftime("%m/%d/%Y") if bios.releaseDate is not None else None
    release = f"{bios.majorRelease}.{bios.minorRelease}" if bios.majorRelease else None
    return {"vendor": bios.vendor, "version": bios.biosVersion, "date": date, "release": release}


def _system(system: Any, others: dict[str, str]) -> Entries:
    if system is None:
        return {}
    serial = getattr(system, "serialNumber", None) or others.get(_SERIAL)
    return {"manufacturer": system.vendor, "product": system.model, "serial": serial, "uuid": system.uuid}


def _processor(package: Any) -> Entries:
    speed = str(package.hz // _MHZ) if package.hz else None
    version = " ".join((package.description or "").split())
    return {
        "socket_destination": str(package.index),
        "manufacturer": package.vendor,
        "version": version,
        "max_speed": speed,
    }
