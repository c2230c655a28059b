"""Recorded sessions with updates replay: in order, each once, none too early, and then silence."""

import time

import libvirt
import pytest

from esxdriver import recording
from esxdriver.recording.cassette import updates
from tests.recording.cassette.test_cassette import CHANGE
from tests.recording.fakehost import FakeHost, answer, ask, request, value


def wait(version, seconds=60):
    """What matters is who waits for what, and not since when or for how long."""
    return request(
        "WaitForUpdatesEx",
        f"<version>{version}</version><options><maxWaitSeconds>{seconds}</maxWaitSeconds></options>",
        "<_this type='PropertyCollector'>ha-property-collector</_this>",
    )


def update(number):
    return answer("WaitForUpdatesEx", f"<returnval>{number}</returnval>")


@pytest.fixture
def path(tmp_path):
    """Two updates, a change, and the update that comes of it."""
    path = tmp_path / "lab.yaml"
    host = FakeHost(WaitForUpdatesEx=[update(1), update(2), update(3)])
    with recording.record(path, host.connections()) as cassette:
        for body in (wait(""), wait("1"), CHANGE, wait("2")):
            ask(cassette.connections(), body)
    return path


@pytest.fixture
def asking(path, monkeypatch):
    monkeypatch.setattr(updates, "PAUSE", 0.01)
    cassette = recording.replay(path)
    return lambda body: value(ask(cassette.connections(), body))


def test_updates_come_in_order_and_each_once(asking):
    assert [asking(wait("")), asking(wait("1")), asking(CHANGE), asking(wait("2"))] == ["1", "2", None, "3"]
    assert [asking(wait("3")), asking(wait("3", seconds=7))] == [None, None]


def test_no_update_comes_before_the_change_that_made_it(asking):
    assert [asking(wait(each)) for each in ("", "1", "2", "2")] == ["1", "2", None, None]
    asking(CHANGE)
    assert asking(wait("2")) == "3"


def test_an_update_that_was_not_asked_for_in_its_state_is_not_lost(asking):
    asking(CHANGE)
    assert [asking(wait(each)) for each in ("", "1", "2", "3")] == ["1", "2", "3", None]


def test_a_wait_without_updates_takes_a_moment_and_answers_as_one_whose_time_is_up(path):
    cassette = recording.replay(path)
    for version in ("", "1"):
        ask(cassette.connections(), wait(version))
    started = time.monotonic()
    said = ask(cassette.connections(), wait("2"))
    assert "WaitForUpdatesExResponse" in said
    assert "returnval" not in said
    assert time.monotonic() - started >= updates.PAUSE
    assert (cassette.counts.missed, cassette.unused) == (0, ["PowerOnVM_Task", "WaitForUpdatesEx"])


def test_a_wait_that_was_never_recorded_is_a_miss(path):
    with pytest.raises(libvirt.libvirtError, match="no answer to WaitForUpdatesEx"):
        ask(recording.replay(path).connections(), wait("").replace(b"ha-property", b"another-property"))


@pytest.mark.parametrize("farewell", sorted(updates.FAREWELLS))
def test_the_end_of_a_watch_need_not_be_recorded(path, farewell):
    """Which thread is first when a recorded session ends is chance, and so whether this was asked."""
    cassette = recording.replay(path)
    said = ask(cassette.connections(), request(farewell, "", "<_this type='PropertyCollector'>one</_this>"))
    assert f"{farewell}Response" in said
    assert cassette.counts.missed == 0
