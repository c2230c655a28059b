"""Cassettes: real sessions with a host, recorded once and replayed anywhere.

1. A cassette stands where the host does: a session gets its connections from it and knows no difference
   (``session``, ``cassette.connection``).
2. While recording, each call goes to the host and its answer is kept; nothing reaches the disk before secrets are taken
   out (``scrub``) and the session has ended well.
3. While replaying, the answer is the one recorded for the same call in the same state of the host (``cassette``), or an
   error: never another one, and never a connection (``blocking``).
4. ``plugin`` does both for pytest, ``report`` looks after files, ``inventory`` asks a host for everything.
5. Rooms import downwards: what stands here, then ``cassette``, then ``scrub``, then ``interactions`` and ``xml``.

The names listed here are the public face; each is loaded when it is first asked for, because pytest imports
this package at start-up for its plugin.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esxdriver.recording.blocking import NetworkBlockedError as NetworkBlockedError
    from esxdriver.recording.blocking import no_network as no_network
    from esxdriver.recording.cassette.cassette import Cassette as Cassette
    from esxdriver.recording.cassette.cassette import Mode as Mode
    from esxdriver.recording.cassette.cassette import record as record
    from esxdriver.recording.cassette.cassette import replay as replay
    from esxdriver.recording.report import age_days as age_days
    from esxdriver.recording.report import check as check
    from esxdriver.recording.report import describe as describe
    from esxdriver.recording.report import scrub_file as scrub_file
    from esxdriver.recording.session import connect as connect
    from esxdriver.recording.session import live as live
    from esxdriver.recording.session import recorded_uri as recorded_uri

_NAMES = {
    "blocking": ("NetworkBlockedError", "no_network"),
    "cassette.cassette": ("Cassette", "Mode", "record", "replay"),
    "report": ("age_days", "check", "describe", "scrub_file"),
    "session": ("connect", "live", "recorded_uri"),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}
__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
