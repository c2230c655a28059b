"""What the driver logs, on stderr: warnings always, everything with ``--debug``."""

import logging

import click

from esxdriver.cli.terminal import printable

_COLOURS = {logging.WARNING: "yellow", logging.DEBUG: "blue"}


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        level = click.style(f"{record.levelname.lower()}: ", fg=_COLOURS.get(record.levelno))
        click.echo(level + printable(self.format(record), keep="\n\t"), err=True)


def show_logs(*, debug: bool) -> None:
    """Show the log of this package, and of no other: theirs may hold a password."""
    log = logging.getLogger("esxdriver")
    log.handlers = [_Lines()]
    log.propagate = False
    log.setLevel(logging.DEBUG if debug else logging.WARNING)
