"""What a search says of a directory, and what it leaves open."""

from types import SimpleNamespace

import pytest

from esxdriver.vsphere.storage import search
from esxdriver.vsphere.storage.search import is_empty

STORE = SimpleNamespace(name="ds", browser=SimpleNamespace(SearchDatastore_Task=lambda **_: None))


@pytest.mark.parametrize(
    ("answer", "empty"),
    [
        (SimpleNamespace(file=[]), True),
        (SimpleNamespace(file=[SimpleNamespace(path="a.vmdk")]), False),
        (None, False),  # the host has not said what it found: the directory must not be deleted for that
    ],
)
def test_a_directory_is_empty_only_where_the_host_says_so(monkeypatch, answer, empty):
    monkeypatch.setattr(search, "wait", lambda *_, **__: answer)
    assert is_empty(None, STORE, "dir") is empty
