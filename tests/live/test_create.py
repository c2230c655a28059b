"""Domains that are defined and started at once, and those that start with their host."""

import libvirt
import pytest
from lxml import etree

from tests.driver.test_define import NEW, writes
from tests.helpers import failing
from tests.live.rig import Rig

pytestmark = pytest.mark.live


def test_a_new_domain_is_defined_and_started(esx):
    made = esx.createXML(NEW)
    assert (made.name(), made.state()[0], made.isActive()) == ("new01", libvirt.VIR_DOMAIN_RUNNING, 1)
    assert made.ID() > 0
    assert esx.defineXML(made.XMLDesc()).UUIDString() == made.UUIDString()  # as virt-install does afterwards
    made.destroy()
    assert esx.lookupByName("new01").isPersistent() == 1


def test_a_domain_that_is_off_is_started(esx):
    assert esx.createXML(esx.lookupByName("web01").XMLDesc()).isActive()
    assert "CreateVM_Task" not in writes(esx)


def test_a_domain_that_is_active_is_refused_and_unchanged(esx, sim):
    text = esx.lookupByName("db01").XMLDesc().replace("<description>database", "<description>other")
    before = sim.inventory()
    assert "already active" in failing(libvirt.VIR_ERR_OPERATION_INVALID, esx.createXML, text)
    assert sim.inventory() == before


def test_flags_of_starting_are_refused_before_anything_is_made(esx, sim):
    before = sim.inventory()
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.createXML, NEW, libvirt.VIR_DOMAIN_START_PAUSED)
    failing(libvirt.VIR_ERR_XML_ERROR, esx.createXML, "<domain", 0)
    assert sim.inventory() == before


def test_a_new_domain_that_cannot_start_does_not_stay(esx, sim):
    names = {each.name() for each in esx.listAllDomains()}
    sim.fault("PowerOnVM_Task", "fault", fault="InsufficientResourcesFault")
    failing(libvirt.VIR_ERR_OPERATION_FAILED, esx.createXML, NEW)
    assert {each.name() for each in esx.listAllDomains()} == names


def test_a_domain_starts_with_its_host_or_not(esx):
    web01, db01 = esx.lookupByName("web01"), esx.lookupByName("db01")
    assert web01.autostart() == 0
    web01.setAutostart(1)
    db01.setAutostart(1)
    assert (web01.autostart(), db01.autostart()) == (1, 1)
    assert {each.name() for each in esx.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)} == {"web01", "db01"}
    calls = esx.backend.session.calls["ReconfigureAutostart"]
    web01.setAutostart(1)
    web01.setAutostart(0)
    web01.setAutostart(0)
    assert (web01.autostart(), db01.autostart()) == (0, 1)
    assert esx.backend.session.calls["ReconfigureAutostart"] == calls + 1  # nothing is asked for what is so


def test_nobody_elses_domains_start_with_the_host(esx, sim):
    esx.lookupByName("db01").setAutostart(1)
    with Rig(sim) as rig:
        manager = rig.all(type(rig.vm("db01").runtime.host))[0].configManager.autoStartManager
        spec = manager.config
        spec.defaults.enabled, spec.powerInfo = False, []
        manager.ReconfigureAutostart(spec)
    web01 = esx.lookupByName("web01")
    assert "others are on its list" in failing(libvirt.VIR_ERR_OPERATION_INVALID, web01.setAutostart, 1)
    assert (web01.autostart(), esx.lookupByName("db01").autostart()) == (0, 0)


def test_an_undefined_domain_is_known_again_with_its_modes(esx):
    web01 = esx.lookupByName("web01")
    text = web01.XMLDesc()
    web01.undefine()
    again = esx.registerDomain("[datastore1] web01/web01.vmx")
    assert again.name() == "web01"
    found = [(each.get("snapshot"), each.get("persistent")) for each in etree.fromstring(again.XMLDesc()).iter("disk")]
    assert found == [(each.get("snapshot"), each.get("persistent")) for each in etree.fromstring(text).iter("disk")]
    assert ("no", "no") in found


NOT_REGISTERED = [
    ("[datastore1] db01/db01.vmx", libvirt.VIR_ERR_DOM_EXIST),
    ("[datastore1] nosuch/nosuch.vmx", libvirt.VIR_ERR_NO_STORAGE_VOL),
    ("[nosuch] web01/web01.vmx", libvirt.VIR_ERR_NO_STORAGE_POOL),
    ("[datastore1] web01/web01.vmdk", libvirt.VIR_ERR_INVALID_ARG),
    ("/tmp/web01.vmx", libvirt.VIR_ERR_INVALID_ARG),
    ("", libvirt.VIR_ERR_INVALID_ARG),
]


@pytest.mark.parametrize(("path", "code"), NOT_REGISTERED)
def test_what_cannot_be_registered_is_refused(esx, sim, path, code):
    before = sim.inventory()
    failing(code, esx.registerDomain, path)
    assert sim.inventory() == before
