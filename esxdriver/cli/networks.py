"""What commands about networks and host interfaces share: a name or UUID, a name or MAC address, and what has it."""

import re
from typing import TYPE_CHECKING

from esxdriver.cli import complete
from esxdriver.cli.about import on
from esxdriver.cli.target import by_uuid_or_name, first_found

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect
    from esxdriver.driver.interface import Interface
    from esxdriver.driver.network import Network

_MAC_FORM = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")


def find_network(conn: "Connect", text: str) -> "Network":
    """Return the network whose UUID or name ``text`` is, tried in this order as virsh does."""
    import libvirt

    looks = by_uuid_or_name(text, conn.networkLookupByUUIDString, conn.networkLookupByName)
    return first_found(looks, libvirt.VIR_ERR_NO_NETWORK)


def find_interface(conn: "Connect", text: str) -> "Interface":
    """Return the interface whose name or MAC address ``text`` is."""
    return conn.interfaceLookupByMACString(text) if _MAC_FORM.fullmatch(text) else conn.interfaceLookupByName(text)


on_network = on("network", find_network, complete.networks)
on_interface = on("interface", find_interface, complete.interfaces)
