"""A page that is got over HTTP: whole, not too large, and its connection closed in any case."""

import http.client
from types import SimpleNamespace

import pytest

from esxdriver.vsphere.wire import data
from esxdriver.vsphere.wire.faults import ConnectionLostError, NoAnswerError, TransferError


class Opened:
    """A connection that answers with a status and a body, or raises."""

    sock = None

    def __init__(self, status=200, body=b"", raised=None):
        self._answer = SimpleNamespace(status=status, read=lambda size: body[:size])
        self._raised = raised
        self.asked, self.closed = [], False

    def request(self, *asked, headers):
        self.asked.append((*asked, headers))

    def getresponse(self):
        if self._raised is not None:
            raise self._raised
        return self._answer

    def close(self):
        self.closed = True


@pytest.fixture
def opened(monkeypatch):
    def answering(*arguments, **options):
        made = Opened(*arguments, **options)
        monkeypatch.setattr(data, "connection", lambda _session, headers: (made, headers | {"Cookie": "c"}))
        return made

    return answering


def test_a_page_is_got_whole_with_its_status(opened):
    made = opened(404, b"gone")
    assert data.page(None, "/screen?id=1", "looking") == (404, b"gone")
    assert made.asked == [("GET", "/screen?id=1", {"Cookie": "c"})]
    assert made.closed


def test_a_page_that_is_too_large_is_none(opened, monkeypatch):
    monkeypatch.setattr(data, "LARGEST_PAGE", 4)
    opened(200, b"1234")
    assert data.page(None, "/", "looking") == (200, b"1234")
    made = opened(200, b"12345")
    with pytest.raises(TransferError, match="looking: the answer has more than"):
        data.page(None, "/", "looking")
    assert made.closed


BROKEN = [
    (TimeoutError(), NoAnswerError),
    (ConnectionResetError("reset"), ConnectionLostError),
    (http.client.IncompleteRead(b"1"), ConnectionLostError),
]


@pytest.mark.parametrize(("raised", "expected"), BROKEN)
def test_what_breaks_on_the_way_is_an_error_of_the_way(opened, raised, expected):
    made = opened(raised=raised)
    with pytest.raises(expected, match="looking"):
        data.page(None, "/", "looking")
    assert made.closed
