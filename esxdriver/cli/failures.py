"""What a failing command says: ``error: Failed to ...`` and ``error: <cause>``, as virsh, and never a traceback."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

from esxdriver.cli.process import signal_taken
from esxdriver.cli.terminal import printable

FAILED, USAGE, INTERRUPTED = 1, 2, 130

# What click raises, from 8.2 on, with the help for its text; before, it shows the help by itself.
_NO_COMMAND: tuple[type[Exception], ...] = tuple(
    getattr(click.exceptions, name) for name in ("NoArgsIsHelpError",) if hasattr(click.exceptions, name)
)


class CommandFailed(click.ClickException):
    """A command could not do what it was asked; each line is written as an error of its own."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@contextmanager
def failing_with(failure: str) -> Iterator[None]:
    """Put ``failure``, as virsh words it, in front of what libvirt says is wrong: raises CommandFailed with both."""
    import libvirt

    try:
        yield
    except libvirt.libvirtError as cause:
        raise CommandFailed(failure, str(cause)) from cause


def reported(raised: BaseException) -> int:
    """Tell the user what happened, and return the exit status."""
    status = _status_of(raised)
    if not isinstance(raised, SystemExit) or signal_taken():
        tell(*_notes(raised))
    leave_output()
    return status


def _notes(raised: BaseException | None) -> Iterator[str]:
    """Yield what an error was given on its way: what became of the changes that were sent."""
    while raised is not None:
        yield from getattr(raised, "__notes__", ())
        raised = raised.__cause__ or raised.__context__


def _status_of(raised: BaseException) -> int:
    match raised:
        case SystemExit(code=int(status)):
            return status
        case click.exceptions.Abort() | KeyboardInterrupt():
            if raised.__cause__ is None:
                click.echo(err=True)  # the ^C of a question stands on its line
            return INTERRUPTED
        case BrokenPipeError():  # the reader has left
            return FAILED
        case click.UsageError():
            _tell_misuse(raised)
            return USAGE
        case click.ClickException():
            tell(*getattr(raised, "lines", (raised.format_message(),)))
            _show_trace(raised.__cause__)
            return raised.exit_code
    return _unexpected(raised)


def _unexpected(raised: BaseException) -> int:
    number = signal_taken()
    if number is not None:  # whatever its exception was made into on the way
        return 128 + number
    import libvirt

    from esxdriver.qemu.passing import NotLibvirtsError

    if isinstance(raised, libvirt.libvirtError | NotLibvirtsError):
        tell(str(raised))
    elif isinstance(raised, OSError) and raised.errno == errno.EBADF:
        tell("standard input or output is closed")
    elif isinstance(raised, OSError) and raised.strerror:
        tell(f"{raised.filename}: {raised.strerror}" if raised.filename else raised.strerror)
    else:
        tell(f"{type(raised).__name__}: {raised}", "this is a bug of esxdriver; --debug shows where")
    _show_trace(raised)
    return FAILED


def tell(*lines: str) -> None:
    """Write each line to stderr as an error; where that cannot be written to, nobody reads it."""
    for line in lines:
        with suppress(OSError):
            click.echo(click.style("error: ", fg="red") + printable(line, keep="\n\t"), err=True)


def _tell_misuse(usage: click.UsageError) -> None:
    if isinstance(usage, _NO_COMMAND):
        click.echo(usage.format_message(), err=True)
        return
    tell(usage.format_message())
    click.echo(f"Try '{usage.ctx.command_path if usage.ctx else 'esxdriver'} --help'.", err=True)


def _show_trace(raised: BaseException | None) -> None:
    """With --debug, show where it was raised."""
    import logging

    if raised is not None:
        logging.getLogger("esxdriver").debug("raised here", exc_info=raised)


def leave_output() -> None:
    """Have what cannot be written go nowhere: Python would complain of it at exit."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
