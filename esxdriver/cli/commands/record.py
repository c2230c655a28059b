"""Recording a host, and looking after the recordings: ``record`` and ``cassette``."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from esxdriver.cli import files, table
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.group import run
from esxdriver.cli.progress import tracked
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.cli.target import Target
    from esxdriver.driver.connect import Connect

commands = click.Group()

_HOSTS = Path("tests/hosts")  # where a checkout has its recorded hosts

_MOST_SECRETS = 2**20  # bytes in a file of them
_ALL = 10**6

_pseudonyms = click.option("--pseudonyms", is_flag=True, help="Replace names, addresses and MACs as well.")
_secrets = click.option("--secrets", metavar="FILE", help="Texts, one a line, that must not be in it (- for stdin).")

_ordinary = click.option("--ordinary", metavar="FILE", help="Values, one a line, that are no secrets (- for stdin).")


@commands.command(context_settings={"allow_interspersed_args": False})
@click.option("-c", "--connect", "uri", metavar="URI", help="The host to record.")
@click.option("--cassette", "file", metavar="FILE", required=True, help="The recording; it is added to.")
@click.option("--inventory", is_flag=True, help="What looking at each domain and the host needs.")
@click.option("--rewrite", is_flag=True, help="Forget what the file holds already.")
@_pseudonyms
@_secrets
@_ordinary
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def record(
    ctx: click.Context,
    *,
    uri: str | None,
    file: str,
    inventory: bool,
    rewrite: bool,
    pseudonyms: bool,
    secrets: str | None,
    ordinary: str | None,
    command: tuple[str, ...],
) -> None:
    """Run a command, and record what the host answers.

    Secrets are taken out before anything is written. When one would be left, or the command fails, nothing is.

    \b
    esxdriver record -c esx://root@esx1/ --cassette lab.yaml -- dumpxml web01
    esxdriver --replay lab.yaml dumpxml web01
    """  # noqa: D301 - click's own mark
    from esxdriver import recording

    if not command and not inventory:
        raise click.UsageError("nothing to record: give a command after --, or --inventory")
    target: Target = replace(ctx.obj, uri=uri or ctx.obj.uri, replay=None)
    known, harmless = _lines(secrets), _lines(ordinary)
    with failing_with(f"Failed to record {file}"):
        mode, hosts = "rewrite" if rewrite else "all", recording.live(target.live_uri())
        cassette = recording.record(file, hosts, mode=mode, pseudonyms=pseudonyms, secrets=known, ordinary=harmless)
    ctx.obj = replace(target, cassette=cassette)
    try:
        if inventory:
            with click.Context(ctx.command, parent=ctx), failing_with("Failed to look at everything"):
                _look_at_everything(ctx.obj.connect())
        if command:
            run(ctx, command)
        with failing_with(f"Failed to record {file}"):
            cassette.close()
    except BaseException:  # a command that ends with a status of its own raises that
        click.echo(f"{file}: nothing is recorded", err=True)
        raise
    click.echo(f"{file}: {cassette.counts.recorded} calls recorded", err=True)


def _lines(file: str | None) -> list[str]:
    """Return the lines of a file of --secrets or --ordinary, without empty ones."""
    text = files.read(file, _MOST_SECRETS).decode(errors="replace") if file else ""
    return [line for line in text.splitlines() if line]


def _look_at_everything(conn: "Connect") -> None:
    """Ask for everything there is, and warn of what the host would not tell: that is recorded as refused."""
    from esxdriver.recording.inventory import look_at_everything

    for line in look_at_everything(conn, lambda domains: tracked(domains, "Recording")):
        click.echo(f"warning: {printable(line)}", err=True)


@commands.group()
def cassette() -> None:
    """Look after recordings."""


@cassette.command()
@click.argument("file")
def show(file: str) -> None:
    """Tell what a recording holds.

    The host, when and by which versions it was recorded, and the calls.
    """
    from esxdriver import recording

    with failing_with(f"Failed to read {file}"):
        found = recording.describe(file)
    host, age = found.head.get("host", {}), found.age_days
    fields = {
        "File": f"{found.path} ({found.bytes} bytes)",
        "Host": " ".join(str(host[key]) for key in ("apiType", "version", "build") if key in host) or "unknown",
        "API version": host.get("apiVersion", "unknown"),
        "Source": found.head.get("source", "unknown"),
        "Recorded": found.head.get("recorded", "unknown") + ("" if age is None else f" ({age:.0f} days ago)"),
        "By": ", ".join(f"{name} {found.head[name]}" for name in ("esxdriver", "pyvmomi") if name in found.head),
        "Scrubbed": found.head.get("profile", "unknown"),
        "Calls": f"{found.interactions}, {found.changes} of them changes",
    }
    table.show_fields(fields)
    click.echo()
    table.show(["Operation", "Calls"], [[name, str(count)] for name, count in found.operations.items()])


@cassette.command()
@click.argument("file")
@click.option("--max-age", type=click.IntRange(min=0), metavar="DAYS", help="Warn when it is older.")
@_secrets
def check(file: str, max_age: int | None, secrets: str | None) -> None:
    """Look for secrets and dead calls.

    These are secrets that are left and calls that cannot be replayed; with any, the exit status is 1.
    """
    from esxdriver import recording

    with failing_with(f"Failed to check {file}"):
        findings = recording.check(file, secrets=_lines(secrets))
        age = recording.describe(file).age_days if max_age is not None else None
    if max_age is not None and (age is None or age > max_age):
        known = "its age is unknown" if age is None else f"it is {age:.0f} days old"
        click.echo(f"warning: {file}: {known}", err=True)
    for finding in findings:
        click.echo(printable(f"{finding.where}: {finding.what}"))
    if findings:
        raise CommandFailed(f"{file}: {len(findings)} findings")
    click.echo(f"{file}: no secret is left, and every call can be replayed")


@cassette.command()
@click.argument("file")
@_pseudonyms
@_secrets
@_ordinary
def scrub(file: str, pseudonyms: bool, secrets: str | None, ordinary: str | None) -> None:
    """Take the secrets out of a recording, in place."""
    from esxdriver import recording

    with failing_with(f"Failed to scrub {file}"):
        changed = recording.scrub_file(file, pseudonyms=pseudonyms, secrets=_lines(secrets), ordinary=_lines(ordinary))
    click.echo(f"{file}: {changed} calls changed")


@cassette.command("import")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=click.Path(path_type=Path))
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path),
              help="The cassette; else PRODUCT-VERSION-BUILD.yaml, in tests/hosts where that is.")  # fmt: skip
@click.option("--product", type=click.Choice(["esx", "vcenter"]), help="What host it was, if the source does not say.")
@click.option("--version", metavar="VERSION", help="Its version, such as 8.0.2.")
@click.option("--build", metavar="BUILD", help="Its build number.")
@_secrets
@_ordinary
def import_(
    sources: Sequence[Path],
    output: Path | None,
    product: str | None,
    version: str | None,
    build: str | None,
    secrets: str | None,
    ordinary: str | None,
) -> None:
    """Make a test of what somebody has saved.

    A SOURCE is a cassette, a directory or tar of what "govc object.save" has written, or SOAP answers, one a file;
    several are of one host. The driver asks a host that answers from it, and that is recorded: without secrets, with
    pseudonyms. Warnings say what the source lacks.

    \b
    govc object.save -d my-vcenter && tar -czf my-vcenter.tar.gz my-vcenter
    esxdriver cassette import my-vcenter.tar.gz
    esxdriver cassette import tests/hosts/NAME.yaml -o tests/hosts/NAME.yaml    # asked anew
    """  # noqa: D301 - click's own mark
    from esxdriver.recording.imported.make import import_to, read
    from esxdriver.recording.imported.site import About

    def target(name: str) -> Path:
        path = output or (_HOSTS if _HOSTS.is_dir() else Path()) / f"{name}.yaml"
        if output is None and path.exists():
            raise CommandFailed(f"{path} is there: name it with --output to replace it")
        return path

    about = About(product or "", version or "", build or "")
    with failing_with(f"Failed to import {printable(', '.join(map(str, sources)))}"):
        found = import_to(
            target, read(sources), about, _ask_everything, secrets=_lines(secrets), ordinary=_lines(ordinary)
        )
    for line in found.lacking:
        click.echo(f"warning: {printable(line)}", err=True)
    click.echo(f"{found.path}: {found.domains} domains of {found.host}, {found.objects} objects")


def _ask_everything(conn: "Connect") -> list[str]:
    """Ask for all that ``record --inventory`` and ``check-host`` ask for; return what was refused or failed."""
    from esxdriver.checking.reading import Limits, read_host
    from esxdriver.checking.report import Status
    from esxdriver.recording.inventory import look_at_everything

    refused = look_at_everything(conn)
    report = read_host(conn, Limits(domains=_ALL, volumes=_ALL, unanswered=_ALL))
    return refused + [f"{each.check}: {each.where} {each.text}" for each in report.of(Status.FAILED)]
