"""A check that writes, with a fault at each of its calls: nothing of others changes, and what is left is named."""

import json

import libvirt
import pytest

import esxdriver
from esxdriver.checking.own import Called
from esxdriver.checking.removal import remove_remains
from esxdriver.checking.steps import STEPS
from esxdriver.checking.writing import Writing
from tests.conftest import password_auth, sim_uri
from tests.faults.judge import bounded, inventory
from tests.faults.kinds import KINDS, TIMEOUT

# A connection that broke is closed when it is collected.
pytestmark = [
    pytest.mark.live,
    pytest.mark.faults,
    pytest.mark.timeout(1200),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PART = 15  # one call of so many meets the fault in the short part
NAME = "esxdriver-check-0123abcd"
CHOSEN = [step for step in STEPS if step.id in ("disks", "create", "snapshot", "consolidate", "start")]
QUICK = {"closed before", "closed after", "503 after it was done", "expired", "blank", "empty", "another type",
         "closed from then on", "expired from then on", "503 from then on"}  # fmt: skip


@pytest.fixture
def calls(sim):
    """Count the calls of a run that meets no fault."""
    sim.reset_calls()
    assert tried(sim, None, 0).left == ()
    return len(sim.calls())


def opened(sim):
    return esxdriver.openAuth(sim_uri(sim, f"timeout={TIMEOUT}"), password_auth(sim.password))


def tried(sim, kind, call):
    with opened(sim) as conn:
        run = Writing(conn, Called.new("datastore1", NAME), steps=CHOSEN)
        if kind:
            kind.arm(sim, call)
        try:
            with bounded():
                run.run()
        except libvirt.libvirtError:
            pass
        finally:
            sim.reset_faults()
    return run


def of_others(sim):
    """Return what the host has and the check has not made."""
    found = json.loads(inventory(sim).text)
    machines = [each for each in found["machines"] if NAME not in each["name"]]
    files = {store: [each for each in stored if NAME not in each["path"]] for store, stored in found["files"].items()}
    return machines, files


@pytest.mark.parametrize("kind", [each for each in KINDS if each.name in QUICK], ids=lambda kind: kind.name)
def test_a_fault_at_a_call_leaves_what_is_others_and_names_what_is_its_own(sim, pytestconfig, calls, kind):
    step = 1 if pytestconfig.getoption("--faults") == "whole" else PART
    wrong = []
    for call in range(KINDS.index(kind) % step, calls, step):
        sim.restore()
        before, others = inventory(sim), of_others(sim)
        run = tried(sim, kind, call)
        if of_others(sim) != others:
            wrong.append(f"call {call}: changed what is another's")
        if inventory(sim) != before and not run.left:
            wrong.append(f"call {call}: left something and named nothing")
        if run.left:
            with opened(sim) as conn:
                still = remove_remains(conn.backend, Called.new("datastore1", NAME))
            if still or inventory(sim) != before:
                wrong.append(f"call {call}: what was named is not removed: {still or run.left}")
    assert not wrong, "\n".join(wrong)
