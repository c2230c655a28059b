"""Runs contenders, each in a process of its own, against a simulator of so many machines and so long a delay."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass

from tests.sim import Sim

SESSION = 2  # the calls that open a session


@dataclass(frozen=True)
class Result:
    """Seconds for all machines, the calls with login and logout, and the peak of the memory in MiB."""

    seconds: float
    calls: int
    peak: float
    machines: int


def scaled(sample: Result, machines: int) -> Result:
    """Return what all ``machines`` would take, of which a sample was measured one by one."""
    times = machines / sample.machines
    return Result(sample.seconds * times, round((sample.calls - SESSION) * times) + SESSION, sample.peak, machines)


def measured(sim: Sim, name: str, rounds: int = 1) -> Result:
    """Return the quickest of several rounds."""
    run = _govc if name == "govc" else _contender
    return min((run(sim, name) for _ in range(rounds)), key=lambda each: each.seconds)


def _contender(sim: Sim, name: str) -> Result:
    sim.reset_calls()
    where = {"host": sim.host, "port": sim.port, "user": sim.user, "password": sim.password, "model": sim.model}
    command = [sys.executable, "-m", "tests.bench.contenders", name]
    said = json.loads(
        subprocess.run(command, input=json.dumps(where), stdout=subprocess.PIPE, text=True, check=True).stdout
    )
    return Result(calls=len(sim.calls()), **said)


def _govc(sim: Sim, _: str) -> Result:
    """Let govc collect ``config`` of every machine; its start, its login and its JSON are in the time."""
    sim.reset_calls()
    account = {"GOVC_URL": sim.url, "GOVC_USERNAME": sim.user, "GOVC_PASSWORD": sim.password}
    command = [os.environ["GOVC"], "object.collect", "-type", "m", "-json", "/", *paths()]
    settings = {**os.environ, **account, "GOVC_INSECURE": "1", "GOVC_PERSIST_SESSION": "false"}
    started = time.perf_counter()
    process = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE)
    machines = sum(line.count(b'"enter"') for line in process.stdout)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    assert process.returncode == 0
    return Result(time.perf_counter() - started, len(sim.calls()), usage.ru_maxrss / 1024, machines)


def paths() -> list[str]:
    from esxdriver.vsphere.bulk import machines as bulk  # noqa: PLC0415 (not needed by who starts contenders only)

    return list(bulk._PATHS)
