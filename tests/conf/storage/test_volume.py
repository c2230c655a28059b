"""``<volume>``: what a document asks for, and the name that a new volume gets."""

import libvirt
import pytest

from esxdriver.conf.storage import volume
from esxdriver.conf.storage.volume import VolumeDef, VolumeFormat, check_name, new_name
from tests.helpers import failing

INVALID, UNSUPPORTED, XML = libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_CONFIG_UNSUPPORTED, libvirt.VIR_ERR_XML_ERROR
GIB = 2**30
VMDK, ISO, RAW = VolumeFormat


def a_volume(inner, name="a/a.vmdk"):
    return f"<volume><name>{name}</name>{inner}</volume>"


READ = [
    ("<capacity unit='G'>2</capacity>", {"capacity": 2 * GIB, "allocation": None, "is_thin": False}),
    ("<capacity>1048576</capacity><allocation>0</allocation>", {"capacity": 2**20, "is_thin": True}),
    ("<capacity unit='TiB'>1</capacity><allocation unit='G'>5</allocation>", {"capacity": 2**40, "is_thin": True}),
    ("<capacity unit='KB'>2</capacity><allocation unit='KB'>2</allocation>", {"capacity": 2000, "is_thin": False}),
    ("<target><path>/x</path><format type='iso'/></target>", {"format": ISO, "path": None, "capacity": None}),
]


@pytest.mark.parametrize(("inner", "facts"), READ)
def test_a_document_is_read(inner, facts):
    read = volume.parse(a_volume(inner))
    assert {name: getattr(read, name) for name in facts} == facts


REFUSED = [
    ("<capacity>-1</capacity>", XML),
    ("<capacity unit='parsec'>1</capacity>", XML),
    ("<capacity unit='EiB'>99</capacity>", XML),
    ("<capacity>many</capacity>", XML),
    ("<target><format type='qcow2'/></target>", UNSUPPORTED),
    ("<target><encryption format='luks'/></target>", UNSUPPORTED),
    ("<backingStore><path>/x</path></backingStore>", UNSUPPORTED),
]


@pytest.mark.parametrize(("inner", "code"), REFUSED)
def test_a_document_without_meaning_is_refused(inner, code):
    failing(code, volume.parse, a_volume(inner))


@pytest.mark.parametrize("text", ["<volume/>", "<volume type='dir'><name>a</name></volume>", "<pool/>"])
def test_what_is_no_files_document_is_refused(text):
    with pytest.raises(libvirt.libvirtError):
        volume.parse(text)


NAMES = [
    ("a/b.vmdk", VMDK, "a/b.vmdk"),
    ("a/b/c.vmdk", None, "a/b/c.vmdk"),
    ("a.vmdk", VMDK, "a/a.vmdk"),
    ("a", None, "a/a.vmdk"),
    ("a.img", RAW, "a/a.vmdk"),
    ("web 1.2", RAW, "web 1.2/web 1.2.vmdk"),
    ("iso/a.iso", None, "iso/a.iso"),
    ("a.iso", ISO, "a.iso"),
    ("a/b.flp", RAW, "a/b.flp"),
]


@pytest.mark.parametrize(("name", "kind", "made"), NAMES)
def test_a_new_volume_has_a_directory(name, kind, made):
    assert new_name(VolumeDef(name, format=kind)) == made


BAD = [
    ("../a.vmdk", None), ("a/../b.vmdk", None), ("/a.vmdk", None), ("a//b.vmdk", None), ("./a", None), (".", None),
    ("[ds] a/b.vmdk", None), ("a/", None), ("a/b", VMDK), ("a/b.qcow2", None), ("a/b.vmdk", ISO), ("a.iso", VMDK),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), BAD)
def test_a_bad_name_is_refused_and_named(name, kind):
    assert name in failing(INVALID, new_name, VolumeDef(name, format=kind))


def test_an_empty_name_is_none():
    failing(INVALID, check_name, "")


def test_a_volume_is_written_as_libvirt_has_it():
    assert volume.format(VolumeDef("a/b.vmdk", "key", 2, 1, "[ds] a/b.vmdk", VMDK)) == (
        "<volume type='file'>\n  <name>a/b.vmdk</name>\n  <key>key</key>\n  <source/>\n"
        "  <capacity unit='bytes'>2</capacity>\n  <allocation unit='bytes'>1</allocation>\n"
        "  <target>\n    <path>[ds] a/b.vmdk</path>\n    <format type='vmdk'/>\n  </target>\n</volume>\n"
    )
