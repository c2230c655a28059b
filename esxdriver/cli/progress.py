"""Progress of what takes long, on a terminal only."""

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def tracked(items: Sequence[T], doing: str) -> Iterable[T]:
    """Yield the items; on a terminal, a bar on stderr moves with them."""
    if not sys.stderr.isatty():
        return items
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import track  # noqa: PLC0415

    return track(items, doing, console=Console(stderr=True), transient=True)
