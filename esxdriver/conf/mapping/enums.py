"""Enums of more than one kind of device: each member has its value on every surface.

The first, :class:`DiskMode`, is what the project exists for. No mode is spelled anywhere else.
"""

from enum import Enum
from functools import cache
from typing import Any, Self

from esxdriver.conf.mapping.fields import InvalidValueError, Kind, Surface


class MappedEnum(Enum):
    """An enum whose members have attributes ``xml``, ``vim`` and ``vmx``, as far as these surfaces know them.

    Reading regards neither case nor the difference of ``_`` and ``-``; writing is exact.
    """

    __hash__ = object.__hash__  # Enum's own hashes the name each time, in Python

    @classmethod
    @cache
    def _members(cls, kind: Kind) -> dict[str, Self]:
        spelled = [(getattr(member, kind, None), member) for member in cls]
        known = [(value, member) for value, member in reversed(spelled) if value is not None]
        return {_fold(value): member for value, member in known} | dict(known)

    @classmethod
    def of(cls, kind: Kind, value: Any) -> Self | None:
        """Return the member that ``value`` stands for on surfaces of ``kind``, or None."""
        members = cls._members(kind)
        return members.get(value) or members.get(_fold(value))

    @classmethod
    def read(cls, surface: Surface, path: str) -> Self | None:
        """Return the member at ``path``, or None when nothing stands there; raise InvalidValueError otherwise."""
        value = surface.get(path)
        if value is None:
            return None
        kind = surface.kind
        member = cls.of(kind, value)
        if member is None:
            accepted = [getattr(each, kind, None) for each in cls]
            raise InvalidValueError(path, value, {each for each in accepted if each})
        return member

    @classmethod
    def write(cls, surface: Surface, path: str, value: Self) -> None:
        """Write a member's value at ``path``; a member that the surface does not know is left out."""
        surface.put(path, getattr(value, surface.kind, None))


def _fold(value: Any) -> str:
    return str(value).lower().replace("_", "-")


class DiskMode(MappedEnum):
    """What becomes of a disk's writes: whether it joins snapshots, and whether it is kept at power off.

    Source: vSphere API, VirtualDiskMode. ESX has given up the last three: a domain that has one still dumps, but
    none can be defined (``definable``).

    ``qemu`` is the attribute ``snapshot=`` of a disk that libvirt's QEMU driver gives the same aspects, None where
    none is needed; a disk that is not kept is ``<transient/>`` there. Source:
    https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
    """

    PERSISTENT = "persistent", "persistent", None, True, True, True
    INDEPENDENT_PERSISTENT = "independent_persistent", "independent-persistent", "no", False, True, True
    INDEPENDENT_NONPERSISTENT = "independent_nonpersistent", "independent-nonpersistent", "no", False, False, True
    NONPERSISTENT = "nonpersistent", "nonpersistent", "external", True, False, False
    UNDOABLE = "undoable", "undoable", "external", True, False, False
    APPEND = "append", "append", "external", True, False, False

    def __init__(self, vim: str, vmx: str, qemu: str | None, snapshot: bool, persistent: bool, definable: bool) -> None:
        self.vim = vim
        self.vmx = vmx
        self.qemu = qemu
        self.xml = vim
        self.snapshot = snapshot
        self.persistent = persistent
        self.definable = definable

    @property
    def aspects(self) -> tuple[bool, bool]:
        """Return (joins snapshots, is kept at power off): all that libvirt's XML says of a mode."""
        return self.snapshot, self.persistent

    @classmethod
    def having(cls, snapshot: bool, persistent: bool) -> Self:
        """Return the mode with these aspects; for (True, False) an outdated one, which may not be defined."""
        return next(mode for mode in cls if mode.aspects == (snapshot, persistent))


class DiskModeXML(MappedEnum):
    """How a mode is spelled in the XML that is given out; all three are read. The URI's ``disk_mode``."""

    ATTRIBUTES = "attributes"
    ELEMENTS = "elements"
    LIBVIRT = "libvirt"

    def __init__(self, xml: str) -> None:
        self.xml = xml


class Firmware(MappedEnum):
    """The firmware a guest boots with: ``<os firmware=...>``, ``config.firmware``."""

    BIOS = "bios"
    EFI = "efi"

    def __init__(self, value: str) -> None:
        self.xml = self.vim = self.vmx = value


class ShareLevel(MappedEnum):
    """vSphere's names for CPU shares, and the shares of each vCPU that they stand for.

    Source: vSphere API, SharesLevel. libvirt's ``<cputune><shares>`` has the number alone.
    """

    LOW = "low", 500
    NORMAL = "normal", 1000
    HIGH = "high", 2000
    CUSTOM = "custom", None

    def __init__(self, value: str, per_vcpu: int | None) -> None:
        self.vim = self.vmx = value
        self.per_vcpu = per_vcpu

    @classmethod
    def naming(cls, shares: int, vcpus: int) -> Self:
        """Return the level whose number for ``vcpus`` is ``shares``, or CUSTOM."""
        return next((each for each in cls if each.per_vcpu and each.per_vcpu * vcpus == shares), cls.CUSTOM)
