"""What most commands are about: a domain, or something else that a connection finds by what is typed."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import complete
from esxdriver.cli.arguments import argument
from esxdriver.cli.target import Target, find

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect

Command = Callable[..., None]


def on(
    what: str, look_up: "Callable[[Connect, str], Any]", choices: Callable[..., Any]
) -> Callable[[Command], Command]:
    """Return what lets a command be about something: it takes an argument ``what``, and gets that looked up."""

    def given(function: Command) -> Command:
        @functools.wraps(function)
        def about(target: Target, /, **options: Any) -> None:
            function(target.found(what, options.pop(what), look_up), **options)

        return argument(what, shell_complete=choices)(click.pass_obj(about))

    return given


on_domain = on("domain", find, complete.domains)
