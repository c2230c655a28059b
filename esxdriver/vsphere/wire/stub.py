"""The stub that keeps logged in: which calls may be asked again, and what is known of changes.

1. A read is asked once more after a new login or over a new connection; a change is asked once, whatever happens.
2. A change is noted in :mod:`esxdriver.outcome` before it leaves, and what became of it as soon as that is known. An
   answer to a change that cannot be understood leaves it unknown, as one does that is lost.
3. How the session is renewed and how it ends is in :mod:`esxdriver.vsphere.wire.renewal`.
"""

import functools
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from pyVmomi import vim
from pyVmomi.VmomiSupport import F_OPTIONAL

from esxdriver import outcome
from esxdriver.auth import Credentials
from esxdriver.vsphere.wire.faults import (
    ConnectionLostError,
    NoAnswerError,
    OutcomeUnknownError,
    SessionExpiredError,
    UnreadableError,
)
from esxdriver.vsphere.wire.http import Connections
from esxdriver.vsphere.wire.operations import READS, WITHOUT_SESSION, is_change
from esxdriver.vsphere.wire.renewal import FAILURES, CallStart, RenewedStub

log = logging.getLogger(__name__)

Guard = Callable[[str, Any, Mapping[str, Any]], None]
"""Takes a change that is about to leave, the object and the arguments by name, and raises for one that must not."""

SUSPECT_AFTER = 60.0  # idle seconds after which an empty answer may come from an expired session


class SessionStub(RenewedStub):
    """A stub that asks again what may be asked again, with its session renewed."""

    def __init__(
        self, connections: Connections, credentials: Callable[[], Credentials], host: str = "the host"
    ) -> None:
        super().__init__(connections, credentials, host)
        self.guard: Guard | None = None
        self.changes = 0  # each counts when it is sent, when it is answered and when its task ends
        self._answered = time.monotonic()

    def InvokeMethod(self, mo: Any, info: Any, args: Any) -> Any:  # noqa: N802 - pyVmomi's name
        """Call a method by the rule for its operation: reads may be repeated, all else is asked once."""
        if self.guard is not None and is_change(info.wsdlName):
            self.guard(info.wsdlName, mo, dict(zip((each.name for each in info.params), args, strict=False)))
        return self.call_with_retry(functools.partial(super().InvokeMethod, mo, info, args), mo, info, self.start())

    def start(self) -> CallStart:
        """Return how the session is now, when a call is about to be sent."""
        now = time.monotonic()
        return CallStart(now, now - self._answered, self.logins, self._failures)

    def call_with_retry(self, call: Callable[[], Any], mo: Any, info: Any, sent: CallStart) -> Any:
        """Return what ``call`` does, which is called once more where the rule for the operation lets it be.

        ``sent`` is when it was sent, or will be at once. Raises vSphere's faults and :class:`HostError`: of a change,
        OutcomeUnknownError where its answer is lost or none, SessionExpiredError where it was refused with the session.
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
        except vim.fault.NotAuthenticated as error:
            self._renew(sent)
            raise SessionExpiredError(
                f"the session had expired, so the host refused {what} and changed nothing; a new session is open: "
                "ask again"
            ) from error
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
        except FAILURES:
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


def _is_empty(found: Any) -> bool:
    return not found or not getattr(found, "objects", True)


def _is_answer(info: Any, result: Any) -> bool:
    """Whether a change has returned what such a change returns."""
    if info.isTask:
        return isinstance(result, vim.Task)
    return result is not None or info.result is type(None) or bool(info.resultFlags & F_OPTIONAL)
