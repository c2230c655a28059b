"""What a domain's guest says of itself."""

from typing import TYPE_CHECKING

import click

from esxdriver.cli import table
from esxdriver.cli.failures import failing_with
from esxdriver.cli.target import on_domain
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = click.Group()

_SOURCES = ("lease", "agent", "arp")  # by the number of a VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_*

# Options of guestinfo, each a VIR_DOMAIN_GUEST_INFO_*.
_KINDS = (
    ("os", "The operating system."),
    ("hostname", "The host name."),
    ("filesystem", "File systems and how full they are."),
    ("interface", "Network interfaces and their addresses."),
)


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
@on_domain
def domhostname(domain: "Domain") -> None:
    """Show a domain's own host name, as VMware Tools know it."""
    with failing_with(f"Failed to get hostname of domain '{domain.name()}'"):
        click.echo(printable(domain.hostname()))


@commands.command()
@on_domain
def domfsinfo(domain: "Domain") -> None:
    """Show a domain's file systems, as VMware Tools know them."""
    with failing_with(f"Failed to get filesystem information of domain '{domain.name()}'"):
        found = domain.fsInfo()
    rows = [[mountpoint, name, kind, ",".join(targets)] for mountpoint, name, kind, targets in found]
    table.show(["Mountpoint", "Name", "Type", "Target"], rows)


@commands.command()
@on_domain
def guestinfo(domain: "Domain", **kinds: bool) -> None:
    """Show what VMware Tools know of a domain's guest; options choose kinds of it."""
    import libvirt  # noqa: PLC0415

    names = {"interface": "interfaces"}
    wanted = sum(
        getattr(libvirt, f"VIR_DOMAIN_GUEST_INFO_{names.get(kind, kind).upper()}") for kind, on in kinds.items() if on
    )
    with failing_with(f"Failed to get guest information of domain '{domain.name()}'"):
        found = domain.guestInfo(wanted)
    for name, value in found.items():
        click.echo(f"{name:<20}: {printable(str(value))}")


for _kind, _text in reversed(_KINDS):
    guestinfo = click.option(f"--{_kind}", is_flag=True, help=_text)(guestinfo)
