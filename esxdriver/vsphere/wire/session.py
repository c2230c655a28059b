"""A session with a host: logged in when opened, renewed when it expires, logged out in the end.

A call that only reads is repeated once after a new login or over a fresh connection. A call that changes
something is never repeated: the error says whether it was done, or that this is unknown. Faults stay vSphere's:
callers translate them with :func:`esxdriver.vsphere.wire.faults.translated`; only ``open()`` does so itself.
Source: vSphere Web Services API, SessionManager; sessions end after 30 idle minutes.
"""

import contextlib
import functools
import logging
import os
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from pyVmomi import vim, vmodl

from esxdriver.auth import Credentials
from esxdriver.uri import ConnectURI
from esxdriver.vsphere.wire import soap
from esxdriver.vsphere.wire.faults import (
    ConnectionLostError,
    HostError,
    NoAnswerError,
    NotVSphereError,
    OutcomeUnknownError,
    SessionClosedError,
    SessionExpiredError,
    UnreadableError,
    WrongProductError,
    translated,
)
from esxdriver.vsphere.wire.http import Connections
from esxdriver.vsphere.wire.operations import CONTINUED, READS, WITHOUT_SESSION

log = logging.getLogger(__name__)

SUSPECT_AFTER = 60.0  # idle seconds after which an empty answer may come from an expired session

_SCHEMES = {"HostAgent": "esx", "VirtualCenter": "vpx"}  # about.apiType -> who speaks for it


class SessionStub(soap.Stub):
    """A stub that keeps logged in. It does not know its :class:`Session`, so that one can be collected."""

    def __init__(self, connections: Connections, credentials: Callable[[], Credentials]) -> None:
        super().__init__(connections)
        self.credentials = functools.cache(credentials)  # a callback may be asking somebody: once is enough
        self.sessions: Any = None
        self.logins = 0
        self.closed = False
        self._renewing = threading.Lock()
        self._answered = time.monotonic()

    def InvokeMethod(self, mo: Any, info: Any, args: Any) -> Any:  # noqa: N802 - pyVmomi's name
        """Call a method by the rule for its operation: reads may be repeated, all else is asked once."""
        return self.call_with_retry(functools.partial(super().InvokeMethod, mo, info, args), mo, info, self.moment())

    def moment(self) -> "CallStart":
        """Return how the session is now, when a call is about to be sent."""
        now = time.monotonic()
        return CallStart(now, now - self._answered, self.logins)

    def call_with_retry(self, call: Callable[[], Any], mo: Any, info: Any, sent: "CallStart") -> Any:
        """Return what ``call`` does, which is called once more where the rule for the operation lets it be.

        ``sent`` is when it was sent, or will be at once.
        """
        ask = functools.partial(self._ask, call)
        if info.wsdlName in WITHOUT_SESSION:
            return ask(sent)
        if self.closed:
            raise SessionClosedError("the connection is closed")
        if info.wsdlName in READS:
            return self._call_repeatable(ask, sent)
        return self._call_once(ask, sent, info.wsdlName, mo)

    def log_in(self) -> None:
        """Open a new session on the host. Raises InvalidLogin, and whatever the credentials raise."""
        credentials = self.credentials()
        if self.logins:
            self.SetSessionId(None)  # the host would look for the old one
        self.sessions.Login(credentials.username, credentials.password)
        self.logins += 1

    def _ask(self, call: Callable[[], Any], sent: "CallStart") -> Any:
        result = call()
        # An answer may have waited for long: of the session it tells how that was when the host was asked.
        self._answered = max(self._answered, sent.at)
        return result

    def _call_repeatable(self, ask: Callable[["CallStart"], Any], sent: "CallStart") -> Any:
        try:
            return self._logged_in(ask, sent)
        except NoAnswerError:
            raise  # waiting as long once more would help nobody
        except ConnectionLostError as error:
            log.info("asking again over a new connection: %s", error)
            self.DropConnections()
            return self._logged_in(ask, self.moment())

    def _logged_in(self, ask: Callable[["CallStart"], Any], sent: "CallStart") -> Any:
        """Ask, and once more after a new login when the session turns out to have expired."""
        try:
            found = ask(sent)
            if not _is_empty(found) or self._is_to_be_believed(sent):
                return found
        except vim.fault.NotAuthenticated:
            pass
        self._renew(sent.logins)
        return ask(self.moment())

    def _is_to_be_believed(self, sent: "CallStart") -> bool:
        """Whether an empty answer comes from a session that is good: one that is not may look so."""
        return self.logins == sent.logins and (sent.idle < SUSPECT_AFTER or self._session_is_valid())

    def _call_once(self, ask: Callable[["CallStart"], Any], sent: "CallStart", operation: str, mo: Any) -> Any:
        what = f"{operation} on {mo._wsdlName} {mo._GetMoId()}"
        try:
            return ask(sent)
        except vim.fault.NotAuthenticated as expired:
            self._renew(sent.logins)
            raise SessionExpiredError(
                f"the session had expired, so the host refused {what} and changed nothing; a new session is open: "
                "ask again"
            ) from expired
        except ConnectionLostError as error:
            self.DropConnections()
            if operation in CONTINUED:
                raise
            raise OutcomeUnknownError(
                f"{what} was sent, but {error}: whether it was done is unknown, so look before asking again"
            ) from error

    def _renew(self, logins: int) -> None:
        """Log in again, unless another thread has done so since ``logins`` was read."""
        with self._renewing:
            if self.logins == logins:
                log.info("the session has expired: logging in again")
                self.log_in()

    def _session_is_valid(self) -> bool:
        """Ask what needs a session and only System.View, which every user has (SessionIsActive wants more)."""
        instance = vim.ServiceInstance("ServiceInstance", self)
        try:
            info = instance._GetMethodInfo("CurrentTime")
            self._ask(functools.partial(super().InvokeMethod, instance, info, ()), self.moment())
        except vim.fault.NotAuthenticated:
            return False
        return True


