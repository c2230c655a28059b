"""libvirt's ``<capabilities>`` document.

Source: https://libvirt.org/formatcaps.html .
"""

from dataclasses import dataclass

from esxdriver.conf.xml import surface as xml


@dataclass(frozen=True)
class Host:
    """What is known of a host: its hardware's UUID, libvirt's architecture, how domains migrate from it."""

    uuid: str | None
    arch: str
    migration: str


# Word size in bits of each architecture that ESX runs guests of.
_GUESTS = {"i686": 32, "x86_64": 64}


def capabilities_xml(host: Host) -> str:
    """Return the document for ``host``."""
    root = xml.new("capabilities")
    root.put("host/uuid", host.uuid)
    root.put("host/cpu/arch", host.arch)
    root.put("host/migration_features/uri_transports/uri_transport", host.migration)
    for arch, bits in _GUESTS.items():
        guest = root.added("guest")
        guest.put("os_type", "hvm")
        guest.put("arch/@name", arch)
        guest.put("arch/wordsize", str(bits))
        guest.put("arch/domain/@type", "vmware")
    return xml.text_of(root)
