"""Whatever two clients and bad luck do, a watch knows what the host knows, and its events tell how that came about.

A seed makes a sequence of changes by the watching connection, another one and plain pyvmomi, with faults of the host
among them. At quiet points:

1. what the watch knows equals what a connection reads that does not watch: names, states, XML;
2. the events since the first view, replayed onto it, give the present one: domains, names, states, network cards;
3. every event fits the state that those before it have led to: one that came twice, or out of order, does not.
"""

import queue
import random
import re
import time
from contextlib import suppress

import libvirt
import pytest
from pyVmomi import vim, vmodl

import esxdriver
from tests.conftest import password_auth, sim_uri
from tests.live.rig import Rig, add, finish, nic, remove

pytestmark = pytest.mark.live

OFF, RUNNING, PAUSED = libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_PAUSED
LIFECYCLE = libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE
ADDED, REMOVED = libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED
STEPS = 24
BETWEEN_QUIET_POINTS = 6


class View:
    """Domains by UUID: name, state and network cards; made of a connection that asks, and then of events alone."""

    def __init__(self, conn):
        self.domains = {domain.UUIDString(): self._of(domain) for domain in conn.listAllDomains()}

    @staticmethod
    def _of(domain):
        return [domain.name(), domain.state()[0], {name for name, _ in domain.networkCards()}]

    def apply(self, kind, uuid, name, details):
        """Take an event in; fail when it does not fit."""
        if kind == LIFECYCLE:
            self._lifecycle(uuid, name, *details)
        elif details[0].startswith("nic"):
            cards = self.domains[uuid][2]
            assert (details[0] in cards) == (kind == REMOVED), f"{kind} of {details[0]} twice"
            cards ^= {details[0]}

    def _lifecycle(self, uuid, name, event, detail):
        if event == libvirt.VIR_DOMAIN_EVENT_DEFINED and detail == libvirt.VIR_DOMAIN_EVENT_DEFINED_ADDED:
            assert uuid not in self.domains, f"{name} has come twice"
            self.domains[uuid] = [name, OFF, set()]
        elif event == libvirt.VIR_DOMAIN_EVENT_UNDEFINED and detail == libvirt.VIR_DOMAIN_EVENT_UNDEFINED_REMOVED:
            assert self.domains.pop(uuid)[0] == name
        elif event == libvirt.VIR_DOMAIN_EVENT_UNDEFINED:
            assert self.domains[uuid][0] == name
        elif event == libvirt.VIR_DOMAIN_EVENT_DEFINED and detail == libvirt.VIR_DOMAIN_EVENT_DEFINED_RENAMED:
            assert self.domains[uuid][0] != name, f"{name} was renamed twice"
            self.domains[uuid][0] = name
        elif event in POWER:
            assert self.domains[uuid][1] != POWER[event], f"{name} is {POWER[event]} already"
            self.domains[uuid][1] = POWER[event]


POWER = {
    libvirt.VIR_DOMAIN_EVENT_STARTED: RUNNING,
    libvirt.VIR_DOMAIN_EVENT_RESUMED: RUNNING,
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED: PAUSED,
    libvirt.VIR_DOMAIN_EVENT_STOPPED: OFF,
}


# -- what happens


def turn(_, domain):
    state = domain.state()[0]
    {OFF: domain.create, PAUSED: domain.resume}.get(state, domain.destroy)()


def suspend(_, domain):
    (domain.suspend if domain.state()[0] == RUNNING else domain.create)()


def rename(dice, domain):
    domain.rename(f"{re.sub('-.*', '', domain.name())}-{dice.randrange(1000)}")


def describe(dice, domain):
    text = re.sub("<description>.*</description>", "", domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE))
    domain.connect().defineXML(
        text.replace("</name>", f"</name><description>about {dice.randrange(1000)}</description>", 1)
    )


def come(dice, domain):
    """Make a machine, by plain pyvmomi."""
    with Rig(domain.sim) as rig:
        rig.create(name=f"new-{dice.randrange(10**6)}")


def go(_, domain):
    if domain.name().startswith("new"):
        domain.undefine()


