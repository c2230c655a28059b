"""The watch and its events, before esxsim, with a second client that changes things."""

import queue
import re
import signal
import subprocess
import sys
import threading
import time

import libvirt
import pytest
from pyVmomi import vim

import esxdriver
from esxdriver.daemon import hosts
from esxdriver.daemon.config import Config
from tests.conftest import password_auth, sim_uri
from tests.daemon.process import environment
from tests.live.rig import add, edit, finish, nic, remove, spare
from tests.sim import Sim

pytestmark = pytest.mark.live


@pytest.fixture
def other(sim):
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as connection:
        yield connection


@pytest.fixture
def watching(esx):
    with esxdriver.watch(esx):
        yield esx


def eventually(ask, expected, seconds=10):
    end = time.monotonic() + seconds
    while (found := ask()) != expected and time.monotonic() < end:
        time.sleep(0.02)
    assert found == expected


def test_what_the_host_has_told_is_not_asked_for(watching):
    domain = watching.lookupByName("web01")
    text = domain.XMLDesc()
    before = watching.backend.session.calls["RetrievePropertiesEx"]
    assert watching.lookupByName("web01").UUIDString() == domain.UUIDString()
    assert watching.lookupByUUID(domain.UUID()).name() == "web01"
    assert (domain.state(), domain.isActive(), len(watching.listAllDomains())) == ([5, 0], 0, 5)
    assert domain.XMLDesc() == text
    assert watching.backend.session.calls["RetrievePropertiesEx"] == before
    assert "FindAllByUuid" not in watching.backend.session.calls


def test_what_another_client_does_is_seen(watching, other):
    domain, theirs = watching.lookupByName("web01"), other.lookupByName("web01")
    before = domain.XMLDesc()
    theirs.create()
    eventually(domain.state, [1, 0])
    theirs.destroy()
    other.defineXML(theirs.XMLDesc().replace("snapshot='yes' persistent='yes'", "snapshot='no' persistent='yes'", 1))
    eventually(lambda: domain.XMLDesc() == before, False)
    assert domain.XMLDesc() == theirs.XMLDesc()
    theirs.rename("web02")
    eventually(lambda: max(each.name() for each in watching.listAllDomains()), "web02")


def test_what_it_does_itself_is_seen_at_once(watching):
    domain = watching.lookupByName("web01")
    for _ in range(3):
        domain.create()
        assert domain.state() == [1, 0]
        assert watching.lookupByName("web01").isActive() == 1
        domain.destroy()
        assert domain.state() == [5, 0]
    domain.undefine()
    with pytest.raises(libvirt.libvirtError):
        watching.lookupByName("web01")


def test_secrets_are_not_kept(watching):
    domain = watching.lookupByName("web01")
    domain.XMLDesc()
    domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE)
    ((_, texts),) = watching.backend.documents._held.values()
    assert list(texts) == [0]


LIFE = [
    # what is done, and the events and their details that come of it
    (lambda domain: domain.create(), [("STARTED", "BOOTED")]),
    (lambda domain: domain.suspend(), [("SUSPENDED", "PAUSED")]),
    (lambda domain: domain.resume(), [("RESUMED", "UNPAUSED")]),
    (lambda domain: domain.destroy(), [("STOPPED", "DESTROYED")]),
    (lambda domain: domain.rename("web02"), [("UNDEFINED", "RENAMED"), ("DEFINED", "RENAMED")]),
    (lambda domain: domain.undefine(), [("UNDEFINED", "REMOVED")]),
]


