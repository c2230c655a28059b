"""The living inventory: one watch for all clients, which need not ask the host, and hear of what happens there."""

import signal
import subprocess
import threading

import libvirt
import pytest

from tests.daemon.conftest import eventually
from tests.daemon.process import VIRSH, environment, needs_virsh
from tests.daemon.test_testdriver import loop  # noqa: F401 - a fixture
from tests.driver.test_define import NEW

from .test_virsh import plain

pytestmark = needs_virsh


@pytest.fixture
def watched(host):
    """Return the host once its daemon knows every machine: a list asks for nothing then."""
    host.virsh("dominfo", "db01")  # which also learns what counters the host has

    def is_known():
        host.sim.reset_calls()
        host.virsh("domstate", "db01")
        return host.asked() == []

    eventually(is_known, seconds=20)
    return host


def test_a_hundred_times_dominfo_of_unchanged_domains_asks_for_nothing(watched):
    off, *_ = watched.virsh("list", "--name", "--state-shutoff").split()
    watched.virsh(f"dominfo db01; dominfo {off}")
    watched.sim.reset_calls()
    for name in (off, "db01"):
        assert watched.virsh("; ".join([f"dominfo {name}"] * 100)).count("Used memory") == 100
    assert watched.asked() == []


def test_statistics_of_all_domains_ask_for_nothing_until_there_are_newer_ones(watched):
    """What virt-manager asks for every three seconds."""
    groups = ["--state", "--cpu-total", "--vcpu"]
    first = watched.virsh("domstats", *groups)
    assert "cpu.time=" in first
    watched.sim.reset_calls()
    assert [watched.virsh("domstats", *groups) for _ in range(5)] == [first] * 5
    assert "state.state=1" in watched.virsh("domstats", "--state", "db01")
    assert watched.asked() == []


def test_a_definition_is_read_once_for_all_clients(watched):
    first = watched.virsh("dumpxml", "db01")
    watched.sim.reset_calls()
    assert [watched.virsh("dumpxml", "db01") for _ in range(3)] == [first] * 3
    assert "db01" in watched.virsh("list", "--all")
    assert watched.asked() == []


def test_what_a_client_wrote_every_client_reads_back(watched):
    watched.virsh("dumpxml", "db01")
    other = libvirt.open(watched.uri())
    changed = other.lookupByName("db01").XMLDesc().replace("<description>", "<description>other words ")
    for turn, document in enumerate((changed, changed.replace("other words", "third words"))):
        other.defineXML(document)
        assert ("other words", "third words")[turn] in watched.virsh("dumpxml", "db01")
    other.close()


class Hearing:
    """An unmodified ``virsh event --all --loop``, and what it has printed."""

    def __init__(self, uri):
        self._lines = []
        self._process = subprocess.Popen(
            [VIRSH, "-c", uri, "event", "--all", "--loop"],
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=lambda: self._lines.extend(self._process.stdout))
        self._reader.start()

    def heard(self, domain):
        """Return what was heard of a domain so far, without its name."""
        lines = [line.partition(f" for domain '{domain}'") for line in self._lines]
        return [(before + after).strip() for before, domain, after in lines if domain]

    def wait(self, domain, expected):
        eventually(lambda: expected in self.heard(domain), seconds=15)

    def end(self):
        self._process.terminate()
        self._reader.join(10)
        self._process.wait(10)
        self._process.stdout.close()


def described(host, name):
    """Change a domain's description by a new definition."""
    conn = libvirt.open(host.uri())
    conn.defineXML(conn.lookupByName(name).XMLDesc().replace("</description>", ".</description>"))
    conn.close()


@pytest.fixture
def hearing(watched):
    """Return a virsh that hears, once it does."""
    found = Hearing(watched.uri())

    def hears():
        described(watched, "db01")  # it registers for one kind after the other, and for this one late
        return [each for each in found.heard("db01") if "metadata-change" in each]

    eventually(hears, seconds=15)
    yield found
    found.end()


CARD = ["attach-interface", "web01", "bridge", "VM Network", "--config"]

# What is done, and to which domain; and what virsh prints of it.
EVENTS = [
    (lambda host: host.virsh("start", "web01"), "web01", "event 'lifecycle': Started Booted"),
    (lambda host: host.virsh("destroy", "db01"), "db01", "event 'lifecycle': Stopped Destroyed"),
    (lambda host: host.virsh("suspend", "db01"), "db01", "event 'lifecycle': Suspended Paused"),
    (lambda host: host.virsh("undefine", "web01"), "web01", "event 'lifecycle': Undefined Removed"),
    (lambda host: host.virsh("reset", "db01"), "db01", "event 'reboot'"),
    (lambda host: host.sim.guest("db01", power="reset"), "db01", "event 'reboot'"),
    (lambda host: described(host, "web01"), "web01", "event 'metadata-change': "),
    (lambda host: host.sim.guest("db01", tools=False), "db01", "event 'agent-lifecycle': state: 'disconnected'"),
    (lambda host: host.virsh("detach-disk", "web01", "hdc", "--config"), "web01", "event 'device-removed': "),
    (lambda host: host.virsh(*CARD), "web01", "event 'device-added': "),
    (lambda host: host.sim.guest("db01", power="off"), "db01", "event 'lifecycle': Stopped"),
]


