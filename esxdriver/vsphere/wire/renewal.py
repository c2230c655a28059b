"""The session of a stub: how it is opened, renewed and ended.

1. Only one thread logs in again, and only once: when the host refuses, the session has ended for all of them. Where it
   is to come back (a daemon's), one call tries again after a pause, which grows: hosts lock out who tries too often.
2. Closing wins over logging in: nothing logs in after it. A login that is on its way when the session is closed, or
   when a signal ends the waiting for it, is waited for some seconds, and its session is logged out.
"""

import contextlib
import functools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import libvirt
from pyVmomi import vmodl

from esxdriver.auth import Credentials
from esxdriver.vsphere.wire import soap
from esxdriver.vsphere.wire.faults import (
    HOST_FAULTS,
    ConnectionLostError,
    NoAnswerError,
    SessionClosedError,
    UnreachableError,
)
from esxdriver.vsphere.wire.http import Connections
from esxdriver.vsphere.wire.login import Login, Refusals

log = logging.getLogger(__name__)

# A refusal: of the host, of the way there, of the credentials, of a cassette.
FAILURES = (*HOST_FAULTS, libvirt.libvirtError)


@dataclass(frozen=True)
class CallStart:
    """When a call was sent: seconds on the monotonic clock, those since the last answer, the logins and failed ones."""

    at: float
    idle: float
    logins: int
    failures: int


class RenewedStub(soap.Stub):
    """A stub with a session that can be renewed. It does not know its ``Session``, so that one can be collected.

    ``refusals`` are the logins that failed; they may be given pauses, after which one is tried again.
    """

    def __init__(
        self, connections: Connections, credentials: Callable[[], Credentials], host: str = "the host"
    ) -> None:
        super().__init__(connections, host)
        self.credentials = functools.cache(credentials)  # a callback may be asking somebody: once is enough
        self.sessions: Any = None
        self.logins = 0
        self.closed = False
        self.refusals = Refusals()
        self._may_be_open = False  # also after a login whose answer was lost
        self._failures = 0
        self._login: Login | None = None
        self._renewing = threading.Lock()
        self._gate = threading.RLock()  # the collector may close a session within any line of its own thread

    @property
    def is_usable(self) -> bool:
        """Whether anything may be sent now."""
        return not self.closed and self.refusals.error is None

    def _require_session(self) -> None:
        if self.closed:
            raise SessionClosedError("the connection is closed")
        ended = self.refusals.error
        if ended is not None:
            raise ended

    def ReturnConnection(self, conn: Any) -> None:  # noqa: N802 - pyVmomi's name
        """Keep a connection for the next call, unless there will be none."""
        if self.closed:
            conn.close()
        else:
            super().ReturnConnection(conn)

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
                self._login = Login(ask, self._log_out)  # known before it starts: a signal may come at any line
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
            except FAILURES as error:
                if self.refusals.pauses:
                    self.credentials.cache_clear()
                raise self.refusals.add(error) from error
            self.refusals.forget()
            self._require_session()

    def try_login(self) -> None:
        """Let the next call log in, whatever pause is not over."""
        if self.refusals.pauses:
            self.credentials.cache_clear()
        self.refusals.end_pause()

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
            except NoAnswerError:  # waiting as long once more would help nobody
                pass
            except ConnectionLostError:  # it may never have arrived, and once more does no harm
                self.sessions.Logout()
        self.SetSessionId(None)
