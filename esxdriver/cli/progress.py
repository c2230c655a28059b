"""Progress of what takes long, on a terminal only."""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")


def tracked(items: Iterable[T], description: str) -> Iterable[T]:
    """Yield the items; on a terminal, a bar on stderr moves with them."""
    if not sys.stderr.isatty():
        return items
    from rich.progress import track

    return track(items, description, console=_stderr(), transient=True)


@contextmanager
def percentages(description: str, *, aside: bool = False) -> Iterator[Callable[[int], None] | None]:
    """Give what takes percentages, for a bar on stderr that pulses until the first; None where that is no terminal.

    ``aside`` says that the command writes to stdout meanwhile. Then there is a bar only where that is a file: on a
    terminal or in a pager it would stand among the output.
    """
    if not sys.stderr.isatty() or (aside and not _is_file(sys.stdout)):
        yield None
        return
    from rich.progress import Progress

    with Progress(console=_stderr(), transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(description, total=None)
        yield lambda percent: progress.update(task, completed=percent, total=100)


def _is_file(stream: TextIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # it has no file descriptor
        return False


def _stderr() -> "Console":
    from rich.console import Console

    return Console(stderr=True)
