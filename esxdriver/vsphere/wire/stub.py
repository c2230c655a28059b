"""The stub that keeps logged in: who may ask again, when to log in again, and how a session ends.

1. A read is asked once more after a new login or over a new connection; a change is asked once, whatever happens.
2. A change is noted in :mod:`esxdriver.outcome` before it leaves, and what became of it as soon as that is known. An
   answer to a change that cannot be understood leaves it unknown, as one does that is lost.
3. Only one thread logs in again, and only once: when the host refuses, the session has ended for all of them. Where it
   is to come back (a daemon's), one call tries again after a pause, which grows: hosts lock out who tries too often.
4. Closing wins over logging in: nothing logs in after it. A login that is on its way when the session is closed, or
   when a signal ends the waiting for it, is waited for some seconds, and its session is logged out.
"""

import contextlib
import functools
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import libvirt
from pyVmomi import vim, vmodl
from pyVmomi.VmomiSupport import F_OPTIONAL

from esxdriver import outcome
from esxdriver.auth import Credentials
from esxdriver.vsphere.wire import soap
from esxdriver.vsphere.wire.faults import (
    ConnectionLostError,
    HostError,
    NoAnswerError,
    OutcomeUnknownError,
    SessionClosedError,
    SessionEndedError,
    SessionExpiredError,
    UnreachableError,
    UnreadableError,
    describe,
)
from esxdriver.vsphere.wire.http import Connections
from esxdriver.vsphere.wire.operations import READS, WITHOUT_SESSION, is_change

log = logging.getLogger(__name__)

SUSPECT_AFTER = 60.0  # idle seconds after which an empty answer may come from an expired session

_THREAD_STARTS_WITHIN = 10.0  # seconds
_SOON = 5.0  # seconds until a login is tried again that the host has not refused, only failed to answer

# A refusal: of the host, of the way there, of the credentials, of a cassette.
_FAILURES = (vmodl.MethodFault, HostError, libvirt.libvirtError)


@dataclass(frozen=True)
class CallStart:
    """When a call was sent: seconds on the monotonic clock, those since the last answer, the logins and failed ones."""

    at: float
    idle: float
    logins: int
    failures: int


