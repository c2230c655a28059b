"""Sound cards.

| libvirt              | vSphere                    | VMX ``sound.virtualDev`` |
|----------------------|----------------------------|--------------------------|
| ``ich6``, also ich7, ich9 | VirtualHdAudioCard    | hdaudio                  |
| ``es1370``           | VirtualEnsoniq1371         | es1371, and none         |
| ``sb16``             | VirtualSoundBlaster16      | sb16                     |
"""

from dataclasses import dataclass
from typing import ClassVar

from esxdriver.conf.devices.pci import PciSlot, pci_slot
from esxdriver.conf.mapping.codecs import TEXT, YES_NO
from esxdriver.conf.mapping.enums import MappedEnum
from esxdriver.conf.mapping.fields import At, Surface, UnsupportedValueError, fact


class SoundModel(MappedEnum):
    """The card that the guest sees. libvirt's ES1370 and VMware's ES1371 have the same drivers in most guests."""

    HDAUDIO = "ich6", "VirtualHdAudioCard", "hdaudio"
    ES1371 = "es1370", "VirtualEnsoniq1371", "es1371"
    SB16 = "sb16", "VirtualSoundBlaster16", "sb16"

    def __init__(self, xml: str, vim: str, vmx: str) -> None:
        self.xml = xml
        self.vim = vim
        self.vmx = vmx


# libvirt's other models: the same HD audio codec in other chipsets, and what VMware has no counterpart of.
_ALSO_HDAUDIO = ("ich7", "ich9")
_ELSEWHERE = ("ac97", "pcspk", "usb", "virtio")


class _ModelXML:
    """A model; of libvirt's HD audio cards, one is written."""

    def read(self, surface: Surface, path: str) -> SoundModel | None:
        value = surface.get(path)
        if value in _ALSO_HDAUDIO:
            return SoundModel.HDAUDIO
        if value in _ELSEWHERE:
            models = ", ".join(str(row.xml) for row in SoundModel)
            raise UnsupportedValueError(f"sound/@model '{value}': ESX has {models}")
        return SoundModel.read(surface, path)

    def write(self, surface: Surface, path: str, value: SoundModel) -> None:
        SoundModel.write(surface, path, value)


_ANY = "-1"


class _VmxName:
    """The host's device; VMX says ``-1`` where the host chooses."""

    def read(self, surface: Surface, path: str) -> str | None:
        value = TEXT.read(surface, path)
        return None if value == _ANY else value

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


class _AutodetectXML:
    """Whether the host chooses the device: only that it does not is said."""

    def read(self, surface: Surface, path: str) -> bool | None:
        return YES_NO.read(surface, path)

    def write(self, surface: Surface, path: str, value: bool) -> None:
        if not value:
            YES_NO.write(surface, path, value)


class _AutodetectBacking:
    """Whether the host chooses the device; the one class of backing that vSphere has comes with it."""

    def read(self, surface: Surface, path: str) -> bool | None:
        return YES_NO.read(surface, path)

    def write(self, surface: Surface, path: str, value: bool) -> None:
        surface.put("backing@class", "VirtualSoundCardDeviceBackingInfo")
        YES_NO.write(surface, path, value)


@dataclass(frozen=True, kw_only=True)
class SoundDef:
    """A sound card, and the host's device ``name`` that it plays on; ``autodetect`` lets the host choose one."""

    PREFIX: ClassVar[str] = "sound."
    ANY: ClassVar[str] = _ANY

    model: SoundModel = fact(SoundModel, xml=At("@model", codec=_ModelXML()), vim="@class", vmx="virtualDev")
    autodetect: bool = fact(
        YES_NO, xml=At("meta:@autodetect", codec=_AutodetectXML()),
        vim=At("backing.useAutoDetect", codec=_AutodetectBacking()), vmx="autodetect", default=True,
    )  # fmt: skip
    name: str | None = fact(
        TEXT, xml="meta:@deviceName", vim="backing.deviceName", vmx=At("fileName", codec=_VmxName()), default=None
    )
    pci: PciSlot | None = pci_slot()

    @property
    def vim_class(self) -> str:
        """The class that vSphere gives it."""
        return str(self.model.vim)

    @property
    def label(self) -> str:
        """How errors name it."""
        return f"sound '{self.model.xml}'"
