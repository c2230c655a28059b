"""A check of a host, with a fault at each of its calls: nothing of others changes, and what is left is named.

A run goes on after a fault as far as it can, so that many calls meet theirs in one: a step that has changed nothing is taken
again, with the fault at its next call; one that is done is followed by the next step; and one that has failed and changed
something ends the run. So each call of each step meets each kind of fault by itself, once.
"""

import gc
import json
import sys

import libvirt
import pytest

import esxdriver
from esxdriver.checking.asking import Asking
from esxdriver.checking.own import Called
from esxdriver.checking.reading import Limits, read_host
from esxdriver.checking.removal import remove, remove_remains
from esxdriver.checking.report import Status
from esxdriver.checking.steps import STEPS
from esxdriver.checking.writing import Writing
from tests.conftest import password_auth, sim_uri
from tests.faults.judge import bounded, inventory
from tests.faults.kinds import KINDS, OF_TRANSFERS, TIMEOUT

# A connection that broke is closed when it is collected.
pytestmark = [
    pytest.mark.live,
    pytest.mark.faults,
    pytest.mark.timeout(3600),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

LASTING = 10**6
TRANSFERS = 7  # two marks are written into what was got, and one of them is got again; and both after a revert
PART = 12  # in the short part, one call of a step meets the fault: one of the first so many
NAME = "esxdriver-check-0123abcd"
REMOVED_AFTER = ("disks", "create", "attach-held", "start", "suspend", "undefine", "delete")
SLOW = {"delayed", "silent until it is given up", "done, and silent until it is given up"}
QUICK = [kind for kind in KINDS if kind.name not in SLOW]
SHORT = {"closed after": "vpx", "expired": "esx", "blank": "esx", "closed from then on": "vpx"}
SHORT |= {"transfer kept by half": "esx", "transfer blank": "vpx"}


def pytest_generate_tests(metafunc):
    """Let each model meet each kind of fault; in the short part, four kinds are met by one model each."""
    whole = metafunc.config.getoption("--faults") == "whole"
    cells = [
        pytest.param(kind, id=f"{model}-{kind.name}", marks=pytest.mark.esx(model=model))
        for model in ("esx", "vpx")
        for kind in (OF_TRANSFERS if "transfer" in metafunc.function.__name__ else QUICK)
        if whole or SHORT.get(kind.name) == model
    ]
    metafunc.parametrize("kind", cells)


def opened(sim):
    uri = sim_uri(sim, f"timeout={TIMEOUT}").replace("/Lab/DC%201", "/Lab/DC%201/cluster1")
    return esxdriver.openAuth(uri, password_auth(sim.password))


def of_others(sim):
    """Return what the host has and the check has not made."""
    found = json.loads(inventory(sim).text)
    own = {each["moid"] for each in found["machines"] if NAME in each["config"]["files"]["vmPathName"]}
    return found | {
        "machines": [each for each in found["machines"] if each["moid"] not in own],
        "files": {store: [each for each in files if not each["path"].startswith(NAME)]
                  for store, files in found["files"].items()},
        "folders": {path: sorted(set(held) - own) for path, held in found["folders"].items()},
    }  # fmt: skip


def with_needs(*wanted):
    """Return the steps of these names and those that they need, in their order."""
    names = set(wanted)
    for step in reversed(STEPS):
        names |= set(step.needs) if step.id in names else set()
    return [step for step in STEPS if step.id in names]


class Faulty:
    """Checks whose calls meet a kind of fault: how many have met it, and what was wrong with them.

    ``whole`` says whether each call of a step meets it, or one.
    """

    def __init__(self, sim, kind, *, whole):
        self.sim, self.kind, self.whole = sim, kind, whole
        self.wrong = []
        self.met = self.runs = 0

    def first(self, row):
        """Return the first call that meets the fault, in a step of this number."""
        return 0 if self.whole else (row + KINDS.index(self.kind)) % PART

    def after(self, call):
        """Return the next call that does, after this one."""
        return call + 1 if self.whole else call + 10**4

    def run(self, steps, at_start=None):
        """Make a check whose steps are those that ``steps`` yields, given it; look at the host before and after."""
        self.sim.restore()
        self.runs += 1
        before, self.others = inventory(self.sim), of_others(self.sim)
        with opened(self.sim) as conn:
            check = Writing(conn, Called.new("datastore1", NAME))
            try:
                if at_start is not None:
                    self.kind.arm(self.sim, at_start)
                check.run(lambda _: steps(check))
            except libvirt.libvirtError:
                assert at_start is not None
            finally:
                self.sim.reset_faults()
        self.judge("in the end", check.left)
        if inventory(self.sim) != before:
            with opened(self.sim) as conn:
                still = remove_remains(conn.backend, Called.new("datastore1", NAME))
            if still or inventory(self.sim) != before:
                self.wrong.append(f"what was named is not removed: {still or check.left}")

    def judge(self, where, left):
        """Look that nothing of others has changed, and that what is there is named."""
        if of_others(self.sim) != self.others:
            self.wrong.append(f"{where}: changed what is another's")
        if NAME in inventory(self.sim).text and not left:
            self.wrong.append(f"{where}: left something and named nothing")

    def is_met(self):
        """Whether a call has met the fault."""
        pending = self.sim.pending_faults()
        return not pending or (self.kind.lasting and pending[0]["times"] < LASTING)

    def is_told(self, outcome):
        """Whether an outcome of a step is as if no call had met a fault, or an error."""
        return outcome.status is Status.OK or outcome.answer.startswith("error: ")

    def removal(self, check, where):
        """Let the check remove what it has made, and look what is left."""
        with bounded():
            left = remove(check.own)
        self.judge(where, left)

    def counted(self):
        """Count a call that has met the fault, and take the fault away; whether there was such a call."""
        met = self.is_met()
        self.sim.reset_faults()
        self.met += met
        return met

    def at_start(self):
        """Let each call before the first step meet the fault."""
        call, met = self.first(0) % 4, True

        def no_step(_):
            nonlocal met
            met = self.is_met()
            return ()

        while met:
            self.run(no_step, call)
            self.met += met
            call = self.after(call)

    def at_steps(self, steps=STEPS):
        """Let each call of each step meet the fault."""
        calls = {step.id: self.first(row) for row, step in enumerate(steps)}

        def faulty(check):
            for step in with_needs(*calls):
                if not (yield from self.taken(check, step, calls)):
                    return

        while calls:
            self.run(faulty)

    def taken(self, check, step, calls):
        """Yield a step with the fault at its next call, as long as that changes nothing; whether the run can go on."""
        while step.id in calls:
            before = inventory(self.sim)
            self.kind.arm(self.sim, calls[step.id])
            with bounded():
                yield step
            is_done, after = check.outcomes[-1].status is Status.OK, inventory(self.sim)
            if self.kind in OF_TRANSFERS and self.is_met() and not self.is_told(check.outcomes[-1]):
                self.wrong.append(f"{step.id}: {check.outcomes[-1].answer}, of a transfer that met a fault")
            if self.kind.lasting and self.is_met():
                self.removal(check, f"removal after {step.id}, call {calls[step.id]}")
            calls[step.id] = self.after(calls[step.id])
            if not self.counted() or not self.whole:
                del calls[step.id]
            if inventory(self.sim) != after or (after != before and not is_done):
                return False
            if after != before:
                return True
        yield step
        if check.outcomes[-1].status is Status.OK:
            return True
        self.wrong.append(f"{step.id}: {check.outcomes[-1].answer}, though no call met a fault")
        calls.clear()
        return False

    def at_removal(self, after):
        """Let each call of the removal meet the fault, after a step."""
        call, met = self.first(0) % 4, True

        def faulty(check):
            nonlocal call, met
            yield from with_needs(after)
            before = inventory(self.sim)
            while met and inventory(self.sim) == before:
                self.kind.arm(self.sim, call)
                self.removal(check, f"removal after {after}, call {call}")
                met = self.counted()
                call = self.after(call)

        while met:
            self.run(faulty)


@pytest.fixture
def faulty(sim, kind, pytestconfig):
    made = Faulty(sim, kind, whole=pytestconfig.getoption("--faults") == "whole")
    yield made
    sys.stdout.write(f"{sim.model}, {kind.name}: {made.met} calls met it, in {made.runs} runs\n")
    gc.collect()


def test_at_each_call_of_each_step(faulty):
    faulty.at_steps()
    assert not faulty.wrong, "\n".join(faulty.wrong)


def test_at_each_transfer_of_each_step(faulty):
    """The marks are got and put as files, beside the calls: what goes wrong with one is no finding about the host."""
    steps = STEPS if faulty.whole else with_needs("marks")
    faulty.whole = True  # they are few
    faulty.at_steps(steps)
    assert not faulty.wrong, "\n".join(faulty.wrong)
    assert faulty.met == TRANSFERS


def test_at_each_call_before_the_steps(faulty):
    faulty.at_start()
    assert not faulty.wrong, "\n".join(faulty.wrong)


def test_at_each_call_of_the_removal(faulty):
    for step in REMOVED_AFTER if faulty.whole else REMOVED_AFTER[:2]:
        faulty.at_removal(step)
    assert not faulty.wrong, "\n".join(faulty.wrong)


# What a search of a datastore has found is lost with its task, a session's privileges and its watch with the session.
ASKED_ONCE = {"pool: volumes", "volume: document", "host: privileges", "events: a watch begins and ends"}


def test_at_each_call_of_the_reading(sim, kind, faulty, monkeypatch):
    """Each question meets the fault at its first call, then each at its second, until none has so many."""
    before, calls, met = inventory(sim), 0, True
    ask = Asking.ask

    def faulty_ask(self, check, where, question):
        nonlocal met
        kind.arm(sim, calls)
        try:
            return ask(self, check, where, question)
        finally:
            met |= faulty.counted()

    monkeypatch.setattr(Asking, "ask", faulty_ask)
    while met:
        met, faulty.runs = False, faulty.runs + 1
        with opened(sim) as conn:
            report = read_host(conn, Limits(domains=1, unanswered=10**6))
        assert inventory(sim) == before
        lost = {each.check for each in report.findings if each.status not in {Status.OK, Status.SKIPPED}}
        assert not kind.repeatable or lost <= ASKED_ONCE
        calls += 1
        if not faulty.whole:
            break