@pytest.mark.parametrize("by_other", [False, True])
def test_each_event_comes_once_and_in_order_whoever_is_the_cause(esx, other, by_other):
    heard = queue.Queue()
    number = esx.domainEventRegisterAny(
        None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lambda *reported: heard.put(reported), "opaque"
    )
    acting = (other if by_other else esx).lookupByName("web01")
    for act, expected in LIFE:
        act(acting)
        for event, detail in expected:
            conn, domain, *what, opaque = heard.get(timeout=10)
            assert what == [
                getattr(libvirt, f"VIR_DOMAIN_EVENT_{event}"), getattr(libvirt, f"VIR_DOMAIN_EVENT_{event}_{detail}"),
            ]  # fmt: skip
            assert (conn, opaque) == (esx, "opaque")
            assert domain.name() in ("web01", "web02")
    esx.domainEventDeregisterAny(number)
    assert heard.empty()
    assert esx.backend.watch is None


def test_a_callback_may_fail_deregister_itself_or_be_of_one_domain(esx, other):
    heard, numbers = queue.Queue(), []

    def once(_conn, domain, *_):
        heard.put(("once", domain.name()))
        esx.domainEventDeregisterAny(numbers[0])
        raise ValueError("a bug of theirs")

    numbers.append(esx.domainEventRegisterAny(None, 0, once, None))
    db01 = esx.lookupByName("db01")
    esx.domainEventRegisterAny(db01, 0, lambda _, domain, *__: heard.put(("db01", domain.name())), None)
    other.lookupByName("web01").create()
    assert heard.get(timeout=10) == ("once", "web01")
    other.lookupByName("db01").destroy()
    assert heard.get(timeout=10) == ("db01", "db01")
    assert heard.empty()


def test_kinds_that_never_come_are_accepted_and_others_refused(esx):
    esx.domainEventDeregisterAny(esx.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_WATCHDOG, print, None))
    with pytest.raises(libvirt.libvirtError):
        esx.domainEventRegisterAny(None, 999, print, None)
    with pytest.raises(libvirt.libvirtError):
        esx.domainEventDeregisterAny(12345)


def test_nothing_is_left_on_the_host_and_no_thread_here(sim, other):
    conn = esxdriver.openAuth(sim_uri(sim), password_auth(sim.password))
    conn.domainEventRegister(print, None)
    assert any(each.name == "esxdriver-watch" for each in threading.enumerate())
    conn.close()
    eventually(lambda: [each.name for each in threading.enumerate() if each.name.startswith("esxdriver")], [])


def test_who_registers_again_while_a_watch_goes_on_hears_each_event_once(watching):
    heard = queue.Queue()
    for _ in range(3):
        number = watching.domainEventRegisterAny(None, 0, lambda *reported: heard.put(reported[2:4]), None)
        watching.domainEventDeregisterAny(number)
    watching.domainEventRegisterAny(None, 0, lambda *reported: heard.put(reported[2:4]), None)
    domain = watching.lookupByName("web01")
    domain.create()
    assert heard.get(timeout=10) == (2, 0)
    domain.destroy()
    assert heard.get(timeout=10) == (5, 1)
    time.sleep(0.5)
    assert heard.empty()


def test_only_what_was_registered_without_a_number_is_taken_back_without_one(watching):
    number = watching.domainEventRegisterAny(None, 0, print, None)
    with pytest.raises(libvirt.libvirtError):
        watching.domainEventDeregister(print)
    watching.domainEventRegister(print, None)
    watching.domainEventDeregister(print)
    watching.domainEventDeregisterAny(number)


def test_a_domain_has_its_id_as_soon_as_it_has_been_started(esx):
    domain = esx.lookupByName("web01")
    assert domain.ID() == -1
    domain.create()
    assert domain.ID() == domain.number
    domain.destroy()
    assert domain.ID() == -1