class SessionStub(soap.Stub):
    """A stub that keeps logged in. It does not know its :class:`Session`, so that one can be collected."""

    def __init__(
        self, connections: Connections, credentials: Callable[[], Credentials], host: str = "the host"
    ) -> None:
        super().__init__(connections, host)
        self.credentials = functools.cache(credentials)  # a callback may be asking somebody: once is enough
        self.sessions: Any = None
        self.logins = 0
        self.changes = 0  # each counts when it is sent, when it is answered and when its task ends
        self.closed = False
        self._may_be_open = False  # also after a login whose answer was lost
        self._failures = 0
        self.login_pauses: Sequence[
            float
        ] = ()  # seconds between refused logins, the last ever after; none: one ends it
        self._refusals = 0
        self._next_login = math.inf
        self._ended: SessionEndedError | None = None
        self._login: _Login | None = None
        self._renewing = threading.Lock()
        self._gate = threading.RLock()  # the collector may close a session within any line of its own thread
        self._answered = time.monotonic()

    # -- calls

    def InvokeMethod(self, mo: Any, info: Any, args: Any) -> Any:  # noqa: N802 - pyVmomi's name
        """Call a method by the rule for its operation: reads may be repeated, all else is asked once."""
        return self.call_with_retry(functools.partial(super().InvokeMethod, mo, info, args), mo, info, self.start())

    def start(self) -> CallStart:
        """Return how the session is now, when a call is about to be sent."""
        now = time.monotonic()
        return CallStart(now, now - self._answered, self.logins, self._failures)

    @property
    def is_usable(self) -> bool:
        """Whether anything may be sent now."""
        return not self.closed and not self._has_ended

    def call_with_retry(self, call: Callable[[], Any], mo: Any, info: Any, sent: CallStart) -> Any:
        """Return what ``call`` does, which is called once more where the rule for the operation lets it be.

        ``sent`` is when it was sent, or will be at once.
        """
        ask = functools.partial(self._ask, call)
        if info.wsdlName in WITHOUT_SESSION:
            return ask(sent)
        self._require_session()
        if info.wsdlName in READS:
            return self._call_repeatable(ask, sent)
        if is_change(info.wsdlName):
            return self._change(ask, sent, info, mo)
        return self._call_once(ask, sent, info.wsdlName)

    def _require_session(self) -> None:
        if self.closed:
            raise SessionClosedError("the connection is closed")
        if self._ended is not None and self._has_ended:
            raise self._ended.again()

    @property
    def _has_ended(self) -> bool:
        return self._ended is not None and time.monotonic() < self._next_login

    def _ask(self, call: Callable[[], Any], sent: CallStart) -> Any:
        result = call()
        # An answer may have waited for long: of the session it tells how that was when the host was asked.
        self._answered = max(self._answered, sent.at)
        return result

    def _call_repeatable(self, ask: Callable[[CallStart], Any], sent: CallStart) -> Any:
        try:
            return self._logged_in(ask, sent)
        except NoAnswerError:
            raise  # waiting as long once more would help nobody
        except ConnectionLostError as error:
            self._require_session()
            log.info("asking again over a new connection: %s", error)
            self.DropConnections()
            return self._logged_in(ask, self.start())

    def _logged_in(self, ask: Callable[[CallStart], Any], sent: CallStart) -> Any:
        """Ask, and once more after a new login when the session turns out to have expired."""
        try:
            found = ask(sent)
            if not _is_empty(found) or self._is_to_be_believed(sent):
                return found
        except vim.fault.NotAuthenticated:
            pass
        self._renew(sent)
        return ask(self.start())

    def _is_to_be_believed(self, sent: CallStart) -> bool:
        """Whether an empty answer comes from a session that is good: one that is not may look so."""
        return self.logins == sent.logins and (sent.idle < SUSPECT_AFTER or self._session_is_valid())

    def _call_once(self, ask: Callable[[CallStart], Any], sent: CallStart, what: str) -> Any:
        try:
            return ask(sent)
        except vim.fault.NotAuthenticated as expired:
            self._renew(sent)
            raise SessionExpiredError(
                f"the session had expired, so the host refused {what} and changed nothing; a new session is open: "
                "ask again"
            ) from expired
        except ConnectionLostError:
            self.DropConnections()
            raise

    def _change(self, ask: Callable[[CallStart], Any], sent: CallStart, info: Any, mo: Any) -> Any:
        """Ask for a change, and note what becomes of it."""
        what = f"{info.wsdlName} on {mo._wsdlName} {mo._GetMoId()}"
        change = outcome.sent(what)
        self.changes += 1
        try:
            result = self._call_once(ask, sent, what)
        except (ConnectionLostError, UnreadableError) as error:
            raise OutcomeUnknownError(f"{error}; {change.report()}") from error
        except _FAILURES:
            change.refused()
            raise
        finally:
            self.changes += 1
        if not _is_answer(info, result):
            raise OutcomeUnknownError(f"the answer to {info.wsdlName} is none; {change.report()}")
        if info.isTask:
            change.under_way(result._GetMoId())
        else:
            change.done()
        return result

    def _session_is_valid(self) -> bool:
        """Ask what needs a session and only System.View, which every user has (SessionIsActive wants more)."""
        instance = vim.ServiceInstance("ServiceInstance", self)
        try:
            info = instance._GetMethodInfo("CurrentTime")
            self._ask(functools.partial(super().InvokeMethod, instance, info, ()), self.start())
        except vim.fault.NotAuthenticated:
            return False
        return True

    def ReturnConnection(self, conn: Any) -> None:  # noqa: N802 - pyVmomi's name
        """Keep a connection for the next call, unless there will be none."""
        if self.closed:
            conn.close()
        else:
            super().ReturnConnection(conn)

    # -- the session

    def log_in(self) -> None:
        """Open a new session on the host. Raises InvalidLogin, and whatever the credentials raise."""
        credentials = self.credentials()
        with self._gate:
            if self.closed:
                raise SessionClosedError("the connection is closed")
            if self._login is None or self._login.is_done:
                if self.logins:
                    self.SetSessionId(None)  # the host would look for the old one
                ask = functools.partial(self._ask_to_log_in, credentials)
                self._login = _Login(ask, self._log_out)  # known before it starts: a signal may come at any line
                self._login.start()
            login = self._login
        login.wait()

    def _ask_to_log_in(self, credentials: Credentials) -> None:
        self._may_be_open = True
        try:
            self.sessions.Login(credentials.username, credentials.password)
        except vmodl.MethodFault:
            self._may_be_open = False
            raise
        self.logins += 1

    def _renew(self, sent: CallStart) -> None:
        """Log in again, unless another thread has done so since ``sent``, or has failed to."""
        with self._renewing:
            self._require_session()
            if self._failures != sent.failures:
                raise UnreachableError("the session has expired, and the host is not reached to log in again")
            if self.logins != sent.logins:
                return
            log.info("the session has expired: logging in again")
            try:
                self.log_in()
            except UnreachableError:
                self._failures += 1  # nothing was sent, so who asks later may try again
                raise
            except SessionClosedError:
                raise
            except _FAILURES as error:
                raise self._end(error) from error
            self._ended, self._refusals = None, 0
            self._require_session()

    def _end(self, error: Exception) -> SessionEndedError:
        """Let nothing more be sent, for good or until a login may be tried, with the credentials as they are then."""
        advice = "open the connection again"
        if self.login_pauses:
            pause = _SOON
            if isinstance(error, vmodl.MethodFault):
                pause = self.login_pauses[min(self._refusals, len(self.login_pauses) - 1)]
                self._refusals += 1
            self._next_login = time.monotonic() + pause
            self.credentials.cache_clear()
            advice = f"it is tried again in {pause:.0f} seconds"
        self._ended = SessionEndedError(error, describe(error), advice)
        return self._ended.again()

    def try_login(self) -> None:
        """Let the next call log in, whatever pause is not over."""
        if self.login_pauses:
            self._next_login = 0.0
            self.credentials.cache_clear()

    def close(self) -> None:
        """Log out, for some seconds at most, and let nothing more be sent. Raises nothing but a signal's exception."""
        with self._gate:
            self.closed = True
            login = self._login
        if login is not None:
            login.wait_or_leave(soap.FAREWELL)
        self._log_out()
        self.DropConnections()

    def _log_out(self) -> None:
        with self._gate:
            if not (self._may_be_open and self.cookie):
                return
            self._may_be_open = False
        with contextlib.suppress(Exception):
            try:
                self.sessions.Logout()
            except ConnectionLostError:  # it may never have arrived, and once more does no harm
                self.sessions.Logout()
        self.SetSessionId(None)


