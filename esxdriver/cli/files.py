"""Files that commands read; ``-`` is the standard input."""

import codecs
import re
import sys
from pathlib import Path

from esxdriver.cli.failures import CommandFailed

_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)""")
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}


def spoken(file: str) -> str:
    """Return how messages call ``file``."""
    return "the standard input" if file == "-" else file


def read(file: str, most: int) -> bytes:
    """Return at most ``most`` bytes of ``file``, and one more when it has more: who parses them refuses that."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(most + 1)
        with Path(file).open("rb") as opened:
            return opened.read(most + 1)
    except OSError as failed:
        raise CommandFailed(f"Failed to open file '{file}': {failed.strerror}") from failed


def read_xml(file: str) -> str:
    """Return a document as text, by the encoding that it declares, UTF-8 otherwise."""
    from esxdriver.conf.xml.surface import LARGEST_DOCUMENT  # noqa: PLC0415

    data = read(file, LARGEST_DOCUMENT)
    declared = _DECLARED.match(data)
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    encoding = declared[1].decode() if declared else marked
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeError) as failed:
        raise CommandFailed(f"Failed to read {spoken(file)}: it is not text in {encoding}") from failed
