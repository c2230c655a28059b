"""Everything that is read of a domain, and what the driver makes of it held against itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.checking.asking import Asking
from esxdriver.checking.probes import OF_MACHINE
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.driver import diskmodes
from esxdriver.driver.native import FORMAT, native_from_xml, xml_from_native
from esxdriver.vmx import Paths
from esxdriver.vsphere.change.plan import plan_edit
from esxdriver.vsphere.machine.machine import Machine
from esxdriver.vsphere.machine.match import match
from esxdriver.vsphere.machine.unread import Row, changed_paths, unread

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

_OF_DOMAIN: Mapping[str, Callable[["Domain"], Any]] = {
    "domain: state": lambda domain: domain.state(),
    "domain: size": lambda domain: domain.info(),
    "domain: disk modes": diskmodes.of_domain,
    "domain: persistent": lambda domain: domain.isPersistent(),
    "domain: autostart": lambda domain: domain.autostart(),
    "domain: CPU statistics": lambda domain: domain.getCPUStats(True),
    "domain: memory statistics": lambda domain: domain.memoryStats(),
    "domain: disk statistics": lambda domain: domain.blockStats(""),
    "domain: card statistics": lambda domain: [domain.interfaceStats(name) for name, _ in domain.networkCards()],
    "domain: scheduler parameters": lambda domain: domain.schedulerParameters(),
    "domain: memory parameters": lambda domain: domain.memoryParameters(),
    "domain: metadata": lambda domain: domain.metadata(libvirt.VIR_DOMAIN_METADATA_DESCRIPTION, None),
    "domain: sizes of disks": lambda domain: [domain.blockInfo(each.target) for each in diskmodes.of_domain(domain)],
    "domain: managed save": lambda domain: domain.hasManagedSaveImage(),
    "guest: host name": lambda domain: domain.hostname(),
    "guest: addresses": lambda domain: domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT),
    "guest: file systems": lambda domain: domain.fsInfo(),
    "guest: all": lambda domain: domain.guestInfo(),
}


@dataclass(frozen=True)
class DomainFound:
    """What of a domain the driver does not map, and the files of its disks."""

    unread: tuple[Row, ...] = ()
    sources: tuple[str, ...] = ()


def read_domain(asking: Asking, domain: "Domain", document: str | None, paths: Paths | None) -> DomainFound:
    """Ask all that is read of a domain; ``document`` is what a bulk read has made of it.

    ``paths`` translates file names to VMX and back, None where the datastores are not known.
    """
    where = asking.names.of("domain", domain.title, domain.ref._moId)
    text = asking.ask("domain: document", where, domain.XMLDesc)
    for check, question in _OF_DOMAIN.items():
        asking.ask(check, where, partial(question, domain))
    _snapshots(asking, domain, where)
    if text is None:
        return DomainFound()
    if document is not None:
        asking.hold("a bulk read gives the same document", where, lambda: _same(domain, document, text))
    asking.hold("a document is read as it is written", where, lambda: _reread(domain, text))
    read = asking.ask("domain: configuration", where, domain.read_machine)
    if read is None:
        return DomainFound()
    machine, style = read[0], domain.backend.style()
    asking.probe(OF_MACHINE, machine)
    now = domain_xml.format(machine.definition, style)
    asking.hold("a document changes nothing", where, lambda: _planned(machine, now, style))
    if paths is not None:
        asking.hold("VMX and back changes nothing", where, lambda: _converted(machine, now, style, paths))
    disks = (disk.source for disk in machine.definition.disks)
    return DomainFound(tuple(unread(machine)), tuple(filter(None, disks)))


def _snapshots(asking: Asking, domain: "Domain", where: str) -> None:
    found = asking.ask("domain: snapshots", where, domain.listAllSnapshots) or []
    for number, snapshot in enumerate(found, 1):
        here = f"snapshot {number} of {where}"
        asking.ask("snapshot: document", here, snapshot.getXMLDesc)
        asking.ask("snapshot: outcome of a revert", here, snapshot.revertPreview)


def _same(domain: "Domain", document: str, text: str) -> str:
    """Return what is wrong when two reads differ, unless the domain has changed in between."""
    if document == text or domain.XMLDesc() != text:
        return ""
    return f"they differ in line {_first_difference(document, text)}"


def _first_difference(one: str, other: str) -> int:
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((number for number, (left, right) in enumerate(pairs, 1) if left != right), 0)


def _reread(domain: "Domain", text: str) -> str:
    style = domain.backend.style()
    once = domain_xml.parse(text, legacy_uuid=style.legacy_uuid)
    again = domain_xml.parse(domain_xml.format(once, style), legacy_uuid=style.legacy_uuid)
    return "" if once == again else f"not the same: {', '.join(_differing(once, again))}"


def _differing(one: Any, other: Any) -> list[str]:
    return [each.name for each in fields(one) if getattr(one, each.name) != getattr(other, each.name)]


def _planned(machine: Machine, text: str, style: Style) -> str:
    """Return what a document of a machine would change of it, in vSphere's names."""
    plan = plan_edit(match(machine, domain_xml.parse(text, legacy_uuid=style.legacy_uuid)))
    return "" if plan is None else f"it would change {', '.join(changed_paths(plan.spec))}"


def _converted(machine: Machine, text: str, style: Style, paths: Paths) -> str:
    """Return what a document would change that has been to VMX and back."""
    native = native_from_xml(FORMAT, text, style, paths)
    return _planned(machine, xml_from_native(FORMAT, native, style, paths), style)