def snapshot(dice, domain):
    domain.snapshotCreateXML(f"<domainsnapshot><name>s{dice.randrange(100)}</name></domainsnapshot>", 0)


def revert(dice, domain):
    if snapshots := domain.listAllSnapshots():
        domain.revertToSnapshot(dice.choice(snapshots))


def card(_, domain):
    """Add a network card, or take one away, by plain pyvmomi."""
    with Rig(domain.sim) as rig:
        machine = rig.vm(domain.name())
        cards = [each for each in machine.config.hardware.device if isinstance(each, vim.vm.device.VirtualEthernetCard)]
        change = remove(cards[-1]) if len(cards) > 1 else add(nic())
        finish(machine.ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=[change])))


ACTIONS = [turn, turn, suspend, rename, describe, describe, come, come, go, go, snapshot, revert, card, card]

_WAIT = "WaitForUpdatesEx"
FAULTS = [
    lambda sim: sim.fault(_WAIT, "close-before"),
    lambda sim: sim.fault(_WAIT, "close-after"),
    lambda sim: sim.fault(_WAIT, "cut"),
    lambda sim: sim.fault(_WAIT, "garbage"),
    lambda sim: sim.fault(_WAIT, "503"),
    lambda sim: sim.fault(_WAIT, "fault", fault="ManagedObjectNotFound"),
    lambda sim: sim.fault(_WAIT, "fault", fault="InvalidCollectorVersion"),
    lambda sim: sim.fault("CreateFilter", "close-after"),
    lambda sim: sim.fault("RetrievePropertiesEx", "close-before"),
    lambda sim: sim.expire_sessions(),
    lambda sim: sim.guest("db01", power="off"),
]

REFUSALS = (libvirt.libvirtError, vmodl.MethodFault, StopIteration, AssertionError)


def happen(dice, conns, sim):
    if dice.random() < 0.3:
        with suppress(Exception):  # a machine that has another name meanwhile
            dice.choice(FAULTS)(sim)
    conn, act = dice.choice(conns), dice.choice(ACTIONS)
    with suppress(*REFUSALS):
        domain = dice.choice(sorted(conn.listAllDomains(), key=lambda each: each.UUIDString()))
        domain.sim = sim
        act(dice, domain)


# -- quiet points


def documents(conn):
    return {each.UUIDString(): (each.name(), each.state()[0], each.XMLDesc()) for each in conn.listAllDomains()}


def settled(watching, asking, seconds=30):
    """Return what both know once it is the same, or what each knows when it does not become that."""
    end = time.monotonic() + seconds
    while True:
        calls = watching.backend.session.calls["RetrievePropertiesEx"]
        seen, read = documents(watching), documents(asking)
        is_from_memory = watching.backend.session.calls["RetrievePropertiesEx"] == calls
        if (seen == read and is_from_memory) or time.monotonic() > end:
            assert is_from_memory, "the watch has not caught up"
            return seen, read
        time.sleep(0.1)


def replay(view, heard):
    while True:
        try:
            view.apply(*heard.get(timeout=0.8))
        except queue.Empty:
            return view.domains


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_a_watch_knows_and_tells_is_what_has_happened(sim, seed):
    dice = random.Random(seed)
    heard = queue.Queue()
    uri, auth = sim_uri(sim, "timeout=8"), password_auth(sim.password)
    with esxdriver.openAuth(uri, auth) as watching, esxdriver.openAuth(uri, auth) as asking:
        view = View(asking)
        for kind in (LIFECYCLE, ADDED, REMOVED):
            watching.domainEventRegisterAny(
                None, kind,
                lambda _conn, domain, *details, kind=kind: heard.put(
                    (kind, domain.UUIDString(), domain.name(), details[:-1])
                ),
                None,
            )  # fmt: skip
        for step in range(1, STEPS + 1):
            happen(dice, (watching, asking), sim)
            if step % BETWEEN_QUIET_POINTS:
                continue
            sim.reset_faults()
            seen, read = settled(watching, asking)
            assert seen == read, f"step {step}"
            assert replay(view, heard) == View(asking).domains, f"step {step}"
