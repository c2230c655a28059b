"""The way to the disk: scrub, scan, write. Nothing is written any other way."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import libvirt

from esxdriver import __version__
from esxdriver.errors import error
from esxdriver.recording.cassette import files
from esxdriver.recording.cassette.match import Ids, canonical
from esxdriver.recording.interactions import Contents, Interaction
from esxdriver.recording.scrub.pseudonyms import Pseudonyms
from esxdriver.recording.scrub.scan import Leak, Secret, leaks
from esxdriver.recording.scrub.scrub import Scrubber
from esxdriver.recording.scrub.secrets import local
from esxdriver.recording.xml import parse

# Counted up when the tables change, so that a file tells by which rules it was scrubbed.
RULES = 1
_ABOUT = ("apiType", "apiVersion", "version", "build", "productLineId")


def scrubbed(contents: Contents, *, pseudonyms: bool) -> tuple[Contents, list[Secret]]:
    """Return the contents without secrets, and the secrets that it had."""
    was_done = contents.head.get("profile") == "pseudonyms"
    names = Pseudonyms(done=was_done) if pseudonyms or was_done else None
    scrubber = Scrubber(names)
    interactions = scrubber.scrub(contents.interactions)
    head = {**contents.head, "profile": "pseudonyms" if names else "default", "rules": RULES}
    if names and "uri" in head:
        head["uri"] = names.in_uri(head["uri"])
    if names and isinstance(arguments := head.get("arguments"), dict):
        head["arguments"] = {name: names.within(str(value)) for name, value in arguments.items()}
    return Contents(head, interactions), scrubber.secrets


def save(
    path: Path,
    contents: Contents,
    *,
    pseudonyms: bool = False,
    secrets: Iterable[str] = (),
    ordinary: Iterable[str] = (),
) -> None:
    """Scrub what was recorded and write it with its head.

    ``secrets`` are searched for besides what the rules find, ``ordinary`` ones are not. Raises OPERATION_DENIED when a
    secret is left, and then nothing is written; WRITE_FAILED.
    """
    clean, wanted = scrubbed(contents, pseudonyms=pseudonyms)
    clean.head = _head(clean)
    text = files.dump(clean)
    known = set(ordinary)
    searched: list[Secret | str] = [*(secret for secret in wanted if secret.text not in known), *secrets]
    if found := list(leaks(texts(clean, text), searched)):
        raise error(libvirt.VIR_ERR_OPERATION_DENIED, f"cassette {path} is not written: {_left(found)}")
    files.save(path, text)


def _left(found: list[Leak]) -> str:
    """Say which secrets are left, where, and what to do; never a secret itself."""
    of_one = [leak for leak in found if leak.name == found[0].name]
    found_at = sorted({f"{leak.where} ({leak.form})" for leak in of_one})
    more = len({leak.name for leak in found}) - 1
    return (
        f"a secret is left: {found[0].name} is also in {', '.join(found_at[:10])}"
        + (f"; so are {more} others" if more else "")
        + ". Take it out there or change it on the host, and record again; if it is an ordinary word that is no secret "
        "there, name it with --ordinary FILE (in Python: ordinary=)"
    )


def _head(contents: Contents) -> dict[str, Any]:
    about = next(filter(None, map(_about, contents.interactions)), None)
    return {
        **contents.head,
        "esxdriver": __version__,
        "pyvmomi": _version("pyvmomi"),
        "recorded": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **({"host": about} if about else {}),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _about(interaction: Interaction) -> dict[str, str] | None:
    """Return what the host says of itself in the answer to RetrieveServiceContent."""
    if b"RetrieveServiceContentResponse" not in interaction.answer:
        return None
    root = parse(interaction.answer)
    abouts = [] if root is None else [e for e in root.iter("{*}about") if len(e)]
    return {local(e): e.text or "" for e in abouts[0] if local(e) in _ABOUT} if abouts else None


def texts(contents: Contents, text: str) -> Iterator[tuple[str, str]]:
    """Yield every value that is written, with where it stands in front, and the file as a whole."""
    yield "the metadata", repr(contents.head)
    for number, one in enumerate(contents.interactions, 1):
        name = f"call {number}, {canonical(one.method, one.url, one.body, Ids()).operation}"
        yield f"{name}: URL", one.url
        yield f"{name}: request", one.body.decode(errors="replace")
        yield f"{name}: answer", one.answer.decode(errors="replace")
        yield f"{name}: headers", repr((one.request_headers, one.headers))
    yield "the file", text