def test_a_lost_host_calls_the_close_callback(sim):
    """A session that the host no longer renews is such a loss; the watch goes with the callback."""
    conn = esxdriver.openAuth(sim_uri(sim, "timeout=4"), password_auth(sim.password))
    heard = queue.Queue()
    assert conn.registerCloseCallback(lambda *told: heard.put(told), "opaque") == 0
    with pytest.raises(libvirt.libvirtError, match="already registered"):
        conn.registerCloseCallback(print, None)
    sim.fault("Login", "fault", fault="InvalidLogin")
    sim.expire_sessions()
    assert heard.get(timeout=10) == (conn, libvirt.VIR_CONNECT_CLOSE_REASON_ERROR, "opaque")
    assert conn.unregisterCloseCallback() == 0
    with pytest.raises(libvirt.libvirtError):
        conn.unregisterCloseCallback()
    assert conn.backend.watch is None
    conn.close()


# -- devices

DEVICES = (
    libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
    libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
    libvirt.VIR_DOMAIN_EVENT_ID_TRAY_CHANGE,
)


@pytest.fixture
def heard(esx):
    """Give a queue of (kind, domain's name, details) of lifecycle and devices, each as a callback of its own."""
    told = queue.Queue()
    for kind in (libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, *DEVICES):
        esx.domainEventRegisterAny(
            None, kind, lambda _conn, domain, *of, kind=kind: told.put((kind, domain.name(), *of[:-1])), None
        )
    return told


def only(heard):
    """Return the next event that is none of a definition's."""
    while (event := heard.get(timeout=10))[:1] == (0,) and event[2] == 0:
        pass
    return event


def test_devices_that_come_and_go_are_told_by_their_names(heard, rig):
    rig.reconfigure("db01", add(nic()), add(spare(1, controller=1000, unit=9)))
    added = {only(heard), only(heard)}
    assert {event[:2] for event in added} == {(DEVICES[0], "db01")}
    names = {event[2] for event in added}
    (card,) = {name for name in names if name.startswith("nic")}
    (disk,) = names - {card}
    assert disk == "sdi"  # unit 9: the controller itself has 7
    rig.reconfigure("db01", remove(rig.device("db01", 4000 + int(card.removeprefix("nic")))))
    assert only(heard) == (DEVICES[1], "db01", card)
    assert heard.empty()


def test_the_tray_of_a_running_domains_drive_is_told_of(heard, rig):
    finish(rig.vm("web01").PowerOnVM_Task())
    (drive,) = (each for each in rig.vm("web01").config.hardware.device if isinstance(each, vim.vm.device.VirtualCdrom))
    while heard.get(timeout=10)[:3] != (0, "web01", 2):  # it has started
        pass
    states = [not drive.connectable.connected, drive.connectable.connected]
    for state in states:
        rig.reconfigure("web01", edit(rig.device("web01", drive.key), connectable__connected=state))
        assert only(heard) == (DEVICES[2], "web01", "hdc", int(state))


def test_who_asks_for_devices_later_makes_nobody_miss_or_hear_twice(esx, other):
    told = queue.Queue()
    esx.domainEventRegisterAny(None, 0, lambda _conn, domain, *of: told.put((domain.name(), *of[:2])), None)
    other.lookupByName("web01").create()
    esx.domainEventRegisterAny(None, DEVICES[0], print, None)
    other.lookupByName("web01").destroy()
    assert [told.get(timeout=10), told.get(timeout=10)] == [("web01", 2, 0), ("web01", 5, 1)]
    time.sleep(0.5)
    assert told.empty()


# -- the end


@pytest.fixture
def mortal():
    """A host of the test's own, which it may stop and kill."""
    with Sim.start("esx") as sim:
        yield sim
        sim._process.send_signal(signal.SIGCONT)


def connected_to(sim, params=""):
    return esxdriver.openAuth(sim_uri(sim, params), password_auth(sim.password))


def test_a_host_that_hangs_is_not_waited_for_on_close(mortal):
    conn = connected_to(mortal)
    conn.domainEventRegisterAny(None, 0, print, None)
    conn.lookupByName("web01")
    mortal._process.send_signal(signal.SIGSTOP)
    before = time.monotonic()
    conn.close()
    assert time.monotonic() - before < 3.5


