"""Cassettes: real sessions with a host, recorded once and replayed anywhere.

The functions and classes named here are the public face; each is loaded when it is first asked for, because
pytest imports this package at start-up for its plugin.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esxdriver.recording.cassette import Cassette as Cassette
    from esxdriver.recording.cassette import Mode as Mode
    from esxdriver.recording.cassette import record as record
    from esxdriver.recording.cassette import replay as replay
    from esxdriver.recording.report import check as check
    from esxdriver.recording.report import describe as describe
    from esxdriver.recording.report import scrub_file as scrub_file

_HOMES = {
    "Cassette": "cassette",
    "Mode": "cassette",
    "record": "cassette",
    "replay": "cassette",
    "check": "report",
    "describe": "report",
    "scrub_file": "report",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
