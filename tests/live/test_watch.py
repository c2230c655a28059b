"""The watch and its events, before esxsim, with a second client that changes things."""

import queue
import threading
import time

import libvirt
import pytest

import esxdriver
from tests.conftest import password_auth, sim_uri

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
