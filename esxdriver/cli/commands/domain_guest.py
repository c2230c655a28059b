"""What a domain's guest says of itself."""

from typing import TYPE_CHECKING

import click

from esxdriver.cli import table
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands
from esxdriver.cli.failures import failing_with
from esxdriver.cli.flags import GUEST_INFO, flag_options, total
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()

_SOURCES = ("lease", "agent", "arp")  # by the number of a VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_*


@commands.command()
@click.option("--interface", metavar="NAME", help="One interface only.")
@click.option("--full", is_flag=True, help="Name and MAC address on every line.")
@click.option("--source", type=click.Choice(_SOURCES), default="lease", show_default=True,
              help="Where from: VMware Tools, for both 'lease' and 'agent'.")  # fmt: skip
@on_domain
def domifaddr(domain: "Domain", interface: str | None, full: bool, source: str) -> None:
    """Show the addresses of a domain's interfaces, as VMware Tools know them."""
    with failing_with(f"Failed to query for interfaces addresses of domain '{domain.name()}'"):
        found = domain.interfaceAddresses(_SOURCES.index(source))
    rows = []
    for name, card in found.items():
        if interface not in (None, name):
            continue
        for number, each in enumerate(card["addrs"]):
            who = [name, card["hwaddr"] or "N/A"] if full or number == 0 else ["-", "-"]
            rows.append([*who, "ipv6" if each["type"] else "ipv4", f"{each['addr']}/{each['prefix']}"])
    table.show(["Name", "MAC address", "Protocol", "Address"], rows)


@commands.command()
@click.option("--source", type=click.Choice(["lease", "agent"]), help="Where from: VMware Tools, for both.")
@on_domain
def domhostname(domain: "Domain", source: str | None) -> None:
    """Show a domain's own host name, as VMware Tools know it."""
    with failing_with(f"Failed to get hostname of domain '{domain.name()}'"):
        click.echo(printable(domain.hostname(total("VIR_DOMAIN_GET_HOSTNAME_", [source.upper()] if source else []))))


@commands.command()
@on_domain
def domfsinfo(domain: "Domain") -> None:
    """Show a domain's file systems, as VMware Tools know them."""
    with failing_with(f"Failed to get filesystem information of domain '{domain.name()}'"):
        found = domain.fsInfo()
    rows = [[mountpoint, name, kind, ",".join(targets)] for mountpoint, name, kind, targets in found]
    table.show(["Mountpoint", "Name", "Type", "Target"], rows)


@commands.command()
@flag_options("VIR_DOMAIN_GUEST_INFO_", GUEST_INFO)
@on_domain
def guestinfo(domain: "Domain", flags: int) -> None:
    """Show what VMware Tools know of a domain's guest; options choose kinds of it."""
    with failing_with(f"Failed to get guest information of domain '{domain.name()}'"):
        found = domain.guestInfo(flags)
    for name, value in found.items():
        click.echo(f"{name:<20}: {printable(str(value))}")
