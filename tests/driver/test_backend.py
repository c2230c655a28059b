"""What the objects of a connection share, without a host."""

import pytest

from esxdriver.driver.backend import Backend
from esxdriver.uri import parse
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.retrieve import Found


@pytest.mark.parametrize(
    ("held", "name"), [("web01", "web01"), ("a%2fb", "a/b"), ("a%2Fb", "a/b"), ("100%25", "100%"), ("%41", "%41")]
)
def test_a_name_is_found_however_the_host_spells_its_escapes(monkeypatch, held, name):
    def machines(_session, _scope, *_paths, text):
        return [Found("vm-1", {"name": held})] if text in (None, held) else []

    monkeypatch.setattr(inventory, "scope_of", lambda _session, _path: None)
    monkeypatch.setattr(inventory, "machines", machines)
    backend = Backend(None, parse("esx://esx1/"))
    assert [each.name for each in backend.named(name)] == [name]
    assert list(backend.named(f"{name}2")) == []
