"""What commands about networks and host interfaces share: how they find one."""

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import complete
from esxdriver.cli.arguments import argument
from esxdriver.cli.failures import failing_with
from esxdriver.cli.target import UUID_FORM, Target

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect
    from esxdriver.driver.interface import Interface
    from esxdriver.driver.network import Network

_MAC_FORM = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")


def on_network(function: Callable[..., None]) -> Callable[..., None]:
    """Let a command be about a network: it takes NETWORK, a name or a UUID, and gets the network looked up."""

    @functools.wraps(function)
    def about(target: Target, /, network: str, **options: Any) -> None:
        conn = target.connect()
        with failing_with(f"failed to get network '{network}'"):
            found = find_network(conn, network)
        function(found, **options)

    return argument("network", shell_complete=complete.networks)(click.pass_obj(about))


def on_interface(function: Callable[..., None]) -> Callable[..., None]:
    """Let a command be about a host's interface: it takes INTERFACE, a name or a MAC address, and gets it looked up."""

    @functools.wraps(function)
    def about(target: Target, /, interface: str, **options: Any) -> None:
        conn = target.connect()
        with failing_with(f"failed to get interface '{interface}'"):
            found = find_interface(conn, interface)
        function(found, **options)

    return argument("interface", shell_complete=complete.interfaces)(click.pass_obj(about))


def find_network(conn: "Connect", text: str) -> "Network":
    """Return the network whose UUID or name ``text`` is, tried in this order as virsh does."""
    import libvirt

    if UUID_FORM.fullmatch(text):
        try:
            return conn.networkLookupByUUIDString(text)
        except libvirt.libvirtError as cause:
            if cause.get_error_code() != libvirt.VIR_ERR_NO_NETWORK:
                raise
    return conn.networkLookupByName(text)


def find_interface(conn: "Connect", text: str) -> "Interface":
    """Return the interface whose name or MAC address ``text`` is."""
    return conn.interfaceLookupByMACString(text) if _MAC_FORM.fullmatch(text) else conn.interfaceLookupByName(text)