def test_a_watch_that_is_starting_on_a_host_that_hangs_does_not_hold_up_close(mortal):
    conn = connected_to(mortal)
    mortal._process.send_signal(signal.SIGSTOP)
    raised = queue.Queue()

    def start():
        try:
            conn.backend.start_watch()
        except libvirt.libvirtError as error:
            raised.put(error)

    threading.Thread(target=start).start()
    time.sleep(0.3)
    before = time.monotonic()
    conn.close()
    assert time.monotonic() - before < 3.5
    assert "closed" in str(raised.get(timeout=5))


def test_keepalive_notices_a_host_that_hangs_and_its_return(mortal):
    conn = connected_to(mortal)
    reasons = queue.Queue()
    conn.registerCloseCallback(lambda _conn, reason, opaque: reasons.put((reason, opaque)), "mine")
    assert conn.setKeepAlive(1, 1) == 0
    assert conn.isAlive() == 1
    mortal._process.send_signal(signal.SIGSTOP)
    assert reasons.get(timeout=10) == (libvirt.VIR_CONNECT_CLOSE_REASON_KEEPALIVE, "mine")
    before = time.monotonic()
    assert conn.isAlive() == 0
    assert time.monotonic() - before < 0.1, "it is known already"
    mortal._process.send_signal(signal.SIGCONT)
    eventually(conn.isAlive, 1)
    assert conn.setKeepAlive(0, 0) == 0
    conn.close()


def test_a_host_that_is_gone_has_hung_up(mortal):
    conn = connected_to(mortal)
    reasons = queue.Queue()
    conn.registerCloseCallback(lambda _conn, reason, _opaque: reasons.put(reason), None)
    mortal._process.kill()
    assert reasons.get(timeout=20) == libvirt.VIR_CONNECT_CLOSE_REASON_EOF
    conn.close()


def test_close_tells_its_own_callback_once(esx, caplog):
    reasons = []

    def closed(_conn, reason, opaque):
        reasons.append((reason, opaque))
        raise ValueError("a bug of theirs")

    esx.registerCloseCallback(closed, "mine")
    esx.close()
    esx.close()
    assert reasons == [(libvirt.VIR_CONNECT_CLOSE_REASON_CLIENT, "mine")]
    assert "a close callback failed" in caplog.text


# -- bad luck


@pytest.mark.parametrize("kind", ["withheld", "mistyped"])
def test_a_machine_of_which_something_cannot_be_read_is_read_each_time(sim, caplog, kind):
    conn = connected_to(sim)
    sim.fault("WaitForUpdatesEx", kind, property="runtime.powerState")  # of the first answer
    with esxdriver.watch(conn):
        watch = conn.backend.watch
        if not any(watch.withholds(each.ref, ["runtime.powerState"]) for each in watch.machines(["name"])):
            pytest.fail("esxsim has withheld nothing")
        assert "withholds" in caplog.text
        before = conn.backend.session.calls["RetrievePropertiesEx"]
        assert {each.name(): each.state()[0] for each in conn.listAllDomains()} == STATES
        assert conn.backend.session.calls["RetrievePropertiesEx"] > before
    conn.close()


STATES = {"db01": 1, "old01": 5, "snap01": 5, "susp01": 3, "web01": 5}


def test_a_callback_that_blocks_stops_neither_the_watch_nor_what_comes_after_it(esx, other):
    goes_on, heard = threading.Event(), queue.Queue()
    esx.domainEventRegisterAny(None, 0, lambda *_: goes_on.wait(20), None)
    esx.domainEventRegisterAny(None, 0, lambda _conn, domain, event, *_: heard.put((domain.name(), event)), None)
    theirs = other.lookupByName("web01")
    theirs.create()
    eventually(lambda: esx.lookupByName("web01").state()[0], 1)
    theirs.destroy()
    eventually(lambda: esx.lookupByName("web01").state()[0], 5)
    goes_on.set()
    assert [heard.get(timeout=10), heard.get(timeout=10)] == [("web01", 2), ("web01", 5)]


