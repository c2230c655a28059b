"""What is assumed: each is shown by something that is there, and stands on code that is there; a report answers each."""

from pathlib import Path

import pytest

from esxdriver.checking import probes, tables
from esxdriver.checking.guesses import GUESSES, Verdict, answered
from esxdriver.checking.reading import _OF_HOST
from esxdriver.checking.report import Finding, Outcome, Report, Status
from esxdriver.checking.steps import STEPS

ROOT = Path(__file__).parents[2]
PROBES = {
    name
    for table in (probes.OF_MACHINE, probes.OF_STATISTICS, probes.OF_POOL, probes.OF_VOLUME, probes.OF_NAME)
    for name in table
}
EACH = pytest.mark.parametrize("guess", GUESSES, ids=lambda guess: guess.id)


@EACH
def test_one_thing_shows_it_and_is_there_or_it_says_why_none_can(guess):
    shown = [each for each in (guess.step, guess.probe, guess.check, guess.why_not) if each]
    assert len(shown) == 1
    assert shown[0] in {step.id for step in STEPS} | PROBES | _OF_HOST.keys() or guess.why_not


@EACH
def test_what_relies_on_it_is_there(guess):
    assert (ROOT / guess.relies).exists() or (ROOT / "esxdriver" / guess.relies).exists()


def test_each_has_its_number_and_all_probes_are_of_use():
    assert [guess.id for guess in GUESSES] == [f"G{number:02}" for number in range(1, len(GUESSES) + 1)]
    assert {guess.probe for guess in GUESSES} - {""} <= PROBES


def verdict(guess_id, **known):
    report = Report({}, (0, 0), **known)
    return next(each.verdict for each in answered(report) if each.guess.id == guess_id)


def step(name, status, answer):
    return (Outcome(name, "", status, answer, "refused", ""),)


@pytest.mark.parametrize(
    ("guess", "known", "expected"),
    [
        ("G01", {}, Verdict.UNTRIED),
        ("G01", {"steps": step("mode-on", Status.OK, "InvalidPowerState")}, Verdict.HELD),
        ("G01", {"steps": step("mode-on", Status.OK, "GenericVmConfigFault")}, Verdict.HELD),
        ("G01", {"steps": step("mode-on", Status.FAILED, "done")}, Verdict.NOT_HELD),
        ("G01", {"steps": step("mode-on", Status.SKIPPED, "not tried")}, Verdict.UNTRIED),
        ("G01", {"steps": step("mode-on", Status.FAILED, "error: VIR_ERR_RPC")}, Verdict.UNTRIED),
        ("G02", {"steps": step("mode-on", Status.OK, "InvalidPowerState")}, Verdict.HELD),
        ("G02", {"steps": step("mode-on", Status.OK, "GenericVmConfigFault")}, Verdict.NOT_HELD),
        ("G22", {"probes": {"keys of disks": (3, 0)}}, Verdict.HELD),
        ("G22", {"probes": {"keys of disks": (3, 1)}}, Verdict.NOT_HELD),
        ("G22", {}, Verdict.UNTRIED),
        ("G41", {"findings": (Finding("events: a watch begins and ends", Status.OK, ""),)}, Verdict.HELD),
        ("G41", {"findings": (Finding("events: a watch begins and ends", Status.REFUSED, ""),)}, Verdict.NOT_HELD),
        ("G43", {}, Verdict.UNTRIED),
    ],
)
def test_a_report_answers_it(guess, known, expected):
    assert verdict(guess, **known) is expected


@pytest.mark.parametrize("table", [tables.guesses, tables.guesses_in_short])
def test_what_did_not_hold_comes_first(table):
    steps = step("mode-on", Status.OK, "GenericVmConfigFault") + step("start", Status.OK, "done")
    assert [row[0] for row in table(Report({}, (0, 0), steps=steps))][:2] == ["G02", "G01"]
