r"""libvirt's ``auth.conf``, read as libvirt reads it: by the rules of GLib's GKeyFile.

1. Blanks before and behind ``[group]``, before a key and around its ``=`` do not count; those behind a value do.
2. A comment is a line that begins with ``#``; a ``;`` begins none.
3. A group that stands twice is one group, and of a key that stands twice the last counts.
4. Values have the escapes ``\s \n \t \r \\``; any other backslash stands for itself, and one at the end is dropped.
5. What no rule fits makes the whole file unusable. No error quotes a line: any may hold a password.

Source: https://docs.gtk.org/glib/struct.KeyFile.html, and libvirt's use of it in src/util/virauthconfig.c.
"""

import re

_BLANKS = b" \t\r\n\f"
_GROUP = re.compile(rb"\[([^][\x00-\x1f\x7f]+)\][ \t]*")
_KEY = re.compile(rb"[^][=]*[^][= ](\[[\w.@\x80-\xff-]*\])?")
_ESCAPES = {b"s": b" ", b"n": b"\n", b"t": b"\t", b"r": b"\r", b"\\": b"\\"}

Groups = dict[str, dict[str, bytes]]
"""The keys of each group with their values, which may be in any encoding."""


class KeyFileError(ValueError):
    """A file that is not in the format; the text names the line by its number."""


def parse(data: bytes) -> Groups:
    """Return the groups of a file. Raises KeyFileError."""
    groups: Groups = {}
    current: dict[str, bytes] | None = None
    for number, line in enumerate(data.split(b"\n"), 1):
        text = line.removesuffix(b"\r").partition(b"\0")[0].lstrip(_BLANKS)
        if not text or text.startswith(b"#"):
            continue
        if group := _GROUP.fullmatch(text):
            current = groups.setdefault(_name(group[1]), {})
            continue
        key, equals, value = text.partition(b"=")
        key = key.rstrip(_BLANKS)
        if current is None or not equals or not _KEY.fullmatch(key):
            raise KeyFileError(f"line {number} is neither a [group] nor key=value within one")
        current[_name(key)] = _unescaped(value.lstrip(_BLANKS))
    return groups


def _name(text: bytes) -> str:
    return text.decode(errors="surrogateescape")


def _unescaped(value: bytes) -> bytes:
    return re.sub(
        rb"\\(.?)", lambda found: _ESCAPES.get(found[1], found[0] if found[1] else b""), value, flags=re.DOTALL
    )
