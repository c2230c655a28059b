"""What takes long shows a bar on a terminal, and nothing anywhere else."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from esxdriver.driver import diskmodes

BULK = ["list --all", "domstats", "diskmodes --all", "dumpxml --all", "dumpxml --all --output-dir ."]


@pytest.fixture
def reported(conn, monkeypatch, tmp_path):
    """Give what the reads of a connection were given to tell their progress to; each tells it a half."""
    given = []

    def read(*_, progress=None, left_out=None):
        given.append(progress)
        if progress:
            progress(50)
        return iter(())

    conn.getAllXMLDesc.side_effect = conn.getAllDomainStats.side_effect = read
    monkeypatch.setattr(diskmodes, "of_connection", lambda conn, progress, left_out: list(read(progress=progress)))
    monkeypatch.chdir(tmp_path)
    return given


def a_pipe():
    """Return a stream that is no file of the system's, as a pager or a terminal is none."""
    return io.StringIO()


@pytest.fixture
def terminal(monkeypatch):
    """Give what says which streams are a terminal, and what comes of it."""
    bars = []

    class Bar:
        def __init__(self, *, redirect_stdout, **_):
            assert not redirect_stdout  # what is printed meanwhile is the output
            bars.append(self)
            self.completed = None

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def add_task(self, _doing, total):
            assert total is None  # it pulses

        def update(self, _task, completed, total):
            assert total == 100
            self.completed = completed

    def set_up(*, stdout, stderr):
        streams = {"stdout": stdout, "stderr": SimpleNamespace(isatty=lambda: stderr)}
        monkeypatch.setattr("esxdriver.cli.progress.sys", SimpleNamespace(**streams))
        monkeypatch.setattr("rich.progress.Progress", Bar)
        return bars

    return set_up


@pytest.mark.parametrize("words", BULK)
def test_no_bar_without_a_terminal(esxdriver, reported, terminal, words):
    bars = terminal(stdout=a_pipe(), stderr=False)
    assert esxdriver(*words.split()).exit_code == 0
    assert bars == []
    assert not any(reported)


@pytest.mark.parametrize("words", BULK)
def test_a_bar_on_a_terminal(esxdriver, reported, terminal, words):
    with Path("out").open("w") as file:
        bars = terminal(stdout=file, stderr=True)
        assert esxdriver(*words.split()).exit_code == 0
    expected = [None] if words.startswith("list") else [50]  # a list is one call: the bar pulses
    assert [bar.completed for bar in bars] == expected


def test_no_bar_among_the_output(esxdriver, reported, terminal):
    bars = terminal(stdout=a_pipe(), stderr=True)
    assert esxdriver("dumpxml", "--all").exit_code == 0
    assert bars == []
    assert esxdriver("dumpxml", "--all", "--output-dir", ".").exit_code == 0
    assert len(bars) == 1
