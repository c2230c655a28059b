"""A text in the user's editor, offered again when it is refused."""

from collections.abc import Callable

import click

from esxdriver.cli import terminal
from esxdriver.cli.failures import CommandFailed


def edited(before: str, extension: str, take: Callable[[str, bool], None], *, may_skip: bool = False) -> bool:
    """Let the user edit a text until it is taken; return whether it was changed. Raises CommandFailed.

    ``take(text, valid)`` raises libvirtError for a text that it refuses; ``valid`` is False when the user has
    chosen to skip the schema, which ``may_skip`` offers.
    """
    import libvirt

    text, valid = before, True
    while True:
        now = _in_editor(text, extension) if valid else text
        if now is None or now == before:
            return False
        try:
            take(now, valid)
        except libvirt.libvirtError as cause:
            click.echo(f"error: {terminal.printable(str(cause))}", err=True)
            text, valid = now, _again(may_skip=may_skip)
        else:
            return True


def _in_editor(text: str, extension: str) -> str | None:
    try:
        return click.edit(text, extension=extension)
    except click.ClickException as cause:
        raise CommandFailed("Failed to edit", cause.format_message()) from cause


def _again(*, may_skip: bool) -> bool:
    """Ask what to do with a text that was refused: True to edit it again, False to take it unchecked."""
    choices = ["y", "n", *(["i"] if may_skip else [])]
    if not terminal.is_there():
        raise CommandFailed("Failed to take what was edited: it is lost, no terminal is there to ask what to do")
    explained = "y: edit again, n: give up" + (", i: take it without the schema" if may_skip else "")
    answer = click.prompt(f"Failed. Try again? ({explained})", type=click.Choice(choices), default="y", err=True)
    if answer == "n":
        raise CommandFailed("Nothing has changed")
    return bool(answer == "y")
