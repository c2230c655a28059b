"""Trees as virsh draws them: each thing below the one that it hangs on."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def lines(top: T, children: Callable[[T], Sequence[T]], label: Callable[[T], str]) -> Iterator[str]:
    """Yield the line of ``top``, and those of all that is below it; the last one is empty."""
    yield label(top)
    for line in _below(top, children, label, ""):
        yield line.rstrip()


def _below(top: T, children: Callable[[T], Sequence[T]], label: Callable[[T], str], margin: str) -> Iterator[str]:
    found = children(top)
    yield margin + ("  |" if found else "")
    for child in found:
        yield f"{margin}  +- {label(child)}"
        inner = margin + ("    " if child is found[-1] else "  | ")
        if child is found[-1] or children(child):
            yield from _below(child, children, label, inner)