@dataclass(frozen=True)
class CallStart:
    """When a call was sent: seconds on the monotonic clock, those since the last answer, and the logins so far."""

    at: float
    idle: float
    logins: int


class PendingCall:
    """A call that is asked before its result is needed: the host works on it meanwhile.

    Whoever does not want the result any more closes it.
    """

    def __init__(self, callee: Any, info: Any, args: Any) -> None:
        self.callee = callee
        self.info = info
        self._args = args
        self._stub: SessionStub = callee._stub
        self._asked = self._stub.moment()
        # Nothing leaves a closed session; its rule says so when the result is asked for.
        self._sent: soap.Exchange | None = None if self._stub.closed else self._stub.send(callee, info, args)

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


class Session:
    """A session with the host of ``uri``.

    ``credentials`` is asked once, when logging in; ``connections`` makes the connections, live or recorded.
    After ``open()``: ``content`` is the host's ServiceContent, whose objects call through ``stub``.
    """

    def __init__(self, uri: ConnectURI, credentials: Callable[[], Credentials], connections: Connections) -> None:
        self.uri = uri
        self.stub = SessionStub(connections, credentials)
        self.content: Any = None
        # Also called at interpreter exit and when nobody refers to the session any more.
        self._end = weakref.finalize(self, _log_out, self.stub, os.getpid())

    @property
    def about(self) -> Any:
        """The host's AboutInfo: product, version, API version."""
        return self.content.about

    @property
    def calls(self) -> Counter[str]:
        """How often each operation was called so far."""
        return self.stub.calls

    def open(self) -> Self:
        """Find out what the host is and log in.

        Raises NO_CONNECT when it is not reached, is no vSphere host or not what the URI's scheme says;
        AUTH_FAILED when it refuses the credentials or there are none.
        """
        try:
            with translated(""):
                self._meet()
            user = self.stub.credentials().username
            with translated(f"cannot log in to {self.uri.address} as {user}"):
                self.stub.log_in()
        except BaseException:
            self.close()
            raise
        return self

    def is_alive(self) -> bool:
        """Ask the host; False when it does not answer or no longer lets this user in."""
        try:
            vim.ServiceInstance("ServiceInstance", self.stub).CurrentTime()
        except (vmodl.MethodFault, HostError):
            return False
        return True

    def close(self) -> None:
        """Log out and close the connections. Never raises; a second call does nothing."""
        self._end()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _meet(self) -> None:
        """Fetch the content, check the product, and from now on speak the newest API that both sides know."""
        self.content = self._content()
        about = self.about
        scheme = _SCHEMES.get(about.apiType)
        if scheme != self.uri.scheme:
            raise WrongProductError(
                f"{self.uri.address} is {about.fullName}: "
                + (f"use {replace(self.uri, scheme=scheme, path=())}" if scheme else "neither a host nor a vCenter")
            )
        self.stub.ComputeVersionInfo(soap.newest_version(about.apiVersion))
        self.stub.sessions = self.content.sessionManager

    def _content(self) -> Any:
        try:
            content = vim.ServiceInstance("ServiceInstance", self.stub).RetrieveContent()
        except (ConnectionLostError, UnreadableError, vmodl.MethodFault) as error:
            raise NotVSphereError(_no_vsphere(self.uri, str(error))) from error
        if getattr(content, "about", None) is None:
            raise NotVSphereError(_no_vsphere(self.uri, "it has no ServiceContent"))
        return content


def _no_vsphere(uri: ConnectURI, why: str) -> str:
    return f"{uri.address} is not a vSphere host, or its services are still starting: {why}"


def _log_out(stub: SessionStub, owner: int) -> None:
    """End the session; in a forked child it stays, because it is the parent's."""
    if os.getpid() != owner:
        return
    if stub.sessions and stub.cookie:
        with contextlib.suppress(Exception):
            stub.sessions.Logout()
    stub.closed = True
    stub.SetSessionId(None)
    stub.DropConnections()


def _is_empty(found: Any) -> bool:
    return not found or not getattr(found, "objects", True)
