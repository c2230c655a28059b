"""Tables as virsh lays them out: folded to the width of a terminal, and not folded elsewhere."""

import functools
import os
import re
import sys
from collections.abc import Mapping, Sequence

import click

from esxdriver.cli.terminal import is_quiet, printable

GAP = "   "
_NARROW_GAP = "  "
_CHUNK = re.compile(r"[^ /_,]*[ /_,]+|[^ /_,]+")  # where a cell may be folded: after one of these


def show(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table; its columns are as wide as what is in them. With --quiet, its rows alone."""
    cells = [[printable(cell) for cell in row] for row in rows]
    shown = lines(heads, cells, terminal_width())
    for line in shown[_rule(shown) + 1 :] if is_quiet() else shown:
        click.echo(line)


def _rule(shown: Sequence[str]) -> int:
    return next(number for number, line in enumerate(shown) if set(line) == {"-"})


def show_fields(fields: Mapping[str, object], column: int = 16) -> None:
    """Write a line for each field: its name, a colon, and its value from ``column`` on."""
    for name, value in fields.items():
        click.echo(f"{name}:".ljust(column) + printable(str(value)))


def terminal_width() -> int | None:
    """Return the width of the terminal, or None when the output goes elsewhere."""
    return os.get_terminal_size(sys.stdout.fileno()).columns or None if sys.stdout.isatty() else None


def lines(heads: Sequence[str], rows: Sequence[Sequence[str]], room: int | None = None) -> list[str]:
    """Return the lines of a table; with ``room``, cells are folded as far as that is needed and possible."""
    columns = list(zip(heads, *rows, strict=True))
    widths = [max(map(width, column)) for column in columns]
    gap = GAP
    if room is not None and _total(widths, GAP) > room:
        gap = _NARROW_GAP
        widths = _fitted(columns, widths, room - _total([0] * len(widths), gap))
    rule = "-" * min(_total(widths, gap) + 2, room or sys.maxsize)
    folded = [line for row in rows for line in _row(row, widths, gap)]
    return [*_row(heads, widths, gap), rule, *folded]


def _total(widths: Sequence[int], gap: str) -> int:
    return 1 + sum(widths) + len(gap) * (len(widths) - 1)


def _fitted(columns: Sequence[Sequence[str]], widths: Sequence[int], room: int) -> list[int]:
    """Make columns narrower until they fit, first the one that takes the fewest lines then."""

    @functools.cache
    def height(number: int, room: int) -> int:
        return max(len(fold(cell, room)) for cell in columns[number])

    least = [_least(column) for column in columns]
    fitted = list(widths)
    while sum(fitted) > room:
        able = [number for number in range(len(fitted)) if fitted[number] > least[number]]
        if not able:
            break
        fitted[min(able, key=lambda number: (height(number, fitted[number] - 1), -fitted[number]))] -= 1
    return fitted


def _least(column: Sequence[str]) -> int:
    return max(width(chunk.rstrip()) for cell in column for chunk in _CHUNK.findall(cell) or [""])


def _row(row: Sequence[str], widths: Sequence[int], gap: str) -> list[str]:
    folded = [fold(cell, room) for cell, room in zip(row, widths, strict=True)]
    height = max(map(len, folded), default=1)
    filled = [cell + [""] * (height - len(cell)) for cell in folded]
    return [(" " + gap.join(map(_padded, line, widths))).rstrip() for line in zip(*filled, strict=True)]


def fold(cell: str, room: int) -> list[str]:
    """Return a cell's lines: broken after a blank, a slash, a comma or an underscore."""
    folded = [""]
    for chunk in _CHUNK.findall(cell):
        if folded[-1] and width(folded[-1] + chunk.rstrip()) > room:
            folded.append("")
        folded[-1] += chunk
    return [line.rstrip() for line in folded]


def _padded(cell: str, room: int) -> str:
    return cell + " " * (room - width(cell))


def width(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # most tables are ASCII

    return cell_len(text)
