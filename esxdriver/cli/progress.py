"""Progress of what takes long, on a terminal only."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")


def tracked(items: Iterable[T], doing: str) -> Iterable[T]:
    """Yield the items; on a terminal, a bar on stderr moves with them."""
    if not sys.stderr.isatty():
        return items
    from rich.progress import track  # noqa: PLC0415

    return track(items, doing, console=_stderr(), transient=True)


@contextmanager
def percentages(doing: str, *, aside: bool = False) -> Iterator[Callable[[int], None] | None]:
    """Give what takes percentages: on a terminal, a bar on stderr that pulses until the first and moves with them.

    ``aside`` says that output goes to stdout meanwhile: no bar is shown where that is the terminal, too.
    """
    if not sys.stderr.isatty() or (aside and sys.stdout.isatty()):
        yield None
        return
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=_stderr(), transient=True) as progress:
        task = progress.add_task(doing, total=None)
        yield lambda percent: progress.update(task, completed=percent, total=100)


def _stderr() -> "Console":
    from rich.console import Console  # noqa: PLC0415

    return Console(stderr=True)
