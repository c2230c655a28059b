"""What a cassette holds, and whether it may be shown to others: plain data for the command line."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any

import libvirt

from esxdriver.recording.cassette import files
from esxdriver.recording.cassette.match import Role
from esxdriver.recording.cassette.save import save as save_contents
from esxdriver.recording.cassette.save import scrubbed, texts
from esxdriver.recording.cassette.states import Entry, entries, out_of_state
from esxdriver.recording.interactions import Contents, Interaction
from esxdriver.recording.scrub.scan import leaks
from esxdriver.recording.scrub.scrub import laid_out

# The parts of an interaction that are scrubbed, as people call them.
_PARTS = {
    "body": "request",
    "answer": "answer",
    "request_headers": "request's headers",
    "headers": "answer's headers",
    "url": "URL",
}


@dataclass(frozen=True)
class Description:
    """A cassette's head and contents; ``bytes`` is the size of the file, ``operations`` counts calls."""

    path: Path
    bytes: int
    head: dict[str, Any]
    interactions: int
    changes: int
    operations: dict[str, int] = field(default_factory=dict)

    @property
    def age_days(self) -> float | None:
        """Days since it was recorded, None when the head does not tell."""
        return age_days(self.head)


@dataclass(frozen=True)
class Finding:
    """Something wrong with a cassette: ``what`` is wrong, and ``where``."""

    where: str
    what: str


def age_days(head: dict[str, Any]) -> float | None:
    """Days since the recording with this head, None when it does not tell."""
    try:
        recorded = datetime.fromisoformat(str(head.get("recorded")))
    except ValueError:
        return None
    recorded = recorded if recorded.tzinfo else recorded.replace(tzinfo=UTC)
    return (datetime.now(UTC) - recorded).total_seconds() / 86400


def describe(path: str | PathLike[str]) -> Description:
    """Return what a cassette holds. Raises OPEN_FAILED or CONF_SYNTAX."""
    where = Path(path)
    contents = files.load(where)
    calls = [entry.call for entry in entries(contents)]
    return Description(
        path=where,
        bytes=where.stat().st_size,
        head=contents.head,
        interactions=len(calls),
        changes=sum(call.role is Role.CHANGE for call in calls),
        operations=dict(Counter(call.operation for call in calls).most_common()),
    )


def check(path: str | PathLike[str], *, secrets: Iterable[str] = ()) -> list[Finding]:
    """Return what is wrong with a cassette: secrets that are left, calls that cannot be replayed or answer wrongly.

    ``secrets`` are texts to search for besides what the rules find. Raises OPEN_FAILED or CONF_SYNTAX.
    """
    contents = files.load(Path(path))
    return [*_left(contents), *_known(contents, secrets), *_dead(contents), *_of_another_state(contents)]


def scrub_file(
    path: str | PathLike[str], *, pseudonyms: bool = False, secrets: Iterable[str] = (), ordinary: Iterable[str] = ()
) -> int:
    """Scrub a cassette in place; return how many interactions changed. Its head may change even when none does.

    Raises OPEN_FAILED, CONF_SYNTAX, WRITE_FAILED, or OPERATION_DENIED when a secret would be left.
    """
    where = Path(path)
    contents = files.load(where)
    clean, _ = scrubbed(contents, pseudonyms=pseudonyms)
    changed = sum(old != new for old, new in zip(contents.interactions, clean.interactions, strict=True))
    if changed or clean.head != contents.head:
        save_contents(where, contents, pseudonyms=pseudonyms, secrets=secrets, ordinary=ordinary)
    return changed


def _left(contents: Contents) -> Iterator[Finding]:
    try:
        clean, _ = scrubbed(contents, pseudonyms=False)
    except libvirt.libvirtError as error:
        yield Finding("the file", str(error))
        return
    for number, (entry, new) in enumerate(zip(entries(contents), clean.interactions, strict=True), 1):
        for part in _changed(entry.interaction, new):
            yield Finding(_numbered(number, entry), f"the {part} has something that the rules take out")


def _changed(old: Interaction, new: Interaction) -> Iterator[str]:
    for part, name in _PARTS.items():
        if _squeezed(getattr(old, part)) != _squeezed(getattr(new, part)):
            yield name


def _squeezed(value: object) -> object:
    # Scrubbing also lays out the XML anew: that is no secret.
    return b"".join(laid_out(value).split()) if isinstance(value, bytes) else value


def _known(contents: Contents, secrets: Iterable[str]) -> Iterator[Finding]:
    for leak in leaks(texts(contents, ""), secrets):
        yield Finding(leak.where, f"a given secret, {leak.form}")


def _dead(contents: Contents) -> Iterator[Finding]:
    for number, entry in enumerate(entries(contents), 1):
        where = _numbered(number, entry)
        if any("made by an unknown call" in line for line in entry.call.lines):
            yield Finding(where, "cannot be replayed: no recorded call gave the id it uses")
        if entry.interaction.status not in (200, 201, 204, 206, 404, 500):
            yield Finding(where, f"the answer is HTTP {entry.interaction.status}, not the host's")


def _of_another_state(contents: Contents) -> Iterator[Finding]:
    found = entries(contents)
    for number, why in out_of_state(found):
        yield Finding(_numbered(number, found[number - 1]), f"may answer wrongly: {why}; record the session afresh")


def _numbered(number: int, entry: Entry) -> str:
    return f"call {number}, {entry.call.operation}"
