"""How busy domains are, before esxsim, and the table that moves on a terminal."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

from tests.conftest import sim_uri
from tests.daemon.process import environment
from tests.live.test_stats import SHOWN

pytestmark = pytest.mark.live


def test_rates_are_what_the_last_sample_said_a_second(esx, sim):
    quiet = {f"{name}|{part}": 0 for name, part in [
        *((f"net.bytes{way}.average", str(4000 + card)) for way in ("Rx", "Tx") for card in range(10)),
        *((f"virtualDisk.{way}.average", part) for way in ("read", "write") for part in ("sata0:0", "nvme0:0")),
    ]}  # fmt: skip
    sim.guest("db01", counters=quiet | SHOWN, quick={"hostMemoryUsage": 4000})
    sim.advance(60)
    busy = {domain.name(): rates for domain, rates in esx.getAllDomainRates()}
    db01, web01 = busy["db01"], busy["web01"]
    assert db01.cpu == 5000 / 20000
    assert (db01.memory, db01.maximum) == (4000 * 1024, 8 * 2**20)
    assert (db01.received, db01.sent) == (10 * 1024, 11 * 1024)
    assert db01.read >= 16 * 1024
    assert (web01.cpu, web01.memory, web01.read, web01.maximum) == (0.0, 0, 0, 2 * 2**20)


def test_ctrl_c_ends_the_table_on_a_terminal_cleanly(sim):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    env = environment(GOVC_USERNAME=sim.user, GOVC_PASSWORD=sim.password, TERM="xterm")
    command = [sys.executable, "-m", "esxdriver", "-c", sim_uri(sim), "top", "--delay", "1"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=env) as showing:
        os.close(theirs)
        seen, end = b"", time.monotonic() + 60
        while b"db01" not in seen and time.monotonic() < end:
            if select.select([ours], [], [], 1)[0]:
                seen += os.read(ours, 65536)
        assert b"running" in seen
        showing.send_signal(signal.SIGINT)
        assert (showing.stderr.read(), showing.wait(10)) == (b"", 0)
    os.close(ours)
    assert sim.sessions() == []
