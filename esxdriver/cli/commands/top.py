"""``top``: how busy the domains are, once or as a table that moves."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from esxdriver.cli import table, texts
from esxdriver.cli.arguments import Commands
from esxdriver.cli.failures import failing_with
from esxdriver.cli.target import Target
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from rich.table import Table

    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain
    from esxdriver.vsphere.bulk.rates import Rates

commands = Commands()

_HEADS = ("Name", "State", "CPU %", "Memory", "Max", "Read/s", "Write/s", "Recv/s", "Sent/s")
_LINES_OF_HEADS = 3  # above the rows of the table that moves

# What a table is sorted by, and the field; most first.
_ORDERS = {
    "cpu": "cpu",
    "memory": "memory",
    "read": "read",
    "write": "written",
    "receive": "received",
    "send": "sent",
}

Busy = tuple["Domain", "Rates"]


@commands.command()
@click.option("--once", is_flag=True, help="Show one table, and end.")
@click.option("--sort", type=click.Choice(["name", *_ORDERS]), default="cpu", show_default=True,
              help="The column by which rows are sorted.")  # fmt: skip
@click.option("--delay", type=click.FloatRange(min=1), default=5.0, show_default=True, metavar="SECONDS",
              help="How long a table stays; a host takes its samples every 20 seconds.")  # fmt: skip
@click.option("--all", "every", is_flag=True, help="Domains that are not running, too.")
@click.pass_obj
def top(target: Target, /, once: bool, sort: str, delay: float, every: bool) -> None:
    """Show what domains use: CPU, memory, and what they read, write, receive and send a second, in bytes.

    100 % is one CPU. 'Memory' is what a domain has of the host's, 'Max' what it may have. On a terminal the table
    is shown anew until Ctrl-C; elsewhere, once.
    """
    conn = target.connect()
    with failing_with("Failed to get domain stats"):
        if once or not sys.stdout.isatty():
            table.show(_HEADS, _rows(conn.getAllDomainRates(), sort, every=every))
            return
        with suppress(KeyboardInterrupt):
            _show_until_interrupted(conn, lambda: _rows(conn.getAllDomainRates(), sort, every=every), delay)


def _rows(busy: Iterable[Busy], sort: str, *, every: bool) -> list[list[str]]:
    from esxdriver.conf.mapping.states import PowerState

    chosen = [each for each in busy if every or each[0].known_power is PowerState.RUNNING]
    chosen.sort(key=lambda each: each[0].name())
    if sort in _ORDERS:
        chosen.sort(key=lambda each: getattr(each[1], _ORDERS[sort]), reverse=True)
    return [_row(domain, rates) for domain, rates in chosen]


def _row(domain: "Domain", rates: "Rates") -> list[str]:
    traffic = (rates.read, rates.written, rates.received, rates.sent)
    return [
        domain.name(),
        texts.state_when_listed(domain),
        f"{100 * rates.cpu:.1f}",
        *(_short(1024 * size) for size in (rates.memory, rates.maximum)),
        *map(_short, traffic),
    ]


def _short(size: int) -> str:
    """Return a number of bytes in five characters at most: ``0``, ``512``, ``1.2K``, ``34M``, ``1000G``."""
    value, unit = float(size), ""
    for unit in ("", "K", "M", "G", "T"):
        if value < 1000 or unit == "T":
            break
        value /= 1024
    return f"{value:.1f}{unit}" if unit and value < 10 else f"{value:.0f}{unit}"


def _show_until_interrupted(conn: "Connect", rows: Callable[[], list[list[str]]], delay: float) -> None:
    from rich.console import Console
    from rich.live import Live

    console = Console()
    title = f"{printable(conn.getHostname())}, every {delay:g} s; Ctrl-C ends it"
    with Live(console=console, auto_refresh=False, screen=True) as live:
        while True:
            live.update(moving(title, rows()[: max(console.height - _LINES_OF_HEADS, 1)]), refresh=True)
            time.sleep(delay)


def moving(title: str, rows: Sequence[Sequence[str]]) -> "Table":
    """Return the table for a terminal of 80 columns or more: long names are cut, the other columns are whole."""
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title, title_justify="left", box=None, expand=True, padding=(0, 1, 0, 0))
    name, state, *numbers = _HEADS
    made.add_column(name, no_wrap=True, overflow="ellipsis", ratio=1)
    made.add_column(state, no_wrap=True)
    for head in numbers:
        made.add_column(head, no_wrap=True, justify="right")
    for row in rows:
        made.add_row(*(Text(printable(cell)) for cell in row))
    return made
