"""Cassette files: YAML in vcrpy's format (version 1) with a metadata head.

A file is read with suspicion, for people send theirs to each other: what kind of file it is, its size, depth,
counts and tags are checked before anything is built from it, and what is unpacked is counted. A refusal names the line.
A file is written whole or not at all, and for the owner's eyes only.
"""

import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import libvirt
import yaml

from esxdriver.errors import error
from esxdriver.recording.interactions import Contents, Interaction, as_yaml, from_yaml

MAX_BYTES = 64 * 2**20  # of the file, and of all bodies together when they are unpacked
MAX_DEPTH = 8
MAX_INTERACTIONS = 50_000
MAX_NODES = 60 * MAX_INTERACTIONS  # texts, lists and mappings: an interaction has some 40
_FORMAT_VERSION = 1
_SAFE_TAGS = {None, "!", *(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "binary"))}
_LONG_NUMBER = re.compile(r"[-+]?[0-9][0-9_:.]{30,}")
# Where libyaml is missing, the same in pure Python, slower.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_DUMPER):  # type: ignore[misc]
    def ignore_aliases(self, _data: object) -> bool:
        return True


def _text(dumper: Any, text: str) -> Any:
    # One line of XML a line of YAML, so that a recording can be read and compared.
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def dump(contents: Contents) -> str:
    """Return the text of the file."""
    document = {
        "metadata": contents.head,
        "version": _FORMAT_VERSION,
        "interactions": [as_yaml(interaction) for interaction in contents.interactions],
    }
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**30))


def save(path: Path, text: str) -> None:
    """Put the text in place of the file in one step, mode 0600; parents are made. Raises WRITE_FAILED."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise WRITE_FAILED for what the file system has against the file ``path``."""
    try:
        yield
    except OSError as cause:
        raise error(libvirt.VIR_ERR_WRITE_FAILED, f"{path}: {cause.strerror}") from cause


def load(path: Path) -> Contents:
    """Read a file. Raises OPEN_FAILED when that fails, CONF_SYNTAX with the line when it is refused."""
    try:
        text = _content(path).decode()
    except (OSError, ValueError) as cause:
        if not isinstance(cause, UnicodeDecodeError):  # a name with a NUL is a ValueError
            why = getattr(cause, "strerror", None) or cause
            raise error(libvirt.VIR_ERR_OPEN_FAILED, f"cassette {path}: {why}") from cause
        line = cause.object[: cause.start].count(b"\n") + 1
        raise _refused(path, line, "not UTF-8") from cause
    return _build(path, text)


def _content(path: Path) -> bytes:
    """Return what a regular file holds; of anything else (a pipe, a device, a directory) nothing is read."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise _refused(path, 1, "it is no regular file")
    with os.fdopen(handle, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _refused(path, 1, f"it has more than the {MAX_BYTES} bytes that a cassette may have")
    return content


def _refused(path: Path, line: int, why: str) -> libvirt.libvirtError:
    return error(libvirt.VIR_ERR_CONF_SYNTAX, f"{path}:{line}: refused as a cassette: {why}")


def _build(path: Path, text: str) -> Contents:
    try:
        lines = list(_item_lines(path, text))
        document = yaml.load(text, Loader=_LOADER)  # noqa: S506 (a safe loader, and the tags were checked)
    except yaml.MarkedYAMLError as cause:
        line = _line(cause.problem_mark or cause.context_mark)
        raise _refused(path, line, cause.problem or "not YAML") from cause
    except (yaml.YAMLError, ValueError) as cause:
        raise _refused(path, _line_of(cause, text), str(cause).splitlines()[0]) from cause
    return _recording(path, document, lines)


def _line(mark: Any) -> int:
    return mark.line + 1 if mark else 1


def _line_of(cause: Exception, text: str) -> int:
    return text.count("\n", 0, getattr(cause, "position", 0)) + 1


def _item_lines(path: Path, text: str) -> Iterator[int]:
    """Check every YAML event, and yield the line at which each interaction begins."""
    open_ones: list[type[yaml.Event]] = []
    documents = 0
    for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        line = _line(event.start_mark)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if count > MAX_NODES:
            raise _refused(path, line, f"more than {MAX_NODES} texts and lists")
        if reason := _objection(event, len(open_ones), documents):
            raise _refused(path, line, reason)
        if isinstance(event, yaml.CollectionStartEvent):
            if open_ones == [yaml.MappingStartEvent, yaml.SequenceStartEvent]:
                yield line
            open_ones.append(type(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            open_ones.pop()


def _objection(event: yaml.Event, depth: int, documents: int) -> str | None:
    if isinstance(event, yaml.AliasEvent):
        return f"the alias *{event.anchor}; a cassette repeats what it says"
    if (tag := getattr(event, "tag", None)) not in _SAFE_TAGS:
        return f"the tag {tag}"
    if isinstance(event, yaml.CollectionStartEvent) and depth >= MAX_DEPTH:
        return f"nested deeper than {MAX_DEPTH} levels"
    if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and _LONG_NUMBER.fullmatch(event.value):
        return f"a number of {len(event.value)} digits"
    return "a second document" if documents > 1 else None


def _recording(path: Path, document: object, lines: list[int]) -> Contents:
    if not isinstance(document, dict) or not isinstance(document.get("interactions"), list):
        raise _refused(path, 1, "no list of interactions")
    if document.get("version") != _FORMAT_VERSION:
        raise _refused(path, 1, f"format version {document.get('version')!r}, not {_FORMAT_VERSION}")
    items = document["interactions"]
    if len(items) > MAX_INTERACTIONS:
        raise _refused(path, lines[-1], f"more than {MAX_INTERACTIONS} interactions")
    starts = lines if len(lines) == len(items) else [1] * len(items)
    return Contents(_head(path, document.get("metadata") or {}), list(_interactions(path, items, starts)))


def _head(path: Path, head: object) -> dict[str, Any]:
    """Return the head with texts where texts belong: YAML has numbers and dates, too."""
    if not isinstance(head, dict):
        raise _refused(path, 1, "metadata that is not a mapping")
    if bad := [name for name, value in head.items() if not isinstance(name, str) or not _is_plain(name, value)]:
        raise _refused(
            path, 1, f"metadata whose '{bad[0]}' is not {'a mapping of texts' if bad[0] == 'host' else 'a text'}"
        )
    return {name: value if name == "rules" else _texts(value) for name, value in head.items() if value is not None}


def _is_plain(name: str, value: object) -> bool:
    if name == "host" or isinstance(value, dict):
        return isinstance(value, dict) and not any(isinstance(each, (dict, list)) for each in value.values())
    return not isinstance(value, list)


def _texts(value: object) -> Any:
    if isinstance(value, dict):
        return {str(name): str(each) for name, each in value.items()}
    return str(value)


def _interactions(path: Path, items: list[Any], lines: list[int]) -> Iterator[Interaction]:
    left = MAX_BYTES
    for position, (item, line) in enumerate(zip(items, lines, strict=True)):
        interaction = _interaction(path, item, line, position, left)
        left -= len(interaction.body) + len(interaction.answer)
        if left < 0:
            raise _refused(path, line, f"the bodies up to here have more than {MAX_BYTES} bytes when they are unpacked")
        yield interaction


def _interaction(path: Path, item: Any, line: int, position: int, left: int) -> Interaction:
    try:
        interaction = from_yaml(item, left)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as cause:
        raise _refused(path, line, f"interaction {position + 1} lacks or misspells {cause}") from cause
    if interaction.after is not None and not 0 <= interaction.after <= position:
        raise _refused(path, line, f"interaction {position + 1} comes after {interaction.after}")
    return interaction
