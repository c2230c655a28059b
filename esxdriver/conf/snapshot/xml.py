"""``<domainsnapshot>``: text to a :class:`SnapshotDef` and back.

A document is read to take a snapshot: its name, description, memory and disks count. What else a dump has (state, time,
parent, the domain) is the host's to say, and passed over. Source: https://libvirt.org/formatsnapshot.html
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from esxdriver.conf.devices.disk_mode_xml import MODE_XML
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.conf.mapping.fields import InvalidValueError, UnsupportedValueError, dump, load
from esxdriver.conf.snapshot.snapshot import SnapshotDef, SnapshotDiskDef
from esxdriver.conf.xml import surface as xml
from esxdriver.errors import unsupported, xml_error

# Where each aspect can be said: what is said nowhere is left to the domain.
_SAID_AT: Mapping[str, tuple[str, ...]] = {
    "snapshot": ("@snapshot", "independent"),
    "persistent": ("@persistent", "nonpersistent", "transient"),
}

# What libvirt lets a snapshot say of a disk's new file, which ESX names and makes by itself.
_HOSTS_OWN = ("source", "driver")


def parse(text: str) -> SnapshotDef:
    """Return the snapshot that the document ``text`` asks for.

    Raises XML_ERROR for what is not well formed or has no meaning, CONFIG_UNSUPPORTED for what ESX cannot do.
    """
    root = xml.parse(text, "domainsnapshot")
    try:
        disks = tuple(_disk(each) for each in root.children("disks") if each.name == "disk")
        return load(SnapshotDef, root, state=None, parent=None, created=None, disks=disks)
    except InvalidValueError as cause:
        raise xml_error(str(cause)) from None
    except UnsupportedValueError as cause:
        raise unsupported(str(cause)) from None


def _disk(element: xml.ElementSurface) -> SnapshotDiskDef:
    name = element.get("@name")
    if not name:
        raise InvalidValueError("disks/disk/@name", "nothing")
    for own in _HOSTS_OWN:
        if element.get(own) is not None:
            raise UnsupportedValueError(f"disk '{name}': <{own}>: ESX chooses a snapshot's files by itself; remove it")
    if element.get("@type") not in (None, "file"):
        raise UnsupportedValueError(f"disk '{name}': type='{element.get('@type')}': a snapshot's disks are files")
    mode = MODE_XML.read(element, ".")
    said = {
        aspect: getattr(mode, aspect)
        for aspect, paths in _SAID_AT.items()
        if any(element.get(path) is not None for path in paths)
    }
    return SnapshotDiskDef(name=name, **said)


def format(definition: SnapshotDef, style: Style, uuid: str | None = None) -> str:  # noqa: A001
    """Return the document of ``definition``.

    Where the domain as it was is not known, its ``uuid`` stands for it.
    """
    root = xml.new("domainsnapshot")
    dump(definition, root)
    if definition.disks:
        _put_disks(root.added("disks"), definition, style)
    if definition.domain is not None:
        root.element.append(domain_xml.element(_shown(definition.domain, style), style).element)
    elif uuid is not None:
        root.put("domain/uuid", uuid)
    return xml.text_of(root)


def _shown(domain: DomainDef, style: Style) -> DomainDef:
    """Return the domain, in upstream's style without what upstream's schemas refuse in a snapshot.

    ``<hwuuid>`` came with libvirt 12.4, and a path of an NVRAM has to start at the root. Neither is needed to know
    what the snapshot holds, and the domain's own XML has both.
    """
    if style.disk_mode is not DiskModeXML.LIBVIRT:
        return domain
    return replace(domain, nvram=None, hwuuid=domain.hwuuid if style.legacy_uuid else None)


def _put_disks(disks: xml.ElementSurface, definition: SnapshotDef, style: Style) -> None:
    for disk in definition.disks:
        element = disks.added("disk")
        element.put("@name", disk.name)
        if style.disk_mode is DiskModeXML.LIBVIRT:
            # Upstream's schema has <transient/> in the domain only.
            element.put("@snapshot", "internal" if disk.mode.snapshot else "no")
        else:
            # What <metadata> adds to a mode stands in the <domain>; here it is not written.
            nowhere = xml.new("nowhere")
            spelled = xml.ElementSurface(element.element, _leading(nowhere), disk_mode=style.disk_mode)
            MODE_XML.write(spelled, ".", disk.mode)


def _leading(element: xml.ElementSurface) -> Callable[[bool], xml.ElementSurface | None]:
    return lambda _: element
