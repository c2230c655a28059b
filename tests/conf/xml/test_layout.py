"""Every text stands in a document as it was, and every element where it belongs."""

from dataclasses import replace

import pytest
from hypothesis import given
from lxml import etree

from esxdriver.conf.devices.address import Bus
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.devices.graphics import GraphicsDef
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.conf.xml import surface as xml
from tests.conf.documents import domain
from tests.strategies import domains

ODD = ["%s", "100%", "{0}", "<&>'\"", "a\nb\tc\rd", "]]>", "&amp;", "\u2028", "\x85"]


@pytest.mark.parametrize("text", ODD)
def test_a_text_stands_as_it_was(text):
    disk = DiskDef(backing=Backing.RDM, bus=Bus.SCSI, target="sda", source=f"[ds] {text}/a.vmdk", lun=text)
    definition = replace(
        domain_xml.parse(domain()),
        title=text,
        disks=(disk,),
        graphics=(GraphicsDef(listen=text, password=text, keymap=text),),
        options={text: text},
    )
    document = domain_xml.format(definition, Style(secure=True))
    (again,) = domain_xml.parse(document).disks
    assert (again.source, again.lun) == (disk.source, text)
    assert domain_xml.parse(document).graphics == definition.graphics
    assert domain_xml.parse(document).options == {text: text}
    assert domain_xml.parse(document).title == text


@pytest.mark.parametrize(("text", "left"), [("\x00\x01", ""), ("a\x00b", "ab"), ("\ufffe", ""), ("a\x1bb", "ab")])
def test_what_no_document_can_hold_is_left_out(text, left):
    root = xml.new("domain")
    root.put("@id", text)
    assert etree.fromstring(xml.text_of(root)).get("id") == left


@given(domains())
def test_a_domain_in_another_document_is_laid_out_for_its_place(definition):
    root = xml.new("domainsnapshot")
    root.element.append(domain_xml.element(replace(definition, foreign=()), Style()).element)
    lines = xml.text_of(root).removesuffix("\n").split("\n")
    parsed = etree.fromstring("\n".join(lines))
    etree.indent(parsed, "  ")
    expected = etree.tostring(parsed, encoding="unicode").split("\n")
    assert [len(line) - len(line.lstrip(" ")) for line in lines] == [
        len(line) - len(line.lstrip(" ")) for line in expected
    ]
