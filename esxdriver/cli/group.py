"""A click group whose commands are found by a table and imported when they are asked for."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from esxdriver import outcome
from esxdriver.cli import failures

Section = tuple[str, str, str]


class LazyGroup(click.Group):
    """The top of the command line: ``sections`` are rows of section, module and command names."""

    def __init__(self, *args: Any, sections: Sequence[Section] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self._sections: dict[str, list[str]] = {}
        self._homes: dict[str, str] = {}
        for section, module, names in sections:
            self._sections.setdefault(section, []).extend(names.split())
            self._homes |= dict.fromkeys(names.split(), module)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command's name, in the order of the help."""
        return [*self._homes, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command ``name``, importing its module; None when there is none."""
        if name not in self._homes:
            return super().get_command(ctx, name)
        return self._imported(ctx, self._homes[name], name)

    def _imported(self, ctx: click.Context, module: str, name: str) -> click.Command | None:
        group: click.Group = import_module(f"esxdriver.cli.commands.{module}").commands
        return group.get_command(ctx, name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options before the command; without a command, on a terminal, commands are read from there."""
        if not args and sys.stdin is not None and sys.stdin.isatty() and not ctx.resilient_parsing and self._homes:
            args = ["shell"]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or the one that runs several: arguments with ``;`` among them, or one with a blank in it."""
        if not ctx.resilient_parsing and (";" in args or any(blank in args[0] for blank in " ;\t\n")):
            return "several", self._imported(ctx, self._homes["shell"], "several"), args
        if self._homes and args[0] not in self._homes:
            from esxdriver.cli import absent

            absent.refuse(args[0])
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands section by section, in columns that agree."""
        widest = max(map(len, self._homes), default=0)
        room = formatter.width - widest - 6
        for section, names in self._sections.items():
            found = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(section):
                formatter.write_dl([(name.ljust(widest), _summary(each, room)) for name, each in found if each])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run; in standalone mode end the process with virsh's messages and exit status, whatever happens."""
        try:
            with outcome.watched():
                status = super().main(args, prog_name or "esxdriver", complete_var, standalone_mode=False, **extra)
                sys.stdout.flush()
        except BaseException as error:
            if not standalone_mode:
                raise
            status = _reported(error)
        if not standalone_mode:
            return status
        sys.exit(status if isinstance(status, int) else 0)


def _summary(command: click.Command, room: int) -> str:
    """Return what a command does, in one line: of a sentence that is too long, the clauses that fit."""
    sentence = command.get_short_help_str(limit=1000)
    if len(sentence) <= room:
        return sentence
    for mark in ("; ", ": ", ", "):
        end = sentence.rfind(mark, 0, room)
        if end > 0:
            return f"{sentence[:end]}."
    return command.get_short_help_str(room)


def _reported(raised: BaseException) -> int:
    try:
        return failures.reported(raised)
    except KeyboardInterrupt:  # another one, while the first was reported
        return failures.INTERRUPTED


def run(ctx: click.Context, args: Sequence[str]) -> Any:
    """Run a command of the whole command line below ``ctx``, and return what it returns; its connection is closed."""
    top = ctx.find_root().command
    assert isinstance(top, click.Group)
    name, command, rest = top.resolve_command(ctx, list(args))
    assert command is not None
    with command.make_context(name, rest, parent=ctx) as below:
        return command.invoke(below)
