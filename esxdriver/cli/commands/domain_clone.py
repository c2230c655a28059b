"""``clone``: another domain like one that there is. Its options are called as virt-clone's."""

from collections.abc import Sequence

import click

from esxdriver.cli import complete, terminal
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import failing_with
from esxdriver.cli.progress import percentages
from esxdriver.cli.target import Target

commands = Commands()


@commands.command()
@argument("domain", metavar="ORIGINAL", names=["--original", "--domain"], shell_complete=complete.domains)
@argument("name", metavar="NAME")
@click.option(
    "-m", "--mac", multiple=True, metavar="MAC", help="MAC address of a card, in their order; RANDOM: a new one."
)
@click.option(
    "--datastore",
    metavar="NAME",
    shell_complete=complete.pools,
    help="Where its files go; by default where the original's are.",
)
@click.option(
    "--snapshot",
    metavar="NAME",
    shell_complete=complete.snapshots,
    help="As the original was at this snapshot; by a vCenter only.",
)
@click.option("--linked", is_flag=True, help="Standing on the disks of that snapshot, or of the current one.")
@click.pass_obj
def clone(
    target: Target, /, domain: str, name: str, mac: Sequence[str], datastore: str | None, snapshot: str | None,
    linked: bool,
) -> None:  # fmt: skip
    """Make a domain NAME with copies of ORIGINAL's disks, each with its mode.

    A vCenter clones it; a host alone copies the disks of a domain that is shut off. It has UUIDs and MAC addresses of
    its own. What fails leaves nothing behind.
    """
    import esxdriver

    original = target.domain(domain)
    macs = [None if each.upper() == "RANDOM" else each for each in mac]
    with failing_with(f"Failed to clone domain '{original.name()}'"), percentages("Cloning") as progress:
        made = esxdriver.clone(
            original, name, macs=macs, datastore=datastore, snapshot=snapshot, linked=linked, progress=progress
        )
    terminal.say(f"Domain '{original.name()}' cloned as '{made.name()}'")
