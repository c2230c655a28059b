"""What the host has used, in virsh's lines."""

import click

from esxdriver.cli.arguments import Commands
from esxdriver.cli.failures import failing_with
from esxdriver.cli.target import Target

commands = Commands()


@commands.command()
@click.option("--cpu", type=int, default=-1, help="One CPU of the host's, by its number.")
@click.pass_obj
def nodecpustats(target: Target, /, cpu: int) -> None:
    """Show the time that the host's CPUs have worked and been idle, in ns; vSphere calls all work 'user'."""
    conn = target.connect()
    with failing_with("Unable to get node cpu stats"):
        found = conn.getCPUStats(cpu)
    for name, value in found.items():
        click.echo(f"{name + ':':<15} {value:>20}")


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
@click.pass_obj
def freecell(target: Target) -> None:
    """Show how much of the host's memory is free."""
    conn = target.connect()
    with failing_with("failed to get free memory"):
        free = conn.getFreeMemory()
    click.echo(f"Total: {free // 1024} KiB")


@commands.command()
@click.option("--type", "kind", help="A hypervisor's type: there is one only.")
@click.pass_obj
def maxvcpus(target: Target, /, kind: str | None) -> None:
    """Show how many vCPUs a domain may have."""
    conn = target.connect()
    with failing_with("failed to get the number of vCPUs"):
        click.echo(conn.getMaxVcpus(kind))
