"""``--xpath`` and ``--wrap``: parts of a document instead of all of it, as virsh shows them."""

import functools
from collections.abc import Callable
from typing import Any

import click

from esxdriver.cli import terminal
from esxdriver.cli.failures import CommandFailed

Show = Callable[[str], None]


def xpath_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options; it gets ``show``, which shows a document or the parts that are asked for."""

    @functools.wraps(function)
    def run(*arguments: Any, xpath: str | None, wrap: bool, **options: Any) -> None:
        if wrap and xpath is None:
            raise click.UsageError("--wrap goes with --xpath")
        show = terminal.write if xpath is None else functools.partial(_show_parts, xpath=xpath, wrap=wrap)
        function(*arguments, **options, show=show)

    command = click.option("--wrap", is_flag=True, help="With --xpath: in one element, <nodes>.")(run)
    return click.option("--xpath", metavar="EXPR", help="Only what this XPath expression finds.")(command)


def _show_parts(document: str, *, xpath: str, wrap: bool) -> None:
    from esxdriver.conf.xml.xpath import ExpressionError, found

    try:
        parts = found(document, xpath)
    except ExpressionError as error:
        raise CommandFailed(f"unable to evaluate the XPath expression '{xpath}': {error}") from error
    if wrap:
        inner = "".join(f"  {part}\n" for part in parts)
        terminal.write(f"<nodes>\n{inner}</nodes>\n" if parts else "<nodes/>\n")
        return
    for part in parts:
        terminal.write(part + "\n")
