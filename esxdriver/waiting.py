"""A first word about a host that lets one wait: who shows it sets :data:`tell`."""

import contextlib
import threading
from collections.abc import Callable, Iterator

FIRST_WORD = 3.0  # seconds

tell: Callable[[str], None] | None = None
"""What is told "waiting for HOST..." when a call takes longer than :data:`FIRST_WORD`; in a thread of its own."""


@contextlib.contextmanager
def waiting_for(host: str) -> Iterator[None]:
    """Tell that the block waits for a host, if it takes long."""
    if tell is None:
        yield
        return
    timer = threading.Timer(FIRST_WORD, tell, [f"waiting for {host}..."])
    timer.daemon = True
    with contextlib.suppress(RuntimeError):  # at the interpreter's end no thread starts any more
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
