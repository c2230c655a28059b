"""Networks: the virtual switches of a host or of a vCenter."""

from typing import TYPE_CHECKING

import click

from esxdriver.cli import flags, table, texts
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import failing_with
from esxdriver.cli.networks import on_network
from esxdriver.cli.target import Target
from esxdriver.cli.terminal import printable
from esxdriver.cli.xpath import Show, xpath_options

if TYPE_CHECKING:
    from esxdriver.driver.network import Network

commands = Commands()

_LIST = "VIR_CONNECT_LIST_NETWORKS_"
_LEASE = ("Expiry Time", "MAC address", "Protocol", "IP address", "Hostname", "Client ID or DUID")


@commands.command("net-list")
@click.option("--inactive", is_flag=True, help="Inactive networks instead of active ones: on ESX none is.")
@click.option("--all", "everything", is_flag=True, help="Inactive networks as well as active ones.")
@click.option("--uuid", is_flag=True, help="UUIDs only.")
@click.option("--name", is_flag=True, help="Names only.")
@click.option("--table", "as_table", is_flag=True, help="A table: what is shown by default.")
@flags.flag_options(_LIST, flags.NETWORK_LIST, into="filters")
@click.pass_obj
def net_list(
    target: Target, /, filters: int, inactive: bool, everything: bool, uuid: bool, name: bool, as_table: bool
) -> None:
    """List networks: the virtual switches."""
    if sum((uuid, name, as_table)) > 1:
        raise click.UsageError("--table, --uuid and --name do not go together")
    active = 0 if everything else flags.total(_LIST, ["INACTIVE" if inactive else "ACTIVE"])
    conn = target.connect()
    with failing_with("Failed to list networks"):
        networks = sorted(conn.listAllNetworks(filters | active), key=lambda network: network.name().lower())
    if uuid or name:
        for each in networks:
            click.echo(printable(each.name() if name else each.UUIDString()))
    else:
        table.show(
            ("Name", "State", "Autostart", "Persistent"), [(each.name(), "active", "yes", "yes") for each in networks]
        )


@commands.command("net-info")
@on_network
def net_info(network: "Network") -> None:
    """Show what a network is."""
    table.show_fields({
        "Name": network.name(),
        "UUID": network.UUIDString(),
        "Active": texts.yes_no(network.isActive()),
        "Persistent": texts.yes_no(network.isPersistent()),
        "Autostart": texts.yes_no(network.autostart()),
        "Bridge": network.bridgeName(),
    })  # fmt: skip


@commands.command("net-dumpxml")
@click.option("--inactive", is_flag=True, help="The stored definition: on ESX there is one only.")
@xpath_options
@on_network
def net_dumpxml(network: "Network", inactive: bool, show: Show) -> None:
    """Write a network's XML."""
    with failing_with(f"Failed to get XML of network '{network.name()}'"):
        show(network.XMLDesc(flags.total("VIR_NETWORK_XML_", ["INACTIVE"] if inactive else [])))


@commands.command("net-name")
@on_network
def net_name(network: "Network") -> None:
    """Show the name of the network with a UUID."""
    click.echo(printable(network.name()))


@commands.command("net-uuid")
@on_network
def net_uuid(network: "Network") -> None:
    """Show a network's UUID."""
    click.echo(network.UUIDString())


@commands.command("net-dhcp-leases")
@on_network
@argument("mac", required=False)
def net_dhcp_leases(network: "Network", mac: str | None) -> None:
    """Show a network's DHCP leases: vSphere's switches give none."""
    network.DHCPLeases(mac)  # type: ignore[attr-defined]
    table.show(_LEASE, [])
