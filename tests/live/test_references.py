"""Objects that keep their connection alive, and the sessions that end with the last of them."""

import gc

import libvirt
import pytest

import esxdriver
from tests.conftest import password_auth, sim_uri
from tests.helpers import failing

pytestmark = pytest.mark.live


@pytest.fixture
def conn(sim):
    return esxdriver.openAuth(sim_uri(sim), password_auth(sim.password))


def one_of(conn, kind):
    """Return an object of the connection, and what it answers."""
    found = {
        "domain": lambda: conn.lookupByName("web01"),
        "snapshot": lambda: conn.lookupByName("snap01").snapshotCurrent(),
        "pool": lambda: conn.storagePoolLookupByName("datastore1"),
        "volume": lambda: conn.storagePoolLookupByName("datastore1").storageVolLookupByName("spare/spare-1.vmdk"),
    }[kind]()
    return found, (found.getXMLDesc if kind == "snapshot" else found.XMLDesc)


@pytest.mark.parametrize("kind", ["domain", "snapshot", "pool", "volume"])
def test_an_object_answers_after_close_and_the_session_ends_with_it(sim, conn, kind):
    found, ask = one_of(conn, kind)
    before = ask()
    assert conn.close() == 1
    assert ask() == before
    assert len(sim.sessions()) == 1
    del found, ask
    assert sim.sessions() == []


def test_the_last_of_several_ends_it(sim, conn):
    domains = conn.listAllDomains()
    assert conn.close() == 1
    while domains:
        assert domains[-1].state()
        domains.pop()
    assert sim.sessions() == []


def test_a_domain_does_after_close_what_it_did(conn):
    web01 = conn.lookupByName("web01")
    conn.close()
    assert (web01.maxVcpus() > 0, web01.create(), web01.isActive(), web01.destroy()) == (True, 0, 1, 0)


def test_without_objects_close_logs_out_and_says_so(sim, conn):
    assert [each.name() for each in conn.listAllDomains()]
    assert conn.close() == 0
    assert sim.sessions() == []
    assert (conn.close(), conn.isAlive()) == (0, 0)
    for ask in (conn.listAllDomains, conn.getHostname, conn.getURI):
        failing(libvirt.VIR_ERR_INVALID_CONN, ask)


def test_a_closed_connection_does_not_answer_though_its_objects_do(conn):
    web01 = conn.lookupByName("web01")
    assert conn.close() == 1
    failing(libvirt.VIR_ERR_INVALID_CONN, web01.connect().listAllDomains)
    assert web01.name() == "web01"


def test_a_with_block_logs_out_whatever_is_referred_to(sim, conn):
    with conn:
        web01 = conn.lookupByName("web01")
        conn.close()
        assert web01.state()
    assert sim.sessions() == []
    failing(libvirt.VIR_ERR_INVALID_CONN, web01.state)


def test_a_connection_that_nobody_refers_to_is_logged_out(sim):
    conn = esxdriver.openAuth(sim_uri(sim), password_auth(sim.password))
    web01 = conn.lookupByName("web01")
    del conn
    gc.collect()
    assert web01.state()
    assert len(sim.sessions()) == 1
    del web01
    gc.collect()
    assert sim.sessions() == []


def test_close_while_domains_are_watched_leaves_them_answering(sim, conn):
    with esxdriver.watch(conn):
        web01 = conn.lookupByName("web01")
        conn.close()
        assert web01.state()
    assert web01.XMLDesc()
    del web01
    gc.collect()
    assert sim.sessions() == []
