"""Logging in: a login that a signal does not end, and what follows from one that fails."""

import math
import threading
import time
from collections.abc import Callable, Sequence

from pyVmomi import vmodl

from esxdriver.vsphere.wire.faults import SessionEndedError, UnreachableError, describe

_THREAD_STARTS_WITHIN = 10.0  # seconds
_SOON = 5.0  # seconds until a login is tried again that the host has not refused, only failed to answer


class Login:
    """A login in a thread of its own: a signal may end the waiting for it, and not the login.

    Otherwise nobody would know of the session that the host opens. When nobody waits for it any more, it is logged out
    at once.
    """

    def __init__(self, ask: Callable[[], None], log_out: Callable[[], None]) -> None:
        self._ask = ask
        self._log_out = log_out
        self._lock = threading.RLock()
        self._begun, self._ended = threading.Event(), threading.Event()
        self._raised: BaseException | None = None
        self._left = False

    def start(self) -> None:
        """Begin to log in."""
        threading.Thread(target=self._run, name="esxdriver-login", daemon=True).start()

    @property
    def is_done(self) -> bool:
        """Whether the host has answered, or will not."""
        return self._ended.is_set()

    def wait(self) -> None:
        """Wait for the answer. Raises what the login raised."""
        if not self._begun.wait(_THREAD_STARTS_WITHIN):
            raise UnreachableError("the login was interrupted before it began")
        self._ended.wait()
        if self._raised is not None:
            raise self._raised

    def wait_or_leave(self, seconds: float) -> None:
        """Wait for the answer, whatever it is, for some seconds; then the thread has to log out itself."""
        try:
            self._ended.wait(seconds)
        finally:
            with self._lock:
                self._left = not self.is_done

    def _run(self) -> None:
        self._begun.set()
        try:
            self._ask()
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits
            self._raised = error
        with self._lock:
            self._ended.set()
        if self._left:
            self._log_out()


class Refusals:
    """The logins that failed where a session was to be renewed, and when the next one may be tried: never, as it is.

    With ``pauses``, the seconds after each refusal, the last of them ever after, it may be when one of them is over.
    """

    def __init__(self) -> None:
        self.pauses: Sequence[float] = ()
        self._count = 0
        self._next = math.inf
        self._error: SessionEndedError | None = None

    @property
    def error(self) -> SessionEndedError | None:
        """What a call is answered as long as no login may be tried, None when it may be."""
        error = self._error
        return error.again() if error is not None and time.monotonic() < self._next else None

    def add(self, error: Exception) -> SessionEndedError:
        """Note that a login has failed, and return what is answered from now on."""
        advice = "open the connection again"
        if self.pauses:
            pause = self._pause(error)
            self._next = time.monotonic() + pause
            advice = f"it is tried again in {pause:.0f} seconds"
        self._error = SessionEndedError(error, describe(error), advice)
        return self._error.again()

    def _pause(self, error: Exception) -> float:
        if not isinstance(error, vmodl.MethodFault):
            return _SOON
        self._count += 1
        return self.pauses[min(self._count, len(self.pauses)) - 1]

    def end_pause(self) -> None:
        """Let a login be tried now, if it may be tried again at all."""
        if self.pauses:
            self._next = 0.0

    def forget(self) -> None:
        """Note that a login has succeeded."""
        self._error, self._count = None, 0
