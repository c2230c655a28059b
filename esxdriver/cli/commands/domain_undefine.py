"""Forgetting domains, with what of their storage goes with them."""

import sys
from typing import TYPE_CHECKING

import click

from esxdriver.cli import terminal
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands
from esxdriver.cli.device_xml import refusing
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.flags import UNDEFINE, flag_options
from esxdriver.cli.progress import percentages
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esxdriver.driver.domain import Domain

commands = Commands()

_REFUSED = (
    ("--delete-storage-volume-snapshots", False, "ESX keeps snapshots with domains: delete them (snapshot-delete)"),
)


@commands.command()
@click.option("--remove-all-storage", is_flag=True, help="Delete its hard disks; images of CDs and floppies stay.")
@click.option("--storage", metavar="VOL,...", help="Delete these of its volumes: targets or sources, with commas.")
@click.option("--wipe-storage", is_flag=True, help="Overwrite disks with zeros before they are deleted.")
@refusing(_REFUSED)
@flag_options("VIR_DOMAIN_UNDEFINE_", UNDEFINE)
@click.option("--yes", is_flag=True, help="Do not ask.")
@on_domain
def undefine(
    domain: "Domain", *, remove_all_storage: bool, storage: str | None, wipe_storage: bool, yes: bool, flags: int
) -> None:
    """Forget a domain; its files stay, but those you name.

    It has to be shut off. What will be deleted is shown first, and on a terminal you are asked. Nothing is done where
    another domain or a snapshot has one of the files.
    """
    import libvirt

    failure = f"Failed to undefine domain '{domain.name()}'"
    volumes = _volumes(storage, everything=remove_all_storage, wipe=wipe_storage)
    if volumes != [] or flags & libvirt.VIR_DOMAIN_UNDEFINE_NVRAM:
        _preview(domain, volumes, flags, failure, ask=not yes)
    with failing_with(failure):
        if volumes == []:
            domain.undefineFlags(flags)
        else:
            with percentages("Wiping" if wipe_storage else "Deleting") as progress:
                domain.undefineWithStorage(volumes, flags, wipe=wipe_storage, progress=progress)
    terminal.say(f"Domain '{domain.name()}' has been undefined")


def _preview(domain: "Domain", volumes: "Sequence[str] | None", flags: int, failure: str, *, ask: bool) -> None:
    """Show what is deleted and what stays of what is named, and ask on a terminal."""
    with failing_with(failure):
        files = domain.undefinePreview(volumes, flags)
    for each in files:
        click.echo(printable(f"{each}, {'will be deleted' if each.goes else 'stays'}"))
    going = sum(each.goes for each in files)
    question = f"Undefine domain {printable(domain.name())} and delete {going} file{'s' * (going != 1)}?"
    if going and ask and sys.stdin.isatty() and not click.confirm(question, err=True):
        raise CommandFailed(failure, "cancelled: nothing has changed")


def _volumes(storage: str | None, *, everything: bool, wipe: bool) -> list[str] | None:
    """Return the volumes that are named; None for all of the domain's hard disks."""
    if everything and storage is not None:
        raise click.UsageError("--remove-all-storage does not go with --storage")
    if wipe and not everything and storage is None:
        raise click.UsageError("--wipe-storage goes with --storage or --remove-all-storage")
    return None if everything else [each for each in (storage or "").split(",") if each]
