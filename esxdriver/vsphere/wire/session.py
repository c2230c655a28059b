"""A session with a host: logged in when opened, renewed when it expires, logged out in the end.

How calls are repeated is in :mod:`esxdriver.vsphere.wire.stub`, how a session is renewed and ends in
:mod:`esxdriver.vsphere.wire.renewal`. Faults stay vSphere's: callers translate them with
:func:`esxdriver.vsphere.wire.faults.translated`; only ``open()`` does so itself.
Source: vSphere Web Services API, SessionManager; sessions end after 30 idle minutes.
"""

import logging
import os
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from pyVmomi import vim, vmodl

from esxdriver.auth import Credentials
from esxdriver.uri import ConnectURI
from esxdriver.vsphere.wire import soap
from esxdriver.vsphere.wire.faults import (
    HOST_FAULTS,
    ConnectionLostError,
    NotVSphereError,
    UnreadableError,
    WrongProductError,
    translated,
)
from esxdriver.vsphere.wire.http import Connections
from esxdriver.vsphere.wire.stub import SessionStub

log = logging.getLogger(__name__)

# Seconds between refused logins. ESX locks a user out for 15 minutes after 5 of them (Security.AccountLockFailures).
_LOGIN_PAUSES = (60.0, 300.0, 900.0)

_SCHEMES = {"HostAgent": "esx", "VirtualCenter": "vpx"}  # about.apiType -> who speaks for it


class Session:
    """A session with the host of ``uri``.

    ``credentials`` is asked once, when logging in; ``connections`` makes the connections, live or recorded.
    After ``open()``: ``content`` is the host's ServiceContent, whose objects call through ``stub``.
    """

    def __init__(self, uri: ConnectURI, credentials: Callable[[], Credentials], connections: Connections) -> None:
        self.uri = uri
        self.stub = SessionStub(connections, credentials, uri.host)
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

    @property
    def seconds(self) -> dict[str, float]:
        """How many seconds the answers to each operation have taken so far."""
        return self.stub.seconds

    @property
    def changes(self) -> int:
        """A number that is another one after each step of a change: what was read before may be out of date then."""
        return self.stub.changes

    def change_ended(self) -> None:
        """Note that the task of a change has ended."""
        self.stub.changes += 1

    @property
    def comes_back(self) -> bool:
        """Whether a refused login is tried again: then it does not end the session for good."""
        return bool(self.stub.refusals.pauses)

    def keep_trying(self) -> None:
        """Come back from a refused login, too: it is tried again after pauses, with credentials as they are then."""
        self.stub.refusals.pauses = _LOGIN_PAUSES

    def try_again(self) -> None:
        """Try a refused login again with the next call: the credentials may be others now."""
        self.stub.try_login()

    def open(self) -> Self:
        """Find out what the host is and log in.

        Raises NO_CONNECT when it is not reached, is no vSphere host or not what the URI's scheme says;
        AUTH_FAILED when it refuses the credentials or there are none.
        """
        for warning in self.uri.warnings:
            log.warning("%s", warning)
        try:
            with translated(""):
                self._meet()
            user = self.stub.credentials().shown
            with translated(f"cannot log in to {self.uri.address} as {user}"):
                self.stub.log_in()
        except BaseException:  # a signal as well
            self.close()
            raise
        return self

    def is_alive(self) -> bool:
        """Ask the host; False when it does not answer or no longer lets this user in."""
        try:
            vim.ServiceInstance("ServiceInstance", self.stub).CurrentTime()
        except HOST_FAULTS:
            return False
        return True

    def close(self) -> None:
        """Log out, for some seconds at most, and close the connections. A second call does nothing."""
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
    if os.getpid() == owner:
        stub.close()
