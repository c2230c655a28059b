"""``carry``: give domains that were converted the disk modes that they had."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import complete, table, terminal
from esxdriver.cli.arguments import Commands
from esxdriver.cli.failures import CommandFailed, failing_with, tell
from esxdriver.cli.target import Target, find
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain
    from esxdriver.qemu.carry import Pair, Volume

commands = Commands()

_HEADS = ["Disk", "Size", "Mode", "To", "Mode now", "Result"]


@dataclass(frozen=True)
class _Mapped:
    """A domain's name on the other side, and its disks' targets there by those here; without any, disks are matched."""

    to: str
    disks: Mapping[str, str]


@dataclass(frozen=True)
class _Carried:
    """A converted domain, its disks with those of the original, and the document to define."""

    name: str
    domain: "Domain"
    pairs: "Sequence[Pair]"
    text: str


@commands.command()
@click.option("--from", "origin", metavar="URI", required=True, help="Where the domains were.")
@click.option("--to", "destination", metavar="URI", required=True, help="Where they are now.")
@click.option("--map", "file", type=click.Path(dir_okay=False, path_type=Path), shell_complete=complete.files,
              help="A TOML file: which domains and disks have become which.")  # fmt: skip
@click.option("--apply", is_flag=True, help="Define the domains; without it, nothing is changed.")
@click.argument("domains", nargs=-1, metavar="[DOMAIN]...")
@click.pass_obj
def carry(
    target: Target, /, origin: str, destination: str, file: Path | None, apply: bool, domains: tuple[str, ...]
) -> None:
    """Give converted domains the disk modes they had.

    Domains have the same name on both sides, and disks the same target; or the same order, where their sizes agree.
    Else --map says it, a line for each domain:

    \b
    web01 = "www1"
    web02 = { to = "web02", disks = { sda = "vda", sdb = "vdc" } }

    Shows what would be set, and with --apply sets it. When one disk does not match, no domain is changed. A running
    domain has its new modes when it is started again.
    """  # noqa: D301 - click's own mark
    mapped = _read_map(file) if file is not None else {}
    names = domains or tuple(mapped)
    if not names:
        raise click.UsageError("name a DOMAIN or more, or give --map")
    there = [mapped[name].to if name in mapped else name for name in names]
    if twice := {name for name in there if there.count(name) > 1}:
        raise click.UsageError(f"domain '{min(twice)}' would be given the modes of several")
    with ExitStack() as stack:
        one = stack.enter_context(_opened(replace(target, readonly=True), origin))
        other = stack.enter_context(_opened(replace(target, readonly=target.readonly or not apply), destination))
        carried = [_planned(one, other, name, mapped.get(name) or _Mapped(name, {}), apply) for name in names]
        _show(carried)
        if apply:
            _apply(other, carried)


def _opened(target: Target, uri: str) -> Any:
    with failing_with(f"failed to connect to {uri}"):
        return replace(target, uri=uri, replay=None).opened()


def _read_map(file: Path) -> dict[str, _Mapped]:
    import tomllib

    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
        return {name: _mapped(name, value) for name, value in found.items()}
    except (OSError, ValueError) as cause:
        raise CommandFailed(f"Failed to read the map '{file}'", str(cause)) from cause


def _mapped(name: str, value: object) -> _Mapped:
    value = {"to": value} if isinstance(value, str) else value
    match value:
        case {"to": str(to), **more} if not more.keys() - {"disks"}:
            disks = more.get("disks", {})
            if isinstance(disks, dict) and all(isinstance(each, str) for each in disks.values()):
                return _Mapped(to, disks)
    raise ValueError(f"'{name}' is neither a name nor {{ to = ..., disks = {{ sda = ... }} }}")


def _planned(one: "Connect", other: "Connect", name: str, mapped: _Mapped, apply: bool) -> _Carried:
    import libvirt

    from esxdriver.qemu.carry import carried, paired
    from esxdriver.qemu.documents import stored
    from esxdriver.qemu.passing import Passing

    with failing_with(f"failed to get domain '{name}' of the original host"):
        original = find(one, name)
        originals = list(_volumes(original))
    with failing_with(f"failed to get domain '{mapped.to}'"):
        domain = find(other, mapped.to)
        pairs = paired(originals, list(_volumes(domain)), mapped.disks)
        flags = libvirt.VIR_DOMAIN_XML_INACTIVE | (libvirt.VIR_DOMAIN_XML_SECURE if apply else 0)
        text = carried(domain.XMLDesc(flags), pairs)
        if isinstance(other, Passing):
            stored(text)  # what cannot be there is refused before anything is defined
        return _Carried(name, domain, pairs, text)


def _volumes(domain: "Domain") -> "Iterator[Volume]":
    import libvirt

    from esxdriver.driver.diskmodes import of_domain
    from esxdriver.qemu.carry import Volume

    libvirts = getattr(domain, "disks", None)
    disks = libvirts(libvirt.VIR_DOMAIN_XML_INACTIVE) if libvirts else of_domain(domain)
    for each in disks:
        if getattr(each, "is_hard_disk", True):
            yield Volume(each.target, each.mode, _capacity(domain, each.target))


def _capacity(domain: "Domain", disk: str) -> int | None:
    import libvirt

    try:
        return int(domain.blockInfo(disk)[0])
    except libvirt.libvirtError:  # where the host does not tell, targets alone have to do
        return None


def _show(carried: Sequence[_Carried]) -> None:
    rows = [_row(each, pair) for each in carried for pair in each.pairs]
    table.show(_HEADS, rows)
    refused = [(each, pair) for each in carried for pair in each.pairs if pair.why is not None]
    for each, pair in refused:
        tell(f"disk '{pair.original.target}' of domain '{each.name}': {pair.why}")
    if refused:
        raise CommandFailed("Nothing is carried: every disk has to match")


def _row(carried: _Carried, pair: "Pair") -> list[str]:
    original, converted = pair.original, pair.converted
    there = f"{carried.domain.name()}/{converted.target}" if converted else "-"
    now = converted.mode.vim if converted else "-"
    return [f"{carried.name}/{original.target}", _size(original.size), original.mode.vim, there, now, pair.result.value]


def _size(size: int | None) -> str:
    return "-" if size is None else f"{size / 2**30:.2f} GiB"


def _apply(conn: "Connect", carried: Sequence[_Carried]) -> None:
    from esxdriver.qemu.carry import Result

    for each in carried:
        name = each.domain.name()
        if all(pair.result is Result.SAME for pair in each.pairs):
            continue
        with failing_with(f"Failed to define domain '{name}'"):
            conn.defineXMLFlags(each.text, 0)
        terminal.say(f"Domain '{printable(name)}' defined")
