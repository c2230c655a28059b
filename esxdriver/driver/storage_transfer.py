"""The data of volumes, by streams.

| volume | its data                          | an upload |
|--------|-----------------------------------|-----------|
| disk   | the raw bytes that a guest sees   | replaces all of it; where it ends before the disk, zeros follow |
| image  | the file                          | goes beside the file, and takes its place when it is whole |
"""

from __future__ import annotations

import contextlib
import logging
from typing import IO, TYPE_CHECKING

import libvirt

from esxdriver.conf.storage.volume import VolumeFormat
from esxdriver.errors import error, extend
from esxdriver.vsphere.storage import disks, transfer
from esxdriver.vsphere.wire.faults import OutcomeUnknownError, translated

if TYPE_CHECKING:
    from esxdriver.conf.mapping.datastore_path import DatastorePath
    from esxdriver.driver.backend import Backend
    from esxdriver.vsphere.storage.search import StoredFile

log = logging.getLogger(__name__)

_CHUNK = 2**20
_ZEROS = bytes(_CHUNK)


class Reading:
    """The data of a volume on its way here."""

    def __init__(self, backend: Backend, file: StoredFile, offset: int, length: int) -> None:
        self._failure = f"cannot download volume '{file.path.path}'"
        with translated(self._failure):
            path, size = _data_of(backend, file)
            if offset > size or offset + length > size:
                text = f"volume '{file.path.path}' has {size} bytes, and no {length} from {offset} on"
                raise error(libvirt.VIR_ERR_INVALID_ARG, text)
            self._download = None
            if offset < size:
                self._download = transfer.Download(backend.session, backend.scope, path, offset, length)

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, and none at the end."""
        if self._download is None:
            return b""
        with translated(self._failure):
            return self._download.read(size)

    def finish(self) -> None:
        """End it."""
        self.abort()

    def abort(self) -> None:
        """Give it up."""
        if self._download is not None:
            self._download.close()


class DiskWriting:
    """Data on its way to a disk, which is replaced by it while it is sent."""

    def __init__(self, backend: Backend, file: StoredFile, length: int) -> None:
        self._name = file.path.path
        self._failure = f"cannot upload to volume '{self._name}'"
        with translated(self._failure):
            extent = transfer.extent_of(backend.session, backend.scope, file.path)
            _require_whole(file, length, extent.size)
            self._size = extent.size
            self._upload = transfer.Upload(backend.session, backend.scope, extent.path, extent.size)

    def write(self, data: bytes) -> None:
        """Send some of it. Raises INVALID_ARG for more than the disk holds."""
        with self._telling():
            if len(data) > self._upload.left:
                raise error(libvirt.VIR_ERR_INVALID_ARG, f"{self._failure}: it holds {self._size} bytes and no more")
            self._upload.write(data)

    def finish(self) -> None:
        """Send zeros to the end of the disk, and wait until the host has all of it."""
        with self._telling():
            while self._upload.left:
                self._upload.write(_ZEROS[: self._upload.left])
            self._upload.finish()

    def abort(self) -> None:
        """Give it up."""
        self._upload.close()
        log.warning("%s", self._partial())

    def _partial(self) -> str:
        sent = self._size - self._upload.left
        return (
            f"volume '{self._name}' may hold only the first {sent} bytes of an upload: upload to it again, or delete it"
        )

    @contextlib.contextmanager
    def _telling(self):  # type: ignore[no-untyped-def]
        """Say what became of the disk when it goes wrong."""
        try:
            with translated(self._failure):
                yield
        except libvirt.libvirtError as cause:
            self._upload.close()
            extend(cause, self._partial())
            raise


class ImageWriting:
    """Data on its way to an image: beside it on the datastore; here first where its length is not known."""

    def __init__(self, backend: Backend, file: StoredFile, length: int) -> None:
        self._backend, self._path = backend, file.path
        self._failure = f"cannot upload to volume '{file.path.path}'"
        self._beside = transfer.unfinished(file.path)
        self._spool: IO[bytes] | None = None
        self._upload: transfer.Upload | None = None
        if length:
            with translated(self._failure):
                self._upload = self._begun(length)
        else:
            from tempfile import TemporaryFile

            self._spool = TemporaryFile()  # noqa: SIM115 - it lives as long as the stream

    def write(self, data: bytes) -> None:
        """Send some of it. Raises INVALID_ARG for more than was announced."""
        with self._removing():
            if self._spool is not None:
                self._spool.write(data)
                return
            assert self._upload is not None
            if len(data) > self._upload.left:
                raise error(libvirt.VIR_ERR_INVALID_ARG, f"{self._failure}: there is more of it than was announced")
            self._upload.write(data)

    def finish(self) -> None:
        """Wait until the host has all of it, and put it in its place. Raises OPERATION_FAILED when it ended early."""
        with self._removing():
            if self._spool is not None:
                self._send_spooled(self._spool)
            assert self._upload is not None
            if self._upload.left:
                text = f"{self._failure}: it ended {self._upload.left} bytes early; nothing has changed"
                raise error(libvirt.VIR_ERR_OPERATION_FAILED, text)
            self._upload.finish()
            disks.move_file(self._backend.session, self._backend.scope, self._beside, self._path, force=True)

    def _send_spooled(self, spool: IO[bytes]) -> None:
        self._upload = self._begun(spool.tell())
        spool.seek(0)
        while data := spool.read(_CHUNK):
            self._upload.write(data)
        spool.close()

    def _begun(self, length: int) -> transfer.Upload:
        return transfer.Upload(self._backend.session, self._backend.scope, self._beside, length)

    def abort(self) -> None:
        """Give it up, and remove what was sent."""
        if self._spool is not None:
            self._spool.close()
        if self._upload is None:
            return
        self._upload.close()
        try:
            disks.delete_file(self._backend.session, self._backend.scope, self._beside)
        except Exception as cause:  # noqa: BLE001 - what went wrong before is what counts
            log.info("'%s' is not there to be removed (%s)", self._beside, cause)

    @contextlib.contextmanager
    def _removing(self):  # type: ignore[no-untyped-def]
        """Leave nothing behind when it goes wrong, unless nobody knows what became of it."""
        with translated(self._failure):
            try:
                yield
            except OutcomeUnknownError:
                raise
            except BaseException:
                self.abort()
                raise


def _data_of(backend: Backend, file: StoredFile) -> tuple[DatastorePath, int]:
    """Return where the data of a volume is, and its size."""
    if file.format is not VolumeFormat.VMDK:
        return file.path, file.size
    extent = transfer.extent_of(backend.session, backend.scope, file.path)
    return extent.path, extent.size


def _require_whole(file: StoredFile, length: int, size: int) -> None:
    if length > size:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"volume '{file.path.path}' holds {size} bytes, less than {length}")
    if 0 < length < size:
        raise error(
            libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
            f"volume '{file.path.path}' has {size} bytes, and a host replaces all of them: leave the length out (zeros "
            "follow the data then), or upload as many",
        )
