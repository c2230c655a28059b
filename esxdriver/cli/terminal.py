"""What a terminal is shown and asked. Names and documents come from strangers, and may steer a terminal."""

import sys

import click

_QUIET = "esxdriver.quiet"  # in a context's meta


def printable(text: str, keep: str = "") -> str:
    r"""Return ``text`` with what would steer a terminal written as ``\xNN``."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in keep else _escape(each) for each in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


def write(text: str | bytes) -> None:
    """Write a document: to a file or a pipe as it is, to a terminal with what would steer it escaped."""
    if isinstance(text, str) and sys.stdout.isatty():
        text = printable(text, keep="\n\t")
    click.echo(text, nl=False)


def say(text: str) -> None:
    """Say what was done, unless --quiet is given."""
    if not is_quiet():
        click.echo(printable(text))


def be_quiet(ctx: click.Context, _param: click.Parameter, given: bool) -> None:
    """Remember --quiet, for all that the command line runs."""
    ctx.meta[_QUIET] = given


def is_quiet() -> bool:
    """Return whether only what was asked for is to be said."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(ctx.meta.get(_QUIET))


def is_there() -> bool:
    """Return whether there is a terminal to ask on, whatever the standard input is."""
    try:
        with open("/dev/tty", "rb"):  # noqa: PTH123 - it is no file
            return True
    except OSError:
        return sys.stdin is not None and sys.stdin.isatty()


def ask(text: str, default: str | None, *, hidden: bool) -> str:
    """Ask on the terminal, as virsh does: the standard input may be a pipe with a document in it.

    An empty answer means the ``default``. What is ``hidden`` is not shown while it is typed.
    """
    if hidden:
        return _hidden(text)
    return _answer(f"{text}: ") or default or ""


def _hidden(text: str) -> str:
    from getpass import getpass

    return getpass(f"{text}: ")


def _answer(question: str) -> str:
    try:
        with open("/dev/tty", "r+b", buffering=0) as tty:  # noqa: PTH123 - it is no file
            tty.write(question.encode())
            return tty.readline().decode(errors="surrogateescape").rstrip("\r\n")
    except OSError:
        return str(click.prompt(question.rstrip(": "), prompt_suffix=": ", default="", show_default=False, err=True))
