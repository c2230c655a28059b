"""libvirt's own domains: passed through, and what libvirt has no method for."""

from esxdriver.conf.snapshot.audit import DiskReport
from esxdriver.qemu import audit, documents
from esxdriver.qemu.disks import Disk
from esxdriver.qemu.passing import Passing


class Domain(Passing, of="virDomain"):
    """A domain of libvirt's."""

    @property
    def title(self) -> str:
        """How messages name it."""
        return str(self.real.name())

    def diskReports(self) -> list[DiskReport]:
        """Return a report for each hard disk of the domain, as it is defined now."""
        return audit.report(self.real.name(), self.real.UUIDString(), self.disks())

    def disks(self, flags: int = 0) -> list[Disk]:
        """Return the disks of the domain; ``flags`` are those of ``XMLDesc``."""
        return documents.read(self.real.XMLDesc(flags))


class DomainSnapshot(Passing, of="virDomainSnapshot"):
    """A snapshot of a domain of libvirt's."""


class DomainCheckpoint(Passing, of="virDomainCheckpoint"):
    """A checkpoint of a domain of libvirt's: its document holds the whole domain."""
