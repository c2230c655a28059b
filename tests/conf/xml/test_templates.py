"""Devices that are printed from a pattern stand there as if each word had been put into an element."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from esxdriver.conf.devices.address import Bus
from esxdriver.conf.devices.disk import Backing, DiskDef
from esxdriver.conf.devices.graphics import GraphicsDef
from esxdriver.conf.devices.interface import InterfaceDef, Network
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.domain import DEVICES
from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.conf.mapping.fields import dump, facts
from esxdriver.conf.xml import surface as xml
from esxdriver.conf.xml import templates as looks
from esxdriver.conf.xml import tree
from tests.strategies import domains

SPELLING = DiskModeXML.ATTRIBUTES
ODD = [
    "%s",
    "100%",
    "{0}",
    "<&>'\"",
    "a\nb\tc\rd",
    f"{looks._MARK}0{looks._MARK}",
    "\x00\x01",
    "a\x00b",
    " ",
    looks._MARK,
]


class Companion(xml.ElementSurface):
    """What a device says in <metadata>."""

    def __init__(self):
        super().__init__(tree.Element("companion"))


def put(tag, device, spelling, level):
    """Return a device's element and its companion's, each word put where it belongs."""
    companion = Companion()
    surface = xml.ElementSurface(tree.Element(tag), lambda _: companion, disk_mode=spelling)
    dump(device, surface)
    domain_xml._put_constants(device, surface)
    return tree.printed(surface.element, {}, frozenset(), level).strip(), companion


def printed(tag, device, spelling, level):
    found = looks.printed_device(tag, device, spelling, 2, domain_xml._put_constants)
    companion = Companion()
    for path, word in found.companion():
        companion.put(path, word)
    return found.printed(level), companion


def assert_alike(tag, device, spelling=SPELLING, level=2):
    expected, beside = put(tag, device, spelling, level)
    found, also = printed(tag, device, spelling, level)
    assert found == expected
    assert also.element.attributes == beside.element.attributes


@given(domains(), st.sampled_from(DiskModeXML), st.sampled_from([2, 3]))
def test_every_device(definition, spelling, level):
    for name, (tag, _) in DEVICES.items():
        for device in getattr(definition, name):
            assert_alike(tag, device, spelling, level)


@pytest.mark.parametrize("text", ODD)
def test_odd_texts(text):
    disk = DiskDef(backing=Backing.RDM, bus=Bus.SCSI, target="sda", source="x", lun=text)
    assert_alike("disk", disk)
    assert_alike("disk", replace(disk, source=text, target=text, lun=None))
    assert_alike("interface", InterfaceDef(network=Network.BRIDGE, source=text, mac=text))
    assert_alike("graphics", GraphicsDef(listen=text, password=text, keymap=text))


def test_devices_that_differ_in_texts_alone_share_a_look():
    one = InterfaceDef(network=Network.BRIDGE, source="VM Network", mac="00:50:56:00:00:01")
    same = replace(one, source="DMZ", mac="00:50:56:00:00:02")
    other = replace(one, mac=None)
    found = [
        looks.printed_device("interface", each, SPELLING, 2, domain_xml._put_constants).look
        for each in (one, same, other)
    ]
    assert found[0] is found[1]
    assert found[0] is not found[2]


@pytest.mark.parametrize("definition", [kind for _, kind in DEVICES.values()], ids=lambda kind: kind.__name__)
def test_a_look_holds_all_that_tells_devices_apart(definition):
    assert {name for name, _ in facts(definition, "xml")} <= {name for name, _ in looks._slots(definition)}


@given(domains())
def test_a_domain_in_another_document_is_laid_out_for_its_place(definition):
    root = xml.new("domainsnapshot")
    root.element.append(domain_xml.element(replace(definition, foreign=()), domain_xml.Style()).element)
    lines = xml.text_of(root).removesuffix("\n").split("\n")
    parsed = etree.fromstring("\n".join(lines))
    etree.indent(parsed, "  ")
    expected = etree.tostring(parsed, encoding="unicode").split("\n")
    assert [len(line) - len(line.lstrip(" ")) for line in lines] == [
        len(line) - len(line.lstrip(" ")) for line in expected
    ]
