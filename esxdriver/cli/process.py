"""How the process takes signals, text that its terminal cannot show, and streams that nobody has opened."""

import io
import os
import signal
import sys
from typing import Any, NoReturn

_taken: list[int] = []


def be_tidy() -> None:
    """Raise an exception at a signal, so that sessions are logged out; escape characters that cannot be encoded."""
    _fill_closed_streams()
    signal.signal(signal.SIGINT, _interrupt)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is not signal.SIG_IGN:  # nohup has it ignored
            signal.signal(number, _leave)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def signal_taken() -> int | None:
    """Return the signal by which the process was ended, None when there was none.

    It counts, whatever its exception became on the way: an import that it interrupts may raise anything.
    """
    return _taken[0] if _taken else None


def _interrupt(number: int, _frame: Any) -> NoReturn:
    _taken.append(number)
    raise KeyboardInterrupt


def _leave(number: int, _frame: Any) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # once is enough: the second would interrupt the logout
    _taken.append(number)
    sys.exit(128 + number)


def _fill_closed_streams() -> None:
    """Open a standard stream that is closed on something, before a connection takes its number.

    Reading such an input, and writing to such an output, is an error, as it is for every other program.
    """
    for number, (name, mode, kind) in enumerate(_STREAMS):
        if getattr(sys, name) is None:
            while os.open(os.devnull, mode) < number:
                pass  # the lower numbers are free as well, and will be needed
            setattr(sys, name, os.fdopen(number, kind, closefd=False))


# Each standard stream, how its number is opened (so that its use is an error), and how it is used.
_STREAMS = (("stdin", os.O_WRONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_RDWR, "w"))
