"""The elements of devices: made of a command's options, or found in a domain's document."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

from esxdriver.cli import terminal
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.flags import AFFECT, Command, flag_options

if TYPE_CHECKING:
    from esxdriver.conf.xml.surface import ElementSurface
    from esxdriver.driver.domain import Domain

affecting = flag_options("VIR_DOMAIN_AFFECT_", AFFECT, alone="CURRENT")
lasting = click.option("--persistent", is_flag=True, expose_value=False, help="Keep it: on ESX every change is kept.")
print_xml = click.option("--print-xml", is_flag=True, help="Print the XML, and change nothing.")


def made(name: str, *values: tuple[str, str | None]) -> str:
    """Return the text of an element with the values at these paths; None writes nothing."""
    from esxdriver.conf.xml import surface

    element = surface.new(name)
    for path, value in values:
        element.put(path, value)
    return surface.text_of(element)


def devices(domain: "Domain", name: str) -> "list[ElementSurface]":
    """Return the elements of a domain's devices of this kind."""
    from esxdriver.conf.xml import surface

    found = surface.parse(domain.XMLDesc(), "domain").children("devices")
    return [each for each in found if each.name == name]


def text(element: "ElementSurface") -> str:
    """Return the text of an element of a document."""
    from esxdriver.conf.xml.foreign import verbatim

    return verbatim(element)


def disk(domain: "Domain", path: str, failure: str) -> "ElementSurface":
    """Return the disk with this target or source. Raises CommandFailed with ``failure`` in front."""
    found = [each for each in devices(domain, "disk") if path in _names(each)]
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandFailed(failure, f"Several disks have the source '{path}': name the target")
    raise CommandFailed(failure, f"No disk found whose source path or target is {path}")


def _names(element: "ElementSurface") -> set[str | None]:
    return {element.get(each) for each in ("target/@dev", "source/@file", "source/@dev")} - {None, ""}


def change(done: str, failure: str, method: "Callable[[str, int], int]", xml: str, flags: int) -> None:
    """Call a domain's method with an element, and say how it went as virsh does."""
    with failing_with(failure):
        method(xml, flags)
    terminal.say(done)


def refusing(options: Iterable[tuple[str, bool, str]]) -> Callable[[Command], Command]:
    """Give a command options of virsh's that ESX has no answer for: (option, whether it has a value, why)."""

    def add(function: Command) -> Command:
        for option, has_value, why in options:
            function = click.option(
                option,
                is_flag=not has_value,
                expose_value=False,
                callback=_refusal(option, why),
                help=f"Refused: {why}.",
            )(function)
        return function

    return add


def _refusal(option: str, why: str) -> Callable[[click.Context, click.Parameter, object], None]:
    def refuse(ctx: click.Context, _param: click.Parameter, given: object) -> None:
        if given and not ctx.resilient_parsing:
            raise click.UsageError(f"{option}: {why}", ctx)

    return refuse
