"""MAC addresses: their form, who chose one, and whether the host looks at it."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from esxdriver.conf.mapping.codecs import TEXT, YES_NO
from esxdriver.conf.mapping.enums import MappedEnum
from esxdriver.conf.mapping.fields import At, InvalidValueError, Surface, fact

# Where a card's address stands.
_XML, _VIM, _VMX = "mac/@address", "macAddress", "@mac"

_OCTET = re.compile("[0-9a-f]{1,2}")


class MacType(MappedEnum):
    """Who chose a MAC address: the user, the host (00:0c:29) or vCenter (00:50:56:80 to bf)."""

    STATIC = "static", "manual", "static"
    GENERATED = "generated", "generated", "generated"
    ASSIGNED = "generated", "assigned", "vpx"

    def __init__(self, xml: str, vim: str, vmx: str) -> None:
        self.xml = xml
        self.vim = vim
        self.vmx = vmx

    @classmethod
    def of_address(cls, mac: str) -> "MacType":
        """Return who chooses addresses with the prefix of ``mac``.

        Source: vSphere's MAC address ranges: 00:0c:29 a host's, 00:50:56:80 to bf vCenter's.
        """
        if mac.startswith("00:0c:29"):
            return cls.GENERATED
        return cls.ASSIGNED if "00:50:56:80" <= mac[:11] <= "00:50:56:bf" else cls.STATIC


class _Mac:
    """A MAC address in libvirt's form: lower case, colons."""

    def read(self, surface: Surface, path: str) -> str | None:
        value = TEXT.read(surface, path)
        if value is None:
            return None
        address = _in_libvirts_form(value)
        if address is None:
            raise InvalidValueError("interface/mac/@address", value)
        return address

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


MAC = _Mac()


@lru_cache(1024)  # all that is said of a card's address asks for it again
def _in_libvirts_form(text: str) -> str | None:
    """Return a MAC address, None for what is none."""
    parts = text.lower().replace("-", ":").split(":")
    return ":".join(part.zfill(2) for part in parts) if len(parts) == 6 and all(map(_OCTET.fullmatch, parts)) else None


def has_address(surface: Surface, path: str = _XML) -> bool:
    """Whether a card has an address yet: libvirt's ``<mac>``, which says more of it, cannot be without."""
    try:
        return MAC.read(surface, path) is not None
    except InvalidValueError:
        return False


@dataclass(frozen=True)
class _OfAddress:
    """Says more of a MAC address, which stands at ``address`` on the surface."""

    address: str


class _MacType(_OfAddress):
    """Who chose an address."""

    def read(self, surface: Surface, path: str) -> MacType | None:
        found = MacType.read(surface, path)
        if found is None or not has_address(surface, self.address):
            return None
        return MacType.STATIC if found is MacType.STATIC else MacType.GENERATED

    def write(self, surface: Surface, path: str, value: MacType) -> None:
        MacType.write(surface, path, value)


class _MacTypeXML(_MacType):
    """Who chose an address, in XML; it is not said where there is none."""

    def write(self, surface: Surface, path: str, value: MacType) -> None:
        if has_address(surface, self.address):
            MacType.write(surface, path, value)


class _MacTypeVim(_MacType):
    """Who chose an address, in vSphere: the host or vCenter, for which XML has one value, the address tells."""

    def write(self, surface: Surface, path: str, value: MacType) -> None:
        mac = str(surface.get(self.address) or "").lower()
        MacType.write(surface, path, MacType.of_address(mac) if value is MacType.GENERATED else value)


class _MacCheck(_OfAddress):
    """Whether the host looks if a static address is in VMware's range."""

    def read(self, surface: Surface, path: str) -> bool | None:
        return YES_NO.read(surface, path) if has_address(surface, self.address) else None

    def write(self, surface: Surface, path: str, value: bool) -> None:
        YES_NO.write(surface, path, value)


class _MacCheckXML(_MacCheck):
    """Whether the host looks at an address, in XML; it is not said where there is none."""

    def write(self, surface: Surface, path: str, value: bool) -> None:
        if has_address(surface, self.address):
            YES_NO.write(surface, path, value)


def mac_address() -> Any:
    """Make the field of a card's address."""
    return fact(MAC, xml=_XML, vim=_VIM, vmx=_VMX, default=None)


def mac_type() -> Any:
    """Make the field of who chose the address; it comes after the address."""
    return fact(
        _MacType(_VMX), xml=At("mac/@type", codec=_MacTypeXML(_XML)), vim=At("addressType", codec=_MacTypeVim(_VIM)),
        vmx="@macType", default=None,
    )  # fmt: skip


def mac_check() -> Any:
    """Make the field of whether the host looks at the address; it comes after the address."""
    return fact(
        _MacCheck(_VMX), xml=At("mac/@check", codec=_MacCheckXML(_XML)),
        vim=At("extra:checkMACAddress", codec=_MacCheck(_VIM)), vmx="checkMACAddress", default=None,
    )  # fmt: skip
