"""``diskmodes``: the mode of every disk, and what there is to worry about in it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from esxdriver.cli import complete, files, table, terminal, texts
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import failing_with
from esxdriver.cli.left_out import LeftOut, all_or_failed
from esxdriver.cli.progress import percentages
from esxdriver.cli.target import Target

if TYPE_CHECKING:
    from esxdriver.conf.snapshot.audit import DiskReport

commands = Commands()

FOUND = 3  # the exit status of --fail-on

# The findings' codes, which a test compares with ``Finding``: help must not import it.
FINDINGS = (
    "not-in-snapshots", "changes-lost", "outdated-mode", "no-memory-snapshots", "no-snapshots", "mode-locked",
)  # fmt: skip

_HEADS = ["Domain", "Disk", "Mode", "In snapshots", "Kept", "Findings"]


@commands.command()
@argument("domain", required=False, shell_complete=complete.domains)
@click.option("--all", "everything", is_flag=True, help="Every domain of the host, or of the vCenter.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), help="Of what is shown: a table.")
@click.option("--html", "file", type=click.Path(path_type=Path), metavar="FILE",
              help="Write a page instead, by datastore and domain, with what each snapshot holds.")  # fmt: skip
@click.option("--fail-on", "fatal", type=click.Choice([*FINDINGS, "any"]), multiple=True, metavar="FINDING",
              help=f"Exit with status {FOUND} when a disk has this finding, or for 'any'.")  # fmt: skip
@click.pass_context
def diskmodes(
    ctx: click.Context,
    /,
    domain: str | None,
    everything: bool,
    form: str | None,
    file: Path | None,
    fatal: Sequence[str],
) -> None:
    """Audit disk modes: what snapshots leave out.

    Shows each disk's mode, whether snapshots hold it, whether its writes are kept, and what to look after.

    \b
    not-in-snapshots     snapshots, and backups that use them, leave the disk out
    changes-lost         what is written is lost when the domain is powered off
    outdated-mode        ESX has given the mode up; it cannot be defined again
    no-memory-snapshots  the domain's snapshots cannot hold its memory
    no-snapshots         no snapshot of the domain can be taken
    mode-locked          the mode cannot change while the domain has snapshots

    A whole host or vCenter is read in two calls for 500 domains. A disk that could not be read is not known to be
    safe: the exit status is never 0 then, and stderr says which domains.
    """  # noqa: D301 - click's own mark
    if (domain is None) is not everything:
        raise click.UsageError("name a DOMAIN or give --all")
    if form and file:
        raise click.UsageError("--format is of what is shown, --html of a file: give one of them")
    target = ctx.find_object(Target) or Target()
    with all_or_failed() as left_out:
        if file:
            reports = _write_page(target, domain, file, left_out)
        else:
            reports = _read(target, domain, left_out)
            _SHOWN[form or "table"](reports)
        if any(_is_fatal(each, fatal) for each in reports):
            ctx.exit(FOUND)


def _read(target: Target, name: str | None, left_out: LeftOut) -> "list[DiskReport]":
    from esxdriver.driver import diskmodes as audit

    if name is None:
        conn = target.connect()
        with failing_with("Failed to read the disks"), percentages("Reading disks") as progress:
            return audit.of_connection(conn, progress=progress, left_out=left_out)
    domain = target.domain(name)
    with failing_with(f"Failed to read the disks of domain '{domain.name()}'"):
        return audit.of_domain(domain)


def _write_page(target: Target, name: str | None, file: Path, left_out: LeftOut) -> "list[DiskReport]":
    """Write the page, and return the reports that are on it; a domain that could not be read is on it, too."""
    from datetime import UTC, datetime

    from esxdriver.cli.diskmodes_page import audit_page
    from esxdriver.driver import diskmodes as audit

    unread: list[tuple[str, str]] = []

    def both(name: str, why: str) -> None:
        unread.append((name, why))
        left_out(name, why)

    domain = None if name is None else target.domain(name)
    conn = target.connect() if domain is None else domain.connect()
    with failing_with("Failed to read the disks"), percentages("Reading disks") as progress:
        domains = audit.domains(conn, domain, progress=progress, left_out=both)
        source = conn.getURI()
    files.write(file, audit_page(domains, unread, source, datetime.now(UTC)))
    noun = "domain" if len(domains) == 1 else "domains"
    terminal.say(f"Disk modes of {len(domains)} {noun} written to {file}")
    return [disk for each in domains for disk in each.disks]


def _is_fatal(report: "DiskReport", fatal: Sequence[str]) -> bool:
    found = {finding.code for finding in report.findings}
    return bool(found) if "any" in fatal else not found.isdisjoint(fatal)


def _row(report: "DiskReport") -> list[str]:
    inside, kept = texts.yes_no(report.in_snapshots), texts.yes_no(report.kept)
    findings = " ".join(finding.code for finding in report.findings)
    return [report.domain, report.target, report.mode.vim, inside, kept, findings or "-"]


def _show_table(reports: "Sequence[DiskReport]") -> None:
    table.show(_HEADS, [_row(report) for report in reports])


def _record(report: "DiskReport") -> dict[str, object]:
    return {
        "domain": report.domain,
        "uuid": report.uuid,
        "disk": report.target,
        "source": report.source,
        "mode": report.mode.vim,
        "in_snapshots": report.in_snapshots,
        "kept": report.kept,
        "findings": [finding.code for finding in report.findings],
    }


def _show_json(reports: "Sequence[DiskReport]") -> None:
    import json

    click.echo(json.dumps([_record(report) for report in reports], indent=2))


def _show_csv(reports: "Sequence[DiskReport]") -> None:
    import csv
    import io

    text = io.StringIO()
    columns = ["domain", "uuid", "disk", "source", "mode", "in_snapshots", "kept", "findings"]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for report in reports:
        record = _record(report) | {"findings": " ".join(finding.code for finding in report.findings)}
        writer.writerow([_cell(record[column]) for column in columns])
    terminal.write(text.getvalue())


def _cell(value: object) -> object:
    return texts.yes_no(value) if isinstance(value, bool) else value


_SHOWN: "dict[str, Callable[[Sequence[DiskReport]], None]]" = {
    "table": _show_table, "json": _show_json, "csv": _show_csv,
}  # fmt: skip
