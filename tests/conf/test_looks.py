"""Devices that are printed from a pattern stand there as if each word had been put into an element."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esxdriver.conf import domain_xml, looks, tree, xml
from esxdriver.conf.address import Bus
from esxdriver.conf.disk import Backing, DiskDef
from esxdriver.conf.domain import DEVICES
from esxdriver.conf.fields import dump
from esxdriver.conf.interface import InterfaceDef, Network
from esxdriver.conf.words import DiskModeSpelling
from tests.strategies import domains

SPELLING = DiskModeSpelling.ATTRIBUTES
ODD = ["%s", "100%", "{0}", "<&>'\"", "a\nb\tc\rd", "\ue0000\ue000", "\x00\x01", "a\x00b", " ", looks._MARK]


class Companion(xml.ElementSurface):
    """What a device says in <metadata>."""

    def __init__(self):
        super().__init__(tree.Element("companion"))


def put(tag, device, spelling):
    """Return a device's element and its companion's, each word put where it belongs."""
    companion = Companion()
    surface = xml.ElementSurface(tree.Element(tag), lambda _: companion, disk_mode=spelling)
    dump(device, surface)
    domain_xml._put_constants(device, surface)
    return tree.printed(surface.element, {}, frozenset(), 2).strip(), companion


def printed(tag, device, spelling):
    found = looks.printed_device(tag, device, spelling, 2, domain_xml._put_constants)
    companion = Companion()
    for path, word in found.companion():
        companion.put(path, word)
    return found.printed(2), companion


def assert_alike(tag, device, spelling=SPELLING):
    (expected, beside), (found, also) = put(tag, device, spelling), printed(tag, device, spelling)
    assert found == expected
    assert also.element.attributes == beside.element.attributes


@given(domains(), st.sampled_from(DiskModeSpelling))
def test_every_device(definition, spelling):
    for name, (tag, _) in DEVICES.items():
        for device in getattr(definition, name):
            assert_alike(tag, device, spelling)


@pytest.mark.parametrize("text", ODD)
def test_odd_texts(text):
    disk = DiskDef(backing=Backing.RDM, bus=Bus.SCSI, target="sda", source="x", lun=text)
    assert_alike("disk", disk)
    assert_alike("disk", replace(disk, source=text, target=text, lun=None))
    assert_alike("interface", InterfaceDef(network=Network.BRIDGE, source=text, mac=text))


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
    told = {name for name, _ in looks._slots(definition)}
    assert told == {each.name for each in fields(definition) if each.compare}
