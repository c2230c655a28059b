"""Compares the table with a libvirt source tree: ``python -m esxdriver.rpc.check DIRECTORY``.

Reads ``src/remote/remote_protocol.x`` and ``src/rpc/virnetprotocol.x`` of it, says what differs, and ends with
status 1 when something does. What the tree does not have yet is a note, not a difference.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from esxdriver.rpc import protocol

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CONSTANT = re.compile(r"^const (\w+)\s*=\s*(\w+);", re.MULTILINE)
_STRUCT = re.compile(r"^struct (\w+) \{(.*?)^\};", re.DOTALL | re.MULTILINE)
_PROCEDURE = re.compile(r"REMOTE_PROC_(\w+) = (\d+)")
_ANNOTATED = re.compile(r"/\*\*(.*?)\*/\s*REMOTE_PROC_(\w+) =", re.DOTALL)
_FIELD = re.compile(
    r"(?P<type>(?:unsigned )?\w+)\s+(?P<star>\*?)\s*(?P<name>\w+)(?:<(?P<limit>\w*)>|\[(?P<size>\w+)\])?\s*;"
)
# Limits that libvirt's files take from its public headers.
_HEADERS = {
    "VIR_UUID_BUFLEN": 16,
    "VIR_SECURITY_MODEL_BUFLEN": 257,
    "VIR_SECURITY_LABEL_BUFLEN": 4097,
    "VIR_SECURITY_DOI_BUFLEN": 257,
}
_SCALARS = {
    "int": "i32", "unsigned int": "u32", "hyper": "i64", "unsigned hyper": "u64", "double": "f64", "char": "i8w",
    "unsigned char": "u8w", "short": "i16w", "unsigned short": "u16w", "opaque": "bytes",
    "remote_nonnull_string": "str", "remote_string": "str?", "remote_uuid": "uuid",
    "remote_auth_type": "i32", "virNetMessageString": "str?",
    "virNetMessageDomain": "nonnull_domain?", "virNetMessageNetwork": "nonnull_network?",
}  # fmt: skip
_WITHOUT_PREFIX = re.compile(r"^remote_")


class Source:
    """The files of one libvirt."""

    def __init__(self, directory: Path) -> None:
        text = (directory / "src/remote/remote_protocol.x").read_text(encoding="utf-8")
        errors = (directory / "src/rpc/virnetprotocol.x").read_text(encoding="utf-8")
        bare = _COMMENT.sub("", text)
        self._constants = _HEADERS | {name: self._number(value) for name, value in _CONSTANT.findall(bare)}
        self.procedures = {name.lower(): int(number) for name, number in _PROCEDURE.findall(bare)}
        self.priority = {name.lower() for notes, name in _ANNOTATED.findall(text) if "@priority: high" in _last(notes)}
        self.streams = {name.lower(): way for notes, name in _ANNOTATED.findall(text) if (way := _stream(_last(notes)))}
        self.structures = {
            _WITHOUT_PREFIX.sub("", name): " ".join(self._fields(body))
            for name, body in _STRUCT.findall(bare) + _STRUCT.findall(_COMMENT.sub("", errors))
        }

    def _number(self, text: str) -> int:
        return int(text, 0) if text[0].isdigit() else _HEADERS.get(text, -1)

    def _fields(self, body: str) -> Iterator[str]:
        for field in _FIELD.finditer(body):
            yield f"{field['name']}:{self._type(field)}"

    def _type(self, field: re.Match[str]) -> str:
        of = _SCALARS.get(field["type"]) or _WITHOUT_PREFIX.sub("", field["type"])
        if field["limit"] is not None:
            return f"{of}<{self._limit(field['limit'])}>"
        if field["size"] is not None:
            return f"{of}[{self._limit(field['size'])}]"
        optional = field["star"] or f"nonnull_{of}" in protocol.structures()
        return (f"nonnull_{of}?" if f"nonnull_{of}" in protocol.structures() else f"{of}?") if optional else of

    def _limit(self, text: str) -> int:
        return int(text) if text.isdigit() else self._constants[text]


def _last(notes: str) -> str:
    """Return the comment that stands directly before its procedure."""
    return notes.rpartition("/**")[2]


def _stream(notes: str) -> str:
    return "down" if "@readstream" in notes else "up" if "@writestream" in notes else ""


def differences(source: Source) -> Iterator[str]:
    """Yield what differs between the source and the table."""
    for name, fields in protocol.structures().items():
        theirs = source.structures.get("virNetMessageError" if name == "error" else name, "")
        if theirs != fields:
            yield f"structure {name}: {fields}, in the source: {theirs or 'missing'}"
    for row in protocol.procedures().values():
        if row.name in source.procedures:
            yield from _row_differences(row, source)
    for number, name in protocol.others().items():
        if source.procedures.get(name, number) != number:
            yield f"{name}: number {number}, in the source: {source.procedures[name]}"


def _row_differences(row: protocol.Procedure, source: Source) -> Iterator[str]:
    if source.procedures[row.name] != row.number:
        yield f"{row.name}: number {row.number}, in the source: {source.procedures[row.name]}"
    suffixes = ("msg",) if row.kind == "event" else ("args", "ret")
    for suffix, fields in zip(suffixes, (row.argument_fields, row.reply_fields), strict=False):
        theirs = source.structures.get(f"{row.name}_{suffix}", "-")
        if theirs != fields:
            yield f"{row.name}_{suffix}: {fields}, in the source: {theirs}"
    if row.priority != (row.name in source.priority):
        yield f"{row.name}: its priority differs"
    if (row.rules & {"down", "up"}) != ({source.streams[row.name]} if row.name in source.streams else set()):
        yield f"{row.name}: its stream differs"


def main(arguments: list[str]) -> int:
    """Compare, print, and return the exit status."""
    if len(arguments) != 1:
        print(__doc__.partition("\n")[0], file=sys.stderr)  # noqa: T201 - a command's output
        return 2
    source = Source(Path(arguments[0]))
    found = list(differences(source))
    newer = [row.name for row in protocol.procedures().values() if row.name not in source.procedures]
    for line in found + [f"note: the source has no {name} yet" for name in newer]:
        print(line)  # noqa: T201 - a command's output
    known = len(protocol.procedures())
    print(f"{known} of {len(source.procedures)} procedures are in the table, {len(found)} differences")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
