"""How a disk's mode is spelled: three spellings, read in any mix that does not contradict itself."""

from dataclasses import replace

import libvirt
import pytest
from lxml import etree

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.enums import DiskMode, DiskModeXML
from tests.conf.documents import domain, failing

P, IP, IN, OLD = (
    DiskMode.PERSISTENT,
    DiskMode.INDEPENDENT_PERSISTENT,
    DiskMode.INDEPENDENT_NONPERSISTENT,
    DiskMode.NONPERSISTENT,
)

READ = [
    # attributes of <disk>               elements in it                       the mode
    ("", "", P),
    ("snapshot='yes'", "", P),
    ("persistent='yes'", "", P),
    ("snapshot='yes' persistent='yes'", "", P),
    ("snapshot='no'", "", IP),
    ("snapshot='no' persistent='yes'", "", IP),
    ("snapshot='no' persistent='no'", "", IN),
    ("persistent='no'", "", OLD),
    ("snapshot='yes' persistent='no'", "", OLD),
    ("", "<independent/>", IP),
    ("", "<independent/><nonpersistent/>", IN),
    ("", "<nonpersistent/>", OLD),
    ("snapshot='internal'", "", P),
    ("snapshot='external'", "", P),
    ("snapshot='no'", "<transient/>", IN),
    ("", "<transient/>", IN),
    ("snapshot='yes'", "<transient/>", OLD),
    ("snapshot='internal'", "<transient/>", OLD),
    ("snapshot='no'", "<independent/>", IP),
    ("persistent='no'", "<independent/>", IN),
    ("persistent='no'", "<independent/><transient/><nonpersistent/>", IN),
]

WRITTEN = [
    # spelling      mode  attributes                                elements
    ("attributes", P, {"snapshot": "yes", "persistent": "yes"}, []),
    ("attributes", IP, {"snapshot": "no", "persistent": "yes"}, []),
    ("attributes", IN, {"snapshot": "no", "persistent": "no"}, []),
    ("attributes", OLD, {"snapshot": "yes", "persistent": "no"}, []),
    ("elements", P, {}, []),
    ("elements", IP, {}, ["independent"]),
    ("elements", IN, {}, ["independent", "nonpersistent"]),
    ("elements", OLD, {}, ["nonpersistent"]),
    ("libvirt", P, {}, []),
    ("libvirt", IP, {"snapshot": "no"}, []),
    ("libvirt", IN, {"snapshot": "no"}, ["transient"]),
    ("libvirt", OLD, {"snapshot": "internal"}, ["transient"]),
]

REFUSED = [
    ("snapshot='maybe'", "", libvirt.VIR_ERR_XML_ERROR),
    ("persistent='0'", "", libvirt.VIR_ERR_XML_ERROR),
    ("snapshot='yes'", "<independent/>", libvirt.VIR_ERR_XML_ERROR),
    ("persistent='yes'", "<nonpersistent/>", libvirt.VIR_ERR_XML_ERROR),
    ("persistent='yes'", "<transient/>", libvirt.VIR_ERR_XML_ERROR),
    ("snapshot='internal'", "<independent/>", libvirt.VIR_ERR_XML_ERROR),
    ("snapshot='manual'", "", libvirt.VIR_ERR_CONFIG_UNSUPPORTED),
]


def _disk(attributes="", elements=""):
    return (
        f"<disk type='file' device='disk' {attributes}><source file='[ds] a/a.vmdk'/>"
        f"<target dev='sda' bus='scsi'/>{elements}</disk>"
    )


@pytest.mark.parametrize(("attributes", "elements", "mode"), READ)
def test_every_spelling_is_read(attributes, elements, mode):
    (disk,) = domain_xml.parse(domain(_disk(attributes, elements))).disks
    assert disk.mode is mode


@pytest.mark.parametrize(("spelling", "mode", "attributes", "elements"), WRITTEN)
def test_a_mode_is_written_in_the_spelling_asked_for(spelling, mode, attributes, elements):
    definition = domain_xml.parse(domain(_disk()))
    definition = _with_mode(definition, mode)
    text = domain_xml.format(definition, Style(disk_mode=DiskModeXML[spelling.upper()]))
    disk = etree.fromstring(text).find("devices/disk")
    spelled = {name: disk.get(name) for name in ("snapshot", "persistent") if disk.get(name)}
    assert spelled == attributes
    assert [child.tag for child in disk if child.tag in ("independent", "nonpersistent", "transient")] == elements
    assert domain_xml.parse(text).disks[0].mode is mode


@pytest.mark.parametrize("mode", DiskMode)
@pytest.mark.parametrize("spelling", DiskModeXML)
def test_every_mode_survives_every_spelling(spelling, mode):
    definition = _with_mode(domain_xml.parse(domain(_disk())), mode)
    assert domain_xml.parse(domain_xml.format(definition, Style(disk_mode=spelling))) == definition


def test_an_edit_of_the_attributes_outweighs_what_metadata_says_of_the_mode():
    text = domain_xml.format(_with_mode(domain_xml.parse(domain(_disk())), DiskMode.UNDOABLE))
    document = etree.fromstring(text)
    document.find("devices/disk").attrib.update({"snapshot": "no", "persistent": "yes"})
    assert domain_xml.parse(etree.tostring(document, encoding="unicode")).disks[0].mode is IP


@pytest.mark.parametrize(("attributes", "elements", "code"), REFUSED)
def test_what_has_no_meaning_is_refused_and_names_the_disk(attributes, elements, code):
    assert "sda" in failing(domain(_disk(attributes, elements)), code)


def test_cdroms_and_floppies_have_no_mode():
    text = domain("<disk type='file' device='cdrom'><target dev='hda' bus='ide'/></disk>")
    assert "snapshot=" not in domain_xml.format(domain_xml.parse(text))


def _with_mode(definition, mode):
    return replace(definition, disks=(replace(definition.disks[0], mode=mode),))
