"""Tables: virsh's layout, and what a narrow terminal makes of it."""

import pytest

from esxdriver.cli import table

HEADS = ["Target", "Source", "Mode"]
ROWS = [["sda", "[datastore1] web01/web01.vmdk", "independent_persistent"], ["hdc", "-", "-"]]


def test_is_not_folded_where_there_is_no_terminal():
    assert table.lines(HEADS, ROWS) == [
        " Target   Source                          Mode",
        "-" * 66,
        " sda      [datastore1] web01/web01.vmdk   independent_persistent",
        " hdc      -                               -",
    ]


def test_is_folded_between_words_where_the_terminal_is_narrow():
    assert table.lines(HEADS, ROWS, room=46) == [
        " Target  Source             Mode",
        "-" * 46,
        " sda     [datastore1]       independent_",
        "         web01/web01.vmdk   persistent",
        " hdc     -                  -",
    ]


@pytest.mark.parametrize("room", range(40, 70))
def test_keeps_every_character_and_the_width(room):
    lines = table.lines(HEADS, ROWS, room)
    assert max(map(len, lines)) <= room
    for word in ("[datastore1]", "web01/", "vmdk", "independent_", "persistent"):
        assert any(word in line for line in lines)


def test_is_as_wide_as_it_must_be():
    assert len(table.lines(["Name"], [["x" * 50]], room=20)[2]) == 51


def test_without_rows_is_its_head():
    assert table.lines(["Id", "Name"], []) == [" Id   Name", "-" * 12]


WIDTHS = [("web01", 5), ("Ünïcode", 7), ("仮想機械", 8), ("e\u0301", 1), ("", 0)]


@pytest.mark.parametrize(("text", "columns"), WIDTHS)
def test_counts_columns_of_the_terminal(text, columns):
    assert table.width(text) == columns


FOLDS = [
    ("[ds] web01/web01.vmdk", 10, ["[ds]", "web01/", "web01.vmdk"]),
    ("independent_persistent", 12, ["independent_", "persistent"]),
    ("unbreakable", 4, ["unbreakable"]),
    ("", 4, [""]),
]


@pytest.mark.parametrize(("cell", "room", "folded"), FOLDS)
def test_folds_a_cell(cell, room, folded):
    assert table.fold(cell, room) == folded
