"""What one domain has used, in virsh's lines."""

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import click

from esxdriver.cli import complete, table
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import failing_with
from esxdriver.cli.flags import AFFECT, flag_options
from esxdriver.cli.sizes import shown as size_shown
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()

# libvirt's names of a disk's figures, with virsh's and what --human calls them, in virsh's order.
_BLOCK = {
    "rd_operations": ("rd_req", "number of read operations:"),
    "rd_bytes": ("rd_bytes", "number of bytes read:"),
    "wr_operations": ("wr_req", "number of write operations:"),
    "wr_bytes": ("wr_bytes", "number of bytes written:"),
    "rd_total_times": ("rd_total_times", "total duration of reads (ns):"),
    "wr_total_times": ("wr_total_times", "total duration of writes (ns):"),
}
_SIZES = ("Capacity", "Allocation", "Physical")
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
@argument("device", required=False, shell_complete=complete.disks)
@click.option("--human", is_flag=True, help="Sizes that are easier to read.")
@click.option("--all", "every", is_flag=True, help="All of its disks, in a table.")
def domblkinfo(domain: "Domain", device: str | None, human: bool, every: bool) -> None:
    """Show how large a disk is, in bytes; DEVICE is its target or source."""
    if (device is not None) == every:
        raise click.UsageError("--all does not go with DEVICE" if every else "one of DEVICE and --all is required")
    shown = functools.partial(size_shown, digits=3) if human else str
    with failing_with(f"Failed to get block device info of domain '{domain.name()}'"):
        if device is not None:
            sizes = [shown(size) for size in domain.blockInfo(device)]
            table.show_fields(dict(zip(_SIZES, sizes, strict=True)))
            return
        rows = list(_sizes_of_all(domain, shown))
    table.show(["Target", *_SIZES], rows)


def _sizes_of_all(domain: "Domain", shown: Callable[[int], str]) -> Iterator[list[str]]:
    """Yield the target and the sizes of each disk and drive, in one read; a drive has no sizes."""
    import libvirt

    for _, stats in domain.connect().domainListGetStats([domain], libvirt.VIR_DOMAIN_STATS_BLOCK):
        for number in range(stats["block.count"]):
            sizes = [stats.get(f"block.{number}.{name.lower()}") for name in _SIZES]
            known = sizes[0] is not None
            yield [
                stats[f"block.{number}.name"],
                *(shown(size) if known and size is not None else "-" for size in sizes),
            ]


@commands.command()
@on_domain
@argument("device", required=False, default="", shell_complete=complete.disks)
@click.option("--human", is_flag=True, help="Say what each figure is.")
def domblkstat(domain: "Domain", device: str, human: bool) -> None:
    """Show what was read from and written to a disk; DEVICE is its target or source, by default all disks."""
    with failing_with(f"Failed to get block stats for domain '{domain.name()}' device '{device}'"):
        found = domain.blockStatsFlags(device)
    if not human:
        _show({short: found[name] for name, (short, _) in _BLOCK.items() if name in found}, device)
        return
    click.echo(f"Device: {printable(device)}")
    for name, (_, text) in _BLOCK.items():
        if name in found:
            click.echo(f" {text:<31} {found[name]}")


@commands.command()
@on_domain
@argument("interface", shell_complete=complete.cards)
def domifstat(domain: "Domain", interface: str) -> None:
    """Show the traffic of an interface: 'nic0' or a MAC address."""
    with failing_with(f"Failed to get interface stats {domain.name()} {interface}"):
        found = domain.interfaceStats(interface)
    _show({name: value for name, value in zip(_TRAFFIC, found, strict=True) if value >= 0}, interface)


@commands.command()
@click.option("--period", type=click.IntRange(min=0), metavar="SECONDS",
              help="How often the guest's driver is asked: refused on ESX.")  # fmt: skip
@flag_options("VIR_DOMAIN_AFFECT_", AFFECT, alone="CURRENT")
@on_domain
def dommemstat(domain: "Domain", period: int | None, flags: int) -> None:
    """Show a domain's memory in KiB, as far as vSphere tells it."""
    if period is not None:
        with failing_with("Unable to change balloon collection period."):
            domain.setMemoryStatsPeriod(period, flags)
        return
    with failing_with(f"Failed to get memory statistics for domain '{domain.name()}'"):
        found = domain.memoryStats()
    _show(found)


@commands.command("cpu-stats")
@click.option("--total", is_flag=True, help="Of all vCPUs together.")
@click.option("--start", type=click.IntRange(min=0), metavar="NUMBER", help="Of each vCPU from this one on.")
@click.option("--count", type=click.IntRange(min=0), metavar="NUMBER", help="Of so many vCPUs at most.")
@on_domain
def cpu_stats(domain: "Domain", total: bool, start: int | None, count: int | None) -> None:
    """Show the time that a domain's vCPUs have worked: of each, and of all together; options choose."""
    chosen = (start, count) != (None, None)
    with failing_with(f"Failed to retrieve CPU statistics for domain '{domain.name()}'"):
        each = domain.getCPUStats(False) if chosen or not total else []
        whole = domain.getCPUStats(True) if total or not chosen else []
    first = start or 0
    last = len(each) if count is None else first + count
    for number, times in list(enumerate(each))[first:last]:
        click.echo(f"CPU{number}:")
        _show_times(times)
    for times in whole:
        click.echo("Total:")
        _show_times(times)


def _show_times(times: Mapping[str, int]) -> None:
    for name, value in times.items():
        click.echo(f"\t{name:<12} {value // _NS:>9}.{value % _NS:09} seconds")


def _show(figures: Mapping[str, int], subject: str = "") -> None:
    """Write a line for each figure, with what it is of in front."""
    for name, value in figures.items():
        click.echo(printable(f"{subject} {name} {value}".lstrip()))