class _Login:
    """A login in a thread of its own: a signal may end the waiting for it, and not the login.

    Otherwise nobody would know of the session that the host opens. When nobody waits for it any more, it is logged out
    at once.
    """

    def __init__(self, ask: Callable[[], None], log_out: Callable[[], None]) -> None:
        self._ask = ask
        self._log_out = log_out
        self._lock = threading.RLock()
        self._begun, self._done = threading.Event(), threading.Event()
        self._raised: BaseException | None = None
        self._left = False

    def start(self) -> None:
        """Begin to log in."""
        threading.Thread(target=self._run, name="esxdriver-login", daemon=True).start()

    @property
    def is_done(self) -> bool:
        """Whether the host has answered, or will not."""
        return self._done.is_set()

    def wait(self) -> None:
        """Wait for the answer. Raises what the login raised."""
        if not self._begun.wait(_THREAD_STARTS_WITHIN):
            raise UnreachableError("the login was interrupted before it began")
        self._done.wait()
        if self._raised is not None:
            raise self._raised

    def wait_or_leave(self, seconds: float) -> None:
        """Wait for the answer, whatever it is, for some seconds; then the thread has to log out itself."""
        try:
            self._done.wait(seconds)
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
            self._done.set()
        if self._left:
            self._log_out()


class PendingCall:
    """A call that is asked before its result is needed: the host works on it meanwhile.

    Whoever does not want the result any more closes it.
    """

    def __init__(self, callee: Any, info: Any, args: Any) -> None:
        self.callee = callee
        self.info = info
        self._args = args
        self._stub: SessionStub = callee._stub
        self._asked = self._stub.start()
        # Nothing leaves a session that has ended; its rule says so when the result is asked for.
        self._sent: soap.Exchange | None = self._stub.send(callee, info, args) if self._stub.is_usable else None

    def result(self) -> Any:
        """Wait for the result. The rule for the operation says whether it may be asked for again."""
        try:
            return self._stub.call_with_retry(self._answer, self.callee, self.info, self._asked)
        finally:
            self.close()

    def close(self) -> None:
        """Give the result up."""
        if self._sent is not None:
            self._sent.close()
            self._sent = None

    def _answer(self) -> Any:
        sent, self._sent = self._sent or self._stub.send(self.callee, self.info, self._args), None
        return sent.result()


def _is_empty(found: Any) -> bool:
    return not found or not getattr(found, "objects", True)


def _is_answer(info: Any, result: Any) -> bool:
    """Whether a change has returned what such a change returns."""
    if info.isTask:
        return isinstance(result, vim.Task)
    return result is not None or info.result is type(None) or bool(info.resultFlags & F_OPTIONAL)
