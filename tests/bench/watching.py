"""Measures a watch: ``python -m tests.bench.watching [--vms N...] [--seconds N]``; ESXSIM names the binary.

Times are of the quickest of some rounds. esxsim makes a hundred changes a second by itself, and says when each was; it
waits 20 ms after a change for others to go with it in the same answer.
"""

import argparse
import gc
import json
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import click
import libvirt

import esxdriver
from esxdriver.vsphere.wire import soap
from tests.bench.table import Goal, verdicts
from tests.conftest import password_auth, sim_uri
from tests.sim import Sim

RATE = 100  # changes a second
ROUNDS = 5
DELAYS = 0, 20  # ms added to each call
LIMITS = {1000: 120, 5000: 300}  # MiB that a process which watches so many may have


def connected(sim):
    return esxdriver.openAuth(sim_uri(sim), password_auth(sim.password))


def best(function, times):
    """Return the milliseconds of one call, of the quickest of some rounds of many."""
    found = []
    for _ in range(ROUNDS):
        before = time.perf_counter()
        for _ in range(times):
            function()
        found.append((time.perf_counter() - before) / times * 1000)
    return min(found)


def peak():
    """Return the most MiB that this process has had: its own, where getrusage has what it was forked from, too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def lookups(sim, delay):
    with connected(sim) as conn, esxdriver.watch(conn):
        domain = conn.lookupByName("web01")
        uuid = domain.UUID()
        domain.XMLDesc()
        sim.reset_calls()
        rows = [
            (f"ms of lookupByName(), at {delay} ms", 0.1, best(lambda: conn.lookupByName("web01"), 2000)),
            (f"ms of lookupByUUID(), at {delay} ms", 0.1, best(lambda: conn.lookupByUUID(uuid), 2000)),
            (f"ms of state(), at {delay} ms", 0.1, best(domain.state, 2000)),
            (f"ms of XMLDesc() again, at {delay} ms", 0.3, best(domain.XMLDesc, 2000)),
        ]
        calls = [each for each in sim.calls() if each != "WaitForUpdatesEx"]
        return [*(Goal(*row) for row in rows), Goal("calls of all these", 0, len(calls))]


def changes(sim, seconds):
    """Have the host change its machines by itself, and compare what it did, and when, with the events that come."""
    came = {}
    numbers = []

    def renamed(_conn, domain, event, detail, _opaque):
        if (event, detail) == (libvirt.VIR_DOMAIN_EVENT_DEFINED, libvirt.VIR_DOMAIN_EVENT_DEFINED_RENAMED):
            number = int(domain.name().rpartition("-")[2])
            numbers.append(number)
            came.setdefault(number, time.time())

    with connected(sim) as conn:
        conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, renamed, None)
        cpu, wall = time.process_time(), time.perf_counter()
        made = sim.rush(RATE * seconds, RATE)
        wall = time.perf_counter() - wall
        busy = (time.process_time() - cpu) / wall
        time.sleep(1)
    late = sorted(came[number] - when for number, when in enumerate(made) if number in came)
    return [
        Goal("changes a second", RATE * 0.95, len(made) / wall, True),
        Goal("changes that did not come", 0, len(set(range(len(made))) - set(numbers))),
        Goal("changes that came twice", 0, len(numbers) - len(set(numbers))),
        Goal("changes that came out of order", 0, sum(numbers[n] > numbers[n + 1] for n in range(len(numbers) - 1))),
        Goal("percent of a core while they come", 20, 100 * busy),
        Goal("ms from the host's change to the callback, median", 50, 1000 * late[len(late) // 2]),
        Goal("ms from the host's change to the callback, 99 %", 50, 1000 * late[len(late) * 99 // 100]),
    ]


def idle(size, seconds):
    """Measure what it costs to watch that many machines, in a process of its own."""
    with Sim.start("esx", vms=size) as sim:
        where = {name: getattr(sim, name) for name in ("host", "port", "user", "password")}
        command = [sys.executable, "-m", "tests.bench.watching", "--idle", str(seconds)]
        said = subprocess.run(command, input=json.dumps(where), stdout=subprocess.PIPE, text=True, check=True).stdout
    started, busy, most, remembered = json.loads(said)
    click.echo(f"watching {size}: {started:.2f} s to start")
    return [
        Goal(f"percent of a core, watching {size} idle", 1, 100 * busy),
        Goal(f"MiB at most, watching {size}", LIMITS.get(size, 300), most),
        Goal(f"KiB remembered of each of {size}", 12, remembered),
    ]


def watched_idly(seconds):
    where = json.loads(sys.stdin.read())
    uri = f"esx://{where['user']}@{where['host']}:{where['port']}/?no_verify=1"
    conn = esxdriver.openAuth(uri, password_auth(where["password"]))
    before = time.perf_counter()
    with esxdriver.watch(conn):
        started = time.perf_counter() - before
        cpu, wall = time.process_time(), time.perf_counter()
        time.sleep(seconds)
        busy = (time.process_time() - cpu) / (time.perf_counter() - wall)
    most = peak()
    sys.stdout.write(json.dumps([started, busy, most, remembered(conn)]))
    conn.close()


def remembered(conn):
    """Return the KiB that a watch keeps of each machine, without documents."""
    gc.collect()
    tracemalloc.start()
    with esxdriver.watch(conn):
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
        size = len(conn.listAllDomains())
    tracemalloc.stop()
    return kept / size / 1024


def statistics(sim, delay):
    """Read the statistics of every domain, all of which run, and send the same requests again for their bytes alone."""
    groups = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_CPU_TOTAL | libvirt.VIR_DOMAIN_STATS_INTERFACE
    sent, found, raw = [], [], []
    request = soap.Stub._request
    soap.Stub._request = lambda stub, mo, info, args: sent.append(request(stub, mo, info, args)) or sent[-1]
    with connected(sim) as conn:
        conn.getAllDomainStats(groups)
        for _ in range(ROUNDS):
            sim.advance(20)  # there are samples of which none has been added
            sent.clear()
            found.append(seconds_of(lambda: conn.getAllDomainStats(groups)))
            requests = list(sent)
            stub = conn.backend.session.stub
            raw.append(seconds_of(lambda: [transferred(stub, each) for each in requests]))  # noqa: B023 - it is called at once
    soap.Stub._request = request
    click.echo(f"domstats at {delay} ms: {min(found):.2f} s, its bytes alone {min(raw):.2f} s")
    return [
        Goal(f"calls of all statistics, at {delay} ms", 3, len(requests)),
        Goal(f"statistics, against the raw transfer, at {delay} ms", 1.5, min(found) / min(raw)),
    ]


def seconds_of(function):
    before = time.perf_counter()
    function()
    return time.perf_counter() - before


def transferred(stub, request):
    connection = stub.GetConnection()
    connection.request("POST", stub.path, request, stub.headers())
    connection.getresponse().read()
    stub.ReturnConnection(connection)


def switched_on(sim):
    for each in sim.inventory()["machines"]:
        name = each["name"] if isinstance(each, dict) else each
        sim.guest(name, power="on")


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.watching", description=__doc__)
    asked.add_argument("--vms", type=int, nargs="*", default=[1000, 5000])
    asked.add_argument("--seconds", type=int, default=60)
    asked.add_argument("--idle", type=int, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.idle:
        watched_idly(options.idle)
        return
    goals = []
    for size in options.vms:
        goals += idle(size, min(options.seconds, 20))
    for delay in DELAYS:
        with Sim.start("esx", vms=options.vms[0], delay=delay) as sim:
            goals += lookups(sim, delay)
            switched_on(sim)
            goals += statistics(sim, delay)
    with Sim.start("esx", vms=options.vms[0]) as sim:
        goals += changes(sim, options.seconds)
    click.echo(verdicts(goals))


if __name__ == "__main__":
    main()
