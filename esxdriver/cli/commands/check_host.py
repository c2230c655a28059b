"""``check-host``: try the driver on a real host; a report of what it found, and a recording."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from esxdriver.cli import complete, files, table, terminal
from esxdriver.cli.arguments import Commands
from esxdriver.cli.failures import FAILED, CommandFailed, failing_with, tell
from esxdriver.cli.progress import tracked
from esxdriver.cli.target import Target

if TYPE_CHECKING:
    from esxdriver.checking.check import Asked
    from esxdriver.checking.report import Report
    from esxdriver.driver.connect import Connect

commands = Commands()

_MOST_DOMAINS = 50


@commands.command("check-host")
@click.option("-c", "--connect", "uri", metavar="URI", help="The host to check.")
@click.option("--max-domains", type=click.IntRange(min=0), default=_MOST_DOMAINS, show_default=True,
              metavar="NUMBER", help="Look at so many domains.")  # fmt: skip
@click.option("--write", is_flag=True, help="Make a machine of its own, change it in every way, and remove it.")
@click.option("--datastore", metavar="NAME", help="Where that machine's files lie, in a folder of their own.")
@click.option("--remove", metavar="NAME", help="Remove what an earlier check has left; nothing else is done.")
@click.option(
    "--report", "page", metavar="FILE", shell_complete=complete.files, help="Write the report as an HTML page."
)
@click.option(
    "--cassette", metavar="FILE", shell_complete=complete.files, help="Record the session: scrubbed, with pseudonyms."
)
@click.option("--names", is_flag=True, help="Have the site's names in the report.")
@click.option("--json", "as_json", is_flag=True, help="Show the report as JSON.")
@click.pass_context
def check_host(
    ctx: click.Context,
    /,
    uri: str | None,
    max_domains: int,
    write: bool,
    datastore: str | None,
    remove: str | None,
    page: str | None,
    cassette: str | None,
    names: bool,
    as_json: bool,
) -> None:
    """Try the driver on a host, safely, and say what it found.

    Without --write nothing is changed. With it, a folder of its own is made on the datastore, and a machine in it,
    and no other machine or file is touched: each change is held against that before it is sent. Both are removed in
    the end, whatever happens.

    The report has no name, address or path of the site, unless --names is given; the recording never has. The exit
    status is 1 when something is not as expected.

    \b
    esxdriver check-host -c esx://root@esx1/
    esxdriver check-host -c esx1 --report check.html --cassette check.yaml
    esxdriver check-host -c esx://root@esx1/ --write --datastore scratch
    """  # noqa: D301 - click's own mark
    if (write or remove) and not datastore and not ctx.obj.replay:
        raise click.UsageError("--write and --remove need --datastore")
    target = replace(ctx.obj, uri=uri or ctx.obj.uri)
    if remove:
        _remove(target, remove, datastore or "")
        return
    asked = _asked(target, max_domains, datastore if write else None, names=names)
    with _recorded(target, cassette, asked) as recorded, click.Context(ctx.command, parent=ctx):
        report = _checked(recorded, asked)
    _show(report, page, as_json=as_json)
    if wrong := _wrong(report, asked, target):
        tell(*wrong)
        ctx.exit(FAILED)
    if not as_json:
        terminal.say("All is as expected.")


def _asked(target: Target, domains: int, datastore: str | None, *, names: bool) -> "Asked":
    from esxdriver import recording
    from esxdriver.checking.check import Asked
    from esxdriver.checking.own import Called

    if target.replay is None:
        return Asked(domains, Called.new(datastore) if datastore else None, names)
    with failing_with(f"Failed to replay {target.replay}"):
        return Asked.of_recording(recording.describe(target.replay).head, names=names)


@contextmanager
def _recorded(target: Target, file: str | None, asked: "Asked") -> Iterator[Target]:
    """Give the target to connect to; when the block ends well, what went through it is in the cassette ``file``."""
    from esxdriver import recording

    if file is None:
        yield target
        return
    with failing_with(f"Failed to record {file}"):
        cassette = recording.record(file, recording.live(target.live_uri()), mode="rewrite", pseudonyms=True)
    cassette.head["arguments"] = asked.arguments()
    yield replace(target, cassette=cassette)
    with failing_with(f"Failed to record {file}"):
        cassette.close()


def _checked(target: Target, asked: "Asked") -> "Report":
    from esxdriver.checking.check import check_host as run

    conn = target.connect()
    if target.replay is None:
        _say_before(conn, asked)
    with failing_with("Failed to check the host"):
        return run(conn, asked, tracked)


def _say_before(conn: "Connect", asked: "Asked") -> None:
    """Say what others have left, and what is about to be made: who kills a check knows what he has to remove."""
    from libvirt import libvirtError

    from esxdriver.checking.check import left_by_others

    with suppress(libvirtError):  # the check itself says what cannot be read
        for line in left_by_others(conn, asked):
            _note(line)
    if asked.called is not None:
        _note(f"All that is made is in the folder {asked.called.name} on the datastore {asked.called.datastore}.")


def _note(line: str) -> None:
    if not terminal.is_quiet():
        click.echo(terminal.printable(line), err=True)


def _remove(target: Target, name: str, datastore: str) -> None:
    from esxdriver.checking.own import Called
    from esxdriver.checking.removal import remove_remains

    conn = target.connect()
    with failing_with(f"Failed to remove {name}"):
        left = remove_remains(conn.backend, Called.new(datastore, name))
    if left:
        raise CommandFailed(f"{name} is not removed", *left)
    terminal.say(f"{name} is removed")


def _show(report: "Report", page: str | None, *, as_json: bool) -> None:
    if page:
        from esxdriver.cli.check_page import check_page

        files.write(Path(page), check_page(report))
    if as_json:
        click.echo(json.dumps(asdict(report), indent=2, sort_keys=True))
    else:
        _show_tables(report)


def _show_tables(report: "Report") -> None:
    from esxdriver.checking import tables

    table.show_fields(tables.summary(report))
    shown = {
        "findings": tables.findings(report),
        "steps in short": tables.steps_in_short(report),
        "guesses in short": tables.guesses_in_short(report),
    }
    for name, rows in shown.items():
        if rows:
            click.echo()
            table.show(tables.HEADS[name], rows)
    click.echo()


def _wrong(report: "Report", asked: "Asked", target: Target) -> list[str]:
    """Return what is not as expected, and how what is left is removed."""
    from esxdriver.checking import tables
    from esxdriver.checking.removal import command

    wrong = list(tables.wrong(report))
    if report.left and asked.called is not None and target.replay is None:
        wrong += [*report.left, f"remove it with: {command(asked.called, target.live_uri())}"]
    return wrong
