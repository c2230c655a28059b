"""What takes long shows a bar on a terminal, and nothing anywhere else."""

from types import SimpleNamespace

import pytest

from esxdriver import diskmodes

BULK = ["list --all", "domstats", "diskmodes --all", "dumpxml --all", "dumpxml --all --output-dir ."]


@pytest.fixture
def told(conn, monkeypatch, tmp_path):
    """Give what the reads of a connection were given to tell their progress to; each tells it a half."""
    given = []

    def read(*_, progress=None):
        given.append(progress)
        if progress:
            progress(50)
        return iter(())

    conn.getAllXMLDesc.side_effect = conn.getAllDomainStats.side_effect = read
    monkeypatch.setattr(diskmodes, "of_connection", lambda conn, progress: list(read(progress=progress)))
    monkeypatch.chdir(tmp_path)
    return given


@pytest.fixture
def terminal(monkeypatch):
    """Give what says which streams are a terminal, and what comes of it."""
    bars = []

    class Bar:
        def __init__(self, **_):
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
        streams = {"stdout": stdout, "stderr": stderr}
        named = {name: SimpleNamespace(isatty=lambda is_one=is_one: is_one) for name, is_one in streams.items()}
        monkeypatch.setattr("esxdriver.cli.progress.sys", SimpleNamespace(**named))
        monkeypatch.setattr("rich.progress.Progress", Bar)
        return bars

    return set_up


@pytest.mark.parametrize("words", BULK)
def test_no_bar_without_a_terminal(esxdriver, told, terminal, words):
    bars = terminal(stdout=True, stderr=False)
    assert esxdriver(*words.split()).exit_code == 0
    assert bars == []
    assert not any(told)


@pytest.mark.parametrize("words", BULK)
def test_a_bar_on_a_terminal(esxdriver, told, terminal, words):
    bars = terminal(stdout=False, stderr=True)
    assert esxdriver(*words.split()).exit_code == 0
    expected = [None] if words.startswith("list") else [50]  # a list is one call: the bar pulses
    assert [bar.completed for bar in bars] == expected


def test_no_bar_among_the_output(esxdriver, told, terminal):
    bars = terminal(stdout=True, stderr=True)
    assert esxdriver("dumpxml", "--all").exit_code == 0
    assert bars == []
    assert esxdriver("dumpxml", "--all", "--output-dir", ".").exit_code == 0
    assert len(bars) == 1
