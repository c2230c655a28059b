"""Shared folders of VMware's hosted products. ESX keeps them as ``extraConfig``, and shares nothing."""

from dataclasses import dataclass, field
from typing import ClassVar

from esxdriver.conf.mapping.codecs import EXISTS, TEXT
from esxdriver.conf.mapping.fields import At, Surface, UnsupportedValueError, fact


class _Mount:
    """``type='mount'``, the one kind there is."""

    def read(self, surface: Surface, path: str) -> str | None:
        value = surface.get(path) or "mount"
        if value != "mount":
            raise UnsupportedValueError(f"filesystem/@type '{value}': VMware shares folders, type='mount'")
        return "mount"

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)
        surface.put("@accessmode", "passthrough")


class _WriteAccess:
    """The contrary of ``<readonly/>``."""

    def read(self, surface: Surface, path: str) -> bool | None:
        return str(surface.get(path) or "FALSE").lower() != "true"

    def write(self, surface: Surface, path: str, value: bool) -> None:
        surface.put(path, not value)


@dataclass(frozen=True, kw_only=True)
class FilesystemDef:
    """A folder of the host that the guest sees under the name ``target``."""

    PREFIX: ClassVar[str] = "sharedFolder"

    type: str = fact(_Mount(), xml="@type", default="mount")
    source: str = fact(TEXT, xml="source/@dir", vmx="hostPath")
    target: str = fact(TEXT, xml="target/@dir", vmx="guestName")
    readonly: bool = fact(EXISTS, xml="readonly", vmx=At("writeAccess", codec=_WriteAccess()), default=False)
    number: int | None = field(default=None, compare=False)  # the N of the ``sharedFolderN`` it was read from

    @property
    def label(self) -> str:
        """How errors name it."""
        return f"filesystem '{self.target}'"
