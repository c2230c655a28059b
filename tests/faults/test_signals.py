"""INT, TERM and HUP to the command at bad moments: it ends soon, logs out, and says what may have been done."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import sim_uri
from tests.faults.judge import inventory, sessions_left

pytestmark = [pytest.mark.live, pytest.mark.faults]

COMMAND = "from esxdriver.cli import main; main()"
SOON = 5.0  # seconds from a signal to the end, where the host answers the logout
LATER = 12.0  # the same where it does not


@pytest.fixture
def command(sim, tmp_path):
    """Start the command; it is killed if a test leaves it running."""
    auth = tmp_path / "auth.conf"
    auth.write_text(
        f"[credentials-x]\nusername={sim.user}\npassword={sim.password}\n[auth-esx-{sim.host}]\ncredentials=x\n"
    )
    auth.chmod(0o600)
    started = []

    def start(*arguments):
        words = [sys.executable, "-c", COMMAND, "-c", sim_uri(sim), *arguments]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        env = {**os.environ, "LIBVIRT_AUTH_FILE": str(auth)}
        started.append(subprocess.Popen(words, **pipes, text=True, env=env))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(sim, operation):
    """Wait until the host has been asked for ``operation``."""
    end = time.monotonic() + 20
    while operation not in sim.calls():
        assert time.monotonic() < end, sim.calls()
        time.sleep(0.02)
    time.sleep(0.1)


def ended(process, number, within):
    """Send a signal and return the exit status and what the command has said."""
    process.send_signal(number)
    try:
        out, err = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        pytest.fail(f"still there {within:.0f} s after {signal.Signals(number).name}")
    assert "Traceback" not in out + err
    return process.returncode, out + err


ANY_SIGNAL = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)


@ANY_SIGNAL
def test_while_a_host_is_slow_to_answer(sim, command, number):
    sim.fault("RetrievePropertiesEx", "hang", seconds=30, times=99)
    process = command("list", "--all")
    until(sim, "RetrievePropertiesEx")
    status, _ = ended(process, number, SOON)
    assert status == 128 + number
    assert sessions_left(sim) == 0


@ANY_SIGNAL
def test_during_the_login(sim, command, number):
    sim.fault("Login", "hang", seconds=1, execute=True)
    process = command("list", "--all")
    until(sim, "Login")
    ended(process, number, SOON)
    assert sessions_left(sim) == 0


@ANY_SIGNAL
def test_after_a_change_was_sent(sim, command, number):
    sim.fault("PowerOnVM_Task", "hang", seconds=30)
    process = command("start", "web01")
    until(sim, "PowerOnVM_Task")
    _, said = ended(process, number, SOON)
    assert "unknown" in said
    assert "PowerOnVM_Task" in said
    assert sessions_left(sim) == 0
    assert sim.calls().count("PowerOnVM_Task") == 1


@ANY_SIGNAL
@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("PowerOnVM_Task", ["start", "web01"]),
        ("CreateSnapshot_Task", ["snapshot-create-as", "web01", "one"]),
        ("ReconfigVM_Task", ["setvcpus", "web01", "1", "--config"]),
    ],
)
def test_while_a_task_is_under_way(sim, command, number, operation, words):
    sim.fault(operation, "slow", seconds=30)
    process = command(*words)
    until(sim, operation)
    time.sleep(0.3)
    _, said = ended(process, number, SOON)
    assert sim.tasks()[-1]["key"] in said
    assert sessions_left(sim) == 0
    assert sim.calls().count(operation) == 1


@ANY_SIGNAL
def test_when_the_host_hangs_for_good(sim, command, number):
    process = command("list", "--all")
    sim.fault("RetrievePropertiesEx", "hang", seconds=60)
    sim.fault("Logout", "hang", seconds=60)
    until(sim, "RetrievePropertiesEx")
    ended(process, number, LATER)


def test_a_second_signal_does_not_keep_it_from_logging_out(sim, command):
    sim.fault("RetrievePropertiesEx", "hang", seconds=30, times=99)
    sim.fault("Logout", "hang", seconds=0.5)
    process = command("list", "--all")
    until(sim, "RetrievePropertiesEx")
    process.send_signal(signal.SIGTERM)
    until(sim, "Logout")
    ended(process, signal.SIGTERM, SOON)
    time.sleep(0.6)
    assert sessions_left(sim) == 0


@ANY_SIGNAL
def test_during_a_check_that_writes_what_it_made_is_removed(sim, command, number):
    before = inventory(sim)
    process = command("check-host", "--write", "--datastore", "datastore1", "--max-domains", "0")
    until(sim, "CreateVM_Task")
    status, said = ended(process, number, LATER)
    assert status == 128 + number
    assert "left on the host" not in said
    assert inventory(sim) == before
    assert sessions_left(sim) == 0


CHECK = ("check-host", "--write", "--datastore", "datastore1", "--max-domains", "0")


@pytest.mark.parametrize("operation", ["MakeDirectory", "PowerOnVM_Task"])
def test_a_check_that_is_ended_at_any_step_removes_what_it_made(sim, command, operation):
    before = inventory(sim)
    process = command(*CHECK)
    until(sim, operation)
    status, said = ended(process, signal.SIGTERM, LATER)
    assert (status, "left on the host" in said) == (128 + signal.SIGTERM, False)
    assert inventory(sim) == before


def test_a_check_that_is_ended_while_it_removes_says_what_may_be_left_and_how_it_is_removed(sim, command):
    sim.fault("DeleteDatastoreFile_Task", "slow", seconds=30)
    process = command(*CHECK)
    until(sim, "CreateVM_Task")
    process.send_signal(signal.SIGINT)
    until(sim, "DeleteDatastoreFile_Task")
    status, said = ended(process, signal.SIGTERM, LATER)
    assert status != 0
    assert "left on the host: it was interrupted while it removed what it had made" in said
    assert "--datastore datastore1 --remove esxdriver-check-" in said


def test_after_a_check_was_killed_the_next_names_what_it_has_left(sim, command):
    before = inventory(sim)
    process = command(*CHECK)
    until(sim, "CreateSnapshot_Task")
    _, said = ended(process, signal.SIGKILL, SOON)
    folder = re.search(r"esxdriver-check-\w{8}", said)[0]
    left = inventory(sim)
    assert left != before
    _, said = command(*CHECK).communicate(timeout=60)
    assert f"--datastore datastore1 --remove {folder}" in said
    assert inventory(sim) == left
    command("check-host", "--datastore", "datastore1", "--remove", folder).communicate(timeout=20)
    assert inventory(sim) == before
