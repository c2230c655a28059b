"""Defining domains, forgetting them, and changing their size."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from esxdriver.cli.failures import failing_with
from esxdriver.cli.files import read_xml, spoken
from esxdriver.cli.target import Target, on_domain
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = click.Group()

_AMOUNT = re.compile(r"(?P<number>\d+)(?P<suffix>[A-Za-z]*)")
_LARGEST = 2**63


@commands.command()
@click.argument("file")
@click.option("--validate", is_flag=True, help="Check the document against libvirt's schema first.")
@click.pass_obj
def define(target: Target, file: str, validate: bool) -> None:
    """Create the domain in FILE, or edit the existing one.

    FILE is XML as dumpxml writes it, - for the standard input. An existing domain is edited in place: what the
    file does not speak of stays as it is, and a refusal changes nothing.
    """
    import libvirt  # noqa: PLC0415

    text = read_xml(file)
    conn = target.connect()
    with failing_with(f"Failed to define domain from {spoken(file)}"):
        domain = conn.defineXMLFlags(text, libvirt.VIR_DOMAIN_DEFINE_VALIDATE if validate else 0)
    click.echo(f"Domain '{printable(domain.name())}' defined from {spoken(file)}")


@commands.command()
@click.option("--snapshots-metadata", is_flag=True, help="With its snapshots; their files stay, too.")
@click.option("--keep-nvram", is_flag=True, help="Keep the NVRAM file: all files stay anyway.")
@on_domain
def undefine(domain: "Domain", **options: bool) -> None:
    """Forget a domain; its files stay.

    It has to be shut off.
    """
    with failing_with(f"Failed to undefine domain '{domain.name()}'"):
        domain.undefineFlags(_flags("VIR_DOMAIN_UNDEFINE_", options))
    click.echo(f"Domain '{printable(domain.name())}' has been undefined")


@commands.command()
@on_domain
@click.argument("new_name", metavar="NEW-NAME")
def domrename(domain: "Domain", new_name: str) -> None:
    """Give a domain another name; its files keep theirs."""
    with failing_with("Domain rename failed"):
        domain.rename(new_name)
    click.echo("Domain successfully renamed")


def kib(word: str) -> int:
    """Return an amount of memory in KiB, rounded up: KiB without a suffix, or as virsh reads ``2G``, ``2000MB``."""
    amount = _AMOUNT.fullmatch(word)
    scale = _scale(amount["suffix"].lower() or "kib") if amount else None
    if not amount or not scale or (size := int(amount["number"]) * scale) >= _LARGEST:
        raise click.BadParameter(f"'{word}' is malformed or out of range: write a number and K, M, G or T")
    return -(-size // 1024)


def _scale(suffix: str) -> int | None:
    """Return the bytes in a unit: a bare letter and ``iB`` go by 1024, ``B`` by 1000."""
    if suffix in ("b", "byte", "bytes"):
        return 1
    power = "_kmgtpe".find(suffix[0])
    bases = {"": 1024, "ib": 1024, "b": 1000}
    return bases[suffix[1:]] ** power if power > 0 and suffix[1:] in bases else None


def _affecting(command: Callable[..., None]) -> Callable[..., None]:
    """Add virsh's --config and --live; ESX has one configuration, which both of them mean."""
    command = click.option("--config", is_flag=True, help="The stored configuration: on ESX the only one.")(command)
    command = click.option("--live", is_flag=True, help="The running domain: on ESX the same.")(command)
    return click.option("--current", is_flag=True, help="Neither of the two: the same again.")(command)


def _affected(options: dict[str, bool]) -> int:
    current = options.pop("current")
    if current and (options["config"] or options["live"]):
        raise click.UsageError("--current does not go with --config and --live")
    return _flags("VIR_DOMAIN_AFFECT_", options)


def _flags(prefix: str, options: dict[str, bool]) -> int:
    import libvirt  # noqa: PLC0415

    return sum(getattr(libvirt, prefix + name.upper()) for name, given in options.items() if given)


@commands.command()
@on_domain
@click.argument("size", type=kib)
@_affecting
def setmem(domain: "Domain", size: int, **options: bool) -> None:
    """Limit what a domain gets of the host's memory.

    SIZE is in KiB, or has a suffix: 2G, 512MiB.
    """
    flags = _affected(options)
    with failing_with(f"Failed to change the memory of domain '{domain.name()}'"):
        domain.setMemoryFlags(size, flags)


@commands.command()
@on_domain
@click.argument("size", type=kib)
@_affecting
def setmaxmem(domain: "Domain", size: int, **options: bool) -> None:
    """Give a domain that is shut off SIZE of memory.

    SIZE is in KiB, or has a suffix: 2G, 512MiB.
    """
    import libvirt  # noqa: PLC0415

    flags = _affected(options) | libvirt.VIR_DOMAIN_MEM_MAXIMUM
    with failing_with("Unable to change MaxMemorySize"):
        domain.setMemoryFlags(size, flags)


@commands.command()
@on_domain
@click.argument("count", type=click.IntRange(min=1))
@click.option("--maximum", is_flag=True, help="The most it may have: on ESX all are plugged in, so the same.")
@_affecting
def setvcpus(domain: "Domain", count: int, maximum: bool, **options: bool) -> None:
    """Give a domain COUNT vCPUs.

    A running one must allow CPU hot plug.
    """
    import libvirt  # noqa: PLC0415

    flags = _affected(options) | (libvirt.VIR_DOMAIN_VCPU_MAXIMUM if maximum else 0)
    with failing_with(f"Failed to change the vCPUs of domain '{domain.name()}'"):
        domain.setVcpusFlags(count, flags)
