"""Validation against libvirt's own schema, where libvirt has installed it."""

from pathlib import Path

import libvirt
from lxml import etree

from esxdriver.conf.xml import surface as xml
from esxdriver.errors import error

_SCHEMAS = (Path("/usr/share/libvirt/schemas"), Path("/usr/local/share/libvirt/schemas"))

# What libvirt writes itself and its schemas before 12.4 do not know, beside <hwuuid>.
_MOREF = f"{{{xml.NAMESPACES['vmware']}}}moref"

# The project's own spellings of a disk's mode, which libvirt's schema does not know.
_OWN_ATTRIBUTES = ("persistent",)
_OWN_ELEMENTS = ("independent", "nonpersistent")


def check_schema(text: str, root: str) -> None:
    """Raise XML_INVALID_SCHEMA when ``text`` does not fit libvirt's schema for ``<root>``.

    The project's own spellings of a disk's mode pass, and so do the UUID and reference that older schemas lack: they
    are taken out first. Raises CONFIG_UNSUPPORTED where libvirt's schemas are not installed.
    """
    found = next((path for each in _SCHEMAS if (path := each / f"{root}.rng").exists()), None)
    if found is None:
        raise error(
            libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
            "libvirt's schemas are not installed here (package libvirt-clients): leave out validation",
        )
    document = xml.parse(text, root).element
    for disk in document.iter("disk"):
        _take_out_own_words(disk)
    for newer in (*document.findall("hwuuid"), *document.findall(_MOREF)):
        document.remove(newer)
    schema = etree.RelaxNG(etree.parse(str(found)))
    if not schema.validate(document):
        problem = next(iter(schema.error_log), None)
        where = f"line {problem.line}: {problem.message}" if problem is not None else "no detail given"
        raise error(libvirt.VIR_ERR_XML_INVALID_SCHEMA, f"{found.name}: {where}")


def _take_out_own_words(disk: etree._Element) -> None:
    for name in _OWN_ATTRIBUTES:
        if name in disk.attrib:
            del disk.attrib[name]
    if disk.get("snapshot") == "yes":
        del disk.attrib["snapshot"]
    for name in _OWN_ELEMENTS:
        for child in disk.findall(name):
            disk.remove(child)
