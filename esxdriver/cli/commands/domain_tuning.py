"""How domains share their host, and how many vCPUs they have."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.flags import AFFECT, flag_options
from esxdriver.cli.sizes import kib

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()

_affecting = flag_options("VIR_DOMAIN_AFFECT_", AFFECT, alone="CURRENT")
_UNLIMITED = 2**53 - 1  # VIR_DOMAIN_MEMORY_PARAM_UNLIMITED, KiB


@commands.command()
@on_domain
@argument("settings", nargs=-1, metavar="[NAME=VALUE]...", names=["--set"])
@click.option("--weight", type=int, help="Of Xen's scheduler: refused on ESX.")
@click.option("--cap", type=int, help="Of Xen's scheduler: refused on ESX.")
@_affecting
def schedinfo(domain: "Domain", settings: Sequence[str], flags: int, **xen: int | None) -> None:
    """Show how a domain shares its host's processors, or set it: reservation=, limit= (MHz), shares=.

    limit=-1 is none; shares are a number, or -1 (low), -2 (normal), -3 (high).
    """
    wanted = {name: value for name, value in xen.items() if value is not None} | dict(map(_setting, settings))
    with failing_with(f"Failed to tune domain '{domain.name()}'"):
        if wanted:
            domain.setSchedulerParametersFlags(wanted, flags)
        kind, _ = domain.schedulerType()
        _show({"Scheduler": kind, **domain.schedulerParametersFlags(flags)})


def _setting(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    try:
        return name, int(value)
    except ValueError:
        raise CommandFailed(f"invalid scheduler option: {text}", "write it as shares=2000") from None


def _kib_or_none(value: str) -> int:
    return _UNLIMITED if value == "-1" else kib(value)


@commands.command()
@on_domain
@click.option("--hard-limit", type=_kib_or_none, metavar="SIZE", help="What it gets at most; -1: no limit.")
@click.option("--soft-limit", type=_kib_or_none, metavar="SIZE", help="Refused: ESX has none.")
@click.option("--swap-hard-limit", type=_kib_or_none, metavar="SIZE", help="Refused: ESX has none.")
@click.option("--min-guarantee", type=_kib_or_none, metavar="SIZE", help="What it gets at least.")
@_affecting
def memtune(domain: "Domain", flags: int, **limits: int | None) -> None:
    """Show how a domain shares its host's memory, or set it.

    SIZE is in KiB, or has a suffix: 2G, 512MiB.
    """
    wanted = {name: value for name, value in limits.items() if value is not None}
    with failing_with(f"Failed to tune the memory of domain '{domain.name()}'"):
        if wanted:
            domain.setMemoryParameters(wanted, flags)
        else:
            found = domain.memoryParameters(flags)
            _show({name: "unlimited" if value >= _UNLIMITED else value for name, value in found.items()})


def _show(values: Mapping[str, object]) -> None:
    for name, value in values.items():
        click.echo(f"{name:<15}: {value}")


@commands.command()
@on_domain
@click.option("--maximum", is_flag=True, help="The most it may have: on ESX all are plugged in, so the same.")
@click.option("--active", is_flag=True, help="What it has.")
@click.option("--guest", is_flag=True, help="As the guest says: refused on ESX.")
@click.option("--live", is_flag=True, help="Of the running domain.")
@click.option("--config", is_flag=True, help="Of the stored configuration: on ESX the same.")
@click.option("--current", is_flag=True, help="As the domain is now: the same again.")
def vcpucount(domain: "Domain", **chosen: bool) -> None:
    """Show how many vCPUs a domain has."""
    for one, other in (("maximum", "active"), ("live", "config"), ("live", "current"), ("config", "current")):
        if chosen[one] and chosen[other]:
            raise click.UsageError(f"--{one} does not go with --{other}")
    with failing_with(f"Failed to count the vCPUs of domain '{domain.name()}'"):
        if any(chosen.values()):
            flags = [flag for name, flag in _counts() if chosen[name]]
            click.echo(domain.vcpusFlags(sum(flags)))
            return
        states = ["config", *(["live"] if domain.isActive() else [])]
        for name, of in (("maximum", ["maximum"]), ("current", [])):
            for state in states:
                count = domain.vcpusFlags(sum(flag for each, flag in _counts() if each in (state, *of)))
                click.echo(f"{name:<12} {state:<12} {count:3d}")


def _counts() -> Sequence[tuple[str, int]]:
    """Return libvirt's flag for each option that has one."""
    import libvirt

    return [
        ("maximum", libvirt.VIR_DOMAIN_VCPU_MAXIMUM), ("guest", libvirt.VIR_DOMAIN_VCPU_GUEST),
        ("live", libvirt.VIR_DOMAIN_AFFECT_LIVE), ("config", libvirt.VIR_DOMAIN_AFFECT_CONFIG),
    ]  # fmt: skip
