"""Events of storage pools and networks, before esxsim, with a second client that changes things."""

import queue
import time
from types import SimpleNamespace

import libvirt
import pytest

import esxdriver
from tests.conftest import password_auth, sim_uri
from tests.helpers import failing

pytestmark = pytest.mark.live

DEFINED, UNDEFINED, STARTED, STOPPED = range(4)
NETWORK = "<network><name>lab</name><portgroup name='lab net'/></network>"


@pytest.fixture
def other(sim):
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as connection:
        yield connection


def listening(conn, pool=None, net=None):
    """Register for all of it, and return the queues into which names and events go."""
    heard = SimpleNamespace(pools=queue.Queue(), refreshes=queue.Queue(), nets=queue.Queue())
    pool_event, net_event = conn.storagePoolEventRegisterAny, conn.networkEventRegisterAny
    numbers = [
        pool_event(pool, 0, lambda of, what, *more: heard.pools.put((what.name(), *more[:-1], of is conn)), None),
        pool_event(pool, 1, lambda _, what, opaque: heard.refreshes.put((what.name(), opaque)), "opaque"),
    ]
    heard.net = net_event(net, 0, lambda of, what, *more: heard.nets.put((what.name(), *more[:-1], of is conn)), None)
    heard.numbers = numbers
    return heard


def events(heard, expected):
    """Compare what comes next: (name, event), each once, and nothing behind it."""
    found = [heard.get(timeout=10) for _ in expected]
    assert found == [(name, event, 0, True) for name, event in expected]
    assert heard.empty()


def test_a_datastore_that_comes_and_goes_is_a_pool_that_does(esx, sim):
    heard = listening(esx)
    sim.datastore("lab", added=True)
    events(heard.pools, [("lab", DEFINED), ("lab", STARTED)])
    sim.datastore("lab", accessible=False)
    events(heard.pools, [("lab", STOPPED)])
    sim.datastore("lab", accessible=True)
    events(heard.pools, [("lab", STARTED)])
    sim.datastore("lab", renamed="lab 2")
    events(heard.pools, [("lab", STOPPED), ("lab", UNDEFINED), ("lab 2", DEFINED), ("lab 2", STARTED)])
    sim.datastore("lab 2", removed=True)
    events(heard.pools, [("lab 2", STOPPED), ("lab 2", UNDEFINED)])
    assert heard.refreshes.empty()


def test_a_refresh_is_reported_whoever_asked_for_it_and_once(esx, other):
    heard = listening(esx)
    for conn in (esx, other):
        conn.storagePoolLookupByName("datastore1").refresh()
        assert heard.refreshes.get(timeout=10) == ("datastore1", "opaque")
    time.sleep(0.2)
    assert heard.refreshes.empty()
    assert heard.pools.empty()


def test_a_switch_that_comes_changes_and_goes_is_a_network_that_does(esx, other):
    heard = listening(esx)
    other.networkDefineXML("<network><name>lab</name></network>")
    events(heard.nets, [("lab", DEFINED), ("lab", STARTED)])
    other.networkDefineXML(NETWORK)
    events(heard.nets, [("lab", DEFINED)])
    other.networkDefineXML("<network><name>lab</name></network>")
    events(heard.nets, [("lab", DEFINED)])
    esx.networkLookupByName("lab").undefine()
    events(heard.nets, [("lab", STOPPED), ("lab", UNDEFINED)])


def test_callbacks_may_be_of_one_object(esx, other, sim):
    heard = listening(esx, esx.storagePoolLookupByName("datastore1"), esx.networkLookupByName("vSwitch1"))
    sim.datastore("nfs store", accessible=False)
    sim.datastore("datastore1", accessible=False)
    events(heard.pools, [("datastore1", STOPPED)])
    other.networkDefineXML(NETWORK)
    other.networkLookupByName("vSwitch1").update(
        libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, libvirt.VIR_NETWORK_SECTION_PORTGROUP, -1, "<portgroup name='x'/>"
    )
    events(heard.nets, [("vSwitch1", DEFINED)])


def test_who_watches_domains_alone_asks_the_host_for_nothing_else(esx, sim):
    esx.domainEventRegisterAny(None, 0, print, None)
    sim.reset_calls()
    heard = listening(esx)
    assert sim.calls().count("CreateFilter") == 2
    for number in heard.numbers:
        esx.storagePoolEventDeregisterAny(number)
    esx.networkEventDeregisterAny(heard.net)
    assert sim.calls().count("DestroyPropertyCollector") == 2
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.networkEventDeregisterAny, heard.net)


def test_after_a_lost_session_the_difference_comes_once(esx, other, sim):
    heard = listening(esx)
    sim.fault("WaitForUpdatesEx", "hang", seconds=1)
    sim.datastore("lab", added=True)
    events(heard.pools, [("lab", DEFINED), ("lab", STARTED)])
    sim.fault("CreateFilter", "close-after", times=2)
    sim.expire_sessions()
    sim.datastore("lab", removed=True)
    other.networkDefineXML(NETWORK)
    events(heard.pools, [("lab", STOPPED), ("lab", UNDEFINED)])
    events(heard.nets, [("lab", DEFINED), ("lab", STARTED)])


def test_nothing_is_left_when_the_connection_is_closed(sim):
    conn = esxdriver.openAuth(sim_uri(sim), password_auth(sim.password))
    listening(conn)
    conn.close()
    assert not sim.sessions()


def test_kinds_that_never_come_are_accepted_and_others_refused(esx):
    for register in (esx.nodeDeviceEventRegisterAny, esx.secretEventRegisterAny, esx.networkEventRegisterAny):
        assert register(None, 1, print, None) >= 0
        failing(libvirt.VIR_ERR_INVALID_ARG, register, None, 2, print, None)
