"""libvirt's ``<domainCapabilities>`` document: what a domain of one machine type may have.

Source: https://libvirt.org/formatdomaincaps.html .
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from esxdriver.conf.xml import surface as xml

# What runs a domain on ESX. The document has to name a program.
EMULATOR = "/bin/vmx"


@dataclass(frozen=True)
class Part:
    """An element of the document: its path, whether there is such a thing, and which values its attributes may have."""

    path: str
    supported: bool
    enums: Mapping[str, Sequence[str]] = field(default_factory=dict)


# CPU modes of libvirt's: a domain on ESX has the host's CPU, or what EVC leaves of it.
_MODES = {"host-passthrough": True, "maximum": False, "host-model": False, "custom": False}


def domain_capabilities_xml(machine: str, arch: str, vcpus: int | None, parts: Sequence[Part]) -> str:
    """Return the document. ``parts`` stand in libvirt's order, those of ``os`` first.

    ``vcpus`` is how many a domain may have, None where the host sets no limit.
    """
    root = xml.new("domainCapabilities")
    for path, value in (("path", EMULATOR), ("domain", "vmware"), ("machine", machine), ("arch", arch)):
        root.put(path, value)
    root.put("vcpu/@max", str(vcpus) if vcpus else None)
    _put(root, Part("iothreads", supported=False))
    before = [each for each in parts if each.path.partition("/")[0] == "os"]
    for part in before:
        _put(root, part)
    for name, supported in _MODES.items():
        root.element.at("cpu").made("mode", {"name": name, "supported": _yes_no(supported)})
    for part in parts[len(before) :]:
        _put(root, part)
    return xml.text_of(root)


def _put(root: xml.ElementSurface, part: Part) -> None:
    element = root.element
    for step in part.path.split("/"):
        element = element.at(step)
    element.attributes["supported"] = _yes_no(part.supported)
    for name, values in part.enums.items():
        enum = element.made("enum", {"name": name})
        for value in values:
            enum.made("value").text = value


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
