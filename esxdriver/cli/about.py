"""What most commands are about: a domain."""

import functools
from collections.abc import Callable
from typing import Any

import click

from esxdriver.cli import complete
from esxdriver.cli.arguments import argument
from esxdriver.cli.target import Target


def on_domain(function: Callable[..., None]) -> Callable[..., None]:
    """Let a command be about a domain: it takes DOMAIN, and ``function`` gets the domain looked up."""

    @functools.wraps(function)
    def about(target: Target, /, domain: str, **options: Any) -> None:
        function(target.domain(domain), **options)

    return argument("domain", shell_complete=complete.domains)(click.pass_obj(about))
