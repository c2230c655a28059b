"""A program for libvirt-python that registers for every event, unmodified, with the module replaced."""

import os
import subprocess
import sys
from pathlib import Path

import libvirt
import pytest

import esxdriver
from tests.conftest import password_auth, sim_uri
from tests.daemon.process import environment
from tests.helpers import failing

pytestmark = pytest.mark.live

OWN = Path(__file__).parents[1] / "dropin" / "every_event.py"
# libvirt-python's own example, where its sources have been unpacked (tests/clients/install.sh): examples/event-test.py.
THEIRS = Path(os.environ.get("LIBVIRT_PYTHON_EVENT_TEST", "/proc/nonexistent"))


def started(sim, program, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.dropin.program", str(program), *arguments],
        env=environment(GOVC_USERNAME=sim.user, GOVC_PASSWORD=sim.password, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("loop", ["native", "asyncio"])
def test_it_hears_of_what_another_client_does_and_leaves_cleanly(sim, loop):
    with started(sim, OWN, loop, sim_uri(sim), "4") as program:
        assert program.stdout.readline() == "ready\n"
        with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as conn:
            conn.lookupByName("web01").create()
        shown = program.stdout.read()
        assert program.wait(20) == 0, shown
    assert "legacy web01 Started 0 opaque\n" in shown
    assert "kind VIR_DOMAIN_EVENT_ID_LIFECYCLE web01 1 2 0 None\n" in shown
    assert "closed" not in shown
    assert shown.endswith("done\n")


@pytest.mark.skipif(not THEIRS.is_file(), reason="needs libvirt-python's examples/event-test.py: tox run -e clients")
@pytest.mark.parametrize("loop", ["native", "poll", "asyncio"])
def test_libvirt_pythons_own_example_runs(sim, loop):
    with started(sim, THEIRS, "--timeout", "6", "--loop", loop, sim_uri(sim)) as program:
        assert "Using uri" in program.stdout.readline()
        with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as conn:
            while program.poll() is None:
                domain = conn.lookupByName("web01")
                (domain.destroy if domain.isActive() else domain.create)()
        shown = program.stdout.read()
    assert program.returncode == 0, shown
    for number in (1, 2):
        assert f"myDomainEventCallback{number} EVENT: Domain web01(1) Started Booted" in shown


def test_registrations_for_what_is_no_domain_are_taken_back_by_their_own_numbers(esx):
    number = esx.networkEventRegisterAny(None, libvirt.VIR_NETWORK_EVENT_ID_LIFECYCLE, print, None)
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.secretEventDeregisterAny, number)
    assert esx.networkEventDeregisterAny(number) == 0
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.networkEventDeregisterAny, number)
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.storagePoolEventRegisterAny, None, 99, print, None)
