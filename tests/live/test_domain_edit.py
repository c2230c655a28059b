"""Disks that grow, descriptions, titles and other applications' metadata: set, read back, refused."""

import libvirt
import pytest
from lxml import etree

from esxdriver.conf.mapping.enums import DiskMode
from tests.driver.test_define import writes
from tests.helpers import failing
from tests.live.test_devices import disk

pytestmark = pytest.mark.live

GIB = 2**30
BYTES = libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES
DESCRIPTION, TITLE, ELEMENT = 0, 1, 2


@pytest.mark.parametrize("name", ["web01", "db01"])
def test_a_disk_grows_and_keeps_its_mode(esx, name):
    domain = esx.lookupByName(name)
    before = domain.XMLDesc()
    for target in [
        each.get("dev") for each in etree.fromstring(before).iterfind("devices/disk[@device='disk']/target")
    ]:
        capacity = domain.blockInfo(target)[0]
        domain.blockResize(target, (capacity + GIB) // 1024)
        assert domain.blockInfo(target)[0] == capacity + GIB
        domain.blockResize(target, capacity + 2 * GIB, BYTES)
        domain.blockResize(target, capacity + 2 * GIB, BYTES)
        assert domain.blockInfo(target)[0] == capacity + 2 * GIB
    assert domain.XMLDesc() == before
    assert writes(esx) == {"ReconfigVM_Task": 6}  # nothing is asked for the size that it has


RESIZES = [
    ("web01", "sda", 1, BYTES, libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "cannot shrink"),
    ("web01", "sdz", GIB, 0, libvirt.VIR_ERR_INVALID_ARG, "no disk of the domain; it has sda, sdb"),
    ("web01", "", GIB, 0, libvirt.VIR_ERR_INVALID_ARG, "invalid path"),
    ("web01", "hdc", GIB, 0, libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "no hard disk"),
    ("web01", "sda", 0, 0, libvirt.VIR_ERR_INVALID_ARG, "0 bytes"),
    ("web01", "sda", 2**63, 0, libvirt.VIR_ERR_INVALID_ARG, "no disk can have that"),
    ("web01", "sda", GIB, 16, libvirt.VIR_ERR_INVALID_ARG, "unsupported flags"),
    ("snap01", "sda", GIB, 0, libvirt.VIR_ERR_OPERATION_INVALID, "snapshot-delete"),
]


@pytest.mark.parametrize(("name", "target", "size", "flags", "code", "said"), RESIZES)
def test_a_size_that_cannot_be_is_refused(esx, sim, name, target, size, flags, code, said):
    domain, before = esx.lookupByName(name), sim.inventory()
    if target == "hdc":
        target = etree.fromstring(domain.XMLDesc()).find("devices/disk[@device='cdrom']/target").get("dev")
    assert said in failing(code, domain.blockResize, target, size, flags)
    assert sim.inventory() == before


def test_a_disk_that_no_snapshot_holds_grows_under_snapshots(esx):
    snap01 = esx.lookupByName("snap01")
    snap01.attachDeviceFlags(disk("sdf", mode=DiskMode.PERSISTENT))
    capacity = snap01.blockInfo("sdf")[0]
    snap01.blockResize("sdf", capacity + GIB, BYTES)
    assert snap01.blockInfo("sdf")[0] == capacity + GIB


@pytest.mark.parametrize("name", ["web01", "db01"])
@pytest.mark.parametrize(("kind", "text"), [(DESCRIPTION, "first\nsecond <&>"), (TITLE, 'Über <&> "all"')])
def test_description_and_title_come_and_go(esx, name, kind, text):
    domain, before = esx.lookupByName(name), esx.lookupByName(name).XMLDesc()
    domain.setMetadata(kind, text, None, None, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    assert domain.metadata(kind, None) == text
    assert etree.fromstring(domain.XMLDesc()).findtext(("description", "title")[kind]) == text
    domain.setMetadata(kind, None, None, None)
    failing(libvirt.VIR_ERR_NO_DOMAIN_METADATA, domain.metadata, kind, None)
    assert without(domain.XMLDesc(), ("description", "title")[kind]) == without(before, ("description", "title")[kind])


def without(text, name):
    document = etree.fromstring(text)
    for each in document.findall(name):
        document.remove(each)
    return etree.tostring(document)


def test_an_element_of_an_application_comes_changes_and_goes(esx):
    web01, before = esx.lookupByName("web01"), esx.lookupByName("web01").XMLDesc()
    for text in ("<app owner='me'><name>web &amp; co</name></app>", "<app owner='you'></app>"):
        web01.setMetadata(ELEMENT, text, "my", "http://my.example/1")
        web01.setMetadata(ELEMENT, "<other></other>", "o", "http://other.example/")
        assert etree.canonicalize(web01.metadata(ELEMENT, "http://my.example/1")) == etree.canonicalize(text)
        assert etree.fromstring(web01.XMLDesc()).find("metadata/{http://my.example/1}app") is not None
    web01.setMetadata(ELEMENT, None, None, "http://my.example/1")
    failing(libvirt.VIR_ERR_NO_DOMAIN_METADATA, web01.metadata, ELEMENT, "http://my.example/1")
    assert web01.metadata(ELEMENT, "http://other.example/") == "<other></other>"
    web01.setMetadata(ELEMENT, None, None, "http://other.example/")
    assert web01.XMLDesc() == before


ARGUMENT, XML = libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_XML_ERROR
UNFIT = [
    ((TITLE, "a\nb", None, None), ARGUMENT),
    ((ELEMENT, "<a/>", None, "u:x"), ARGUMENT),
    ((ELEMENT, "<a/>", "k", None), ARGUMENT),
    ((ELEMENT, "<a/>", "k", "urn:x-esxdriver:domain:1"), ARGUMENT),
    ((ELEMENT, "<a", "k", "u:x"), XML),
    ((ELEMENT, "<a/>", "not a name", "u:x"), XML),
    ((ELEMENT, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "k", "u:x"), XML),
    ((7, "x", None, None), ARGUMENT),
    ((DESCRIPTION, "x", None, None, 8), ARGUMENT),
    ((DESCRIPTION, "x", None, None, libvirt.VIR_DOMAIN_AFFECT_LIVE), libvirt.VIR_ERR_OPERATION_INVALID),
]


@pytest.mark.parametrize(("arguments", "code"), UNFIT)
def test_metadata_that_cannot_be_is_refused(esx, arguments, code):
    failing(code, esx.lookupByName("web01").setMetadata, *arguments)
    assert writes(esx) == {}
