"""``completion``: what a shell needs to complete commands and options."""

import click

from esxdriver.cli.arguments import Commands, argument

commands = Commands()


@commands.command()
@argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Write the completion script for SHELL.

    \b
    For bash, write it to
      ~/.local/share/bash-completion/completions/esxdriver
    for zsh, to a file _esxdriver in a directory of $fpath, and for fish, to
      ~/.config/fish/completions/esxdriver.fish
    """  # noqa: D301 - click's own mark
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(ctx.find_root().command, {}, "esxdriver", "_ESXDRIVER_COMPLETE").source())
