"""Documents read ahead of somebody who goes through them all: how far, and who waits for them."""

import threading
from types import SimpleNamespace

import libvirt
import pytest

from esxdriver.driver import reading_ahead
from esxdriver.driver.reading_ahead import PART, ReadingAhead
from esxdriver.errors import error

REFS = [SimpleNamespace(_moId=f"vm-{number}") for number in range(4 * PART)]


class Reader:
    """Reads REFS, but for some; it stops before those of ``held`` until it may go on."""

    def __init__(self, *, without=(), held=None, failing=None):
        self.put = []
        self.may_go_on = threading.Event()
        self._without, self._held, self._failing = without, held, failing
        self.ahead = ReadingAhead(REFS, self._read, lambda ref, _: self.put.append(ref))

    def _read(self, refs):
        for number, ref in enumerate(refs):
            if number == self._held:
                self.may_go_on.wait(10)
            if number == self._failing:
                raise error(libvirt.VIR_ERR_SYSTEM_ERROR, "the host is gone")
            if number not in self._without:
                yield ref, f"<domain>{number}</domain>"

    def run(self):
        self.ahead._run()
        return len(self.put)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(reading_ahead, "_PATIENCE", 0.01)


def test_nobody_has_more_read_than_two_parts_that_he_does_not_ask_for(impatient):
    reader = Reader()
    assert reader.run() == 2 * PART
    assert not reader.ahead.is_alive


@pytest.mark.parametrize(("asked", "read"), [(0, 2), (PART - 1, 2), (PART, 3), (2 * PART, 4), (4 * PART - 1, 4)])
def test_it_goes_on_to_the_part_behind_the_one_that_is_asked_for(impatient, asked, read):
    reader = Reader()
    reader.ahead.note(REFS[asked])
    assert reader.run() == read * PART


def test_who_asks_for_what_is_coming_waits_for_it():
    reader = Reader(held=5)
    reader.ahead.start()
    threading.Timer(0.05, reader.may_go_on.set).start()
    reader.ahead.wait_for(REFS[PART + 7])
    assert REFS[PART + 7] in reader.put
    reader.ahead.stop()


def test_the_last_of_a_part_is_there_before_the_next_part_comes():
    reader = Reader(held=PART)
    reader.ahead.start()
    reader.ahead.wait_for(REFS[PART - 1])
    assert len(reader.put) == PART
    reader.ahead.stop()
    reader.may_go_on.set()


def test_who_asks_for_a_later_part_or_for_another_machine_does_not_wait():
    reader = Reader(held=5)
    reader.ahead.start()
    reader.ahead.wait_for(REFS[2 * PART])
    reader.ahead.wait_for(SimpleNamespace(_moId="vm-unknown"))
    assert len(reader.put) <= 5
    reader.ahead.stop()
    reader.may_go_on.set()


def test_what_the_host_leaves_out_is_waited_for_no_longer_than_its_part():
    reader = Reader(without={5}, held=PART + 1)
    reader.ahead.start()
    reader.ahead.wait_for(REFS[5])
    assert REFS[5] not in reader.put
    reader.ahead.stop()
    reader.may_go_on.set()


def test_a_failure_ends_it_and_everybodys_waiting():
    reader = Reader(failing=5)
    reader.ahead.start()
    reader.ahead.wait_for(REFS[7])
    assert not reader.ahead.is_alive
    assert reader.put == REFS[:5]


def test_it_stops_when_it_is_told_to():
    reader = Reader()
    reader.ahead.stop()
    assert reader.run() == 0
