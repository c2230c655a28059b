"""Validation against libvirt's own schema, where libvirt has installed it.

libvirt's parser takes what this driver writes. Its schemas are stricter, and those of distributions older than today's
XML. So a document is validated without what the schemas do not know, whatever their age: the tables below say what that
is. Nothing else is let through.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import libvirt
from lxml import etree

from esxdriver.conf.xml import surface as xml
from esxdriver.errors import error, unsupported

_SCHEMAS = (Path("/usr/share/libvirt/schemas"), Path("/usr/local/share/libvirt/schemas"))

# Elements without which a document is validated: libvirt's own since 12.4, the two that spell a disk's mode in this
# driver's way, and an address that nobody has given yet.
_WITHOUT = (
    "hwuuid",
    f"{{{xml.NAMESPACES['vmware']}}}moref",
    ".//disk/independent",
    ".//disk/nonpersistent",
    "devices/interface/mac[not(@address)]",
)


@dataclass(frozen=True)
class _Lenience:
    """A value that libvirt's schemas do not know, and the one that stands for it while a document is validated.

    The ``attribute`` (None: the text) of the elements at ``path``: ``unknown`` matches the whole of such a value.
    An attribute that is missing is given when ``missing`` says so; one whose ``instead`` is None is taken out.
    """

    path: str
    attribute: str | None
    unknown: str
    instead: str | None
    missing: bool = False

    def apply(self, document: etree._Element) -> None:
        for element in _found(document, self.path):
            value = (element.text or "") if self.attribute is None else element.get(self.attribute)
            if self.missing if value is None else re.fullmatch(self.unknown, value, re.DOTALL):
                self._replace(element)

    def _replace(self, element: etree._Element) -> None:
        if self.attribute is None:
            element.text = self.instead
        elif self.instead is None:
            del element.attrib[self.attribute]
        else:
            element.set(self.attribute, self.instead)


_NO_UUID = "(?!([0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{32})$).*"
_NO_NUMBER = r"(?!-?\d{1,18}$).*"
_VDS = "devices/interface[@type='vds']/source"
_LENIENCES = (
    # The project's own spelling of a disk's mode.
    _Lenience(".//disk", "persistent", "yes|no", None),
    _Lenience(".//disk", "snapshot", "yes", None),
    # The type of domains on ESX, which the schema of capabilities lacks, although libvirt's own driver says it, too.
    _Lenience("guest/arch/domain", "type", "vmware", "test"),
    # What libvirt's schemas have learnt since 9.0.
    _Lenience("cpu/topology", "clusters", "1", None),
    _Lenience("devices/controller", "type", "nvme", "sata"),
    _Lenience("devices/disk/target[@bus='nvme']", "dev", "nvme.*", "sda"),
    _Lenience("devices/disk/target", "bus", "nvme", "sata"),
    # Names that vSphere has and libvirt's patterns lack: of domains with a slash, of drives as "CD/DVD drive 0", of
    # images outside of a datastore, of folders on Windows, and any of a network.
    _Lenience("name", None, r"[^\n]*/[^\n]*", "domain"),
    _Lenience("devices/interface/source", "bridge", r"[^\n]+", "network"),
    _Lenience("devices/disk/source", "dev", r"[^\n]+", "/dev/drive"),
    _Lenience("devices/disk/source", "file", r"\[\]( .*)?", "/image"),
    _Lenience("devices/filesystem/source", "dir", r"[^/\n][^\n]*", "/folder"),
    # What identifies a port of a distributed switch, and is not there before a card is first connected.
    _Lenience(_VDS, "switchid", _NO_UUID, "00000000-0000-0000-0000-000000000000"),
    _Lenience(_VDS, "portid", _NO_NUMBER, "0", missing=True),
    _Lenience(_VDS, "portgroupid", "", "group", missing=True),
    _Lenience(_VDS, "connectionid", _NO_NUMBER, "0", missing=True),
)  # fmt: skip


def check_schema(text: str, root: str, name: str | None = None) -> None:
    """Raise XML_INVALID_SCHEMA when ``text`` does not fit libvirt's schema for ``<root>``.

    ``name`` is that schema's where it is not the element's. What this driver writes and libvirt's schemas do not know
    passes. Raises CONFIG_UNSUPPORTED where libvirt's schemas are not installed.
    """
    found = next((path for each in _SCHEMAS if (path := each / f"{name or root}.rng").exists()), None)
    if found is None:
        raise unsupported(
            "libvirt's schemas are not installed here (package libvirt-clients): leave out validation",
        )
    document = xml.parse(text, root).element
    _make_known(document)
    schema = etree.RelaxNG(etree.parse(str(found)))
    if not schema.validate(document):
        problem = next(iter(schema.error_log), None)
        where = f"line {problem.line}: {problem.message}" if problem is not None else "no detail given"
        raise error(libvirt.VIR_ERR_XML_INVALID_SCHEMA, f"{found.name}: {where}")


def _make_known(document: etree._Element) -> None:
    """Bring a document to what libvirt's schemas know, the domain inside a snapshot's, too."""
    for root in {document, *document.iter("domain", "inactiveDomain")}:
        for path in _WITHOUT:
            for element in _found(root, path):
                above = element.getparent()
                assert above is not None  # no path leads to a root
                above.remove(element)
        for lenience in _LENIENCES:
            lenience.apply(root)


def _found(root: etree._Element, path: str) -> list[etree._Element]:
    """Return the elements at an XPath, in which a namespace may stand in braces."""
    return root.findall(path) if "{" in path else cast("list[etree._Element]", root.xpath(path))
