"""Open the libvirt face over a cassette, and find the host that is recorded."""

from os import PathLike
from typing import Any

from esxdriver import uri as uris
from esxdriver.recording.cassette import Cassette
from esxdriver.recording.connection import Connections
from esxdriver.recording.report import describe
from esxdriver.vsphere import wire


def live(uri: str) -> Connections:
    """Return connections to the host of a URI. Raises INVALID_ARG for a URI that is none."""
    return wire.live(uris.parse(uri))


def connect(uri: str, cassette: Cassette, auth: list[Any] | None = None) -> Any:
    """Return an open ``Connect`` that asks the cassette instead of a host, or records through it."""
    raise NotImplementedError


def recorded_uri(path: str | PathLike[str]) -> str:
    """Return a URI of the kind of host that was recorded."""
    api = describe(path).head.get("host", {}).get("apiType")
    return "vpx://host/" if api == "VirtualCenter" else "esx://host/"
