"""Looking at a domain's snapshots: on ESX no command makes a call for each of them."""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from esxdriver.cli import complete, table, terminal, texts
from esxdriver.cli import tree as trees
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.flags import SNAPSHOT_DUMP, SNAPSHOT_LIST, flag_options
from esxdriver.cli.terminal import printable
from esxdriver.cli.xpath import Show, xpath_options

if TYPE_CHECKING:
    from esxdriver.conf.snapshot.tree import Snapshot, Tree
    from esxdriver.driver.domain import Domain
    from esxdriver.driver.domain_snapshot import DomainSnapshot

commands = Commands()


def on_snapshot(function: Callable[..., None]) -> Callable[..., None]:
    """Let a command be about a snapshot: it takes DOMAIN, and SNAPSHOT or --current."""

    @functools.wraps(function)
    def about(domain: "Domain", snapshot: str | None, current: bool, **options: object) -> None:
        if (snapshot is None) is not current:
            raise click.UsageError("name a SNAPSHOT or give --current")
        with failing_with(f"Failed to get snapshot '{snapshot}'" if snapshot else "Failed to get the current snapshot"):
            found = domain.snapshotCurrent() if snapshot is None else domain.snapshotLookupByName(snapshot)
        function(found, **options)

    chosen = click.option("--current", is_flag=True, help="The snapshot that the domain now descends from.")(about)
    return on_domain(
        argument("snapshot", required=False, names=["--snapshotname"], shell_complete=complete.snapshots)(chosen)
    )


@commands.command("snapshot-list")
@click.option("--tree", "as_tree", is_flag=True, help="As a tree.")
@click.option("--name", "names", is_flag=True, help="Names only.")
@click.option("--parent", is_flag=True, help="Each snapshot's parent, too.")
@click.option("--from", "above", metavar="SNAPSHOT", help="Only the children of this snapshot.")
@click.option("--current", is_flag=True, help="As --from with the current snapshot.")
@click.option("--descendants", is_flag=True, help="With --from or --current, their children, too, and so on.")
@flag_options("VIR_DOMAIN_SNAPSHOT_LIST_", SNAPSHOT_LIST)
@on_domain
def snapshot_list(
    domain: "Domain", *, flags: int, as_tree: bool, names: bool, parent: bool, above: str | None, current: bool,
    descendants: bool,
) -> None:  # fmt: skip
    """List a domain's snapshots.

    Where several have one name, each is shown as NAME@MOREF, which the other commands take for it.
    """
    if as_tree and (names or parent or flags):
        raise click.UsageError("--tree does not go with --name, --parent and filters")
    if current and above is not None:
        raise click.UsageError("--current does not go with --from")
    with failing_with(f"Failed to list the snapshots of domain '{domain.name()}'"):
        above = domain.snapshotCurrent().getName() if current else above
        tree, found = _chosen(domain, above, descendants or as_tree, flags)
    if as_tree:
        _show_tree(tree, found)
    elif names:
        for each in found:
            click.echo(printable(tree.unambiguous(each)))
    else:
        _show_table(tree, found, parent)


def _chosen(domain: "Domain", above: str | None, descendants: bool, flags: int) -> "tuple[Tree, list[Snapshot]]":
    import libvirt

    from esxdriver.vsphere.bulk.snapshot_filters import selected, selected_below

    tree = domain.snapshot_tree()
    flags |= libvirt.VIR_DOMAIN_SNAPSHOT_LIST_DESCENDANTS if above is not None and descendants else 0
    libvirts = getattr(domain, "snapshotNames", None)
    if libvirts is not None:
        names = libvirts(above, flags)
        return tree, [each for each in tree.snapshots if each.name in names]
    if above is None:
        return tree, selected(tree, flags, "virDomainListAllSnapshots")
    return tree, selected_below(tree, tree.named(above), flags, "virDomainSnapshotListAllChildren")


