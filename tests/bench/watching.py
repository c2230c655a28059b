"""Measures a watch: ``python -m tests.bench.watching [--vms N...] [--seconds N]``; ESXSIM names the binary.

Times are of the quickest of three rounds. A hundred changes a second are more than esxsim's collector can tell of, which
looks at every machine for each of them: for this row, answers come from a stand-in within the process, decoded already.
"""

import argparse
import json
import resource
import subprocess
import sys
import time

import click
import libvirt
from pyVmomi import vim

import esxdriver
from esxdriver.vsphere.query import watch
from esxdriver.vsphere.query.updates import Answer, Update
from esxdriver.vsphere.wire import soap
from tests.bench.table import Goal, verdicts
from tests.conftest import password_auth, sim_uri
from tests.sim import Sim

RATE, ANSWERS = 100, 4  # changes and answers a second
MACHINES = 1000
ROUNDS = 3


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


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def lookups(sim):
    with connected(sim) as conn, esxdriver.watch(conn):
        domain = conn.lookupByName("web01")
        uuid = domain.UUID()
        domain.XMLDesc()
        sim.reset_calls()
        rows = [
            ("ms of lookupByName()", 0.1, best(lambda: conn.lookupByName("web01"), 2000)),
            ("ms of lookupByUUID()", 0.1, best(lambda: conn.lookupByUUID(uuid), 2000)),
            ("ms of state()", 0.1, best(domain.state, 2000)),
            ("ms of XMLDesc() again", 0.3, best(domain.XMLDesc, 2000)),
        ]
        calls = [each for each in sim.calls() if each != "WaitForUpdatesEx"]
        return [*(Goal(*row) for row in rows), Goal("calls of all these", 0, len(calls))]


class Changing:
    """Stands for the host's side of a watch: four answers a second, which hold ``RATE`` renames a second together."""

    made = 0
    answered = 0.0

    def __init__(self, *_):
        self._known = False

    def wait(self, _seconds):
        if not self._known:
            self._known = True
            return Answer([self._renamed(number) for number in range(MACHINES)], truncated=False)
        time.sleep(1 / ANSWERS)
        found = [self._renamed(Changing.made + each) for each in range(RATE // ANSWERS)]
        Changing.made += len(found)
        Changing.answered = time.perf_counter()
        return Answer(found, truncated=False)

    def cancel(self):
        """Nothing waits for long."""

    close = cancel

    @staticmethod
    def _renamed(number):
        whole = dict.fromkeys(watch.PATHS) | {"runtime.powerState": "poweredOff"}
        properties = {"name": f"changed-{number}", "config.changeVersion": str(number)}
        return Update(vim.VirtualMachine(f"vm-{number % MACHINES}"), False, whole | properties)


def changes(sim, seconds):
    """Feed the watch with what a busy host would say, and compare that with what comes."""
    late, heard = [], []

    def renamed(_conn, domain, event, detail, _opaque):
        if (event, detail) == (libvirt.VIR_DOMAIN_EVENT_DEFINED, libvirt.VIR_DOMAIN_EVENT_DEFINED_RENAMED):
            late.append(time.perf_counter() - Changing.answered)
            heard.append(int(domain.name().rpartition("-")[2]))

    kept, watch.Updates = watch.Updates, Changing
    with connected(sim) as conn:
        conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, renamed, None)
        cpu, wall = time.process_time(), time.perf_counter()
        time.sleep(seconds)
        made = Changing.made
        busy = (time.process_time() - cpu) / (time.perf_counter() - wall)
        time.sleep(1)
    watch.Updates = kept
    late.sort()
    return [
        Goal("changes a second", RATE * 0.95, made / seconds, True),
        Goal("changes that did not come", 0, len(set(range(MACHINES, made)) - set(heard))),
        Goal("changes that came twice", 0, len(heard) - len(set(heard))),
        Goal("changes that came out of order", 0, sum(heard[n] > heard[n + 1] for n in range(len(heard) - 1))),
        Goal("percent of a core while they come", 20, 100 * busy),
        Goal("ms from the answer to the callback, median", 50, 1000 * late[len(late) // 2]),
        Goal("ms from the answer to the callback, 99 %", 50, 1000 * late[len(late) * 99 // 100]),
    ]


def idle(size, seconds, limit):
    """Measure what it costs to watch that many machines, in a process of its own."""
    with Sim.start("esx", vms=size) as sim:
        where = {name: getattr(sim, name) for name in ("host", "port", "user", "password")}
        command = [sys.executable, "-m", "tests.bench.watching", "--idle", str(seconds)]
        said = subprocess.run(command, input=json.dumps(where), stdout=subprocess.PIPE, text=True, check=True).stdout
    started, busy, peak = json.loads(said)
    click.echo(f"watching {size}: {started:.2f} s to start")
    return [
        Goal(f"percent of a core, watching {size} idle", 1, 100 * busy),
        Goal(f"MiB at most, watching {size}", limit, peak),
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
    conn.close()
    sys.stdout.write(json.dumps([started, busy, memory()]))


def statistics(sim):
    """Read the statistics of every domain, all of which run, and send the same requests again for their bytes alone."""
    groups = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_CPU_TOTAL | libvirt.VIR_DOMAIN_STATS_INTERFACE
    sent = []
    request = soap.Stub._request
    soap.Stub._request = lambda stub, mo, info, args: sent.append(request(stub, mo, info, args)) or sent[-1]
    with connected(sim) as conn:
        conn.getAllDomainStats(groups)
        found = []
        for _ in range(ROUNDS):
            sent.clear()
            before = time.perf_counter()
            conn.getAllDomainStats(groups)
            found.append(time.perf_counter() - before)
        soap.Stub._request = request
        requests, raw = list(sent), []
        for _ in range(ROUNDS):
            before = time.perf_counter()
            for each in requests:
                transferred(conn.backend.session.stub, each)
            raw.append(time.perf_counter() - before)
    click.echo(f"domstats: {min(found):.2f} s, its bytes alone {min(raw):.2f} s")
    return [
        Goal("calls of the statistics of all that run", 3, len(requests)),
        Goal("statistics of all that run, against the raw transfer", 1.5, min(found) / min(raw)),
    ]


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
    for size, limit in zip(options.vms, (120, 300), strict=False):
        goals += idle(size, min(options.seconds, 20), limit)  # first: a process begins with the peak of what starts it
    with Sim.start("esx", vms=options.vms[0]) as sim:
        goals += lookups(sim)
        switched_on(sim)
        goals += statistics(sim)
    with Sim.start("esx") as sim:
        goals += changes(sim, options.seconds)
    click.echo(verdicts(goals))


if __name__ == "__main__":
    main()
