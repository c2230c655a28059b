"""VMX text: lines of ``name = "value"``.

Names are compared without regard to case and may stand once. A value's quotes, bars and line breaks are written
``|22``, ``|7C``, ``|0A``; values without quotes, comments after them, and values that go on over several lines (the
in-tree driver writes such annotations) are read, too.
"""

import codecs
import re
from collections.abc import Iterable, Iterator

import libvirt

from esxdriver.characters import NO_XML
from esxdriver.errors import error, xml_error
from esxdriver.vmx.encoding import UTF_8, text_of_bytes

LARGEST_FILE = 16 * 2**20  # characters; real files have some thousands, guestinfo at most a few millions

_ESCAPES = re.compile(r"(?:\|[0-9A-Fa-f]{2})+")
# A bar in front of what is no printable ASCII character was left as it is when it was read.
_AWKWARD = re.compile(r'["\r\n\t]|\|(?![0189A-Fa-f][0-9A-Fa-f])')
_ENCODING = re.compile(rb'^[ \t]*\.encoding[ \t]*=[ \t]*"?([^"#\r\n]*)', re.IGNORECASE | re.MULTILINE)


class Keys:
    """The keys of a VMX file: their values by folded name, their names as they were spelled, their lines.

    A switch is put as a bool and spelled as ESX does (``TRUE``), or in lower case, as libvirt does.
    """

    def __init__(self, *, lower: bool = False) -> None:
        self.values: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.lines: dict[str, int] = {}
        self._switch = {True: "true", False: "false"} if lower else {True: "TRUE", False: "FALSE"}

    def put(self, name: str, value: str | bool | None) -> None:
        """Set a key; None removes it."""
        folded = name.lower()
        if value is None:
            self.values.pop(folded, None)
            self.names.pop(folded, None)
            return
        self.values[folded] = self._switch[value] if isinstance(value, bool) else value
        self.names[folded] = name

    def turn_on(self, *names: str) -> None:
        """Set switches to on."""
        for name in names:
            self.put(name, value=True)

    def turn_off(self, *names: str) -> None:
        """Set switches to off."""
        for name in names:
            self.put(name, value=False)

    def with_values(self, values: Iterable[tuple[str, str | None]]) -> "Keys":
        """Return the same keys with others put, and without those that are None."""
        keys = Keys()
        keys.values, keys.names, keys.lines = dict(self.values), dict(self.names), dict(self.lines)
        for name, value in values:
            keys.put(name, value)
        return keys

    def is_on(self, name: str) -> bool:
        """Whether a switch is there and on."""
        return self.values.get(name.lower(), "").lower() in ("true", "yes", "on", "1")

    def where(self, name: str) -> str:
        """Return how an error points at a key."""
        line = self.lines.get(name.lower())
        return f"{name} (line {line})" if line else name

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.values


def decoded(data: bytes) -> str:
    """Return a file's text: its ``.encoding`` decides, UTF-8 without one. Raises INVALID_ARG."""
    if len(data) > 4 * LARGEST_FILE:
        raise _too_large(len(data), "bytes")
    marked = data.startswith(codecs.BOM_UTF8)
    named = None if marked else _ENCODING.search(data)
    name = named[1].strip().decode("ascii", "replace") if named else ""
    try:
        return text_of_bytes(data.removeprefix(codecs.BOM_UTF8), name or UTF_8)
    except UnicodeDecodeError as cause:
        line = data.count(b"\n", 0, cause.start) + 1
        raise _invalid(line, f"the text is not in the encoding '{name or UTF_8}'") from None
    except LookupError:
        line = data.count(b"\n", 0, named.start(1)) + 1 if named else 1
        raise _invalid(line, f"the encoding '{name}' is not known, and the text has more than ASCII") from None