def waits_for_every_event(calls):
    """Whether the devices are watched, too, for which the watch begins anew: two waits with, two without them."""
    return calls.count("WaitForUpdatesEx") >= 4


def test_ctrl_c_ends_a_command_that_waits_for_a_host_that_hangs(mortal):
    env = environment(GOVC_USERNAME=mortal.user, GOVC_PASSWORD=mortal.password, PYTHONUNBUFFERED="1")
    command = [sys.executable, "-m", "esxdriver", "-c", sim_uri(mortal), "event", "--all", "--loop"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as waiting:
        eventually(lambda: waits_for_every_event(mortal.calls()), True, seconds=30)
        time.sleep(1)  # until it has registered for the other kinds
        mortal._process.send_signal(signal.SIGSTOP)
        waiting.send_signal(signal.SIGINT)
        before = time.monotonic()
        assert waiting.wait(15) == 1
        assert time.monotonic() - before < 6
        assert waiting.stdout.read().splitlines()[:2] == ["event loop interrupted", "events received: 0"]
        assert "Traceback" not in waiting.stderr.read()


def test_events_in_a_loop_end_with_an_error_when_the_host_is_gone(mortal):
    env = environment(GOVC_USERNAME=mortal.user, GOVC_PASSWORD=mortal.password, PYTHONUNBUFFERED="1")
    command = [sys.executable, "-m", "esxdriver", "-c", sim_uri(mortal), "event", "--all", "--loop"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as waiting:
        eventually(lambda: waits_for_every_event(mortal.calls()), True, seconds=30)
        time.sleep(1)  # until it has registered for the other kinds
        mortal._process.kill()
        assert waiting.wait(20) == 1
        assert waiting.stdout.read() == "events received: 0\n"
        assert re.fullmatch("error: Disconnected from esx://.* due to end of file\n", waiting.stderr.read())


@pytest.mark.parametrize("flags", [0, libvirt.VIR_DOMAIN_XML_INACTIVE])
def test_who_goes_through_all_documents_has_them_read_together(flags):
    """Each is what it is when it is read alone, and what changes meanwhile is read again."""
    with Sim.start("esx", vms=300) as sim, esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as conn:
        alone = {domain.name(): domain.XMLDesc(flags) for domain in conn.listAllDomains()}
        with esxdriver.watch(conn):
            domains = conn.listAllDomains()
            before = conn.backend.session.calls["RetrievePropertiesEx"]
            assert {domain.name(): domain.XMLDesc(flags) for domain in domains} == alone
            assert conn.backend.session.calls["RetrievePropertiesEx"] - before < 10  # 3 alone, 3 parts of 100
            conn.lookupByName("web01").setMetadata(libvirt.VIR_DOMAIN_METADATA_DESCRIPTION, "changed", None, None)
            assert "changed" in conn.lookupByName("web01").XMLDesc(flags)


def test_a_daemon_reads_all_documents_when_it_has_settled(monkeypatch):
    monkeypatch.setattr(hosts, "_SETTLED", 0.0)
    with Sim.start("esx", vms=60) as sim:
        config = Config().with_host(sim_uri(sim))
        opened = hosts.Hosts(lambda: config, lambda uri, _: esxdriver.openAuth(uri, password_auth(sim.password)))
        conn = opened.open("esx:///system", None).conn
        domains = conn.listAllDomains()
        eventually(lambda: conn.backend.documents is not None, expected=True)
        eventually(lambda: all(conn.backend.documents.get(each.ref, 0) for each in domains), expected=True)
        before = conn.backend.session.calls["RetrievePropertiesEx"]
        assert all(domain.XMLDesc().startswith("<domain") for domain in domains)
        assert conn.backend.session.calls["RetrievePropertiesEx"] == before
        opened.close()
