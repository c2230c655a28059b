"""How the process takes signals and text that its terminal cannot show."""

import io
import signal
import sys
from typing import Any, NoReturn


def be_tidy() -> None:
    """Leave by an exception when told to end, so that sessions are logged out; never fail at an odd character."""
    for name in ("SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, _leave)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _leave(number: int, _frame: Any) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # once is enough: the second would interrupt the logout
    sys.exit(128 + number)
