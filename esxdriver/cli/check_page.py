"""The report of ``check-host`` as a page."""

from collections.abc import Iterable, Sequence

from esxdriver.checking import tables
from esxdriver.checking.guesses import Verdict
from esxdriver.checking.report import Report, Status
from esxdriver.cli import page
from esxdriver.cli.page import Content, Element

# The badge of each result.
_LOOKS = {
    Verdict.HELD: "good", Verdict.NOT_HELD: "bad", Verdict.UNTRIED: "plain", Status.OK: "good", Status.FAILED: "bad",
    Status.SKIPPED: "plain", Status.REFUSED: "warn", Status.UNANSWERED: "bad",
}  # fmt: skip
_TITLE = "esxdriver on a host"
_LONGEST_WORD = 40  # characters that are kept on one line, as far as a window is wide enough


def check_page(report: Report) -> bytes:
    """Return the page of a report."""
    return page.page(
        _TITLE,
        [*_verdict(report), _figures(tables.summary(report))],
        list(_sections(report)),
        f"Made by esxdriver {report.host.get('esxdriver', '')}, check-host.",
    )


def _verdict(report: Report) -> Iterable[Element]:
    wrong = tables.wrong(report)
    said = page.badge("bad", "not all is as expected") if wrong else page.badge("good", "all is as expected")
    yield page.element("p", said)
    if wrong:
        yield page.element("ul", *(page.element("li", line) for line in wrong))


def _figures(fields: dict[str, str]) -> Element:
    rows = (page.element("div", page.element("dt", name), page.element("dd", text)) for name, text in fields.items())
    return page.element("dl", *rows, cls="fields")


def _sections(report: Report) -> Iterable[Element]:
    yield page.section(
        "assumptions", "What was assumed",
        page.element("p", "What esxdriver assumes of hosts and had never seen on a real one."),
        _table("guesses", "Assumptions", tables.guesses(report), 2),
    )  # fmt: skip
    if report.steps:
        steps = [[*row, each.status.value] for row, each in zip(tables.steps(report), report.steps, strict=True)]
        heads = (*tables.HEADS["steps"], "Result")
        yield page.section("steps", "What was done to a machine of its own", _rows("Steps", heads, steps, 5))
    if report.left:
        left = (page.element("li", each) for each in report.left)
        yield page.section("left", "What may be left on the host", page.element("ul", *left))
    found = tables.findings(report)
    alright = page.element("p", "Everything was answered, and nothing contradicts itself.")
    yield page.section("reads", "What was not answered", _table("findings", "Reads", found, 1) if found else alright)
    yield page.section(
        "unread", "What esxdriver has no word for",
        page.element("p", "It stays on the machine, and is in no document. Classes and paths are vSphere's."),
        _folded("unread", "Devices and properties", tables.unread(report)),
    )  # fmt: skip
    yield page.section(
        "calls", "Calls and times",
        _folded("timings", "What was asked", tables.timings(report)),
        _folded("operations", "vSphere's operations", tables.operations(report)),
        _folded("versions", "Versions of the machines", tables.versions(report)),
    )  # fmt: skip


def _folded(name: str, caption: str, rows: tables.Rows) -> Element:
    return page.fold([f"{caption} ({len(rows)})"], _table(name, caption, rows))


def _table(name: str, caption: str, rows: tables.Rows, result: int | None = None) -> Element:
    return _rows(caption, tables.HEADS[name], rows, result)


def _rows(caption: str, heads: Sequence[str], rows: tables.Rows, result: int | None) -> Element:
    """Return a table; the column ``result`` has badges."""
    cells = ([_cell(text, is_result=number == result) for number, text in enumerate(row)] for row in rows)
    return page.table(caption, heads, cells)


def _cell(text: str, *, is_result: bool) -> Content:
    if is_result:
        return page.badge(next((look for status, look in _LOOKS.items() if status == text), "plain"), text)
    if " " in text or len(text) > _LONGEST_WORD:
        return page.foreign(text)
    return page.element("span", *_breakable(text), cls="whole")


def _breakable(text: str) -> Iterable[Content]:
    """Yield the parts of a path, which may stand on lines of their own."""
    first, *others = text.split("/")
    yield first
    for part in others:
        yield from ("/", page.element("wbr"), part)
