"""Transient domains: what createXML() makes is forgotten when it stops, and its files stay."""

import time

import libvirt
import pytest

import esxdriver
from esxdriver.vsphere.machine.transient import MARK, mark_of
from tests.conftest import password_auth, sim_uri
from tests.driver.test_define import NEW, writes
from tests.helpers import failing

pytestmark = pytest.mark.live

TRANSIENT = libvirt.VIR_CONNECT_LIST_DOMAINS_TRANSIENT
PERSISTENT = libvirt.VIR_CONNECT_LIST_DOMAINS_PERSISTENT
ALL = {"db01", "old01", "snap01", "susp01", "web01"}


def names(conn, flags=0):
    return {each.name() for each in conn.listAllDomains(flags)}


def files(sim):
    return {(store, file["path"]) for store, files in sim.inventory()["files"].items() for file in files}


def options(sim, name):
    (found,) = [each for each in sim.inventory()["machines"] if each["config"]["name"] == name]
    return {each["key"]: each["value"] for each in found["config"]["extraConfig"]}


def eventually(holds, seconds=10):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_transient_domain_is_listed_as_one_and_does_not_show_how_it_is_known(esx):
    made = esx.createXML(NEW)
    assert (made.isPersistent(), esx.lookupByName("web01").isPersistent()) == (0, 1)
    assert names(esx, TRANSIENT) == {"new01"}
    assert names(esx, PERSISTENT) == ALL
    assert names(esx, TRANSIENT | PERSISTENT) == names(esx) == ALL | {"new01"}
    figures = esx.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE, TRANSIENT)
    assert [each.name() for each, _ in figures] == ["new01"]
    assert "transient" not in made.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE)
    assert "esxdriver.transient" not in esx.domainXMLToNative("vmware-vmx", made.XMLDesc())


def test_it_is_gone_when_it_is_destroyed_and_its_files_stay(esx, sim):
    before = names(esx)
    made = esx.createXML(NEW)
    kept = files(sim)
    made.destroy()
    assert names(esx) == before
    assert files(sim) >= {file for file in kept if not file[1].endswith((".vswp", ".log"))}
    failing(libvirt.VIR_ERR_NO_DOMAIN, made.state)
    assert esx.defineXML(NEW).isPersistent() == 1  # over the configuration that lies there


def test_a_paused_one_is_gone_when_it_is_destroyed(esx):
    made = esx.createXML(NEW)
    made.suspend()
    assert made.isPersistent() == 0
    made.destroy()
    assert names(esx) == ALL


def test_one_that_is_defined_stays(esx):
    made = esx.createXML(NEW)
    again = esx.defineXML(made.XMLDesc())
    assert (again.UUIDString(), again.isPersistent(), made.isPersistent()) == (made.UUIDString(), 1, 1)
    made.destroy()
    assert names(esx) == ALL | {"new01"}
    assert writes(esx)["ReconfigVM_Task"] == 2  # to make it transient, and persistent: nothing else is other


def test_a_persistent_domain_that_is_made_again_stays_so(esx):
    made = esx.createXML(esx.lookupByName("web01").XMLDesc())
    assert made.isPersistent() == 1
    made.destroy()
    assert names(esx) == ALL


REFUSED = [
    (lambda domain: domain.undefine(), "cannot undefine transient domain"),
    (lambda domain: domain.setAutostart(1), "cannot set autostart for transient domain"),
    (lambda domain: domain.rename("new02"), "cannot rename a transient domain"),
]


@pytest.mark.parametrize(("call", "text"), REFUSED, ids=[text for _, text in REFUSED])
def test_what_needs_a_definition_is_refused_as_libvirt_does(esx, sim, call, text):
    made = esx.createXML(NEW)
    before = sim.inventory()
    assert text in failing(libvirt.VIR_ERR_OPERATION_INVALID, call, made)
    assert sim.inventory() == before


@pytest.mark.esx(uri_params="managed_save=1")
def test_a_transient_domain_has_no_managed_save(esx):
    made = esx.createXML(NEW)
    text = failing(libvirt.VIR_ERR_OPERATION_INVALID, made.managedSave)
    assert "cannot do managed save for transient domain" in text


def test_it_does_not_end_with_its_connection(esx, sim):
    before = sim.inventory()
    text = failing(libvirt.VIR_ERR_INVALID_ARG, esx.createXML, NEW, libvirt.VIR_DOMAIN_START_AUTODESTROY)
    assert "unsupported flags (0x2)" in text
    assert sim.inventory() == before


