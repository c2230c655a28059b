"""``<interface>``: a network interface of a host: a physical NIC, or one of the VMkernel's.

libvirt's own ESX driver has physical NICs alone, and of them what is written first here. Source:
https://libvirt.org/formatnetwork.html and libvirt's schema interface.rng
"""

from dataclasses import dataclass

from esxdriver.conf.mapping.codecs import NUMBER, TEXT
from esxdriver.conf.mapping.fields import dump, fact
from esxdriver.conf.xml import surface as xml


@dataclass(frozen=True)
class Addresses:
    """The addresses of a family, ``ipv4`` or ``ipv6``, with their prefixes' lengths, and whether DHCP gives any."""

    family: str
    dhcp: bool = False
    addresses: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class HostInterfaceDef:
    """A host's interface; ``speed`` is in Mbit/s, ``mtu`` in bytes, both None where they are not known.

    ``up`` says whether it has a link, None where the interface has none of its own.
    """

    name: str = fact(TEXT, xml="@name")
    mac: str = fact(TEXT, xml="mac/@address", default="")
    speed: int | None = fact(NUMBER, xml="link/@speed", default=None)
    up: bool | None = None
    mtu: int | None = fact(NUMBER, xml="mtu/@size", default=None)
    protocols: tuple[Addresses, ...] = ()


def format(definition: HostInterfaceDef) -> str:  # noqa: A001
    """Return the document of a host's interface."""
    root = xml.new("interface")
    root.put("@type", "ethernet")
    dump(definition, root, ("name",))
    root.put("start/@mode", "onboot")
    dump(definition, root, ("mac", "speed"))
    root.put("link/@state", None if definition.up is None else "up" if definition.up else "down")
    dump(definition, root, ("mtu",))
    for each in definition.protocols:
        protocol = root.added("protocol", family=each.family)
        if each.dhcp:
            protocol.added("dhcp")
        for address, prefix in each.addresses:
            protocol.added("ip", address=address, prefix=str(prefix))
    return xml.text_of(root)
