"""What one domain has used, in virsh's lines."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from esxdriver.cli import table
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import failing_with
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()

# virsh's names for those figures of a disk that have another in libvirt.
_BLOCK = {"rd_operations": "rd_req", "wr_operations": "wr_req"}
_TRAFFIC = ("rx_bytes", "rx_packets", "rx_errs", "rx_drop", "tx_bytes", "tx_packets", "tx_errs", "tx_drop")
_NS = 10**9


@commands.command()
@click.option(
    "--inactive", is_flag=True, expose_value=False, help="The stored configuration: on ESX there is one only."
)
@on_domain
def domiflist(domain: "Domain") -> None:
    """List a domain's network interfaces; 'domifstat' takes the names."""
    with failing_with(f"Failed to list the interfaces of domain '{domain.name()}'"):
        cards = domain.networkCards()
    rows = [
        [name, card.network.xml, card.source or "-", card.model.xml if card.model else "-", card.mac or "-"]
        for name, card in cards
    ]
    table.show(["Interface", "Type", "Source", "Model", "MAC"], rows)


@commands.command()
@on_domain
@argument("device")
def domblkinfo(domain: "Domain", device: str) -> None:
    """Show how large the disk DEVICE, a target or a source, is in bytes."""
    with failing_with(f"Failed to get block device info of domain '{domain.name()}'"):
        sizes = domain.blockInfo(device)
    table.show_facts(dict(zip(("Capacity", "Allocation", "Physical"), sizes, strict=True)))


@commands.command()
@on_domain
@argument("device", required=False, default="")
def domblkstat(domain: "Domain", device: str) -> None:
    """Show what was read from and written to the disk DEVICE, a target or a source; without it, to all disks."""
    with failing_with(f"Failed to get block stats for domain '{domain.name()}' device '{device}'"):
        found = domain.blockStatsFlags(device)
    _show({_BLOCK.get(name, name): value for name, value in found.items()}, device)


@commands.command()
@on_domain
@argument("interface")
def domifstat(domain: "Domain", interface: str) -> None:
    """Show the traffic of an interface: 'nic0' or a MAC address."""
    with failing_with(f"Failed to get interface stats {domain.name()} {interface}"):
        found = domain.interfaceStats(interface)
    _show({name: value for name, value in zip(_TRAFFIC, found, strict=True) if value >= 0}, interface)


@commands.command()
@on_domain
def dommemstat(domain: "Domain") -> None:
    """Show a domain's memory in KiB, as far as vSphere tells it."""
    with failing_with(f"Failed to get memory statistics for domain '{domain.name()}'"):
        found = domain.memoryStats()
    _show(found)


@commands.command("cpu-stats")
@click.option("--total", is_flag=True, help="Of all vCPUs together only.")
@on_domain
def cpu_stats(domain: "Domain", total: bool) -> None:
    """Show the time that a domain's vCPUs have worked."""
    with failing_with(f"Failed to retrieve CPU statistics for domain '{domain.name()}'"):
        each = [] if total else domain.getCPUStats(False)
        (whole,) = domain.getCPUStats(True)
    for number, times in enumerate(each):
        click.echo(f"CPU{number}:")
        _show_times(times)
    click.echo("Total:")
    _show_times(whole)


def _show_times(times: Mapping[str, int]) -> None:
    for name, value in times.items():
        click.echo(f"\t{name:<12} {value // _NS:>9}.{value % _NS:09} seconds")


def _show(figures: Mapping[str, int], subject: str = "") -> None:
    """Write a line for each figure, with what it is of in front."""
    for name, value in figures.items():
        click.echo(printable(f"{subject} {name} {value}".lstrip()))
