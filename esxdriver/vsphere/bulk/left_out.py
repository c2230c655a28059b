"""Machines that a bulk read cannot read: each is reported, and none ends the read of the others."""

import logging
from collections.abc import Callable

_log = logging.getLogger(__name__)

LeftOut = Callable[[str, str], None]
"""Takes the name of a domain that could not be read, and why."""


def log(name: str, why: str) -> None:
    """Warn of a domain that could not be read: what happens where nobody else wants to know."""
    _log.warning("domain '%s' is left out: %s", name, why)
