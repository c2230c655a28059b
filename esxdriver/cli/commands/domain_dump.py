"""``dumpxml`` of one domain or of all, and ``domstats``: reads that grow with the number of domains."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from esxdriver.cli import complete, files
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.file_names import FileNames
from esxdriver.cli.flags import DUMP, STATS, STATS_OF, flag_options
from esxdriver.cli.left_out import all_or_failed
from esxdriver.cli.progress import percentages
from esxdriver.cli.target import Target, find
from esxdriver.cli.terminal import printable
from esxdriver.cli.xpath import Show, xpath_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain

commands = Commands()


@commands.command()
@argument("domain", required=False, shell_complete=complete.domains)
@click.option("--all", "everything", is_flag=True, help="Every domain, one after another.")
@click.option(
    "--output-dir",
    shell_complete=complete.directories,
    type=click.Path(file_okay=False, path_type=Path),
    help="With --all: a file NAME.xml of each in this directory.",
)
@flag_options("VIR_DOMAIN_XML_", DUMP)
@xpath_options
@click.pass_obj
def dumpxml(
    target: Target, /, flags: int, domain: str | None, everything: bool, output_dir: Path | None, show: Show
) -> None:
    """Write a domain's XML: what 'define' reads.

    With --all that of every domain, read a hundred at a time. The exit status is 1 when one could not be read, or its
    file not be written: the others are, and stderr says which is missing. With --security-info only you may read the
    files.
    """
    if everything == (domain is not None):
        raise click.UsageError("DOMAIN and --all exclude each other" if everything else "Missing argument 'DOMAIN'.")
    if output_dir is not None and not everything:
        raise click.UsageError("--output-dir goes with --all")
    if domain is not None:
        _dump_one(target.domain(domain), flags, show)
    elif output_dir is None:
        _dump_all(target.connect(), flags, show)
    else:
        _dump_into(output_dir, target.connect(), flags)


def _dump_one(domain: "Domain", flags: int, show: Show) -> None:
    with failing_with(f"Failed to dump domain '{domain.name()}'"):
        show(domain.XMLDesc(flags))


def _dump_all(conn: "Connect", flags: int, show: Show) -> None:
    failing, bar = failing_with("Failed to dump the domains"), percentages("Dumping", aside=True)
    with all_or_failed() as left_out, failing, bar as progress:
        for _, text in conn.getAllXMLDesc(flags, progress=progress, left_out=left_out):
            show(text)


def _dump_into(directory: Path, conn: "Connect", flags: int) -> None:
    """Write a file for each domain; what cannot be written stops no other."""
    import libvirt

    secret = bool(flags & libvirt.VIR_DOMAIN_XML_SECURE)
    files.make_directory(directory)
    with all_or_failed() as left_out, failing_with("Failed to dump the domains"):
        names = FileNames(conn.listAllDomains())
        with percentages("Dumping") as progress:
            for domain, text in conn.getAllXMLDesc(flags, progress=progress, left_out=left_out):
                try:
                    files.write(directory / names.of(domain), text.encode(), secret=secret)
                except CommandFailed as error:
                    left_out(domain.name(), error.message)


@commands.command()
@argument("domains", nargs=-1, metavar="[DOMAIN]...", names=["--domain"], shell_complete=complete.domains)
@click.option("--raw", is_flag=True, expose_value=False, help="Numbers as they are: they always are.")
@flag_options("VIR_DOMAIN_STATS_", STATS, into="kinds")
@flag_options("VIR_CONNECT_GET_ALL_DOMAINS_STATS_", STATS_OF)
@click.pass_obj
def domstats(target: Target, /, domains: tuple[str, ...], kinds: int, flags: int) -> None:
    """Show statistics of domains, of all without DOMAIN, as far as vSphere keeps them.

    Options choose kinds of statistics; without one, all are shown.
    """
    conn = target.connect()
    with all_or_failed() as left_out:
        with failing_with("Failed to get domain stats"):
            named = [find(conn, domain) for domain in domains]
            read = partial(conn.domainListGetStats, named) if named else conn.getAllDomainStats
            with percentages("Reading statistics") as progress:
                found = read(kinds, flags, progress=progress, left_out=left_out)
        _show_stats(found)


def _show_stats(found: "Iterable[tuple[Domain, dict[str, object]]]") -> None:
    for domain, stats in found:
        click.echo(f"Domain: '{printable(domain.name())}'")
        for name, value in stats.items():
            click.echo(f"  {name}={printable(str(value))}")
        click.echo()
