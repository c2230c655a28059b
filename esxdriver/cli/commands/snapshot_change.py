"""Taking snapshots, going back to them, deleting them: each tells what becomes of every disk."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import complete, terminal, texts
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.commands.snapshot_list import on_snapshot
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.files import read_xml, spoken
from esxdriver.cli.flags import (
    SNAPSHOT_CREATE,
    SNAPSHOT_DELETE,
    SNAPSHOT_REDEFINE,
    SNAPSHOT_REVERT,
    flag_options,
    total,
)
from esxdriver.cli.progress import percentages
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.conf.snapshot.outcome import DiskOutcome
    from esxdriver.driver.domain import Domain
    from esxdriver.driver.domain_snapshot import DomainSnapshot

commands = Commands()

_CREATE = "VIR_DOMAIN_SNAPSHOT_CREATE_"
_REVERT = "VIR_DOMAIN_SNAPSHOT_REVERT_"


@commands.command("snapshot-create")
@on_domain
@argument("file", required=False, names=["--xmlfile"], shell_complete=complete.files)
@click.option("--print-xml", is_flag=True, help="Show what would be in it; nothing is taken.")
@flag_options(_CREATE, SNAPSHOT_CREATE, SNAPSHOT_REDEFINE)
def snapshot_create(domain: "Domain", *, file: str | None, print_xml: bool, flags: int) -> None:
    """Take the snapshot that the XML in FILE describes.

    FILE is - for the standard input; without it, a snapshot of all there is, called by the time, is taken.
    """
    text = read_xml(file) if file is not None else "<domainsnapshot/>"
    _create(domain, text, print_xml, flags, f" from {spoken(file)}" if file is not None else "")


@commands.command("snapshot-create-as")
@on_domain
@argument("name", required=False)
@argument("description", required=False)
@click.option("--memspec", metavar="snapshot=no|internal", help="Whether the memory is in it.")
@click.option("--diskspec", "diskspecs", metavar="DISK[,snapshot=yes|no]", multiple=True,
              help="What a disk's mode makes of it, on ESX; on QEMU it may differ.")  # fmt: skip
@click.option("--print-xml", is_flag=True, help="Show what would be in it; nothing is taken.")
@flag_options(_CREATE, SNAPSHOT_CREATE)
def snapshot_create_as(
    domain: "Domain", *, name: str | None, description: str | None, memspec: str | None, diskspecs: Sequence[str],
    print_xml: bool, flags: int,
) -> None:  # fmt: skip
    """Take a snapshot called NAME, or by the time.

    Memory is in it while the domain runs, unless --disk-only says otherwise. ESX decides by a disk's mode whether a
    snapshot holds it; on QEMU --diskspec overrides that.
    """
    _create(domain, _document(name, description, memspec, diskspecs), print_xml, flags, "")


def _document(name: str | None, description: str | None, memspec: str | None, diskspecs: Sequence[str]) -> str:
    from esxdriver.conf.xml import surface as xml

    root = xml.new("domainsnapshot")
    for path, text in (("name", name), ("description", description)):
        root.put(path, text)
        if text and root.get(path) != text:
            raise click.BadParameter("XML holds no control characters", param_hint=f"'{path.upper()}'")
    for key, value in _settings(memspec.split(",") if memspec else (), "--memspec"):
        root.put(f"memory/@{key}", value)
    disks = root.added("disks") if diskspecs else None
    for spec in diskspecs:
        assert disks is not None
        _put_disk(disks.added("disk"), spec)
    return xml.text_of(root)


def _put_disk(element: Any, spec: str) -> None:
    """Write a disk as virsh has it: its name, in which a comma is written twice, then settings."""
    disk, *rest = spec.replace(",,", "\0").split(",")
    element.put("@name", disk.replace("\0", ","))
    for key, value in _settings(rest, "--diskspec"):
        paths = {"driver": "driver/@type", "stype": "@type", "file": "source/@file"}
        element.put(paths.get(key, f"@{key}"), value.replace("\0", ","))


def _settings(settings: Sequence[str], option: str) -> Iterator[tuple[str, str]]:
    known = {"--memspec": ("snapshot", "file"), "--diskspec": ("snapshot", "persistent", "driver", "stype", "file")}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if key not in known[option] or not equals:
            raise click.BadParameter(f"'{setting}' is none of {', '.join(known[option])}, with = and a value",
                                     param_hint=f"'{option}'")  # fmt: skip
        yield key, value


def _create(domain: "Domain", text: str, print_xml: bool, flags: int, origin: str) -> None:
    with failing_with(f"Failed to take a snapshot of domain '{domain.name()}'"):
        if print_xml:
            terminal.write(domain.snapshotPreviewXML(text, flags))
            return
        _show_outside(domain)
        with percentages("Taking the snapshot") as progress:
            snapshot = domain.snapshotCreateXML(text, flags, progress=progress)
    terminal.say(f"Domain snapshot {snapshot.getName()} created{origin}")


@commands.command("snapshot-revert")
@flag_options(_REVERT, SNAPSHOT_REVERT)
@click.option("--yes", is_flag=True, help="Do not ask.")
@on_snapshot
def snapshot_revert(snapshot: "DomainSnapshot", *, yes: bool, flags: int) -> None:
    """Bring a domain back to a snapshot.

    What became of it since then is lost. What becomes of each disk is shown first, and on a terminal you are asked.
    """
    domain, name = snapshot.getDomain(), printable(snapshot.getName())
    failure = f"Failed to revert domain '{domain.name()}' to snapshot '{snapshot.getName()}'"
    with failing_with(failure):
        _show(snapshot.revertPreview())
        _show_power(snapshot, flags)
    if sys.stdin.isatty() and not yes and not click.confirm(f"Revert to snapshot {name}?", err=True):
        raise CommandFailed(failure, "cancelled: nothing has changed")
    with failing_with(failure), percentages("Reverting") as progress:
        domain.revertToSnapshot(snapshot, flags, progress=progress)
    terminal.say(f"Domain snapshot {name} reverted")


@commands.command("snapshot-delete")
@flag_options("VIR_DOMAIN_SNAPSHOT_DELETE_", SNAPSHOT_DELETE)
@on_snapshot
def snapshot_delete(snapshot: "DomainSnapshot", flags: int) -> None:
    """Delete a snapshot; no disk changes.

    The domain and its other snapshots keep what they hold. What becomes of each disk is shown.
    """
    import libvirt

    metadata_only = flags & libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY
    children_only = flags & libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN_ONLY
    with failing_with(f"Failed to delete snapshot '{snapshot.getName()}'"):
        _show([] if metadata_only else snapshot.deletePreview())
        with percentages("Deleting") as progress:
            snapshot.delete(flags, progress=progress)
    terminal.say(f"Domain snapshot {snapshot.getName()} {'children ' if children_only else ''}deleted")


def _show_outside(domain: "Domain") -> None:
    from esxdriver.driver.diskmodes import of_domain

    for each in of_domain(domain):
        if not each.in_snapshots:
            click.echo(printable(f"Disk {each.target} ({each.source}), {each.mode.vim}, is left out"))


def _show_power(snapshot: "DomainSnapshot", flags: int) -> None:
    from esxdriver.conf.mapping.states import PowerState, label_of

    asked = (state for state in (PowerState.RUNNING, PowerState.PAUSED) if flags & total(_REVERT, [state.name]))
    then = label_of(next(asked, snapshot.found().definition.state))
    domain = snapshot.getDomain()
    now = texts.state(domain.state()[0])
    click.echo(f"Domain '{printable(domain.name())}' is {now}" + ("" if now == then else f" and will be {then}"))


def _show(outcomes: "Sequence[DiskOutcome]") -> None:
    for each in outcomes:
        source = f" ({each.source})" if each.source else ""
        click.echo(printable(f"Disk {each.target}{source}, {each.mode.vim}, {each.effect.value}"))
