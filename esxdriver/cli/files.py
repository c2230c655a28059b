"""Files that commands read, where ``-`` is the standard input, and files that they write: whole, or not at all."""

import codecs
import os
import re
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO

from esxdriver.cli.failures import CommandFailed

_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)""")
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}


def spoken(file: str) -> str:
    """Return how messages call ``file``."""
    return "the standard input" if file == "-" else file


def read(file: str, most: int) -> bytes:
    """Return at most ``most`` bytes of ``file``, and one more when it has more, for the parser to refuse."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(most + 1)
        with Path(file).open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        raise CommandFailed(f"Failed to open file '{file}': {error.strerror}") from error


def read_xml(file: str) -> str:
    """Return a document as text, by the encoding that it declares, UTF-8 otherwise. Raises CommandFailed."""
    from esxdriver.conf.xml.surface import LARGEST_DOCUMENT

    return decoded_xml(read(file, LARGEST_DOCUMENT), file)


def decoded_xml(data: bytes, file: str) -> str:
    """Return the text of a document that was read from ``file``. Raises CommandFailed for what is no text."""
    declared = _DECLARED.match(data)
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    encoding = declared[1].decode() if declared else marked
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeError) as error:
        raise CommandFailed(f"Failed to read {spoken(file)}: it is not text in {encoding}") from error


def make_directory(directory: Path) -> None:
    """Make a directory for what a command writes, and those above it, unless it is there."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandFailed(f"Failed to make the directory '{directory}': {error.strerror}") from error


def write(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Write a file whole or not at all; see :func:`writing`."""
    with writing(path, secret=secret) as opened:
        opened.write(data)


@contextmanager
def writing(path: Path, *, secret: bool = False) -> Iterator[IO[bytes]]:
    """Give a file to write to, which is there whole or not at all.

    It is written beside ``path``, and renamed when the block ends well and all of it is on the disk. A link at ``path``
    is replaced and never followed. Only the owner may read a ``secret`` file. Raises CommandFailed.
    """
    import tempfile  # not needed by commands that only read

    try:
        number, beside = tempfile.mkstemp(dir=path.parent, prefix=".esxdriver-")
        try:
            with os.fdopen(number, "wb") as opened:
                yield opened
                opened.flush()
                os.fchmod(number, 0o600 if secret else 0o666 & ~_umask())
                os.fsync(number)
            Path(beside).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(beside).unlink()
            raise
    except OSError as error:
        raise CommandFailed(f"Failed to write '{path}': {error.strerror}") from error


def writing_to(file: str) -> AbstractContextManager[IO[bytes]]:
    """Return what data is written to: a file that is whole or not there, or a device as it is."""
    path = Path(file)
    if file.startswith(("/dev/", "/proc/")) or (path.exists() and not path.is_file()):
        try:
            return path.open("wb")
        except OSError as error:
            raise CommandFailed(f"cannot create {file}", error.strerror or str(error)) from error
    return writing(path)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
