"""How large new disks are, as options: ``--size sda=8G --allocation sda=0``, in the words of ``vol-create-as``."""

from collections.abc import Iterable

import click

from esxdriver.cli.flags import Command
from esxdriver.cli.sizes import in_bytes

_ALLOCATION = "What it takes at once: 0, or less than its size, makes it thin."
at_once = click.option(
    "--prealloc-metadata", "at_once", is_flag=True, help="Zero new disks at once: by default when first written to."
)


def of_target(value: str) -> tuple[str, int]:
    """Return the target and the bytes of ``sda=8G``. Raises BadParameter."""
    target, _, size = value.partition("=")
    if not (target and size):
        raise click.BadParameter(f"'{value}': write the disk's target and its size, as sda=8G")
    return target, in_bytes(size)


def of_a_document(function: Command) -> Command:
    """Give a command the options for the disks of a document; it hands them to :func:`with_sizes`."""
    size = click.option(
        "--size", "sizes", type=of_target, multiple=True, metavar="TARGET=SIZE",
        help="Make the disk TARGET, whose file is not there, with SIZE; may be given for several.",
    )  # fmt: skip
    allocation = click.option(
        "--allocation", "allocations", type=of_target, multiple=True, metavar="TARGET=SIZE", help=_ALLOCATION
    )
    return size(allocation(at_once(function)))


def of_a_disk(function: Command) -> Command:
    """Give a command the options for one disk; it hands them to :func:`attributes`."""
    size = click.option("--size", type=in_bytes, help="Make SOURCE, which is not there, with SIZE: 8G.")
    return size(click.option("--allocation", type=in_bytes, help=_ALLOCATION)(at_once(function)))


def attributes(size: int | None, allocation: int | None, *, at_once: bool) -> dict[str, str]:
    """Return the attributes of a disk that is to be made, none without a size. Raises UsageError."""
    if size is None:
        if allocation is not None or at_once:
            raise click.UsageError("--allocation and --prealloc-metadata go with --size")
        return {}
    said = {"capacity": str(size), "unit": "bytes"}
    if allocation is not None:
        said["allocation"] = str(allocation)
    return said | ({"preallocation": "metadata"} if at_once else {})


def with_sizes(
    text: str, *, sizes: Iterable[tuple[str, int]], allocations: Iterable[tuple[str, int]], at_once: bool
) -> str:
    """Return a domain's document with its new disks' sizes. Raises UsageError for a disk that it does not have."""
    from esxdriver.conf.xml.own import with_own

    large, taken = dict(sizes), dict(allocations)
    if not large:
        attributes(None, next(iter(taken.values()), None), at_once=at_once)
        return text
    if unsized := sorted(taken.keys() - large.keys()):
        raise click.UsageError(f"--allocation {unsized[0]}=... goes with --size {unsized[0]}=...")
    said = {target: attributes(size, taken.get(target), at_once=at_once) for target, size in large.items()}
    _check_targets(text, said)
    return with_own(text, "disk", "target", said)


def _check_targets(text: str, targets: Iterable[str]) -> None:
    from esxdriver.conf.xml import surface

    devices = surface.parse(text, "domain").children("devices")
    has = [each.get("target/@dev") for each in devices if each.name == "disk"]
    for target in targets:
        if target not in has:
            listed = ", ".join(str(each) for each in has if each) or "none"
            raise click.UsageError(f"--size {target}: the document has no such disk; it has {listed}")
