"""Bulk reads of a simulator with many machines: parts, pages, and what goes wrong in the middle of them."""

import io

import libvirt
import pytest
from pyVmomi import vmodl
from pyVmomi.SoapAdapter import SoapResponseDeserializer

import esxdriver
from esxdriver.vsphere.wire import soap
from esxdriver.vsphere.wire.decode import Paged
from tests.conftest import password_auth, sim_uri
from tests.sim import Sim
from tests.vsphere.wire.test_decode import plain

pytestmark = pytest.mark.live

GENERATED = 230
RetrieveResult = vmodl.query.PropertyCollector.RetrieveResult


@pytest.fixture(scope="module", params=["esx", "vpx"])
def crowd(request):
    """Give a simulator with many machines that answers in pages of 40, whoever asks for more."""
    with Sim.start(request.param, vms=GENERATED, page=40) as sim:
        yield sim


@pytest.fixture
def conn(crowd):
    crowd.reset_calls()
    with esxdriver.openAuth(sim_uri(crowd), password_auth(crowd.password), 0) as opened:
        yield opened
    crowd.reset_faults()


def texts(conn):
    return {domain.UUIDString(): text for domain, text in conn.getAllXMLDesc()}


def test_all_definitions_are_those_of_each_domain(conn):
    expected = {domain.UUIDString(): domain.XMLDesc() for domain in conn.listAllDomains()}
    assert texts(conn) == expected
    assert len(expected) > GENERATED
    with esxdriver.prefetch(conn):
        assert {domain.UUIDString(): domain.XMLDesc() for domain in conn.listAllDomains()} == expected


def test_calls_grow_with_the_pages_only(conn, crowd):
    count = len(texts(conn))
    assert len(crowd.calls()) <= 2 * -(-count // 40) + 5  # listed in the host's pages, then read


def test_a_forgotten_token_is_started_over_once(conn, crowd):
    expected = texts(conn)
    crowd.fault("ContinueRetrievePropertiesEx", fault="InvalidArgument", skip=2)
    assert texts(conn) == expected
    crowd.fault("ContinueRetrievePropertiesEx", fault="InvalidArgument", times=20)
    with pytest.raises(libvirt.libvirtError, match="twice forgotten"):
        texts(conn)


@pytest.mark.parametrize("kind", ["close-before", "close-after", "expire", "garbage"])
def test_an_accident_in_the_middle_is_got_over(conn, crowd, kind):
    expected = texts(conn)
    crowd.fault("RetrievePropertiesEx", kind=kind, skip=2)
    assert texts(conn) == expected


def test_machines_that_disappear_between_the_pages_are_left_out(crowd):
    crowd.restore()
    with esxdriver.openAuth(sim_uri(crowd), password_auth(crowd.password), 0) as conn:
        doomed = conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_INACTIVE)[-3:]
        coming = conn.getAllXMLDesc()
        first, _ = next(coming)
        for domain in doomed:
            domain.undefine()
        names = {domain.name() for domain, _ in coming} | {first.name()}
    assert not {domain.name() for domain in doomed} & names
    assert len(names) > GENERATED - 10
    crowd.restore()


def test_every_answer_is_decoded_as_pyvmomi_does(crowd, monkeypatch):
    compared = []
    ours = soap.decode

    def both(stub, answer, kind):
        whole = RetrieveResult if isinstance(kind, Paged) else kind
        theirs = SoapResponseDeserializer(stub).Deserialize(io.BytesIO(answer), whole)
        assert plain(ours(stub, answer, whole), stub) == plain(theirs, stub)
        compared.append(type(theirs).__name__)
        return ours(stub, answer, kind)

    monkeypatch.setattr(soap, "decode", both)
    with esxdriver.openAuth(sim_uri(crowd), password_auth(crowd.password), 0) as conn:
        assert texts(conn)
        domain = conn.lookupByName("web01")
        domain.create()
        domain.destroy()
        with pytest.raises(libvirt.libvirtError):
            domain.setMemoryFlags(2**50, libvirt.VIR_DOMAIN_MEM_MAXIMUM)
    assert {"vim.Task", "vim.ServiceInstanceContent", "vmodl.query.PropertyCollector.RetrieveResult"} <= set(compared)
