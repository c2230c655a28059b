"""Several commands over one session: on the command line, from a file, or typed one by one; and ``help``."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from esxdriver.cli import failures
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.group import run
from esxdriver.cli.target import Kept

commands = Commands()

_PROMPT = "esxdriver # "
_END = {"exit", "quit"}


@commands.command("help")
@argument("name", required=False, metavar="COMMAND", names=["--command"])
@click.pass_context
def help_(ctx: click.Context, name: str | None) -> None:
    """Show what there is, or the options of COMMAND."""
    top = ctx.find_root()
    assert isinstance(top.command, click.Group)
    if name is None:
        click.echo(top.get_help())
        return
    command = top.command.get_command(top, name)
    if command is None:
        from esxdriver.cli import absent

        absent.refuse(name)
        raise click.UsageError(f"No such command '{name}'.")
    click.echo(command.get_help(click.Context(command, parent=top, info_name=name)))


@commands.command()
@click.pass_context
def shell(ctx: click.Context) -> None:
    """Read commands, a line each, and run them over one session.

    On a terminal, Tab completes them, an error ends nothing, and 'quit' or Ctrl-D does. From a file or a pipe, the
    first command that fails ends all: its exit status is the shell's. ';' separates commands in a line.
    """
    if sys.stdin is not None and sys.stdin.isatty():
        _converse(ctx)
    else:
        for line in sys.stdin or ():
            if not run_all(ctx, split(line)):
                return


@commands.command(
    "several", hidden=True, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.argument("given", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def several(ctx: click.Context, given: tuple[str, ...]) -> None:
    """Run the commands of a command line, separated by ';' or all in one argument, as virsh takes them."""
    run_all(ctx, split(given[0]) if len(given) == 1 else _parted(given))


def split(line: str) -> list[list[str]]:
    """Return the commands in a line, each as its arguments; it is quoted as in a POSIX shell. Raises UsageError."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        return _parted(list(lexer))
    except ValueError as error:
        raise click.UsageError(f"{error}: {line.strip()}") from error


def _parted(given: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for arg in given:
        if arg.strip(";"):
            found[-1].append(arg)
        else:
            found.append([])
    return [each for each in found if each]


def run_all(ctx: click.Context, lines: Sequence[Sequence[str]]) -> bool:
    """Run commands over one session; return whether to go on. Raises what the first that fails raises."""
    _keep(ctx)
    for args in lines:
        if args[0] in _END:
            return False
        status = run(ctx, args)
        if isinstance(status, int) and status:
            raise click.exceptions.Exit(status)
    return True


def _keep(ctx: click.Context) -> None:
    if ctx.obj.kept is None:
        ctx.obj = replace(ctx.obj, kept=Kept(ctx))


def _converse(ctx: click.Context) -> None:
    _completing(ctx)
    for line in _typed():
        try:
            if not run_all(ctx, split(line)):
                return
        except (click.exceptions.Exit, SystemExit):  # --help has shown it, or a command has said why
            continue
        except BaseException as error:  # noqa: BLE001 - an error does not end the shell
            failures.reported(error)


def _typed() -> Iterator[str]:
    while True:
        try:
            yield input(_PROMPT)
        except KeyboardInterrupt:
            click.echo()
        except EOFError:
            click.echo()
            return


def _completing(ctx: click.Context) -> None:
    """Have Tab complete as it does in the user's own shell."""
    import contextlib

    with contextlib.suppress(ImportError):
        import readline

        from click.shell_completion import ShellComplete

        top = ctx.find_root()
        before = [arg for name in ("uri", "replay") if top.params.get(name) for arg in _option(name, top)]
        completer = ShellComplete(top.command, {}, "esxdriver", "_ESXDRIVER_COMPLETE")

        def complete(text: str, number: int) -> str | None:
            args = readline.get_line_buffer()[: readline.get_begidx()].split()
            found = [each.value for each in completer.get_completions([*before, *args], text) if each.type == "plain"]
            return f"{found[number]} " if number < len(found) else None

        readline.set_completer_delims(" ")
        readline.set_completer(complete)
        readline.parse_and_bind("tab: complete")


def _option(name: str, top: click.Context) -> list[str]:
    return [{"uri": "--connect", "replay": "--replay"}[name], top.params[name]]
