"""A report as tables of texts, for a terminal and a page alike."""

from collections import Counter
from collections.abc import Sequence

from esxdriver.checking.guesses import Answer, Verdict, answered
from esxdriver.checking.report import Outcome, Report, Status

Rows = list[list[str]]

# What a table has for a head, by its name; those in short are for a terminal.
HEADS = {
    "steps in short": ("Step", "Answer", "Result"),
    "guesses in short": ("No.", "Verdict", "Assumed"),
    "findings": ("Check", "Result", "Where", "What"),
    "steps": ("Step", "What is done", "Answer", "Predicted", "esxsim"),
    "guesses": ("No.", "Assumed", "Verdict", "Shown by", "Relied on in"),
    "unread": ("vSphere's class", "Path", "Why", "Times"),
    "timings": ("Check", "Times", "Calls", "Seconds", "Slowest"),
    "operations": ("Operation", "Calls", "Seconds"),
    "versions": ("Of the machines", "Value", "Machines"),
}


def summary(report: Report) -> dict[str, str]:
    """Return what a report says in a few lines."""
    host = report.host
    counts = Counter(each.status for each in report.findings)
    calls = sum(count for count, _ in report.operations.values())
    seconds = sum(each for _, each in report.operations.values())
    said = {
        "Host": f"{host.get('apiType', 'unknown')} {host.get('version', '')} build {host.get('build', 'unknown')}",
        "API version": host.get("apiVersion", "unknown"),
        "esxdriver": host.get("esxdriver", "unknown"),
        "Domains": f"{report.domains[0]} of {report.domains[1]} looked at",
        "Reads": ", ".join(f"{counts[status]} {status}" for status in Status if counts[status]) or "none",
        "Calls": f"{calls} in {seconds:.1f} s",
        "Privileges": ", ".join(report.privileges) + " missing" if report.privileges else "none is missing",
    }
    if report.steps:
        steps = Counter(each.status for each in report.steps)
        said["Steps"] = (
            f"{steps[Status.OK]} as predicted, {steps[Status.FAILED]} not, {steps[Status.SKIPPED]} not tried"
        )
    verdicts = Counter(each.verdict for each in answered(report))
    said["Assumptions"] = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in Verdict)
    return said


def findings(report: Report) -> Rows:
    """Return what failed, was refused or had no answer; equal findings share a row."""
    found = report.of(Status.FAILED, Status.UNANSWERED, Status.REFUSED)
    alike = Counter((each.check, each.status.value, each.text) for each in found)
    rows = []
    for (check, status, text), times in alike.items():
        here = [each for each in found if (each.check, each.status.value, each.text) == (check, status, text)]
        where = here[0].where or "the host"
        shown = where if times == 1 else f"{where} and {times - 1} more"
        rows.append([check, status, shown, _with(text, here[0].detail)])
    return rows


def steps(report: Report) -> Rows:
    """Return what came of each step."""
    return [
        [each.step, each.name, _with(each.answer, each.detail), each.predicted, each.esxsim] for each in report.steps
    ]


def steps_in_short(report: Report) -> Rows:
    """Return what came of each step, in three columns."""
    return [[each.step, _with(each.answer, each.detail), _result(each)] for each in report.steps]


def _result(outcome: Outcome) -> str:
    if outcome.status is Status.SKIPPED:
        return ""
    result = "as predicted" if outcome.status is Status.OK else f"predicted: {outcome.predicted}"
    return result if outcome.answer == outcome.esxsim else f"{result}; esxsim: {outcome.esxsim}"


def _with(text: str, detail: str) -> str:
    return f"{text}: {detail}" if detail else text


def guesses(report: Report) -> Rows:
    """Return what is said of each assumption; those that did not hold come first."""
    return [
        [each.guess.id, each.guess.assumes, each.verdict.value, each.shown_by, each.guess.relies]
        for each in _wrong_first(report)
    ]


def _wrong_first(report: Report) -> list[Answer]:
    return sorted(answered(report), key=lambda each: each.verdict is not Verdict.NOT_HELD)


def guesses_in_short(report: Report) -> Rows:
    """Return what is said of the assumptions that could be tried, in three columns."""
    tried = (each for each in _wrong_first(report) if each.verdict is not Verdict.UNTRIED)
    return [[each.guess.id, each.verdict.value, _assumed(each)] for each in tried]


def _assumed(answer: Answer) -> str:
    assumes = answer.guess.assumes
    return assumes if answer.verdict is Verdict.HELD else f"{assumes} ({answer.shown_by})"


def unread(report: Report) -> Rows:
    """Return what the driver does not map."""
    return [[each.kind, each.path or "(the whole device)", each.why, str(each.times)] for each in report.unread]


def timings(report: Report) -> Rows:
    """Return how often each check was asked, its calls, and how many seconds they took."""
    return [
        [each.check, str(each.times), str(each.calls), f"{each.seconds:.2f}", f"{each.slowest:.2f}"]
        for each in report.timings
    ]


def operations(report: Report) -> Rows:
    """Return how often each operation was called, and how many seconds that took."""
    return [[name, str(calls), f"{seconds:.2f}"] for name, (calls, seconds) in sorted(report.operations.items())]


def versions(report: Report) -> Rows:
    """Return how many machines have which version."""
    return [[of, value, str(count)] for of, counts in report.versions.items() for value, count in counts.items()]


def wrong(report: Report) -> Sequence[str]:
    """Return a line for each kind of thing that is not as expected; none means that all is."""
    not_held = [each.guess.id for each in answered(report) if each.verdict is Verdict.NOT_HELD]
    which = ", ".join(not_held)
    counts = [
        (len(report.failed), "read failed or contradicts itself", "reads failed or contradict themselves"),
        (len(report.of(Status.UNANSWERED)), "read had no answer", "reads had no answer"),
        (
            sum(each.status is Status.FAILED for each in report.steps),
            "step was not answered as predicted",
            "steps were not answered as predicted",
        ),
        (len(not_held), f"assumption did not hold: {which}", f"assumptions did not hold: {which}"),
        (len(report.left), "thing may be left on the host", "things may be left on the host"),
    ]
    return [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
