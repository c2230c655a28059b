"""Elements are edited as text: what is not edited stays, byte for byte."""

import libvirt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esxdriver.conf.xml.edit import Change, edited

DISK = {("domain", "devices", "disk")}


def within(disk, prolog=""):
    return f"{prolog}<domain type='x'>\n  <devices>\n    {disk}\n  </devices>\n</domain>\n"


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("<disk/>", Change({"a": "1"}), "<disk a='1'/>"),
        ("<disk a='0'/>", Change({"a": "1"}), "<disk a='1'/>"),
        ('<disk b="2"  a="0" />', Change({"a": "1"}), "<disk b=\"2\"  a='1' />"),
        ("<disk a='0' b='2'/>", Change({"a": None}), "<disk b='2'/>"),
        ("<disk b='2'\n  a='0'></disk>", Change({"a": None}), "<disk b='2'></disk>"),
        ("<disk b=' a=&quot;0&quot; >' />", Change({"a": "1"}), "<disk b=' a=&quot;0&quot; >' a='1' />"),
        ("<disk aa='0'/>", Change({"a": None}), "<disk aa='0'/>"),
        ("<disk/>", Change({"a": "'<&"}), "<disk a='&apos;&lt;&amp;'/>"),
        ("<disk/>", Change({}, {"t": True}), "<disk><t/></disk>"),
        ("<disk b='/'/>", Change({}, {"t": True}), "<disk b='/'><t/></disk>"),
        ("<disk></disk>", Change({}, {"t": True}), "<disk><t/></disk>"),
        ("<disk>\n  <s/>\n</disk>", Change({}, {"t": True}), "<disk>\n  <s/>\n  <t/>\n</disk>"),
        ("<disk>\n  <s/>\n  <t/>\n</disk>", Change({}, {"t": False}), "<disk>\n  <s/>\n</disk>"),
        ("<disk><t/><s/><t x='1'>y</t></disk>", Change({}, {"t": False}), "<disk><s/></disk>"),
        ("<disk><t x='1'/></disk>", Change({}, {"t": True}), "<disk><t x='1'/></disk>"),
        ("<disk><s><t/></s></disk>", Change({}, {"t": False}), "<disk><s><t/></s></disk>"),
        ("<disk><!-- <t/> --><s/></disk>", Change({}, {"t": False}), "<disk><!-- <t/> --><s/></disk>"),
        ("<disk><![CDATA[<t/>]]></disk>", Change({}, {"t": False}), "<disk><![CDATA[<t/>]]></disk>"),
        ("<disk xmlns='urn:other'/>", Change({"a": "1"}), "<disk xmlns='urn:other'/>"),
        ("<!-- <disk/> --><x><disk/></x>", Change({"a": "1"}), "<!-- <disk/> --><x><disk/></x>"),
        ("<disk b='ä€😀'/><name>ö</name>", Change({"a": "ß"}), "<disk b='ä€😀' a='ß'/><name>ö</name>"),
    ],
)
@pytest.mark.parametrize("prolog", ["", "<?xml version='1.0' encoding='latin-1'?>\n", "\ufeff", "<!-- é > -->\n"])
def test_a_change_touches_what_it_names_and_nothing_else(before, change, after, prolog):
    assert edited(within(before, prolog), DISK, lambda _: change) == within(after, prolog)


def test_each_element_is_changed_by_what_it_is():
    text = within("<disk n='1'/><disk n='2'/>")
    changed = edited(text, DISK, lambda disk: Change({"m": disk.get("@n")}))
    assert changed == within("<disk n='1' m='1'/><disk n='2' m='2'/>")


def test_an_element_within_another_of_its_kind_is_found_too():
    paths = {("a",), ("a", "a")}
    assert edited("<a><a/></a>", paths, lambda _: Change({"b": "1"})) == "<a b='1'><a b='1'/></a>"


@pytest.mark.parametrize("text", ["<domain>", "no document", "<!DOCTYPE domain [<!ENTITY a 'b'>]><domain/>", ""])
def test_what_is_no_document_is_refused(text):
    with pytest.raises(libvirt.libvirtError) as raised:
        edited(text, DISK, lambda _: Change())
    assert raised.value.get_error_code() == libvirt.VIR_ERR_XML_ERROR


VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=9)


@given(st.lists(st.tuples(st.sampled_from("abc"), VALUES), unique_by=lambda pair: pair[0]), VALUES)
def test_to_set_and_to_remove_again_leaves_the_text(attributes, value):
    def quoted(text):
        return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")

    text = within("<disk" + "".join(f' {name}="{quoted(said)}"' for name, said in attributes) + "/>")
    put = edited(text, DISK, lambda _: Change({"new": value}))
    assert edited(put, DISK, lambda _: Change({"new": None})) == text
