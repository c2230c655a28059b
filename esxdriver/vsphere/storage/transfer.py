"""The data of files, over HTTP: ``https://HOST/folder/PATH?dcPath=...&dsName=...``, by the session's cookie.

1. A download may begin anywhere; an answer that ends early is an error, never a short file.
2. An upload replaces the whole of a file, and its length is known before it begins.
3. The data of a disk lies in a file beside its descriptor, which says its name.

Source: vSphere Web Services SDK Programming Guide, "Datastore Access" (HTTP access to datastore files).
"""

import contextlib
import http.client
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.wire.data import connection, on_way, shut
from esxdriver.vsphere.wire.faults import ConnectionLostError, LockedFileError, MissingFileError, TransferError
from esxdriver.vsphere.wire.session import Session

_LONGEST_DESCRIPTOR = 64 * 2**10
_EXTENT = re.compile(r'^(?:RW|RDONLY)\s+(\d+)\s+(\w+)\s+"([^"]*)"(?:\s+0)?\s*$', re.MULTILINE)
_PLAIN = {"VMFS", "FLAT"}
_SECTOR = 512


def unfinished(path: DatastorePath) -> DatastorePath:
    """Return where a file is sent to that takes its place when it is whole: beside it, by a name that nobody has."""
    return replace(path, path=f"{path.path}.{uuid.uuid4().hex[:8]}.part")


@dataclass(frozen=True)
class Extent:
    """Where the data of a disk is, and how many bytes it has."""

    path: DatastorePath
    size: int


class Download:
    """The data of a file from ``offset`` on, ``length`` bytes of it or, with 0, all. Open when it is made.

    Raises MissingFileError, LockedFileError, and TransferError for what else the host has against it; when the way
    fails, NoAnswerError and ConnectionLostError.
    """

    def __init__(self, session: Session, scope: Scope, path: DatastorePath, offset: int = 0, length: int = 0) -> None:
        self._what = f"the download of '{path}'"
        last = str(offset + length - 1) if length else ""
        headers = {"Range": f"bytes={offset}-{last}"} if offset or length else {}
        self._connection, headers = connection(session, headers)
        with _closing_on_error(self), on_way(self._what):
            self._connection.request("GET", _url(scope, path), headers=headers)
            self._response = self._connection.getresponse()
            _check(self._response, path, self._what)
            skip = offset if self._response.status == http.client.OK else 0  # a host that knows no ranges
            self._left = self._length_of_answer() - skip
            if length:
                self._left = min(self._left, length)
            while skip > 0:
                skip -= len(self._received(min(skip, 2**20)))

    def _length_of_answer(self) -> int:
        length = self._response.getheader("Content-Length")
        if length is None or not length.isdecimal():
            raise TransferError(f"{self._what}: the host does not say how long the file is")
        return int(length)

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, and none at the end. Raises when the host ends before it."""
        if self._left <= 0 or size <= 0:
            return b""
        with on_way(self._what):
            data = self._received(min(size, self._left))
        self._left -= len(data)
        return data

    def _received(self, size: int) -> bytes:
        data: bytes = self._response.read(size)
        if not data:
            raise ConnectionLostError(f"{self._what} has ended early: the host has closed the connection")
        return data

    def finish(self) -> None:
        """End it."""
        self.close()

    def close(self) -> None:
        """Close the connection; another thread that waits for data is woken."""
        shut(self._connection)


class Upload:
    """The whole of a file, ``size`` bytes, from now on. What was at ``path`` is replaced while it is sent.

    Raises what :class:`Download` raises.
    """

    def __init__(self, session: Session, scope: Scope, path: DatastorePath, size: int) -> None:
        self._path, self._what = path, f"the upload to '{path}'"
        self._connection, headers = connection(session, {})
        self.left = size
        headers |= {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        with _closing_on_error(self), on_way(self._what):
            self._connection.putrequest("PUT", _url(scope, path), skip_accept_encoding=True)
            for name, value in headers.items():
                self._connection.putheader(name, value)
            self._connection.endheaders()

    def write(self, data: bytes) -> None:
        """Send some of it. Raises what the host has against it."""
        try:
            self._connection.send(data)
        except OSError as error:
            with on_way(self._what):
                self._refusal()
            raise ConnectionLostError(f"the connection broke during {self._what} ({error})") from error
        self.left -= len(data)

    def _refusal(self) -> None:
        """Raise what the host says when it does not want the rest, if it says anything."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            _check(self._connection.getresponse(), self._path, self._what)

    def finish(self) -> None:
        """Wait until the host has all of it, and close the connection. Raises when the host has it not."""
        with on_way(self._what):
            response = self._connection.getresponse()
            _check(response, self._path, self._what)
            response.read()
        self.close()

    def close(self) -> None:
        """Close the connection. Before :meth:`finish` that gives it up: the host has a part of it, or nothing."""
        shut(self._connection)


def beginning_of(session: Session, scope: Scope, path: DatastorePath, least: int = _LONGEST_DESCRIPTOR) -> bytes:
    """Return the first ``least`` bytes of a file, or some more, or all that it has: a whole descriptor of a disk."""
    download = Download(session, scope, path)
    try:
        data = b""
        while len(data) < least and (part := download.read(least)):
            data += part
    finally:
        download.close()
    return data


def extent_of(session: Session, scope: Scope, path: DatastorePath) -> Extent:
    """Return where the data of a disk is, by its descriptor.

    Raises TransferError for a disk whose data is in no file of its own: one that stands on another, a mapped device,
    an object of vSAN or vVol.
    """
    extents = _EXTENT.findall(beginning_of(session, scope, path).decode("utf-8", "replace"))
    if len(extents) == 1:
        sectors, kind, name = extents[0]
        beside = path.beside(name) if "/" not in name else None
        if kind in _PLAIN and beside is not None:
            return Extent(beside, int(sectors) * _SECTOR)
    raise TransferError(
        f"the data of disk '{path}' does not lie in a file of its own, as that of a disk of snapshots, a mapped "
        "device or an object of vSAN: clone it to a VMFS or NFS datastore first"
    )


def _url(scope: Scope, path: DatastorePath) -> str:
    query = urlencode({"dcPath": scope.datacenter_path, "dsName": path.datastore}, quote_via=quote)
    return f"/folder/{quote(path.path)}?{query}"


def _check(response: http.client.HTTPResponse, path: DatastorePath, what: str) -> None:
    status = response.status
    if status in (200, 201, 204, 206):
        return
    if status == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise TransferError(f"{what}: it has not so many bytes")
    if status == http.client.NOT_FOUND:
        raise MissingFileError(f"{what}: there is no file '{path}'")
    if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        raise TransferError(
            f"{what}: the host refuses it (HTTP {status}): the user needs Datastore.FileManagement there"
        )
    if status in (http.client.INTERNAL_SERVER_ERROR, http.client.SERVICE_UNAVAILABLE, http.client.LOCKED):
        raise LockedFileError(f"{what}: the host refuses it (HTTP {status} {response.reason})")
    raise TransferError(f"{what}: HTTP {status} {response.reason}")


@contextlib.contextmanager
def _closing_on_error(transfer: Any) -> Iterator[None]:
    try:
        yield
    except BaseException:
        transfer.close()
        raise