def test_one_that_stops_while_nobody_watches_is_shut_off_until_it_is_undefined(esx, sim, rig):
    made = esx.createXML(NEW)
    rig.vm("new01").PowerOffVM_Task()
    sim.reset_calls()
    assert names(esx, libvirt.VIR_CONNECT_LIST_DOMAINS_INACTIVE) >= {"new01"}
    assert (made.state()[0], made.isPersistent()) == (libvirt.VIR_DOMAIN_SHUTOFF, 0)
    assert "UnregisterVM" not in sim.calls()
    made.create()
    made.destroy()
    assert names(esx) == ALL


def test_the_same_files_registered_again_are_no_transient_domain(esx, sim, rig):
    made = esx.createXML(NEW)
    path = rig.vm("new01").config.files.vmPathName
    made.destroy()
    again = esx.registerDomain(path)
    assert MARK in options(sim, "new01")
    assert again.isPersistent() == 1
    again.create()
    again.destroy()
    assert names(esx) == ALL | {"new01"}


@pytest.mark.esx(model="vpx")
def test_a_clone_of_a_transient_domain_is_none(esx, sim, rig):
    web01 = esx.lookupByName("web01")
    rig.reconfigure("web01", extraConfig=mark_of(web01.ref, web01.UUIDString()).extraConfig)
    assert web01.isPersistent() == 0
    clone = esxdriver.clone(web01, "web02")
    assert options(sim, "web02")[MARK] == options(sim, "web01")[MARK]
    assert clone.isPersistent() == 1


def test_a_mark_that_somebody_writes_means_nothing(esx, rig):
    web01 = esx.lookupByName("web01")
    rig.reconfigure("db01", extraConfig=mark_of(web01.ref, web01.UUIDString()).extraConfig)
    assert names(esx, TRANSIENT) == set()
    esx.lookupByName("db01").destroy()
    assert names(esx) == ALL


def test_a_host_that_does_not_unregister_it_leaves_it_defined_and_says_so(esx, sim):
    made = esx.createXML(NEW)
    sim.fault("UnregisterVM", "fault", fault="ResourceInUse")
    text = failing(libvirt.VIR_ERR_RESOURCE_BUSY, made.destroy)
    assert "it was stopped, and stays defined: undefine it" in text
    assert made.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF
    made.undefine()
    assert names(esx) == ALL


# -- what a watch sees


@pytest.fixture
def events(esx):
    found = []

    def callback(_, domain, event, detail, __):
        found.append((domain.name(), event, detail))

    number = esx.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, callback, None)
    yield found
    esx.domainEventDeregisterAny(number)


STARTED = ("new01", libvirt.VIR_DOMAIN_EVENT_STARTED, libvirt.VIR_DOMAIN_EVENT_STARTED_BOOTED)
STOPPED = ("new01", libvirt.VIR_DOMAIN_EVENT_STOPPED, libvirt.VIR_DOMAIN_EVENT_STOPPED_DESTROYED)
GONE = ("new01", libvirt.VIR_DOMAIN_EVENT_UNDEFINED, libvirt.VIR_DOMAIN_EVENT_UNDEFINED_REMOVED)


def test_its_end_is_two_events(esx, events):
    made = esx.createXML(NEW)
    eventually(lambda: STARTED in events)
    made.destroy()
    eventually(lambda: GONE in events)
    assert events[-2:] == [STOPPED, GONE]


def test_the_watch_forgets_what_stops_by_itself(esx, events, rig):
    esx.createXML(NEW)
    eventually(lambda: STARTED in events)
    rig.vm("new01").PowerOffVM_Task()
    eventually(lambda: GONE in events)
    assert events[-2:] == [STOPPED, GONE]
    assert names(esx) == ALL


def test_the_watch_forgets_what_its_guest_has_shut_down(esx, events, sim):
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as other:
        other.createXML(NEW)
    eventually(lambda: STARTED in events)
    sim.guest("new01", tools=True)
    esx.lookupByName("new01").shutdown()
    eventually(lambda: GONE in events)
    assert names(esx) == ALL


@pytest.mark.usefixtures("events")
def test_who_only_looks_on_forgets_nothing(esx, sim):
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as other:
        made = other.createXML(NEW)
        sim.reset_calls()
        esx.lookupByName("new01").ref.PowerOffVM_Task()
        eventually(lambda: made.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF)
        time.sleep(0.1)
        assert "UnregisterVM" not in sim.calls()


def test_with_a_watch_nothing_is_asked_twice(esx):
    made = esx.createXML(NEW)
    with esxdriver.watch(esx):
        assert made.isPersistent() == 0
        calls = esx.backend.session.calls["RetrievePropertiesEx"]
        assert [made.isPersistent() for _ in range(5)] == [0] * 5
        assert esx.backend.session.calls["RetrievePropertiesEx"] == calls
