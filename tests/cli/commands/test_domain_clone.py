"""``clone``: its options, called as virt-clone's."""

from unittest.mock import ANY

import pytest

import esxdriver as package
from esxdriver.driver import cloning

DEFAULTS = {"macs": [], "datastore": None, "snapshot": None, "linked": False, "progress": ANY}

# What is typed, and what the function gets besides the domain and the name.
SENT = [
    ("web01 web02", {}),
    ("--original web01 --name web02", {}),
    ("web01 web02 -m 00:50:56:00:00:01 --mac RANDOM", {"macs": ["00:50:56:00:00:01", None]}),
    ("web01 web02 --datastore ds2 --snapshot one --linked", {"datastore": "ds2", "snapshot": "one", "linked": True}),
]


@pytest.mark.parametrize(("line", "sent"), SENT)
def test_a_clone_is_asked_for(esxdriver, conn, monkeypatch, line, sent):
    asked = []

    def clone(domain, name, **options):
        asked.append((domain, name, options))
        return conn.domains[1]

    monkeypatch.setattr(cloning, "clone", clone)
    assert package.clone is clone
    found = esxdriver("clone", *line.split())
    assert (found.exit_code, found.output) == (0, "Domain 'web01' cloned as 'db01'\n")
    assert asked == [(conn.domains[0], "web02", DEFAULTS | sent)]
