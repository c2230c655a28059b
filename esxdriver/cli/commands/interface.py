"""Interfaces of a host: its physical NICs and the VMkernel's adapters."""

from typing import TYPE_CHECKING

import click

from esxdriver.cli import flags, table
from esxdriver.cli.arguments import Commands
from esxdriver.cli.failures import failing_with
from esxdriver.cli.networks import on_interface
from esxdriver.cli.target import Target
from esxdriver.cli.terminal import printable
from esxdriver.cli.xpath import Show, xpath_options

if TYPE_CHECKING:
    from esxdriver.driver.interface import Interface

commands = Commands()

_LIST = "VIR_CONNECT_LIST_INTERFACES_"


@commands.command("iface-list")
@click.option("--inactive", is_flag=True, help="Inactive interfaces instead of active ones: on ESX none is.")
@click.option("--all", "everything", is_flag=True, help="Inactive interfaces as well as active ones.")
@click.pass_obj
def iface_list(target: Target, /, inactive: bool, everything: bool) -> None:
    """List the host's network interfaces."""
    active = 0 if everything else flags.total(_LIST, ["INACTIVE" if inactive else "ACTIVE"])
    conn = target.connect()
    with failing_with("Failed to list interfaces"):
        found = sorted(conn.listAllInterfaces(active), key=lambda each: each.name().lower())
    table.show(("Name", "State", "MAC Address"), [(each.name(), "active", each.MACString()) for each in found])


@commands.command("iface-dumpxml")
@click.option("--inactive", is_flag=True, help="The stored definition: on ESX there is one only.")
@xpath_options
@on_interface
def iface_dumpxml(interface: "Interface", inactive: bool, show: Show) -> None:
    """Write an interface's XML: its MAC address, link and addresses."""
    with failing_with(f"Failed to get XML of interface '{interface.name()}'"):
        show(interface.XMLDesc(flags.total("VIR_INTERFACE_XML_", ["INACTIVE"] if inactive else [])))


@commands.command("iface-name")
@on_interface
def iface_name(interface: "Interface") -> None:
    """Show the name of the interface with a MAC address."""
    click.echo(printable(interface.name()))


@commands.command("iface-mac")
@on_interface
def iface_mac(interface: "Interface") -> None:
    """Show an interface's MAC address."""
    click.echo(printable(interface.MACString()))
