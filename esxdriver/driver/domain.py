"""A domain, with the face of libvirt-python's ``virDomain``.

Reference: https://libvirt.org/html/libvirt-libvirt-domain.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.mapping.states import PowerState
from esxdriver.driver.boundary import bounded
from esxdriver.driver.domain_change import ChangeMethods
from esxdriver.driver.domain_console import ConsoleMethods
from esxdriver.driver.domain_guest import GuestMethods
from esxdriver.driver.domain_metadata import MetadataMethods
from esxdriver.driver.domain_migrate import MigrateMethods
from esxdriver.driver.domain_power import PowerMethods
from esxdriver.driver.domain_snapshots import SnapshotMethods
from esxdriver.driver.domain_stats import StatisticsMethods
from esxdriver.driver.domain_tuning import TuningMethods
from esxdriver.driver.reading_ahead import PART
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_flags
from esxdriver.vsphere.wire.faults import translated, translated_items
from esxdriver.waiting import require_may_wait

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from esxdriver.conf.domain.domain import DomainDef
    from esxdriver.conf.domain.style import Style
    from esxdriver.driver.connect import Connect

_XML_FLAGS = libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_MIGRATABLE


def check_xml_flags(flags: int) -> None:
    """Raise INVALID_ARG for a flag that is no VIR_DOMAIN_XML_SECURE, INACTIVE or MIGRATABLE."""
    check_flags(flags, _XML_FLAGS, "virDomainGetXMLDesc")


@complete("virDomain")
@bounded
class Domain(
    PowerMethods,
    ChangeMethods,
    MetadataMethods,
    SnapshotMethods,
    GuestMethods,
    StatisticsMethods,
    ConsoleMethods,
    TuningMethods,
    MigrateMethods,
):
    """A virtual machine. Name, UUID and ID are those of the time they were first read; all else is asked for."""

    def XMLDesc(self, flags: int = 0) -> str:
        """Return the domain's definition.

        VIR_DOMAIN_XML_SECURE shows passwords, guestinfo and other secrets; INACTIVE leaves out the ID; MIGRATABLE
        changes nothing. One round trip, whatever the machine holds; within :func:`esxdriver.prefetch` one for a
        hundred domains, and within :func:`esxdriver.watch` none for an unchanged domain. Raises OPERATION_DENIED for
        secrets on a connection that is read only.
        """
        check_xml_flags(flags)
        style = self.backend.style(secure=bool(flags & libvirt.VIR_DOMAIN_XML_SECURE))
        prefetched = self._prefetched()
        if prefetched is not None:
            return self.format(prefetched, style, flags, active=self.ID() >= 0)
        documents = None if style.secure else self.backend.documents
        if documents is None:
            return self._read_xml(style, flags)
        text = documents.get(self.ref, flags)
        if text is None:
            require_may_wait()
            text = documents.read_ahead(self.ref, flags, lambda refs: documents_of(self._conn, refs, style, flags))
        if text is None:
            version = documents.version(self.ref)
            text = self._read_xml(style, flags)
            documents.put(self.ref, flags, version, text)
        return text

    def _read_xml(self, style: Style, flags: int) -> str:
        machine, state = self.read_machine()
        saved = self.backend.uri.managed_save and state.suspended
        return self.format(machine.definition, style, flags, active=not (state.off or saved))

    def format(self, definition: DomainDef, style: Style, flags: int, *, active: bool) -> str:
        """Return the XML of this domain's definition, with its ID if it is active and ``flags`` do not say INACTIVE."""
        shown = active and not flags & libvirt.VIR_DOMAIN_XML_INACTIVE
        return domain_xml.format(definition, replace(style, domain_id=self.number) if shown else style)

    def _prefetched(self) -> DomainDef | None:
        batch = self.backend.batch
        with translated(f"cannot read domain '{self.title}'"):
            return batch.definition(self.ref) if batch is not None else None


def documents_of(conn: Connect, refs: Sequence[Any], style: Style, flags: int) -> Generator[tuple[Any, str]]:
    """Yield machines with their documents, those of a hundred in each round trip. Raises what reading raises."""
    from esxdriver.vsphere.bulk.machines import machines

    backend = conn.backend
    read = machines(
        backend.session, backend.scope, "config.changeVersion", refs=refs, size=PART, left_out=lambda *_: None
    )
    for each, machine in translated_items(read, "cannot read the domains"):
        domain = Domain(conn, backend, each.ref, {})
        backend.transients.learn(each.ref, machine.config, each["config.changeVersion"])
        active = backend.shown_state(each) is not PowerState.SHUTOFF
        yield each.ref, domain.format(machine.definition, style, flags, active=active)
