"""A cassette of what was saved of a host: the driver asks a host that answers from it, and that is recorded."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import libvirt

from esxdriver import uri as uris
from esxdriver.auth import Credentials
from esxdriver.driver.connect import Connect, connected
from esxdriver.errors import error
from esxdriver.recording import report
from esxdriver.recording.cassette import files
from esxdriver.recording.cassette.cassette import Cassette, Mode
from esxdriver.recording.cassette.match import Ids, canonical
from esxdriver.recording.cassette.save import save
from esxdriver.recording.cassette.states import START, entries
from esxdriver.recording.imported import site
from esxdriver.recording.imported.host import SavedHost
from esxdriver.recording.imported.objects import Objects
from esxdriver.recording.imported.site import About
from esxdriver.recording.imported.sources import documents, refused
from esxdriver.recording.interactions import Contents
from esxdriver.recording.xml import parse

_PSEUDONYMS = "pseudonyms"


@dataclass
class Saved:
    """What sources hold: objects, and the answers of recordings by the calls; ``heads`` are the recordings' own."""

    objects: Objects = field(default_factory=Objects)
    answers: dict[str, bytes] = field(default_factory=dict)
    heads: list[Mapping[str, object]] = field(default_factory=list)

    def replay(self, _operation: str, body: bytes) -> bytes | None:
        """Return the recorded answer to a call, None when there is none."""
        return self.answers.get(canonical("POST", "/sdk", body, Ids()).key)


@dataclass(frozen=True)
class Imported:
    """What was imported: the file, the host's name in files, and what the sources lacked, in sentences.

    ``objects`` and ``domains`` say how many were saved.
    """

    path: Path
    host: str
    objects: int
    domains: int
    lacking: tuple[str, ...]


def read(sources: Iterable[Path]) -> Saved:
    """Read all sources, whatever each is. Raises OPEN_FAILED or CONF_SYNTAX."""
    saved = Saved()
    for source in sources:
        for name, content in documents(source):
            if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
                _add_document(saved, f"{source}: {name}" if source.is_dir() else name, content)
            else:
                _add_cassette(saved, files.load(source))
    if not saved.objects.of_kind("VirtualMachine", "HostSystem"):
        raise error(
            libvirt.VIR_ERR_CONF_SYNTAX,
            "the source has no domain and no host: give a cassette, what 'govc object.save' has written, or SOAP "
            "answers of RetrievePropertiesEx, one a file",
        )
    return saved


def _add_document(saved: Saved, name: str, content: bytes) -> None:
    root = parse(content)
    if root is None:
        raise refused(name, "it is no XML, cut short, or has a document type")
    saved.objects.add(root)
    _add_service_content(saved, content)


def _add_cassette(saved: Saved, contents: Contents) -> None:
    """Take what a recording has from before its first change."""
    saved.heads.append(contents.head)
    for entry in entries(contents):
        root = parse(entry.interaction.answer) if entry.state == START and entry.interaction.status == 200 else None
        if root is None:
            continue
        if not saved.objects.add(root):
            saved.answers.setdefault(entry.call.key, entry.interaction.answer)
        _add_service_content(saved, entry.interaction.answer)


def _add_service_content(saved: Saved, content: bytes) -> None:
    """Take what a host has said of itself."""
    root = parse(content) if b"RetrieveServiceContentResponse" in content else None
    for answer in () if root is None else root.iter("{*}RetrieveServiceContentResponse"):
        for value in answer:
            saved.objects.add_property(site.SERVICE, "content", value)


