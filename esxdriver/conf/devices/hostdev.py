"""Devices of the host given to a domain, and the emulated TPM."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from esxdriver.conf.mapping.codecs import NUMBER, TEXT
from esxdriver.conf.mapping.enums import MappedEnum
from esxdriver.conf.mapping.fields import At, InvalidValueError, Surface, UnsupportedValueError, fact


class HostdevBacking(MappedEnum):
    """A kind of host device: libvirt's ``type``, vSphere's device and backing."""

    PCI = "pci", "VirtualPCIPassthroughDeviceBackingInfo", "VirtualPCIPassthrough"
    USB = "usb", "VirtualUSBUSBBackingInfo", "VirtualUSB"
    USB_REMOTE = "usb", "VirtualUSBRemoteHostBackingInfo", "VirtualUSB"

    def __init__(self, xml: str, vim: str, vim_device: str) -> None:
        self.xml = xml
        self.vim = vim
        self.vim_device = vim_device
        usb = xml == "usb"
        self.is_usb = usb
        self.is_pci = not usb


_ADDRESS = re.compile(r"(?:([0-9a-f]{1,5}):)?([0-9a-f]{1,2}):([0-9a-f]{1,2})\.([0-9a-f])", re.IGNORECASE)


def _address(numbers: Iterable[int]) -> str:
    return "{:04x}:{:02x}:{:02x}.{:x}".format(*numbers)


class _Address:
    """A host's PCI address, ``0000:03:00.0``."""

    def read(self, surface: Surface, path: str) -> str | None:
        match = _ADDRESS.fullmatch(str(surface.get(path) or ""))
        if match is None:
            raise InvalidValueError(path, surface.get(path))
        return _address(int(part or "0", 16) for part in match.groups())

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


class _AddressXML:
    """A host's PCI address in four attributes."""

    _PARTS = ("domain", "bus", "slot", "function")

    def read(self, surface: Surface, path: str) -> str | None:
        if surface.get(path) is None:
            raise InvalidValueError(path, "nothing")
        return _address(NUMBER.read(surface, f"{path}/@{part}") or 0 for part in self._PARTS)

    def write(self, surface: Surface, path: str, value: str) -> None:
        for part, digits in zip(self._PARTS, re.split("[:.]", value), strict=True):
            surface.put(f"{path}/@{part}", f"0x{digits}")


PCI_ADDRESS = _AddressXML()


class _Id:
    """A vendor's or product's number as hexadecimal text; what is read may be a number, as in vSphere."""

    def read(self, surface: Surface, path: str) -> int | None:
        value = surface.get(path)
        if value in (None, ""):
            return None
        if isinstance(value, int):
            return value & 0xFFFF
        try:
            return int(str(value), 16) & 0xFFFF
        except ValueError:
            raise InvalidValueError(path, value) from None

    def write(self, surface: Surface, path: str, value: int) -> None:
        surface.put(path, f"0x{value:04x}")


class _UsbId(_Id):
    """A USB vendor's or product's number, which is one in vSphere."""

    def write(self, surface: Surface, path: str, value: int) -> None:
        surface.put(path, value)


class _SignedId(_Id):
    """A PCI vendor's number: vSphere's has 16 bits, one of them a sign."""

    def write(self, surface: Surface, path: str, value: int) -> None:
        surface.put(path, value - 0x10000 if value > 0x7FFF else value)


class _IdInText(_Id):
    """A PCI product's number: vSphere has it as text."""

    def write(self, surface: Surface, path: str, value: int) -> None:
        surface.put(path, f"{value:x}")


DEVICE_ID = _Id()


class _TypeXML:
    """``type=``; ``mode='subsystem'`` is the only one that ESX has."""

    def read(self, surface: Surface, path: str) -> HostdevBacking | None:
        if surface.get("@mode") not in (None, "subsystem"):
            raise UnsupportedValueError(f"hostdev/@mode '{surface.get('@mode')}': ESX has mode='subsystem'")
        return HostdevBacking.read(surface, path)

    def write(self, surface: Surface, path: str, value: HostdevBacking) -> None:
        surface.put("@mode", "subsystem")
        HostdevBacking.write(surface, path, value)


@dataclass(frozen=True, kw_only=True)
class HostdevDef:
    """A PCI or USB device of the host. ``name`` and ``system`` are what the host calls it."""

    backing: HostdevBacking = fact(HostdevBacking, xml=At("@type", codec=_TypeXML()), vim="backing@class")
    address: str | None = fact(
        _Address(),
        xml=At("source/address", codec=PCI_ADDRESS),
        vim="backing.id",
        vmx="@address",
        where="backing.is_pci",
        default=None,
    )
    vendor: int | None = fact(
        DEVICE_ID,
        xml=(At("source/vendor/@id", where="backing.is_usb"), At("meta:@vendorId")),
        vim=(At("vendor", where="backing.is_usb", codec=_UsbId()), At("backing.vendorId", codec=_SignedId())),
        vmx=At("vendorId", where="backing.is_pci"),
        default=None,
    )
    product: int | None = fact(
        DEVICE_ID,
        xml=(At("source/product/@id", where="backing.is_usb"), At("meta:@deviceId")),
        vim=(At("product", where="backing.is_usb", codec=_UsbId()), At("backing.deviceId", codec=_IdInText())),
        vmx=At("deviceId", where="backing.is_pci"),
        default=None,
    )
    name: str | None = fact(TEXT, xml="meta:@deviceName", vim="backing.deviceName", default=None)
    system: str | None = fact(TEXT, xml="meta:@systemId", vim="backing.systemId", vmx="systemId", default=None)

    @property
    def vim_class(self) -> str | None:
        """The class that vSphere gives it, None where the document leaves it open."""
        return self.backing.vim_device

    @property
    def label(self) -> str:
        """How errors name it."""
        return f"hostdev '{self.identity}'"

    @property
    def identity(self) -> str:
        """What tells it from the domain's other host devices, and finds its element in ``<metadata>``."""
        return self.address or f"{self.vendor or 0:04x}:{self.product or 0:04x}"


class _TpmModel:
    """``model='tpm-crb'`` with an emulated 2.0 backend: vSphere's virtual TPM."""

    def read(self, surface: Surface, path: str) -> str | None:
        for where, accepted in (("@model", "tpm-crb"), ("backend/@type", "emulator"), ("backend/@version", "2.0")):
            if surface.get(where) not in (None, accepted):
                raise UnsupportedValueError(f"tpm/{where} '{surface.get(where)}': ESX has {accepted}")
        return "tpm-crb"

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put("@model", value)
        surface.put("backend/@type", "emulator")
        surface.put("backend/@version", "2.0")


@dataclass(frozen=True, kw_only=True)
class TpmDef:
    """The virtual TPM. It needs EFI firmware and hardware version 14."""

    model: str = fact(_TpmModel(), xml="@model", default="tpm-crb")

    label: ClassVar[str] = "tpm"
    vim_class: ClassVar[str] = "VirtualTPM"
