"""Data that travels beside the API, over HTTP: one request on a connection of its own, by the session's cookie."""

import contextlib
import http.client
from collections.abc import Iterator
from typing import Any

from pyVmomi import vim

from esxdriver.vsphere.wire.faults import ConnectionLostError, NoAnswerError, TransferError
from esxdriver.vsphere.wire.session import Session
from esxdriver.waiting import require_may_wait

LARGEST_PAGE = 64 * 2**20


def connection(session: Session, headers: dict[str, str]) -> tuple[Any, dict[str, str]]:
    """Return a connection for one request, and its headers. The session is renewed before, if it has expired."""
    require_may_wait()
    vim.ServiceInstance("ServiceInstance", session.stub).CurrentTime()
    return session.stub.GetConnection(), headers | ({"Cookie": session.stub.cookie} if session.stub.cookie else {})


def page(session: Session, url: str, what: str) -> tuple[int, bytes]:
    """Return the status and the whole of what is at ``url``, which is small; ``what`` is being got, for errors.

    Raises TransferError for what is larger than 64 MiB, ConnectionLostError and NoAnswerError.
    """
    opened, headers = connection(session, {})
    try:
        with on_way(what):
            opened.request("GET", url, headers=headers)
            response = opened.getresponse()
            found = bytes(response.read(LARGEST_PAGE + 1))
    finally:
        shut(opened)
    if len(found) > LARGEST_PAGE:
        raise TransferError(f"{what}: the answer has more than {LARGEST_PAGE >> 20} MiB")
    return response.status, found


@contextlib.contextmanager
def on_way(what: str) -> Iterator[None]:
    """Raise NoAnswerError for an answer that does not come in time, ConnectionLostError for what else the way does."""
    try:
        yield
    except TimeoutError as error:
        raise NoAnswerError(f"{what} had no answer in time") from error
    except (OSError, http.client.HTTPException, AttributeError) as error:  # AttributeError: another thread shut it
        raise ConnectionLostError(f"the connection broke during {what} ({str(error) or repr(error)})") from error


def shut(opened: Any) -> None:
    """Close a connection; another thread that waits for its data is woken."""
    import socket  # noqa: PLC0415

    with contextlib.suppress(OSError):
        if getattr(opened, "sock", None) is not None:
            opened.sock.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        opened.close()
