"""Connections of libvirt-python's own, their disks spoken of in this project's words.

Reference: https://libvirt.org/html/libvirt-libvirt-host.html#virConnectOpenAuth
"""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import libvirt

from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.conf.snapshot.audit import DiskReport
from esxdriver.errors import error
from esxdriver.installed import libvirt_python
from esxdriver.qemu.domain import Domain
from esxdriver.qemu.passing import Passing

_log = logging.getLogger(__name__)
_STYLE = re.compile(r"(?P<before>[?&;])disk_mode=(?P<style>[^&;#]*)(?P<after>[&;]?)")

T = TypeVar("T")
LeftOut = Callable[[str, str], None]


def openAuth(uri: str, auth: Sequence[Any] | None, flags: int = 0) -> "Connect":
    """Open libvirt's connection to ``uri``, whose ``disk_mode=`` is this project's.

    Raises what libvirt raises; INVALID_ARG for a style that there is not.
    """
    theirs, style = _styled(uri)
    # libvirt-python crashes on None; without credentials' types, libvirt never asks.
    return Connect(libvirt_python().openAuth(theirs, list(auth) if auth else [[], None, None], flags), style)


def _styled(uri: str) -> tuple[str, DiskModeXML]:
    """Return a URI without ``disk_mode=``, and the style that it names."""
    found = _STYLE.search(uri)
    if found is None:
        return uri, DiskModeXML.ATTRIBUTES
    style = DiskModeXML.of("xml", found["style"])
    if style is None:
        accepted = " or ".join(each.xml for each in DiskModeXML)
        raise error(
            libvirt.VIR_ERR_INVALID_ARG, f"URI parameter disk_mode is {found['style']!r}, but it takes {accepted}"
        )
    kept = found["before"] if found["after"] else ""
    return uri[: found.start()] + kept + uri[found.end() :], style


class Connect(Passing, of="virConnect"):
    """libvirt's own connection. What is written here, libvirt has not."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.real.close()

    def getAllXMLDesc(
        self, flags: int = 0, *, progress: Callable[[int], None] | None = None, left_out: LeftOut | None = None
    ) -> Iterator[tuple[Domain, str]]:
        """Yield every domain with its definition; ``flags`` are those of ``XMLDesc``.

        One that disappears meanwhile is passed over; ``left_out`` is given the name of one that cannot be read, and
        why, and by default it is logged. ``progress`` is given percentages.
        """
        return self._read(lambda domain: domain.XMLDesc(flags), progress, left_out)

    def diskReports(
        self, *, progress: Callable[[int], None] | None = None, left_out: LeftOut | None = None
    ) -> list[DiskReport]:
        """Return a report for each hard disk of each domain; ``progress`` and ``left_out`` as with the definitions."""
        read = self._read(Domain.diskReports, progress, left_out)
        return [report for _, reports in read for report in reports]

    def _read(
        self, read: Callable[[Domain], T], progress: Callable[[int], None] | None, left_out: LeftOut | None
    ) -> Iterator[tuple[Domain, T]]:
        domains: list[Domain] = self.listAllDomains()
        for number, domain in enumerate(domains, 1):
            try:
                found = read(domain)
            except libvirt.libvirtError as cause:
                if cause.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                    (left_out or _logged)(domain.name(), str(cause))
            else:
                yield domain, found
            if progress is not None:
                progress(100 * number // len(domains))


class StoragePool(Passing, of="virStoragePool"):
    """A storage pool of libvirt's. No document of it has disks; its methods take ``progress=``, as this project's."""


class StorageVol(Passing, of="virStorageVol"):
    """A volume of libvirt's, whose methods take ``progress=``, too."""


def _logged(name: str, why: str) -> None:
    _log.warning("domain '%s' is left out: %s", name, why)
