"""libvirt's own domains and their snapshots: passed through, and what libvirt has no method for."""

from typing import Any

import libvirt

from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.states import PowerState
from esxdriver.conf.snapshot import xml as snapshot_xml
from esxdriver.conf.snapshot.audit import DiskReport
from esxdriver.conf.snapshot.outcome import DiskOutcome
from esxdriver.conf.snapshot.tree import Snapshot, Tree
from esxdriver.qemu import audit, documents, outcome, snapshots
from esxdriver.qemu.disks import Disk
from esxdriver.qemu.passing import Passing
from esxdriver.qemu.snapshots import Wanted


class Domain(Passing, of="virDomain"):
    """A domain of libvirt's."""

    @property
    def title(self) -> str:
        """How messages name it."""
        return str(self.real.name())

    @property
    def known_power(self) -> PowerState:
        """What it is doing."""
        return self.power()

    def diskReports(self) -> list[DiskReport]:
        """Return a report for each hard disk of the domain, as it is defined now."""
        return audit.report(self.real.name(), self.real.UUIDString(), self.disks())

    def disks(self, flags: int = 0) -> list[Disk]:
        """Return the disks of the domain; ``flags`` are those of ``XMLDesc``."""
        return documents.read(self.real.XMLDesc(flags))

    def snapshotCreateXML(self, xmlDesc: str, flags: int = 0, *, progress: Any = None) -> "DomainSnapshot":
        """Take the snapshot that ``xmlDesc`` describes; a disk that is not listed goes by its mode.

        Raises XML_ERROR for a disk that the domain has not and for what QEMU has no value for, CONFIG_UNSUPPORTED for
        what QEMU cannot take, before it is asked; and what libvirt raises. libvirt tells no ``progress``.
        """
        if flags & libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE:
            given = self.real.snapshotCreateXML(documents.stored(xmlDesc), flags)
        else:
            wanted = self._wanted(xmlDesc, flags)
            given = self.real.snapshotCreateXML(wanted.text, wanted.flags)
        snapshot: DomainSnapshot = self.wrapped(given)
        return snapshot

    def snapshotPreviewXML(self, xmlDesc: str, flags: int = 0) -> str:
        """Return the description of the snapshot that :meth:`snapshotCreateXML` would take, or raise what it would."""
        wanted = self._wanted(xmlDesc, flags)
        return snapshot_xml.format(wanted.definition, Style(disk_mode=self.style), self.real.UUIDString())

    def snapshot_tree(self) -> Tree:
        """Return the domain's snapshots, parents before children."""
        found = self.real.listAllSnapshots(libvirt.VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL)
        current = self.real.snapshotCurrent().getName() if self.real.hasCurrentSnapshot() else None
        return snapshots.tree([each.getXMLDesc() for each in found], current)

    def snapshotNames(self, above: str | None, flags: int) -> set[str]:
        """Return the names of the snapshots that flags choose, of all or of those below ``above``."""
        if above is None:
            return set(self.real.snapshotListNames(flags))
        return set(self.real.snapshotLookupByName(above).listChildrenNames(flags))

    def _wanted(self, text: str, flags: int) -> Wanted:
        return snapshots.wanted(text, flags, self.disks(), self.power())

    def power(self) -> PowerState:
        """Return what it is doing; all that libvirt has more names for is running."""
        number = self.real.state()[0]
        if not self.real.isActive():
            return PowerState.SHUTOFF
        return PowerState.PAUSED if number == PowerState.PAUSED.number else PowerState.RUNNING


class DomainSnapshot(Passing, of="virDomainSnapshot"):
    """A snapshot of a domain of libvirt's."""

    @property
    def ref(self) -> str:
        """What a tree knows it by: its name, which no other has."""
        return str(self.real.getName())

    def found(self) -> Snapshot:
        """Return it as it is in the domain's tree; raise NO_DOMAIN_SNAPSHOT when it has been deleted."""
        domain: Domain = self.wrapped(self.real.getDomain())
        return domain.snapshot_tree().at(self.ref, self.ref)

    def revertPreview(self) -> list[DiskOutcome]:
        """Return what ``revertToSnapshot`` would do to each hard disk of the domain."""
        text, now = self.real.getXMLDesc(), self._disks()
        then = documents.read_snapshot(text)
        return outcome.reverted(now, then, snapshots.held(text, then))

    def deletePreview(self) -> list[DiskOutcome]:
        """Return what ``delete`` would do to each hard disk of the domain."""
        now = self._disks()
        return outcome.deleted(now, snapshots.held(self.real.getXMLDesc(), now))

    def _disks(self) -> list[Disk]:
        return documents.read(self.real.getDomain().XMLDesc())


class DomainCheckpoint(Passing, of="virDomainCheckpoint"):
    """A checkpoint of a domain of libvirt's: its document holds the whole domain."""
