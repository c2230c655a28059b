"""Arguments that may be given by their names, too, as virsh has it: ``dumpxml web01`` or ``dumpxml --domain web01``.

1. :class:`Commands` is the group in which a module of commands keeps them; its commands are :class:`Command`.
2. :func:`argument` makes an :class:`Argument`, whose names are ``--`` and its own, or virsh's where those differ.
3. A command takes what is given by name off the command line before click reads it; that argument then claims nothing.
"""

import functools
from collections.abc import Sequence
from typing import Any

import click
from click.core import ParameterSource

_BY_NAME = "esxdriver.by_name"  # in a context's meta: the values that its command was given by name


class Argument(click.Argument):
    """An argument that may also be given as ``--domain VALUE``; ``names`` are its options where not its own name."""

    def __init__(self, *declarations: Any, names: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*declarations, **options)
        self.names = names or [f"--{(self.name or '').replace('_', '-')}"]

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Claim one of what stands without a name, unless it is given by name."""
        if self.name not in ctx.meta.get(_BY_NAME, {}):
            super().add_to_parser(parser, ctx)

    def consume_value(self, ctx: click.Context, opts: Any) -> tuple[Any, ParameterSource]:
        """Return the value, given by name or without."""
        values = ctx.meta.get(_BY_NAME, {}).get(self.name)
        if values is None:
            return super().consume_value(ctx, opts)
        return (values if self.nargs == -1 else values[-1]), ParameterSource.COMMANDLINE


class Command(click.Command):
    """A command whose arguments may be given by name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what is given by name, and leave the rest to click."""
        taken, rest = _taken(ctx, self, args)
        ctx.meta[_BY_NAME] = taken
        return super().parse_args(ctx, rest)


class Commands(click.Group):
    """The commands of a module."""

    command_class = Command


def _taken(ctx: click.Context, command: click.Command, args: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the values given by name, by the arguments' names, and the rest of the command line."""
    options = {option for each in command.params if isinstance(each, click.Option) for option in each.opts}
    arguments = {name: each for each in command.params if isinstance(each, Argument) for name in each.names}
    taken: dict[str, list[str]] = {}
    rest, left = list[str](), iter(args)
    for arg in left:
        option, equals, value = arg.partition("=")
        argument = arguments.get(option) if option not in options else None
        if argument is None:
            rest += [arg, *left] if arg == "--" else [arg]
            continue
        given = value if equals else next(left, None)
        if given is not None:
            _add(ctx, taken, argument, given)
        elif not ctx.resilient_parsing:
            raise click.BadOptionUsage(option, f"Option '{option}' requires an argument.", ctx)
    return taken, rest


def _add(ctx: click.Context, taken: dict[str, list[str]], argument: Argument, value: str) -> None:
    assert argument.name is not None
    values = taken.setdefault(argument.name, [])
    if values and argument.nargs != -1:
        raise click.UsageError(f"{argument.names[0]} is given twice", ctx)
    values.append(value)


argument = functools.partial(click.argument, cls=Argument)
