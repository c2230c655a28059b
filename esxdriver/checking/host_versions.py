"""Which versions a host has, and its machines and their Tools: numbers, and no names."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from esxdriver import __version__
from esxdriver.vsphere.query import inventory

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect

_ABOUT = ("apiType", "apiVersion", "version", "build", "productLineId", "osType")
_PLAIN = re.compile(r"[A-Za-z0-9.-]{1,40}")

# What is counted of machines, and what it is called.
_OF_MACHINES = {
    "config.version": "hardware version",
    "guest.toolsVersion": "Tools",
    "guest.toolsVersionStatus2": "state of Tools",
    "runtime.powerState": "state",
    "runtime.connectionState": "connection",
}


def about(conn: "Connect") -> Mapping[str, str]:
    """Return the versions of the host, its API and this driver."""
    said = conn.backend.session.about
    found = {name: _plain(getattr(said, name, None)) for name in _ABOUT}
    return {**{name: text for name, text in found.items() if text}, "esxdriver": __version__}


def versions(conn: "Connect") -> Mapping[str, Mapping[str, int]]:
    """Return how many machines have which version of the hardware and of Tools, in one round trip."""
    backend = conn.backend
    found = inventory.machines(backend.session, backend.scope, *_OF_MACHINES)
    counted = {
        called: Counter(_plain(each[path]) or "unknown" for each in found) for path, called in _OF_MACHINES.items()
    }
    return {called: dict(counts.most_common()) for called, counts in counted.items()}


def escaped_names(conn: "Connect") -> list[str]:
    """Return the names of machines as the host has them, in one round trip."""
    backend = conn.backend
    return [each["name"] or "" for each in inventory.machines(backend.session, backend.scope, "name")]


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return text if _PLAIN.fullmatch(text) else ""