def _show_table(tree: "Tree", found: "Sequence[Snapshot]", parent: bool) -> None:
    heads = ["Name", "Creation Time", "State", *(["Parent"] if parent else [])]
    rows = [[tree.unambiguous(each), shown_time(each), shown_state(each)] for each in found]
    if parent:
        for row, each in zip(rows, found, strict=True):
            row.append(tree.unambiguous(each.above) if each.above else "")
    table.show(heads, rows)


def shown_time(snapshot: "Snapshot") -> str:
    """Return when a snapshot was taken, in the local time zone as virsh has it."""
    from datetime import UTC, datetime

    moment = datetime.fromtimestamp(snapshot.definition.created or 0, UTC).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S %z")


def shown_state(snapshot: "Snapshot") -> str:
    """Return what virsh calls the state that a domain is in after a revert."""
    state = snapshot.definition.state
    return str(state.xml) if state else "-"


def _show_tree(tree: "Tree", found: "Sequence[Snapshot]") -> None:
    def below(top: "Snapshot") -> "Sequence[Snapshot]":
        return [each for each in found if each.above == top]

    for top in found:
        if top.above not in found:
            for line in trees.lines(top, below, lambda each: printable(tree.unambiguous(each))):
                click.echo(line)


@commands.command("snapshot-dumpxml")
@flag_options("VIR_DOMAIN_SNAPSHOT_XML_", SNAPSHOT_DUMP)
@xpath_options
@on_snapshot
def snapshot_dumpxml(snapshot: "DomainSnapshot", flags: int, show: Show) -> None:
    """Write a snapshot's XML, with the domain as it was."""
    _dump(snapshot, flags, show)


def _dump(snapshot: "DomainSnapshot", flags: int, show: Show) -> None:
    with failing_with(f"Failed to dump snapshot '{snapshot.getName()}'"):
        show(snapshot.getXMLDesc(flags))


@commands.command("snapshot-current")
@click.option("--name", is_flag=True, help="Its name only.")
@flag_options("VIR_DOMAIN_SNAPSHOT_XML_", SNAPSHOT_DUMP)
@on_domain
def snapshot_current(domain: "Domain", name: bool, flags: int) -> None:
    """Write the XML of the current snapshot.

    It is the one that the domain now descends from.
    """
    with failing_with("Failed to get the current snapshot"):
        snapshot = domain.snapshotCurrent()
    if name:
        click.echo(printable(snapshot.getName()))
    else:
        _dump(snapshot, flags, terminal.write)


@commands.command("snapshot-parent")
@on_snapshot
def snapshot_parent(snapshot: "DomainSnapshot") -> None:
    """Show the snapshot that a snapshot descends from."""
    tree, found = _looked_up(snapshot)
    if found.above is None:
        raise CommandFailed(f"snapshot '{found.name}' has no parent")
    click.echo(printable(tree.unambiguous(found.above)))


@commands.command("snapshot-info")
@on_snapshot
def snapshot_info(snapshot: "DomainSnapshot") -> None:
    """Show a snapshot's age, state and relations."""
    tree, found = _looked_up(snapshot)
    children = [each for each in tree.snapshots if each.above == found]
    descendants = [each for each in tree.snapshots if each.descends_from(found)]
    fields = {
        "Name": found.name,
        "Unique name": found.qualified,
        "Domain": snapshot.getDomain().name(),
        "Current": texts.yes_no(tree.current == found),
        "State": shown_state(found),
        "Created": shown_time(found),
        "Location": found.location,
        "Parent": tree.unambiguous(found.above) if found.above else "-",
        "Children": len(children),
        "Descendants": len(descendants),
        "Metadata": texts.yes_no(found.metadata),
    }
    table.show_fields(fields)


def _looked_up(snapshot: "DomainSnapshot") -> "tuple[Tree, Snapshot]":
    with failing_with(f"Failed to get snapshot '{snapshot.getName()}'"):
        tree = snapshot.getDomain().snapshot_tree()
        return tree, tree.at(snapshot.ref, snapshot.getName())
