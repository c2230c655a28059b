"""What the host has used, in virsh's lines."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from esxdriver.cli import table
from esxdriver.cli.arguments import Commands
from esxdriver.cli.failures import failing_with
from esxdriver.cli.target import Target

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect

commands = Commands()

_CELLS = 4  # where getInfo() has the number of NUMA cells


@commands.command()
@click.option("--cpu", type=int, default=-1, help="One CPU of the host's, by its number.")
@click.option("--percent", is_flag=True, help="As parts of the time: of the host's last sample, of 20 seconds.")
@click.pass_obj
def nodecpustats(target: Target, /, cpu: int, percent: bool) -> None:
    """Show how long the host's CPUs have worked, in ns.

    The time in which they were idle is shown, too; vSphere calls all work 'user'.
    """
    conn = target.connect()
    with failing_with("Unable to get node cpu stats"):
        found = conn.getCPUStats(cpu)
    for name, value in _percentages(found).items() if percent else ():
        click.echo(f"{name + ':':<15} {value:5.1f}%")
    for name, value in () if percent else found.items():
        click.echo(f"{name + ':':<15} {value:>20}")


def _percentages(times: Mapping[str, int]) -> dict[str, float]:
    whole = max(sum(times.values()), 1)
    parts = {name: 100 * time / whole for name, time in times.items()}
    return {"usage": 100 - parts["idle"] if "idle" in parts else 100.0, **parts}


@commands.command()
@click.option("--cell", type=int, default=-1, help="One NUMA cell, by its number, where there is one only.")
@click.pass_obj
def nodememstats(target: Target, /, cell: int) -> None:
    """Show the host's memory and how much of it is free."""
    conn = target.connect()
    with failing_with("Unable to get memory stats"):
        found = conn.getMemoryStats(cell)
    for name, value in found.items():
        click.echo(f"{name:<7}: {value:>20} KiB")


@commands.command()
@click.option("--cellno", type=click.IntRange(min=0), metavar="NUMBER", help="One NUMA cell.")
@click.option("--all", "every", is_flag=True, help="Each NUMA cell, and all of them together.")
@click.pass_obj
def freecell(target: Target, /, cellno: int | None, every: bool) -> None:
    """Show how much of the host's memory is free."""
    if every and cellno is not None:
        raise click.UsageError("--all does not go with --cellno")
    conn = target.connect()
    with failing_with("failed to get free memory"):
        if cellno is not None:
            (free,) = conn.getCellsFreeMemory(cellno, 1)
            click.echo(f"{cellno}: {free // 1024} KiB")
        elif every:
            _show_cells(conn.getCellsFreeMemory(0, conn.getInfo()[_CELLS]))
        else:
            click.echo(f"Total: {conn.getFreeMemory() // 1024} KiB")


def _show_cells(cells: Sequence[int]) -> None:
    for number, free in enumerate(cells):
        click.echo(f"{number:>5}: {free // 1024:>10} KiB")
    click.echo("-" * 20)
    click.echo(f"Total: {sum(cells) // 1024:>10} KiB")


@commands.command()
@click.option("--pretty", is_flag=True, help="CPUs as ranges of numbers, not a letter for each.")
@click.pass_obj
def nodecpumap(target: Target, /, pretty: bool) -> None:
    """Show how many CPUs the host has, and which of them are online."""
    conn = target.connect()
    with failing_with("Unable to get cpu map"):
        present, used, online = conn.getCPUMap()
    letters = "".join("y" if each else "-" for each in used)
    fields = {
        "CPUs present": present,
        "CPUs online": online,
        "CPU map": ",".join(_ranges(used)) if pretty else letters,
    }
    table.show_fields(fields, column=21)


def _ranges(used: Sequence[bool]) -> Iterator[str]:
    """Yield runs of CPUs that are online: ``0-15``."""
    runs = groupby(enumerate(used), key=lambda each: each[1])
    for numbers in ([number for number, _ in run] for is_online, run in runs if is_online):
        yield str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"


@commands.command()
@click.option("--type", "kind", help="A hypervisor's type: there is one only.")
@click.pass_obj
def maxvcpus(target: Target, /, kind: str | None) -> None:
    """Show how many vCPUs a domain may have."""
    conn = target.connect()
    with failing_with("failed to get the number of vCPUs"):
        click.echo(_most_vcpus(conn, kind))


def _most_vcpus(conn: "Connect", kind: str | None) -> int | str:
    """Return how many vCPUs the host's own machine type takes; where that cannot be read, what getMaxVcpus() says."""
    from libvirt import libvirtError

    from esxdriver.conf.xml.xpath import found

    try:
        return found(conn.getDomainCapabilities(None, None, None, kind), "string(//vcpu/@max)")[0]
    except libvirtError:
        return conn.getMaxVcpus(kind)
