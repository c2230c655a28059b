"""The audit of disk modes as a page: what no snapshot holds, what forgets its writes, and each domain's snapshots."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby

from esxdriver.cli.page import Content, Element, badge, element, fold, foreign, grouped, page, section, table
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.snapshot.audit import DiskReport, DomainReport, Finding, SnapshotReport

LeftOut = Sequence[tuple[str, str]]
Disks = Sequence[tuple[DomainReport, DiskReport]]

_HEADS = ["Domain", "Disk", "File", "Mode", "Findings"]
_ROWS = 100  # of a table
_OPEN = 12  # domains that are open from the start; of more, none is
_SHORT = 24  # characters that stay on one line where a window is wide enough
_DEEP = 6  # generations that are drawn further and further to the right


def audit_page(domains: Sequence[DomainReport], left_out: LeftOut, source: str, now: datetime) -> bytes:
    """Return the page of an audit of ``domains``; ``left_out`` are those that could not be read, with why.

    ``source`` is the host's URI without secrets, ``now`` the time of the audit.
    """
    disks = [(domain, disk) for domain in domains for disk in domain.disks]
    outside = [(domain, disk) for domain, disk in disks if not disk.in_snapshots]
    lost = [(domain, disk) for domain, disk in disks if not disk.kept]
    keys = {id(domain): f"domain-{number}" for number, domain in enumerate(domains, 1)}
    sections = [
        *([section("unread", "Domains that could not be read", *_unread(left_out))] if left_out else []),
        section("outside", "Disks that no snapshot or image backup holds", *_by_datastore(outside, keys)),
        section("lost", "Disks that forget their writes", *_by_datastore(lost, keys)),
        section("domains", "Domains and their snapshots", *_domains(domains, keys)),
        section("meanings", "What the findings mean", _meanings()),
    ]
    lead = [
        element("p", foreign(source), ", ", f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC", cls="soft"),
        _figures(domains, disks, outside, lost, left_out),
    ]
    return page("Disk modes", lead, sections, "Made by esxdriver diskmodes. Nothing was changed on the host.")


def _figures(domains: Sequence[DomainReport], disks: Disks, outside: Disks, lost: Disks, left_out: LeftOut) -> Element:
    figures = [
        ("plain", len(domains), "domains"),
        ("plain", len(disks), "disks"),
        ("warn" if outside else "good", len(outside), "in no snapshot"),
        ("bad" if lost else "good", len(lost), "forget their writes"),
        *([("bad", len(left_out), "domains not read")] if left_out else []),
    ]
    boxes = [element("div", element("dt", text), element("dd", str(count)), cls=kind) for kind, count, text in figures]
    return element("dl", *boxes, cls="figures")


def _unread(left_out: LeftOut) -> Iterator[Element]:
    yield element("p", "Their disks are not known to be safe.")
    rows = [[foreign(name), foreign(why)] for name, why in left_out]
    yield table("Domains without a report", ["Domain", "Why"], rows)


def _by_datastore(disks: Disks, keys: dict[int, str]) -> list[Element]:
    """Return the disks in a fold for each datastore."""
    if not disks:
        return [element("p", badge("good", "none"), " There is no such disk.")]
    placed = sorted(((_datastore(disk), domain, disk) for domain, disk in disks), key=lambda each: each[0].lower())
    folds = []
    for name, alike in groupby(placed, key=lambda each: each[0]):
        found = [(domain, disk) for _, domain, disk in alike]
        summary = [foreign(name) if name else "No datastore", badge("warn", _count(len(found), "disk", "disks"))]
        folds.append((name, fold(summary, *_tables(found, keys))))
    if len(folds) == 1:
        folds[0][1].set("open", "open")
    return grouped(folds)


def _tables(disks: Disks, keys: dict[int, str]) -> list[Element]:
    """Return a table of disks; many of them in folds, for each row has a link at which the Tab key stops."""
    parts = [disks[start : start + _ROWS] for start in range(0, len(disks), _ROWS)]
    tables = [table("Disks", _HEADS, [_row(domain, disk, keys) for domain, disk in part]) for part in parts]
    if len(parts) == 1:
        return tables
    ends = [(foreign(part[0][0].name), foreign(part[-1][0].name)) for part in parts]
    return [fold([first, " to ", last], each) for (first, last), each in zip(ends, tables, strict=True)]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _datastore(disk: DiskReport) -> str:
    path = DatastorePath.parse(disk.source)
    return "" if path is None else path.datastore


def _row(domain: DomainReport, disk: DiskReport, keys: dict[int, str]) -> list[Element]:
    kept = "whole" if len(domain.name) <= _SHORT else "long"
    link = element("a", foreign(domain.name), href=f"#{keys[id(domain)]}", cls=kept)
    return [
        link,
        _target(disk),
        foreign(disk.source or "-"),
        element("span", disk.mode.vim, cls="whole"),
        _findings(disk),
    ]


def _target(disk: DiskReport) -> Element:
    return element("span", foreign(disk.target), cls="whole" if len(disk.target) <= _SHORT else "long")


def _findings(disk: DiskReport) -> Element:
    badges = [badge(_KINDS.get(finding.code, "plain"), finding.code) for finding in disk.findings]
    return element("span", *badges, cls="badges") if badges else element("span", "-")


_KINDS = {Finding.CHANGES_LOST.code: "bad", Finding.NOT_IN_SNAPSHOTS.code: "warn"}


def _domains(domains: Sequence[DomainReport], keys: dict[int, str]) -> list[Element]:
    if not domains:
        return [element("p", "There is no domain.")]
    folds = [(domain.name, _domain(domain, keys[id(domain)])) for domain in domains]
    if len(folds) <= _OPEN:
        for _, each in folds:
            each.set("open", "open")
    return grouped(folds)


def _domain(domain: DomainReport, key: str) -> Element:
    outside = sum(not disk.in_snapshots for disk in domain.disks)
    lost = sum(not disk.kept for disk in domain.disks)
    summary: list[Content] = [foreign(domain.name)]
    summary += [badge("warn", f"{_count(outside, 'disk', 'disks')} in no snapshot")] if outside else []
    summary += [badge("bad", f"{_count(lost, 'disk forgets', 'disks forget')} writes")] if lost else []
    if domain.snapshots:
        summary.append(badge("plain", _count(len(domain.snapshots), "snapshot", "snapshots")))
    uuid = element("p", "UUID ", foreign(domain.uuid), cls="soft", id=key)  # inside: a link to it opens the fold
    heads = ["Disk", "File", "Mode", "In snapshots", "Kept", "Findings"]
    rows = [_disk_row(disk) for disk in domain.disks]
    disks = table("Disks", heads, rows) if rows else element("p", "It has no disks.")
    return fold(summary, uuid, disks, *_snapshots(domain))


def _disk_row(disk: DiskReport) -> list[Element]:
    return [
        _target(disk),
        foreign(disk.source or "-"),
        element("span", disk.mode.vim, cls="whole"),
        _yes_no(disk.in_snapshots),
        _yes_no(disk.kept),
        _findings(disk),
    ]


def _yes_no(answer: bool) -> Element:
    return badge("good", "yes") if answer else badge("bad", "no")


def _snapshots(domain: DomainReport) -> list[Element]:
    if domain.snapshots is None:
        return [element("p", "Its snapshots are shown by virsh snapshot-list.", cls="soft")]
    if not domain.snapshots:
        return [element("p", "It has no snapshots.", cls="soft")]
    return [element("h3", "Snapshots"), _tree(domain.snapshots)]


def _tree(snapshots: Sequence[SnapshotReport]) -> Element:
    """Return snapshots as nested lists; deep generations stand below each other, with their number."""
    root = element("ul", cls="tree")
    lists = [root]
    for each in snapshots:
        depth = min(each.depth, _DEEP)
        del lists[depth + 1 :]
        item = element("li", _snapshot(each))
        lists[depth].append(item)
        if depth < _DEEP:
            lists.append(element("ul"))
            item.append(lists[-1])
    for item in root.iter("li"):
        for below in item.findall("ul"):
            if not len(below):
                item.remove(below)
    return root


def _snapshot(snapshot: SnapshotReport) -> Element:
    marks = [badge("plain", "with memory")] if snapshot.memory else []
    marks += [badge("good", "the domain is based on this one")] if snapshot.current else []
    marks += [badge("plain", f"generation {snapshot.depth + 1}")] if snapshot.depth >= _DEEP else []
    taken = "" if snapshot.created is None else f" {datetime.fromtimestamp(snapshot.created, UTC):%Y-%m-%d %H:%M} UTC "
    parts = [element("p", element("strong", foreign(snapshot.name)), element("span", taken, cls="soft"), *marks)]
    if snapshot.description:
        parts.append(element("p", foreign(snapshot.description)))
    parts.append(element("p", *_held(snapshot)))
    return element("div", *parts, cls="snapshot")


def _held(snapshot: SnapshotReport) -> Iterator[Content]:
    if snapshot.disks is None:
        yield badge("warn", "unknown")
        yield " The host does not tell which disks it holds."
        return
    inside = [disk for disk in snapshot.disks if disk.in_snapshots]
    outside = [disk for disk in snapshot.disks if not disk.in_snapshots]
    yield "Holds "
    yield from _named(inside)
    if outside:
        yield "; leaves out "
        yield from _named(outside)


def _named(disks: Sequence[DiskReport]) -> Iterator[Content]:
    for number, disk in enumerate(disks):
        yield ", " if number else ""
        yield foreign(disk.target)
        yield f" ({disk.mode.vim})"
    if not disks:
        yield "no disk"


def _meanings() -> Element:
    texts = [element("div", element("dt", each.code), element("dd", each.meaning)) for each in Finding]
    return element("dl", *texts, cls="fields")
