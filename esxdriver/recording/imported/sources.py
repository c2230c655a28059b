"""The files that somebody has sent: one file, a directory or a tar of them. Nothing is unpacked to the disk.

Each is input that nobody vouches for: what kind of file it is, how many there are and their size, also unpacked, are
bounded, and links are not followed. Source: govmomi, the command ``object.save``: a file of XML for each object.
"""

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import libvirt

from esxdriver.errors import error

MAX_BYTES = 256 * 2**20  # of all files of a source together
MAX_FILES = 20_000
_ENDING = ".xml"

# How a file begins that has others in it -> what reads it.
_PACKED: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": lambda raw: gzip.GzipFile(fileobj=raw),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
_TAR_MAGIC, _TAR_MAGIC_AT = b"ustar", 257


def refused(name: object, why: str) -> libvirt.libvirtError:
    """Return the error for a source, or a file in it, that cannot be imported."""
    return error(libvirt.VIR_ERR_CONF_SYNTAX, f"{name}: cannot be imported: {why}")


def documents(source: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each XML file of a source; a file that is no archive is the only one.

    Raises OPEN_FAILED, and CONF_SYNTAX for what is too large or no regular file.
    """
    try:
        yield from _in_directory(source) if source.is_dir() else _in_file(source)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, ValueError) as cause:
        why = getattr(cause, "strerror", None) or str(cause) or "it ends too early"
        raise error(libvirt.VIR_ERR_OPEN_FAILED, f"{source}: {why}") from cause


def _in_directory(directory: Path) -> Iterator[tuple[str, bytes]]:
    budget = _Budget(directory)
    for folder, inside, files in os.walk(directory, followlinks=False):
        inside.sort()
        for name in sorted(files):
            if name.endswith(_ENDING):
                path = Path(folder) / name
                yield str(path.relative_to(directory)), budget.read(path)


class _Budget:
    """What may still be read of a source."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self.bytes = MAX_BYTES
        self.files = MAX_FILES

    def read(self, path: Path) -> bytes:
        """Return what a regular file holds. Raises CONF_SYNTAX for any other, or one too large."""
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise refused(path, "it is no regular file")
            content = file.read(self.bytes + 1)
        return self.spend(content)

    def spend(self, content: bytes) -> bytes:
        """Count a file and its bytes, and return its content. Raises CONF_SYNTAX where they are too many."""
        self.files -= 1
        self.bytes -= len(content)
        if self.files < 0:
            raise refused(self._source, f"it has more than {MAX_FILES} files")
        if self.bytes < 0:
            raise refused(self._source, f"it has more than {MAX_BYTES} bytes")
        return content


def _in_file(path: Path) -> Iterator[tuple[str, bytes]]:
    content = _Budget(path).read(path.resolve())
    unpacking = next((unpack for magic, unpack in _PACKED.items() if content.startswith(magic)), None)
    packed = io.BytesIO(content)
    raw = _Bounded(unpacking(packed) if unpacking else packed, path)
    if unpacking is None and content[_TAR_MAGIC_AT : _TAR_MAGIC_AT + len(_TAR_MAGIC)] != _TAR_MAGIC:
        yield path.name, content
        return
    budget = _Budget(path)
    with tarfile.open(fileobj=cast("IO[bytes]", raw), mode="r|") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isreg() and member.name.endswith(_ENDING) else None
            content = budget.spend(file.read() if file else b"")
            if file:
                yield member.name, content


class _Bounded:
    """A stream of at most so many bytes, however it is packed: who reads an archive may skip and read ahead."""

    def __init__(self, stream: Any, name: Path) -> None:
        self._stream = stream
        self._name = name
        self._left = MAX_BYTES

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises CONF_SYNTAX where there are too many."""
        asked = self._left + 1 if size < 0 else min(size, self._left + 1)
        content: bytes = self._stream.read(asked)
        self._left -= len(content)
        if self._left < 0:
            raise refused(self._name, f"unpacked it has more than {MAX_BYTES} bytes")
        return content
