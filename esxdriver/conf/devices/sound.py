"""Sound cards.

| libvirt              | vSphere                    | VMX ``sound.virtualDev`` |
|----------------------|----------------------------|--------------------------|
| ``ich6``, also ich7, ich9 | VirtualHdAudioCard    | hdaudio                  |
| ``es1370``           | VirtualEnsoniq1371         | es1371, and none         |
| ``sb16``             | VirtualSoundBlaster16      | sb16                     |
"""

from dataclasses import dataclass
from typing import ClassVar

from esxdriver.conf.devices.pci import PCI, PciSlot
from esxdriver.conf.mapping.codecs import TEXT, Switch
from esxdriver.conf.mapping.enums import MappedEnum
from esxdriver.conf.mapping.fields import Surface, UnsupportedValueError, fact


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


class _Model:
    """A model; of libvirt's HD audio cards, one is written."""

    def read(self, surface: Surface, path: str) -> SoundModel | None:
        value = surface.get(path)
        if surface.kind == "xml" and value in _ALSO_HDAUDIO:
            return SoundModel.HDAUDIO
        if surface.kind == "xml" and value in _ELSEWHERE:
            models = ", ".join(str(row.xml) for row in SoundModel)
            raise UnsupportedValueError(f"sound/@model '{value}': ESX has {models}")
        return SoundModel.read(surface, path)

    def write(self, surface: Surface, path: str, value: SoundModel) -> None:
        SoundModel.write(surface, path, value)


_ANY = "-1"


class _Name:
    """The host's device; VMX says ``-1`` where the host chooses."""

    def read(self, surface: Surface, path: str) -> str | None:
        value = TEXT.read(surface, path)
        return None if surface.kind == "vmx" and value == _ANY else value

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


class _Autodetect:
    """Whether the host chooses the device; the one class of backing that vSphere has comes with it."""

    _SWITCH = Switch(no="no")

    def read(self, surface: Surface, path: str) -> bool | None:
        return self._SWITCH.read(surface, path)

    def write(self, surface: Surface, path: str, value: bool) -> None:
        if surface.kind == "vim":
            surface.put("backing@class", "VirtualSoundCardDeviceBackingInfo")
        if surface.kind != "xml" or not value:
            self._SWITCH.write(surface, path, value)


@dataclass(frozen=True, kw_only=True)
class SoundDef:
    """A sound card, and the host's device ``name`` that it plays on; ``autodetect`` lets the host choose one."""

    PREFIX: ClassVar[str] = "sound."
    ANY: ClassVar[str] = _ANY

    model: SoundModel = fact(_Model(), xml="@model", vim="@class", vmx="virtualDev")
    autodetect: bool = fact(
        _Autodetect(), xml="meta:@autodetect", vim="backing.useAutoDetect", vmx="autodetect", default=True
    )
    name: str | None = fact(_Name(), xml="meta:@deviceName", vim="backing.deviceName", vmx="fileName", default=None)

    pci: PciSlot | None = fact(PCI, xml="address", vim="slotInfo.pciSlotNumber", vmx="pciSlotNumber", default=None)

    @property
    def vim_class(self) -> str:
        """VSphere's class."""
        return str(self.model.vim)

    @property
    def label(self) -> str:
        """How errors name it."""
        return f"sound '{self.model.xml}'"