def import_to(
    target: Callable[[str], Path],
    saved: Saved,
    said: About,
    ask: Callable[[Connect], Sequence[str]],
    *,
    secrets: Iterable[str] = (),
    ordinary: Iterable[str] = (),
) -> Imported:
    """Make a cassette with pseudonyms in the file that ``target`` returns for the host's name.

    ``ask`` asks a connection for all that is to be recorded, and returns what it could not have. Raises CONF_SYNTAX for
    what tells of no host, OPERATION_DENIED when a secret would be left or a call could not be replayed, WRITE_FAILED;
    then no file is written.
    """
    objects = saved.objects
    site.complete(objects, said)
    host, about = SavedHost(objects, saved.replay), site.about(objects)
    name = _name(about)
    path = target(name)
    uri, elsewhere = _uri(objects, about)
    with _draft_of(path) as draft:
        cassette = Cassette(draft, Mode.ONCE, None, host.connections())
        cassette.head.update({**_head(saved, about), "uri": uri})
        # No credentials are looked for: nobody has to log in.
        with connected(uris.parse(uri), cassette.connections(), lambda: Credentials("imported", "")) as conn:
            refusals = ask(conn)
        save(draft, _each_once(cassette.contents()), pseudonyms=True, secrets=secrets, ordinary=ordinary)
        _check(draft)
    machines = len(objects.of_kind("VirtualMachine"))
    return Imported(path, name, len(objects.saved), machines, tuple(_lacking(host, elsewhere, refusals)))


@contextmanager
def _draft_of(path: Path) -> Iterator[Path]:
    """Give the path of a file that is put in the place of ``path`` when the block is done. Raises WRITE_FAILED."""
    with ExitStack() as stack:
        with files.writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = stack.enter_context(TemporaryDirectory(prefix=".esxdriver-", dir=path.parent))
        draft = Path(beside) / path.name
        yield draft
        with files.writing(path):
            draft.replace(path)


def _each_once(contents: Contents) -> Contents:
    """Return a recording with the first answer to each call: nothing changes on a host that was saved."""
    first = {entry.key: entry.interaction for entry in reversed(entries(contents))}
    return Contents(contents.head, list(reversed(first.values())))


def _check(draft: Path) -> None:
    findings = report.check(draft)
    if findings:
        listed = "; ".join(f"{each.where}: {each.what}" for each in findings[:3])
        raise error(libvirt.VIR_ERR_OPERATION_DENIED, f"it would not pass 'cassette check': {listed}")


def _head(saved: Saved, about: Mapping[str, str]) -> dict[str, object]:
    """Return what the head says of where it is from; names stay replaced where they were replaced before."""
    sources = [str(head["source"]) for head in saved.heads if "source" in head]
    known = sources[0] if sources else f"imported: {about.get('fullName', 'a host')}"
    done = bool(saved.heads) and all(head.get("profile") == _PSEUDONYMS for head in saved.heads)
    return {"source": known, **({"profile": _PSEUDONYMS} if done else {})}


def _uri(objects: Objects, about: Mapping[str, str]) -> tuple[str, int]:
    if about.get("apiType") == "HostAgent":
        return "esx://host/", 0
    names, elsewhere = site.path_of(objects)
    return "vpx://host/" + "/".join(quote(name, safe="") for name in names), elsewhere


def _name(about: Mapping[str, str]) -> str:
    """Return the host's name in files: product, version and build, of letters that every file system has."""
    product = "vcenter" if about.get("apiType") == "VirtualCenter" else about.get("name", "").split()[-1:]
    parts = [product if isinstance(product, str) else "".join(product), about.get("version"), about.get("build")]
    return re.sub(r"[^a-z0-9.]+", "-", "-".join(filter(None, parts)).lower()).strip("-.") or "host"


def _lacking(host: SavedHost, elsewhere: int, refusals: Iterable[str]) -> Iterable[str]:
    for kind, paths in groupby(sorted(host.lacking), key=lambda path: path.partition(".")[0]):
        names = ", ".join(path.partition(".")[2] for path in paths)
        yield f"answered as unset, for they were saved of no {kind}: {names}"
    for operation in sorted(host.unanswered):
        yield f"nothing was saved that answers it: {operation}"
    if elsewhere:
        yield f"{elsewhere} domains are in other datacenters than the one that is recorded"
    yield from refusals