def parsed(text: str) -> Keys:
    """Return the keys of a VMX file's text.

    Raises INVALID_ARG for what is no text or larger than :data:`LARGEST_FILE`, XML_ERROR with the line for what is
    not VMX, an unterminated quote, and a name that stands twice.
    """
    _check_text(text)
    keys = Keys()
    values, names, lines = keys.values, keys.names, keys.lines
    for line, name, value in _assignments(text.removeprefix("\ufeff").split("\n")):
        folded = name.lower()
        if folded in values:
            raise _malformed(line, f"'{name}' is there already, in line {lines[folded]}")
        values[folded] = _unescaped(value) if "|" in value else value
        names[folded] = name
        lines[folded] = line
    return keys


def _check_text(text: str) -> None:
    if len(text) > LARGEST_FILE:
        raise _too_large(len(text), "characters")
    if binary := NO_XML.search(text):
        line = text.count("\n", 0, binary.start()) + 1
        raise _invalid(line, f"not a text: it has the character U+{ord(binary[0]):04X}")


def _assignments(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield the line, name and raw value of each assignment."""
    numbered = enumerate(lines, start=1)
    for number, line in numbered:
        name, equals, rest = line.partition("=")
        name, rest = name.strip(), rest.strip()
        if not name or name[0] == "#":
            if not name and equals:
                raise _malformed(number, "there is no name before the =")
            continue
        if not equals or '"' in name or "#" in name:
            raise _malformed(number, 'not VMX, which is lines of name = "value"')  # it may be a password's line
        value = _value(rest)
        if value is None:
            value = _over_lines(number, name, rest, lines)
            for _ in range(value.count("\n")):
                next(numbered)
        yield number, name, value


def _value(rest: str) -> str | None:
    """Return the raw value that stands behind the ``=``; None when its quotes are not closed there."""
    if rest[:1] == '"':
        value, quote, tail = rest[1:].partition('"')
        return value if quote and _is_comment(tail) else None
    value = rest.partition("#")[0].rstrip()
    return None if '"' in value else value


def _over_lines(number: int, name: str, rest: str, lines: list[str]) -> str:
    """Return the value that begins in a line, with ``rest``, and ends in a later one."""
    value = [rest[1:]]
    later = (lines[at] for at in range(number, len(lines))) if rest[:1] == '"' and '"' not in rest[1:] else ()
    for line in later:
        if _opens(line):
            break
        text, quote, tail = line.partition('"')
        value.append(text.rstrip("\r"))
        if quote and _is_comment(tail):
            return "\n".join(value)
        if quote:
            break
    raise _malformed(number, f"the quotes of '{name}' are not closed as they should be")


def _opens(line: str) -> bool:
    """Whether an assignment begins in this line, so that none can still be going on."""
    name, equals, rest = line.partition("=")
    return bool(equals and name.strip() and '"' not in name and "#" not in name and rest.lstrip()[:1] == '"')


def _is_comment(tail: str) -> bool:
    return tail.strip()[:1] in ("", "#")


def _unescaped(value: str) -> str:
    return _ESCAPES.sub(_run, value)


def _run(match: re.Match[str]) -> str:
    try:
        text = bytes.fromhex(match[0].replace("|", "")).decode()
    except UnicodeDecodeError:
        return match[0]
    return match[0] if NO_XML.search(text) else text


def text_of(keys: Keys) -> str:
    """Return the keys as text, in the order in which they were put."""
    lines = [f'{keys.names[folded]} = "{_escaped(value)}"\n' for folded, value in keys.values.items()]
    return "".join(lines)


def _escaped(value: str) -> str:
    return _AWKWARD.sub(lambda match: f"|{ord(match[0]):02X}", value)


def _too_large(size: int, unit: str) -> libvirt.libvirtError:
    return error(libvirt.VIR_ERR_INVALID_ARG, f"VMX: {size} {unit}, more than the {LARGEST_FILE} that are read")


def _invalid(line: int, why: str) -> libvirt.libvirtError:
    return error(libvirt.VIR_ERR_INVALID_ARG, f"VMX, line {line}: {why}")


def _malformed(line: int, why: str) -> libvirt.libvirtError:
    return xml_error(f"VMX, line {line}: {why}")
