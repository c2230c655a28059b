"""Unmodified virsh and libvirt-python, on libvirt's own driver and on ``virtesxd``, beside ``esxdriver``.

``python -m tests.bench.clients [--vms 1000] [--delays 0 20]`` prints a table. All three talk to one simulator, with
which libvirt's own driver works as well (``-typed-arrays``; the VMX files that it reads are put there first; to fetch
one is not delayed). ESXSIM names the binary; virsh and libvirt have to be installed.
"""

import argparse
import http.client
import multiprocessing
import os
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import click
import libvirt

import esxdriver
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.rpc import messages, protocol
from esxdriver.rpc.messages import Header, Status, Type
from tests.conftest import password_auth, sim_uri
from tests.daemon import fuzz
from tests.daemon.process import COMMAND, ROOT, VIRSH, Virtesxd, environment
from tests.sim import Sim

SAMPLE = 20  # domains that libvirt's own driver dumps one by one
TICKS = os.sysconf("SC_CLK_TCK")


class Site:
    """A simulator, a daemon that watches it, and how each contender reaches it."""

    def __init__(self, sim: Sim, daemon: Virtesxd, directory: Path) -> None:
        self.sim, self.daemon = sim, daemon
        self.file = directory / "auth.conf"
        address = f"{sim.user}@{sim.host}:{sim.port}"
        self.theirs = f"esx://{address}/?no_verify=1"
        self.ours = daemon.uri()
        self.env = environment(LIBVIRT_AUTH_FILE=str(self.file))

    def seconds(self, *command: str) -> float:
        """Return how long a command takes from start to end, the quickest of three."""
        return min(self._once(command) for _ in range(3))

    def _once(self, command: tuple[str, ...]) -> float:
        started = time.perf_counter()
        ran = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, [line for line in ran.stderr.splitlines() if "error" in line]
        return time.perf_counter() - started

    def used(self) -> float:
        """Return the seconds of CPU time that the daemon has used."""
        fields = Path(f"/proc/{self.daemon.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def put_vmx_files(sim: Sim) -> list[str]:
    """Put the VMX file of some machines on the simulator, for libvirt's own driver; return their names."""
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as conn:
        domains = conn.listAllDomains()[-SAMPLE:]
        files = {domain.name(): (_path(domain), _vmx(conn, domain)) for domain in domains}
        cookie = conn.backend.session.stub.cookie
        context = ssl.create_default_context(cafile=str(sim.cacert()))
        connection = http.client.HTTPSConnection(sim.host, sim.port, context=context)
        for path, text in files.values():
            where = f"/folder/{quote(path.path)}?dcPath=ha-datacenter&dsName={path.datastore}"
            connection.request("PUT", where, text.encode(), {"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            assert answer.status < 300, answer.status
    return list(files)


def _path(domain) -> DatastorePath:
    return DatastorePath.parse(
        domain.backend.properties(domain.ref, "config.files.vmPathName")["config.files.vmPathName"]
    )


def _vmx(conn, domain) -> str:
    """Return the VMX text of a domain, without the line that libvirt 9.0 does not know."""
    text = conn.domainXMLToNative("vmware-vmx", domain.XMLDesc(), 0)
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("firmware"))


def dumped_each(uri: str, names: list[str], auth) -> float:
    """Return how many XMLDesc() a second libvirt-python makes."""
    conn = libvirt.openAuth(uri, auth, 0) if auth else libvirt.open(uri)
    domains = [conn.lookupByName(name) for name in names]
    started = time.perf_counter()
    for domain in domains:
        domain.XMLDesc()
    taken = time.perf_counter() - started
    conn.close()
    return len(domains) / taken


def cold(uri: str, credentials: Path) -> float:
    """Return how many XMLDesc() a second a daemon answers that has just learnt which domains there are."""
    with (
        tempfile.TemporaryDirectory() as name,
        Virtesxd(Path(name), "--connect", uri, env={"LIBVIRT_AUTH_FILE": str(credentials)}) as daemon,
    ):
        conn = libvirt.open(daemon.uri())
        domains, end = [], time.monotonic() + 30
        while time.monotonic() < end:  # a list is quick when the watch knows them
            started = time.monotonic()
            domains = [domain.name() for domain in conn.listAllDomains()]
            if time.monotonic() - started < 0.1:
                break
            time.sleep(0.2)
        found = dumped_each(daemon.uri(), domains, None)
        conn.close()
    return found


def states(uri: str) -> float:
    """Return the median of state(), in ms."""
    conn = libvirt.open(uri)
    domain = conn.lookupByName("db01")
    taken = []
    for _ in range(2000):
        started = time.perf_counter()
        domain.state()
        taken.append(time.perf_counter() - started)
    conn.close()
    return 1000 * statistics.median(taken)


def _calling(uri: str, seconds: float, counted) -> None:
    conn = libvirt.open(uri)
    domain, calls, end = conn.lookupByName("db01"), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        domain.state()
        calls += 1
    counted.put(calls)


def _asking(path: str, seconds: float, counted) -> None:
    """Ask for the state as often as it is answered, by a client that sends ready bytes and reads the reply's."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(path)
        _reply(peer, _call("connect_open", "esx:///system", 0))
        found = protocol.named("domain_lookup_by_name").reply
        domain = messages.parse(found, _reply(peer, _call("domain_lookup_by_name", "db01"))[messages.HEADER.size :])[0]
        asked, calls, end = _call("domain_get_state", domain, 0), 0, time.monotonic() + seconds
        while time.monotonic() < end:
            peer.send(asked)
            peer.recv(4096)
            calls += 1
    counted.put(calls)


def _call(name: str, *values) -> bytes:
    procedure = protocol.named(name)
    header = Header(protocol.PROGRAM, protocol.VERSION, procedure.number, Type.CALL, 1, Status.OK)
    return messages.message(header, messages.write(procedure.arguments, values))


def _reply(peer: socket.socket, call: bytes) -> bytes:
    peer.send(call)
    return peer.recv(65536)


def rate(uri: str, calling: Callable[..., None] = _calling, clients: int = 4, seconds: float = 3) -> float:
    """Return how many state() a second several processes make together."""
    counted = multiprocessing.Queue()
    asking = [multiprocessing.Process(target=calling, args=(uri, seconds, counted)) for _ in range(clients)]
    for each in asking:
        each.start()
    calls = sum(counted.get() for _ in asking)
    for each in asking:
        each.join()
    return calls / seconds


def by_ext(directory: Path, uri: str, credentials: Path) -> str:
    """Return the URI with which virsh starts a daemon of its own; libvirt gives it hardly any environment."""
    program = directory / "virtesxd"
    program.write_text(
        f"#!/bin/sh\nexport PYTHONPATH={ROOT} LIBVIRT_AUTH_FILE={credentials}\nexec {' '.join(COMMAND)} -c '{uri}'\n"
    )
    program.chmod(0o755)
    return f"esx+ext:///?command={program}"


def event(site: Site) -> float:
    """Return the ms from the host's change to the event in a client, the median of ten."""
    libvirt.virEventRegisterDefaultImpl()
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            libvirt.virEventRunDefaultImpl()

    libvirt.virEventAddTimeout(100, lambda *_: None, None)
    loop = threading.Thread(target=run)
    loop.start()
    conn = libvirt.open(site.ours)
    heard = threading.Event()
    conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lambda *_: heard.set(), None)
    time.sleep(2)
    taken = []
    for turn in range(10):
        heard.clear()
        started = time.perf_counter()
        site.sim.guest("db01", power="off" if turn % 2 == 0 else "on")
        assert heard.wait(10)
        taken.append(time.perf_counter() - started)
    conn.close()
    stop.set()
    loop.join()
    return 1000 * statistics.median(taken)


def calls_of_dominfo(site: Site) -> int:
    """Return how many calls of the host a hundred times ``virsh dominfo`` make, but for those of the watch."""
    site.seconds(VIRSH, "-c", site.ours, "dominfo", "db01")
    site.sim.reset_calls()
    site.seconds(VIRSH, "-c", site.ours, "; ".join(["dominfo db01"] * 34))  # three times
    return len([call for call in site.sim.calls() if call != "WaitForUpdatesEx"])


def idle(site: Site, seconds: float = 20) -> float:
    """Return what share of a core the daemon uses when nobody asks, in percent."""
    before = site.used()
    time.sleep(seconds)
    return 100 * (site.used() - before) / seconds


def measure(size: int, delay: int, say: Callable[[str, str], None]) -> None:
    """Measure and tell every row for one size and delay."""
    tool = [sys.executable, "-m", "esxdriver"]
    with (
        Sim.start("esx", vms=size, delay=delay, typed_arrays=True) as sim,
        tempfile.TemporaryDirectory() as name,
    ):
        directory = Path(name)
        site_file = directory / "auth.conf"
        site_file.write_text(
            f"[credentials-a]\nusername={sim.user}\npassword={sim.password}\n[auth-esx-{sim.host}]\ncredentials=a\n"
        )
        site_file.chmod(0o600)
        names = put_vmx_files(sim)
        uri = f"esx://{sim.user}@{sim.host}:{sim.port}/?cacert={sim.cacert()}"
        with Virtesxd(
            directory, "--connect", uri, env={"LIBVIRT_AUTH_FILE": str(site_file)}, config="read_ahead = true\n"
        ) as daemon:
            site = Site(sim, daemon, directory)
            site.seconds(VIRSH, "-c", site.ours, "list", "--all")
            time.sleep(3 + size / 500)  # the watch has learnt every machine
            commands = {"dumpxml NAME": ["dumpxml", names[0]], "list --all": ["list", "--all"]}
            for what, words in commands.items():
                say(
                    f"virsh {what}, {size} machines, {delay} ms",
                    f"libvirt's driver {site._once((VIRSH, '-c', site.theirs, *words)):.2f} s, "
                    f"virtesxd {site.seconds(VIRSH, '-c', site.ours, *words):.3f} s, "
                    f"esxdriver {site.seconds(*tool, '-c', uri, *words):.2f} s",
                )
            auth = password_auth(sim.password)
            first, again = (dumped_each(site.ours, all_names(site), None) for _ in range(2))
            say(
                f"XMLDesc() a second, {size} machines, {delay} ms",
                f"libvirt's driver {dumped_each(site.theirs, names, auth):.1f}, virtesxd {again:.0f} "
                f"(the first time {first:.0f}; at once after the start {cold(uri, site_file):.0f})",
            )
            if delay == 0:
                say("state() of the cache", f"{states(site.ours):.2f} ms")
                path = str(daemon.directory / "virtesxd-sock")
                say(
                    "state() a second, 4 clients",
                    f"{rate(site.ours):.0f} by libvirt-python, {rate(path, _asking):.0f} by sockets alone",
                )
                say("virtesxd --help", f"{site.seconds(*COMMAND, '--help'):.3f} s")
                say(
                    "virsh uri over esx+ext",
                    f"{site.seconds(VIRSH, '-c', by_ext(directory, uri, site_file), 'uri'):.3f} s",
                )
                say("from the host's change to the event", f"{event(site):.0f} ms")
                say("host's calls for 100 x virsh dominfo", f"{calls_of_dominfo(site)}")
            say(
                f"idle daemon, {size} machines",
                f"{idle(site):.1f} % of a core, {fuzz.memory(daemon.process.pid) / 2**20:.0f} MiB",
            )


def all_names(site: Site) -> list[str]:
    conn = libvirt.open(site.ours)
    found = [domain.name() for domain in conn.listAllDomains()]
    conn.close()
    return found


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.clients", description=__doc__)
    asked.add_argument("--vms", type=int, nargs="*", default=[1000], help="sizes of the inventory")
    asked.add_argument("--delays", type=int, nargs="*", default=[0, 20], help="milliseconds added to each call")
    options = asked.parse_args()
    if VIRSH is None:
        click.echo("virsh is not installed: nothing is measured (apt install libvirt-clients)")
        return
    libvirt.registerErrorHandler(lambda *_: None, None)
    for size in options.vms:
        for delay in options.delays:
            measure(size, delay, lambda what, found: click.echo(f"{what:44} {found}"))


if __name__ == "__main__":
    main()