@pytest.mark.parametrize(("act", "domain", "printed"), EVENTS)
def test_virsh_hears_of_it(watched, hearing, act, domain, printed):
    act(watched)
    eventually(lambda: any(each.startswith(printed) for each in hearing.heard(domain)), seconds=15)


def test_virsh_hears_each_event_once(watched, hearing):
    turns = []
    for command, printed in [("start", "Started Booted"), ("destroy", "Stopped Destroyed")] * 3:
        watched.virsh(command, "web01")
        turns.append(f"event 'lifecycle': {printed}")
        # A host reports what is so: a start and an end within a quarter of a second are nothing to it.
        eventually(lambda: hearing.heard("web01") == turns, seconds=15)


# How a transient domain that runs stops.
STOPS = [
    lambda host: host.virsh("destroy", "new01"),
    lambda host: host.sim.guest("new01", power="off"),
]


@pytest.mark.parametrize("stop", STOPS, ids=["destroyed", "by itself"])
def test_what_virsh_creates_is_gone_when_it_stops(watched, hearing, tmp_path, stop):
    file = tmp_path / "new.xml"
    file.write_text(NEW)
    before = watched.virsh("list", "--all", "--name")
    watched.virsh("create", str(file))
    assert watched.virsh("list", "--transient", "--name").split() == ["new01"]
    assert "Persistent: no" in plain(watched.virsh("dominfo", "new01"))
    assert "cannot undefine transient domain" in watched.refused("undefine", "new01")
    hearing.wait("new01", "event 'lifecycle': Started Booted")
    stop(watched)
    hearing.wait("new01", "event 'lifecycle': Undefined Removed")
    assert hearing.heard("new01")[-2].startswith("event 'lifecycle': Stopped")
    assert watched.virsh("list", "--all", "--name") == before


def test_what_virsh_creates_and_defines_stays(watched, tmp_path):
    file = tmp_path / "new.xml"
    file.write_text(NEW)
    watched.virsh("create", str(file))
    file.write_text(watched.virsh("dumpxml", "new01"))
    watched.virsh("define", str(file))
    watched.virsh("destroy", "new01")
    assert "Persistent: yes" in plain(watched.virsh("dominfo", "new01"))


LAB = "<network><name>lab</name></network>"

# virsh's command, what is done, and what virsh prints of it.
PLACES = [
    (
        "pool-event", "lifecycle", lambda host, _: host.sim.datastore("nfs store", accessible=False),
        ["event 'lifecycle' for storage pool nfs store: Stopped"],
    ),
    (
        "pool-event", "lifecycle", lambda host, _: host.sim.datastore("lab", added=True),
        ["event 'lifecycle' for storage pool lab: Defined", "event 'lifecycle' for storage pool lab: Started"],
    ),
    (
        "pool-event", "refresh", lambda host, _: host.virsh("pool-refresh", "datastore1"),
        ["event 'refresh' for storage pool datastore1"],
    ),
    (
        "net-event", "lifecycle", lambda host, document: host.virsh("net-define", document),
        ["event 'lifecycle' for network lab: Defined", "event 'lifecycle' for network lab: Started"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("command", "kind", "act", "printed"), PLACES)
def test_virsh_hears_of_pools_and_networks(watched, tmp_path, command, kind, act, printed):
    document = tmp_path / "lab.xml"
    document.write_text(LAB)
    watched.sim.reset_calls()
    command = [VIRSH, "-q", "-c", watched.uri(), command, "--event", kind, "--loop", "--timeout", "20"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as hears:
        eventually(lambda: has_begun_to_wait(watched.sim.calls()), seconds=15)
        act(watched, document)
        assert [hears.stdout.readline().strip() for _ in printed] == printed
        hears.send_signal(signal.SIGINT)
        # Interrupted at once, virsh may not have counted the last of them yet.
        assert hears.stdout.read().split("\n")[0] == "event loop interrupted"


def has_begun_to_wait(calls):
    """Whether a watch has had its first answer, which is what is there, and waits for what changes."""
    made = "".join("F" if call == "CreateFilter" else "W" if call == "WaitForUpdatesEx" else "" for call in calls)
    return "F" in made and made.count("W", made.find("F")) >= 2


@pytest.mark.usefixtures("loop")
def test_every_kind_of_event_is_accepted(watched):
    """Those that vSphere does not know are registered for, and nothing more."""
    conn = libvirt.open(watched.uri())
    domain = conn.lookupByName("db01")
    for kind in range(27):  # as many as the oldest client knows
        for whose in (None, domain):
            conn.domainEventDeregisterAny(conn.domainEventRegisterAny(whose, kind, lambda *_: None, None))
    conn.close()
