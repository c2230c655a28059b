"""``manual``: the manual pages."""

import click

from esxdriver.cli.arguments import Commands, argument

commands = Commands()


@commands.command()
@argument("program", type=click.Choice(["esxdriver", "virtesxd"]), default="esxdriver")
@click.pass_context
def manual(ctx: click.Context, program: str) -> None:
    """Write the manual page of PROGRAM.

    \b
    To read it, and to install it:
      esxdriver manual | man -l -
      esxdriver manual virtesxd > /usr/local/share/man/man8/virtesxd.8
    """  # noqa: D301 - click's own mark
    from esxdriver import __version__
    from esxdriver.cli import roff

    release = f"esxdriver {__version__}"
    if program == "esxdriver":
        click.echo(roff.page(ctx.find_root().command, "esxdriver", 1, release), nl=False)
        return
    from esxdriver.daemon import command, config

    files = roff.section("configuration", config.ABOUT, config.manual())
    click.echo(roff.page(command.command, "virtesxd", 8, release, files), nl=False)
