"""``list``: the domains of a host or of a vCenter."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import table, words
from esxdriver.cli.failures import failing_with
from esxdriver.cli.progress import percentages, tracked
from esxdriver.cli.target import Target
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = click.Group()

# Option, the flag VIR_CONNECT_LIST_DOMAINS_ it sets, what it lists.
_FILTERS = (
    ("--persistent", "PERSISTENT", "Persistent domains: on ESX all are."),
    ("--transient", "TRANSIENT", "Transient domains: on ESX none is."),
    ("--state-running", "RUNNING", "Running domains."),
    ("--state-paused", "PAUSED", "Paused domains."),
    ("--state-shutoff", "SHUTOFF", "Domains that are shut off."),
    ("--state-other", "OTHER", "Domains in other states."),
    ("--with-snapshot", "HAS_SNAPSHOT", "Domains that have a snapshot."),
    ("--without-snapshot", "NO_SNAPSHOT", "Domains without a snapshot."),
    ("--autostart", "AUTOSTART", "Domains that start with their host."),
    ("--no-autostart", "NO_AUTOSTART", "Domains that do not."),
    ("--with-managed-save", "MANAGEDSAVE", "Domains with a managed save image: on ESX none has."),
    ("--without-managed-save", "NO_MANAGEDSAVE", "Domains without one."),
    ("--with-checkpoint", "HAS_CHECKPOINT", "Domains with a checkpoint: on ESX none has."),
    ("--without-checkpoint", "NO_CHECKPOINT", "Domains without one."),
)
_STATES = {"RUNNING", "PAUSED", "SHUTOFF", "OTHER"}

# What can be shown instead of the table.
_SHOWN: dict[str, "Callable[[Domain], str]"] = {
    "id": words.shown_id,
    "uuid": lambda domain: domain.UUIDString(),
    "name": lambda domain: domain.name(),
}


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    for option, flag, text in reversed(_FILTERS):
        command = click.option(option, flag.lower(), is_flag=True, help=text)(command)
    return command


@commands.command("list")
@click.option("--all", "everything", is_flag=True, help="Inactive domains as well as active ones.")
@click.option("--inactive", is_flag=True, help="Inactive domains instead of active ones.")
@click.option("--name", is_flag=True, help="Names only.")
@click.option("--uuid", is_flag=True, help="UUIDs only.")
@click.option("--id", is_flag=True, help="IDs only.")
@click.option("--table", "tabular", is_flag=True, help="A table: that is how it is shown anyway.")
@click.option("--title", is_flag=True, help="Titles as well; it takes a call for each domain.")
@_filters
@click.pass_obj
def list_(target: Target, /, everything: bool, inactive: bool, tabular: bool, title: bool, **options: bool) -> None:
    """List domains; without options, the active ones.

    Several of --name, --uuid and --id show these columns. Filters of one kind add up, those of different kinds
    must all hold; --state-* list domains that are shut off, too, without --all.
    """
    shown = [name for name in _SHOWN if options.pop(name)]
    if shown and (tabular or title):
        raise click.UsageError("--table and --title do not go with --name, --uuid and --id")
    conn = target.connect()
    with failing_with("Failed to list domains"):
        with percentages("Listing"):
            found = conn.listAllDomains(_flags(everything, inactive, options))
        domains = sorted(found, key=_order)
        # A title is a call of its own.
        rows = [_row(domain, title) for domain in (tracked(domains, "Reading titles") if title else domains)]
    if shown:
        _show_only(domains, shown)
    else:
        table.show(["Id", "Name", "State", "Title"][: 4 if title else 3], rows)


def _flags(everything: bool, inactive: bool, options: dict[str, bool]) -> int:
    import libvirt  # noqa: PLC0415

    chosen = [name.upper() for name, given in options.items() if given]
    if inactive:
        chosen.append("INACTIVE")
    elif not everything and not _STATES.intersection(chosen):
        chosen.append("ACTIVE")
    return sum(getattr(libvirt, f"VIR_CONNECT_LIST_DOMAINS_{name}") for name in chosen)


def _order(domain: "Domain") -> tuple[Any, ...]:
    """Sort as virsh: active domains by ID, then the others by name."""
    return domain.ID() < 0, domain.ID(), domain.name().lower()


def _row(domain: "Domain", title: bool) -> list[str]:
    row = [words.shown_id(domain), domain.name(), words.state_when_listed(domain)]
    return [*row, _title(domain)] if title else row


def _title(domain: "Domain") -> str:
    from esxdriver.conf.xml import surface as xml  # noqa: PLC0415

    return xml.parse(domain.XMLDesc(), "domain").get("title") or ""


def _show_only(domains: "Sequence[Domain]", columns: Sequence[str]) -> None:
    widths = {"id": 5, "uuid": 36, "name": 0}
    for domain in domains:
        cells = [printable(_SHOWN[column](domain)).ljust(widths[column]) for column in columns]
        click.echo(" ".join(cells) if len(cells) > 1 else cells[0].rstrip())
