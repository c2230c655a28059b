"""Defining: a new domain, an edit in place, and nothing at all when nothing differs."""

import libvirt
import pytest
from lxml import etree

from esxdriver.vsphere.machine import match as matching
from tests.conf.documents import domain
from tests.helpers import failing

WRITES = {"ReconfigVM_Task", "CreateVM_Task", "UnregisterVM"}
NEW = domain(
    "<disk type='file' device='disk' snapshot='no'><source file='[datastore1] spare/spare-1.vmdk'/>"
    "<target dev='sda' bus='scsi'/></disk>"
    "<disk type='file' device='cdrom'><source file='[datastore1] iso/install.iso'/><target dev='hda' bus='ide'/></disk>"
    "<interface type='bridge'><mac address='00:50:56:00:00:07'/><source bridge='VM Network'/><model type='vmxnet3'/>"
    "</interface>",
    "<uuid>0b6c7e1e-6f4b-4a39-9c22-0e4f6a3f1c55</uuid><vcpu>2</vcpu>",
).replace("web01", "new01")


def edited(text, path, **attributes):
    """Return the document with attributes of the element at ``path`` changed; None takes one away."""
    document = etree.fromstring(text)
    element = document.find(path)
    for name, word in attributes.items():
        element.set(name, word) if word is not None else element.attrib.pop(name, None)
    return etree.tostring(document, encoding="unicode")


def writes(connection):
    return {name: count for name, count in connection.backend.session.calls.items() if name in WRITES}


@pytest.mark.parametrize("secure", [0, libvirt.VIR_DOMAIN_XML_SECURE])
def test_defining_a_dump_asks_for_no_change(esx, secure):
    for found in esx.listAllDomains():
        assert esx.defineXML(found.XMLDesc(secure)).UUIDString() == found.UUIDString()
    assert writes(esx) == {}


@pytest.mark.esx(model="vpx")
def test_nor_does_it_on_a_vcenter(esx):
    for found in esx.listAllDomains():
        esx.defineXML(found.XMLDesc())
    assert writes(esx) == {}


@pytest.mark.esx(uri_params="legacy_uuid=1&disk_mode=libvirt")
def test_nor_with_upstreams_uuids_and_spelling(esx):
    for found in esx.listAllDomains():
        esx.defineXML(found.XMLDesc())
    assert writes(esx) == {}


def test_the_devices_of_a_domain_are_matched_once(esx, monkeypatch):
    counted, once = [], matching._pairs
    monkeypatch.setattr(matching, "_pairs", lambda *devices: counted.append(1) or once(*devices))
    text = esx.lookupByName("web01").XMLDesc()
    esx.defineXML(edited(text, "devices/disk", snapshot="no", persistent="yes"))
    assert (len(counted), writes(esx)) == (1, {"ReconfigVM_Task": 1})
    esx.defineXML(NEW)
    assert len(counted) == 2


def test_a_mode_is_edited_in_place_by_one_reconfiguration(esx):
    text = esx.lookupByName("web01").XMLDesc()
    esx.defineXML(edited(text, "devices/disk", snapshot="no", persistent="yes"))
    assert writes(esx) == {"ReconfigVM_Task": 1}
    after = esx.lookupByName("web01").XMLDesc()
    assert after == text.replace("snapshot='yes' persistent='yes'", "snapshot='no' persistent='yes'", 1)


def test_a_new_domain_is_created_next_to_its_disk(esx):
    made = esx.defineXML(NEW)
    assert (made.name(), made.UUIDString()) == ("new01", "0b6c7e1e-6f4b-4a39-9c22-0e4f6a3f1c55")
    assert writes(esx) == {"CreateVM_Task": 1}
    text = made.XMLDesc()
    assert "snapshot='no' persistent='yes'" in text
    assert "00:50:56:00:00:07" in text
    esx.defineXML(text)
    assert writes(esx) == {"CreateVM_Task": 1}
    made.undefine()


def test_a_document_without_a_uuid_means_the_domain_of_that_name(esx):
    document = etree.fromstring(esx.lookupByName("web01").XMLDesc())
    document.remove(document.find("uuid"))
    document.find("description").text = "edited by name"
    esx.defineXML(etree.tostring(document, encoding="unicode"))
    assert "edited by name" in esx.lookupByName("web01").XMLDesc()


def test_an_outdated_mode_stays_while_another_fact_changes(esx):
    text = esx.lookupByName("old01").XMLDesc()
    assert "snapshot='yes' persistent='no'" in text
    esx.defineXML(text.replace("<vcpu placement='static'>1<", "<vcpu placement='static'>2<"))
    assert esx.lookupByName("old01").XMLDesc().count("snapshot='yes' persistent='no'") == 1


def test_a_name_or_uuid_that_is_taken_is_refused(esx):
    text = esx.lookupByName("web01").XMLDesc()
    other = "0b6c7e1e-6f4b-4a39-9c22-0e4f6a3f1c56"
    web01 = etree.fromstring(text).findtext("uuid")
    assert web01 in failing(libvirt.VIR_ERR_DOM_EXIST, esx.defineXML, text.replace(f"<uuid>{web01}", f"<uuid>{other}"))
    renamed = failing(libvirt.VIR_ERR_OPERATION_FAILED, esx.defineXML, text.replace("<name>web01", "<name>web99"))
    assert "domrename" in renamed
    assert writes(esx) == {}


def test_flags_of_a_definition(esx):
    assert "unsupported flags (0x2) in function" in failing(libvirt.VIR_ERR_INVALID_ARG, esx.defineXMLFlags, NEW, 2)
