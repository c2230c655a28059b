"""Progress of what takes long, on a terminal only."""

import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def tracked(items: Iterable[T], doing: str, count: Callable[[], int] | None = None) -> Iterable[T]:
    """Yield the items; on a terminal, a bar on stderr moves with them.

    ``count`` says how many there will be, of what has no length; it is asked only where a bar is shown.
    """
    if not sys.stderr.isatty():
        return items
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import track  # noqa: PLC0415

    return track(items, doing, total=count() if count else None, console=Console(stderr=True), transient=True)
