"""What a user sees of a domain: VNC graphics and the video card.

Both vSphere's ``extraConfig`` and VMX hold VNC under the keys ``RemoteDisplay.vnc.*``: paths of the ``vim`` column
that begin with ``extra:`` are such keys.
"""

from dataclasses import dataclass
from typing import ClassVar

from esxdriver.conf.mapping.codecs import AMOUNT, COUNT, NUMBER, TEXT, Size
from esxdriver.conf.mapping.fields import At, Surface, UnsupportedValueError, fact


class _Type:
    """``type='vnc'``: ESX serves no other."""

    def read(self, surface: Surface, path: str) -> str | None:
        value: str | None = surface.get(path)
        if value != "vnc":
            raise UnsupportedValueError(f"graphics/@type '{value}': ESX serves vnc")
        return value

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


class _Port:
    """A port; none is the host's choice, and -1 says so, too."""

    def read(self, surface: Surface, path: str) -> int | None:
        return None if surface.get(path) == "-1" else NUMBER.read(surface, path)

    def write(self, surface: Surface, path: str, value: int) -> None:
        NUMBER.write(surface, path, value)

    def nothing(self, surface: Surface, path: str) -> None:
        surface.put(path, None)


class _PortXML(_Port):
    """A port, beside which ``autoport`` says whether it is the host's choice; then a port is that of a past run."""

    def read(self, surface: Surface, path: str) -> int | None:
        return None if surface.get("@autoport") == "yes" else super().read(surface, path)

    def write(self, surface: Surface, path: str, value: int) -> None:
        super().write(surface, path, value)
        surface.put("@autoport", "no")


class _ListenXML:
    """An address: the attribute, or the child that libvirt doubles it in."""

    def read(self, surface: Surface, path: str) -> str | None:
        return TEXT.read(surface, path) or TEXT.read(surface, "listen/@address")

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


@dataclass(frozen=True, kw_only=True)
class GraphicsDef:
    """A VNC server of the host for the domain's screen. Without a port the host chooses one.

    ``password`` is left out of a dump without VIR_DOMAIN_XML_SECURE; None leaves it as it is.
    """

    PREFIX: ClassVar[str] = "RemoteDisplay.vnc."

    type: str = fact(_Type(), xml="@type", default="vnc")
    port: int | None = fact(_Port(), xml=At("@port", codec=_PortXML()), vmx="port", default=None)
    listen: str | None = fact(TEXT, xml=At("@listen", codec=_ListenXML()), vmx="ip", default=None)
    keymap: str | None = fact(TEXT, xml="@keymap", vmx="keymap", default=None)
    password: str | None = fact(TEXT, xml="@passwd", vmx="password", default=None)

    label: ClassVar[str] = "graphics 'vnc'"


class _VideoModel:
    """``type='vmvga'``, the card that ESX emulates."""

    def read(self, surface: Surface, path: str) -> str | None:
        value: str | None = surface.get(path)
        if value not in (None, "vmvga", "default"):
            raise UnsupportedValueError(f"video/model/@type '{value}': ESX has vmvga")
        return "vmvga"

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


_RAM_STEP = 64  # KiB; video memory comes in multiples of it
_MOST_RAM = 2**31 - 1  # KiB


class _VmxRam(Size):
    """Video memory in VMX, which counts it in bytes, and may have any number of them; a machine has a multiple."""

    def read(self, surface: Surface, path: str) -> int | None:
        """Return the amount in KiB that the machine has."""
        amount = super().read(surface, path)
        return None if amount is None else -(-amount // _RAM_STEP) * _RAM_STEP


_VIM_RAM = Size(1, step=_RAM_STEP, most=_MOST_RAM)
_VMX_RAM = _VmxRam(1 / 1024, step=_RAM_STEP * 1024, most=_MOST_RAM - _RAM_STEP)


@dataclass(frozen=True, kw_only=True)
class VideoDef:
    """The video card: ``vram`` KiB of memory and ``heads`` screens."""

    model: str = fact(_VideoModel(), xml="model/@type", default="vmvga")
    vram: int | None = fact(
        AMOUNT, xml="model/@vram", vim=At("videoRamSizeInKB", codec=_VIM_RAM),
        vmx=At("svga.vramSize", codec=_VMX_RAM), default=None,
    )  # fmt: skip
    heads: int = fact(COUNT, xml="model/@heads", vim="numDisplays", vmx="svga.numDisplays", default=1)

    label: ClassVar[str] = "video 'vmvga'"
    vim_class: ClassVar[str] = "VirtualMachineVideoCard"
