"""``list``: the domains of a host or of a vCenter."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import flags, table, texts
from esxdriver.cli.arguments import Commands
from esxdriver.cli.failures import failing_with
from esxdriver.cli.progress import percentages, tracked
from esxdriver.cli.target import Target
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()

# What can be shown instead of the table.
_SHOWN: dict[str, "Callable[[Domain], str]"] = {
    "id": texts.shown_id,
    "uuid": lambda domain: domain.UUIDString(),
    "name": lambda domain: domain.name(),
}


@commands.command("list")
@click.option("--all", "everything", is_flag=True, help="Inactive domains as well as active ones.")
@click.option("--inactive", is_flag=True, help="Inactive domains instead of active ones.")
@click.option("--name", is_flag=True, help="Names only.")
@click.option("--uuid", is_flag=True, help="UUIDs only.")
@click.option("--id", is_flag=True, help="IDs only.")
@click.option("--table", "tabular", is_flag=True, help="A table: that is how it is shown anyway.")
@click.option("--title", is_flag=True, help="Titles as well; it takes a call for each domain.")
@click.option("--managed-save", "saved", is_flag=True, help="Mark domains with a managed save image (managed_save=1).")
@flags.flag_options("VIR_CONNECT_LIST_DOMAINS_", flags.LIST, into="filters")
@click.pass_obj
def list_(
    target: Target, /, filters: int, everything: bool, inactive: bool, tabular: bool, title: bool, saved: bool,
    **options: bool,
) -> None:  # fmt: skip
    """List domains; without options, the active ones.

    Several of --name, --uuid and --id show these columns. Filters of one kind add up, those of different kinds
    must all hold; --state-* list domains that are shut off, too, without --all.
    """
    shown = [name for name in _SHOWN if options[name]]
    if shown and (tabular or title):
        raise click.UsageError("--table and --title do not go with --name, --uuid and --id")
    conn = target.connect()
    with failing_with("Failed to list domains"):
        with percentages("Listing"):
            found = conn.listAllDomains(filters | _activity(everything, inactive, filters))
        domains = sorted(found, key=_order)
        # A title is a call of its own.
        rows = [_row(domain, title, saved) for domain in (tracked(domains, "Reading titles") if title else domains)]
    if shown:
        _show_only(domains, shown)
    else:
        table.show(["Id", "Name", "State", "Title"][: 4 if title else 3], rows)


def _activity(everything: bool, inactive: bool, filters: int) -> int:
    """Return the flag for active or inactive domains, as virsh: --state-* speak for themselves."""
    import libvirt

    states = flags.total("VIR_CONNECT_LIST_DOMAINS_", ("RUNNING", "PAUSED", "SHUTOFF", "OTHER"))
    if inactive:
        return int(libvirt.VIR_CONNECT_LIST_DOMAINS_INACTIVE)
    return 0 if everything or filters & states else int(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)


def _order(domain: "Domain") -> tuple[Any, ...]:
    """Sort as virsh: active domains by ID, then the others by name."""
    return domain.ID() < 0, domain.ID(), domain.name().lower()


def _row(domain: "Domain", title: bool, saved: bool) -> list[str]:
    state = texts.state_when_listed(domain)
    if saved and domain.ID() < 0 and domain.hasManagedSaveImage():
        state = "saved"
    row = [texts.shown_id(domain), domain.name(), state]
    return [*row, _title(domain)] if title else row


def _title(domain: "Domain") -> str:
    from esxdriver.conf.xml import surface as xml

    return xml.parse(domain.XMLDesc(), "domain").get("title") or ""


def _show_only(domains: "Sequence[Domain]", columns: Sequence[str]) -> None:
    widths = {"id": 5, "uuid": 36, "name": 0}
    for domain in domains:
        cells = [printable(_SHOWN[column](domain)).ljust(widths[column]) for column in columns]
        click.echo(" ".join(cells) if len(cells) > 1 else cells[0].rstrip())
