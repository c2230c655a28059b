"""Waiting for a host: a notice about one that takes long, and threads that may not wait at all.

Whoever can show the notice sets :data:`notify`. An event loop may not wait: what it tries :func:`without_waiting` is
either known already, or ends before anything is sent to a host, to be done again by a thread that may.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator

NOTICE_AFTER = 3.0  # seconds

notify: Callable[[str], None] | None = None
"""Called with "waiting for HOST..." when a call takes longer than :data:`NOTICE_AFTER`, in a thread of its own."""


@contextlib.contextmanager
def waiting_for(host: str) -> Iterator[None]:
    """Give notice that the block waits for a host, if it takes long."""
    if notify is None:
        yield
        return
    timer = threading.Timer(NOTICE_AFTER, notify, [f"waiting for {host}..."])
    timer.daemon = True
    with contextlib.suppress(RuntimeError):  # at the interpreter's end no thread starts any more
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


_thread = threading.local()


class WouldWaitError(Exception):
    """The answer is not known here: a host would have to be asked."""


class without_waiting:  # noqa: N801 - a block, which is written as a function
    """Let this thread send nothing to a host meanwhile: whatever would be sent raises WouldWaitError.

    Where such blocks stand within each other, the outermost decides how long.
    """

    def __enter__(self) -> None:
        self._before = _may_not_wait()
        _thread.forbidden = True

    def __exit__(self, *_: object) -> None:
        _thread.forbidden = self._before


def _may_not_wait() -> bool:
    return bool(getattr(_thread, "forbidden", False))


def require_may_wait() -> None:
    """Raise WouldWaitError in a thread that may not wait now."""
    if _may_not_wait():
        raise WouldWaitError


@contextlib.contextmanager
def held(lock: threading.Lock) -> Iterator[None]:
    """Hold a lock that others may hold while they wait for a host. Raises WouldWaitError where nobody may wait."""
    if not lock.acquire(blocking=not _may_not_wait()):
        raise WouldWaitError
    try:
        yield
    finally:
        lock.release()
