"""``dumpxml`` of one domain or of all, and ``domstats``: reads that grow with the number of domains."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from esxdriver.cli import files, terminal
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.file_names import FileNames
from esxdriver.cli.left_out import all_or_failed
from esxdriver.cli.progress import percentages
from esxdriver.cli.target import Target, find
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain

commands = click.Group()


@commands.command()
@click.argument("domain", required=False)
@click.option("--all", "everything", is_flag=True, help="Every domain, one after another.")
@click.option(
    "--output-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --all: a file NAME.xml of each in this directory.",
)
@click.option("--security-info", "secure", is_flag=True, help="Passwords and secret options, too.")
@click.option("--inactive", is_flag=True, help="Without the ID of a running domain.")
@click.option("--migratable", is_flag=True, help="For a migration: no difference on ESX.")
@click.pass_obj
def dumpxml(target: Target, /, domain: str | None, everything: bool, output_dir: Path | None, **options: bool) -> None:
    """Write a domain's XML: what 'define' reads.

    With --all that of every domain, read a hundred at a time. The exit status is 1 when one could not be read, or its
    file not be written: the others are, and stderr says which is missing. With --security-info only you may read the
    files.
    """
    import libvirt  # noqa: PLC0415

    flags = sum(getattr(libvirt, f"VIR_DOMAIN_XML_{name.upper()}") for name, given in options.items() if given)
    if everything == (domain is not None):
        raise click.UsageError("DOMAIN and --all exclude each other" if everything else "Missing argument 'DOMAIN'.")
    if output_dir is not None and not everything:
        raise click.UsageError("--output-dir goes with --all")
    if domain is not None:
        _dump_one(target.domain(domain), flags)
    elif output_dir is None:
        _dump_all(target.connect(), flags)
    else:
        _dump_into(output_dir, target.connect(), flags)


def _dump_one(domain: "Domain", flags: int) -> None:
    with failing_with(f"Failed to dump domain '{domain.name()}'"):
        terminal.write(domain.XMLDesc(flags))


def _dump_all(conn: "Connect", flags: int) -> None:
    failing, bar = failing_with("Failed to dump the domains"), percentages("Dumping", aside=True)
    with all_or_failed() as left_out, failing, bar as progress:
        for _, text in conn.getAllXMLDesc(flags, progress=progress, left_out=left_out):
            terminal.write(text)


def _dump_into(directory: Path, conn: "Connect", flags: int) -> None:
    """Write a file for each domain; what cannot be written stops no other."""
    import libvirt  # noqa: PLC0415

    secret = bool(flags & libvirt.VIR_DOMAIN_XML_SECURE)
    files.make_directory(directory)
    with all_or_failed() as left_out, failing_with("Failed to dump the domains"):
        names = FileNames(conn.listAllDomains())
        with percentages("Dumping") as progress:
            for domain, text in conn.getAllXMLDesc(flags, progress=progress, left_out=left_out):
                try:
                    files.write(directory / names.of(domain), text.encode(), secret=secret)
                except CommandFailed as failed:
                    left_out(domain.name(), failed.message)


_GROUPS = (
    ("--state", "Whether it runs."),
    ("--balloon", "Memory: its size, its limit, what it has of the host's."),
    ("--vcpu", "vCPUs and their times."),
    ("--block", "Disks: target, source, size, and what is read and written."),
    ("--cpu-total", "CPU time of those that run."),
    ("--interface", "Traffic of the interfaces of those that run."),
)
_STATES = ("active", "inactive", "running", "paused", "shutoff")


@commands.command()
@click.argument("domains", nargs=-1, metavar="[DOMAIN]...")
@click.option("--list", "states", type=click.Choice(_STATES), multiple=True, help="Only domains in this state.")
@click.option("--enforce", is_flag=True, help="Fail for a kind of statistics that vSphere does not have.")
@click.pass_obj
def domstats(
    target: Target, /, domains: tuple[str, ...], states: tuple[str, ...], enforce: bool, **groups: bool
) -> None:
    """Show statistics of domains, of all without DOMAIN, as far as vSphere keeps them.

    Options choose kinds of statistics; without one, all are shown.
    """
    import libvirt  # noqa: PLC0415

    kinds = sum(getattr(libvirt, f"VIR_DOMAIN_STATS_{name.upper()}") for name, given in groups.items() if given)
    flags = sum(getattr(libvirt, f"VIR_CONNECT_GET_ALL_DOMAINS_STATS_{state.upper()}") for state in set(states))
    flags |= libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS if enforce else 0
    conn = target.connect()
    with all_or_failed() as left_out:
        with failing_with("Failed to get domain stats"):
            wanted = {find(conn, word).UUIDString() for word in domains}
            with percentages("Reading statistics") as progress:
                found = conn.getAllDomainStats(kinds, flags, progress=progress, left_out=left_out)
        _show_stats((each, stats) for each, stats in found if not wanted or each.UUIDString() in wanted)


for _option, _text in reversed(_GROUPS):
    domstats = click.option(_option, is_flag=True, help=_text)(domstats)


def _show_stats(found: "Iterable[tuple[Domain, dict[str, object]]]") -> None:
    for domain, stats in found:
        click.echo(f"Domain: '{printable(domain.name())}'")
        for name, value in stats.items():
            click.echo(f"  {name}={printable(str(value))}")
        click.echo()
