"""``top``: which rows, in which order, and how they fit a terminal."""

import io

import pytest
from rich.console import Console

from esxdriver.cli.commands.top import _short, moving
from esxdriver.vsphere.bulk.rates import Rates


@pytest.fixture
def busy(conn):
    web01, db01, lab = conn.domains
    conn.getAllDomainRates.return_value = [
        (web01, Rates(maximum=2**21)),
        (db01, Rates(1.25, 2**20, 2**21, read=2048, written=1, received=5 * 2**20, sent=2**30)),
        (lab, Rates(maximum=2**20)),
    ]


def test_one_table_of_what_runs(esxdriver, conn, busy):
    assert esxdriver("top", "--once").stdout == (
        " Name   State     CPU %   Memory   Max    Read/s   Write/s   Recv/s   Sent/s\n"
        "------------------------------------------------------------------------------\n"
        " db01   running   125.0   1.0G     2.0G   2.0K     1         5.0M     1.0G\n"
    )


ORDERS = [
    ("name", ["Lab", "db01", "web01"]),
    ("cpu", ["db01", "Lab", "web01"]),
    ("memory", ["db01", "Lab", "web01"]),
    ("read", ["db01", "Lab", "web01"]),
    ("write", ["db01", "Lab", "web01"]),
    ("receive", ["db01", "Lab", "web01"]),
    ("send", ["db01", "Lab", "web01"]),
]


@pytest.mark.parametrize(("order", "names"), ORDERS)
def test_rows_are_sorted_by_a_column_and_then_by_name(esxdriver, busy, order, names):
    shown = esxdriver("-q", "top", "--all", "--sort", order).stdout.splitlines()
    assert [line.split()[0] for line in shown] == names


SIZES = [(0, "0"), (999, "999"), (1000, "1.0K"), (1024 * 12, "12K"), (1024**2 * 999, "999M"), (1024**3 * 1001, "1.0T"),
         (1024**5, "1024T")]  # fmt: skip


@pytest.mark.parametrize(("size", "shown"), SIZES)
def test_sizes_take_little_room(size, shown):
    assert _short(size) == shown


def test_the_table_that_moves_fits_80_columns_and_cuts_names_alone():
    row = ["[bold]" + "x" * 70, "shut off", "12345.6", "1000G", "1000G", "1000G", "1000G", "1000G", "1000G"]
    console = Console(width=80, file=io.StringIO())
    console.print(moving("esx1", [row]))
    _title, heads, shown = console.file.getvalue().splitlines()
    assert heads.split() == ["Name", "State", "CPU", "%", "Memory", "Max", "Read/s", "Write/s", "Recv/s", "Sent/s"]
    name, *others = shown.split()
    assert name.startswith("[bold]xxx")
    assert name.endswith("…")
    assert " ".join(others) == " ".join(row[1:])
