"""A fault at every call of opening and closing: the error is libvirt's, and no session is left on the host."""

import gc
import time

import libvirt
import pytest

import esxdriver
from tests.conftest import password_auth, sim_uri
from tests.faults.judge import EndlessError, bounded, sessions_left
from tests.faults.kinds import KINDS, TIMEOUT

pytestmark = [
    pytest.mark.live,
    pytest.mark.faults,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

# The session's cookie never came, so nobody can end the session but the host.
COOKIE_LOST = {
    "closed after",
    "503 after it was done",
    "blank",
    "no XML",
    "empty",
    "another type",
    "silent until it is given up",
    "done, and silent until it is given up",
}


def opened_and_closed(sim):
    """Return what ended it, if anything did."""
    try:
        with bounded(), esxdriver.openAuth(sim_uri(sim, f"timeout={TIMEOUT}"), password_auth(sim.password)) as conn:
            conn.listAllDomains()
    except (Exception, EndlessError) as error:  # noqa: BLE001 - which it is has to be judged
        return error
    return None


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in KINDS if not kind.lasting])
def test_no_session_is_left(sim, kind):
    sim.reset_calls()
    assert opened_and_closed(sim) is None
    calls, wrong = sim.calls(), []
    for call, name in enumerate(calls):
        sim.restore()
        kind.arm(sim, call)
        error = opened_and_closed(sim)
        if not isinstance(error, libvirt.libvirtError | None):
            wrong.append(f"{name}: raised {error!r}")
        if sessions_left(sim) and not (name == "Login" and kind.name in COOKIE_LOST):
            wrong.append(f"{name}: left a session, and said {error!r}")
        if name == "Login" and "silent" in kind.name:
            time.sleep(kind.options["seconds"])  # the host opens that session now, which is not the next call's
    gc.collect()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in KINDS if kind.lasting])
def test_a_host_that_is_lost_while_opening_ends_it(sim, kind):
    sim.reset_calls()
    assert opened_and_closed(sim) is None
    for call, name in enumerate(sim.calls()):
        sim.restore()
        kind.arm(sim, call)
        assert isinstance(opened_and_closed(sim), libvirt.libvirtError | None), name
    gc.collect()
