from dataclasses import replace
from pathlib import Path

import libvirt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.enums import DiskMode, DiskModeXML
from esxdriver.conf.mapping.states import PowerState
from esxdriver.conf.snapshot import xml as snapshot_xml
from esxdriver.conf.snapshot.snapshot import SnapshotDef, SnapshotDiskDef, settings
from tests.conf.snapshot.cases import disk, domain

SCHEMA = Path("/usr/share/libvirt/schemas/domainsnapshot.rng")

YES, NO = True, False


def document(inside):
    return f"<domainsnapshot><name>s</name>{inside}</domainsnapshot>"


def refusal(text):
    with pytest.raises(libvirt.libvirtError) as raised:
        snapshot_xml.parse(text)
    return raised.value


@pytest.mark.parametrize(
    ("element", "snapshot", "persistent"),
    [
        ("<disk name='sda'/>", None, None),
        ("<disk name='sda' snapshot='yes'/>", YES, None),
        ("<disk name='sda' snapshot='internal'/>", YES, None),
        ("<disk name='sda' snapshot='external'/>", YES, None),
        ("<disk name='sda' snapshot='external' type='file'/>", YES, None),
        ("<disk name='sda' snapshot='no'/>", NO, None),
        ("<disk name='sda' snapshot='no' persistent='yes'/>", NO, YES),
        ("<disk name='sda' snapshot='no' persistent='no'/>", NO, NO),
        ("<disk name='sda' persistent='no'/>", None, NO),
        ("<disk name='sda'><independent/></disk>", NO, None),
        ("<disk name='sda'><independent/><nonpersistent/></disk>", NO, NO),
        ("<disk name='sda' snapshot='no'><transient/></disk>", NO, NO),
    ],
)
def test_a_disks_setting_is_read_in_every_spelling(element, snapshot, persistent):
    said = snapshot_xml.parse(document(f"<disks>{element}</disks>")).disks
    assert said == (SnapshotDiskDef(name="sda", snapshot=snapshot, persistent=persistent),)


@pytest.mark.parametrize(
    ("inside", "memory"),
    [
        ("", None),
        ("<memory/>", None),
        ("<memory snapshot='no'/>", False),
        ("<memory snapshot='internal'/>", True),
        ("<memory snapshot='yes'/>", True),
    ],
)
def test_memory_is_read(inside, memory):
    assert snapshot_xml.parse(document(inside)).memory is memory


XML_ERROR, UNSUPPORTED = libvirt.VIR_ERR_XML_ERROR, libvirt.VIR_ERR_CONFIG_UNSUPPORTED


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", XML_ERROR, ""),
        ("<domainsnapshot>", XML_ERROR, "line 1"),
        ("<domain/>", XML_ERROR, "<domainsnapshot>"),
        ("<!DOCTYPE a><domainsnapshot/>", XML_ERROR, "DOCTYPE"),
        (document("<disks><disk/></disks>"), XML_ERROR, "name"),
        (document("<disks><disk name='sda' snapshot='maybe'/></disks>"), XML_ERROR, "maybe"),
        (document("<disks><disk name='sda' snapshot='yes'><independent/></disk></disks>"), XML_ERROR, "contradict"),
        (document("<disks><disk name='sda' snapshot='manual'/></disks>"), UNSUPPORTED, "manual"),
        (document("<disks><disk name='sda'><source file='/a'/></disk></disks>"), UNSUPPORTED, "<source>"),
        (document("<disks><disk name='sda'><driver type='qcow2'/></disk></disks>"), UNSUPPORTED, "<driver>"),
        (document("<disks><disk name='sda' type='block'/></disks>"), UNSUPPORTED, "block"),
        (document("<memory snapshot='perhaps'/>"), XML_ERROR, "perhaps"),
        (document("<memory snapshot='external' file='/a'/>"), UNSUPPORTED, "memory"),
        (document("<memory file='/a'/>"), UNSUPPORTED, "memory"),
    ],
)
def test_what_makes_no_sense_is_refused(text, code, words):
    raised = refusal(text)
    assert raised.get_error_code() == code
    assert words in str(raised)


# Line ends are normalised and other control characters forbidden by XML itself.
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1)


@given(NAMES, NAMES)
def test_names_and_descriptions_hold_any_character(name, description):
    written = snapshot_xml.format(SnapshotDef(name=name, description=description), Style())
    read = snapshot_xml.parse(written)
    assert (read.name, read.description) == (name, description)


def existing(*modes):
    was = domain(*(disk(f"sd{'abcdef'[unit]}", mode, unit=unit) for unit, mode in enumerate(modes)))
    return SnapshotDef(
        name="s", description="why", state=PowerState.RUNNING, parent="before", created=1700000000, memory=True,
        disks=settings(was), domain=was,
    )  # fmt: skip


@pytest.mark.parametrize("spelling", DiskModeXML)
@pytest.mark.parametrize("mode", DiskMode)
def test_a_dump_can_be_taken_again(mode, spelling):
    definition = existing(mode)
    said = snapshot_xml.parse(snapshot_xml.format(definition, Style(disk_mode=spelling)))
    wanted = SnapshotDiskDef(name="sda", snapshot=mode.snapshot, persistent=mode.persistent)
    assert len(said.disks) == 1
    assert said.disks[0].snapshot in (mode.snapshot, None)
    assert said.disks[0].persistent in (wanted.persistent, None)
    assert (said.name, said.description, said.memory) == ("s", "why", True)


def test_all_of_it_is_written():
    definition = existing(DiskMode.PERSISTENT, DiskMode.INDEPENDENT_NONPERSISTENT)
    root = etree.fromstring(snapshot_xml.format(definition, Style()))
    texts = {path: root.findtext(path) for path in ("name", "description", "state", "creationTime", "parent/name")}
    assert texts == {
        "name": "s", "description": "why", "state": "running", "creationTime": "1700000000", "parent/name": "before",
    }  # fmt: skip
    assert root.find("memory").attrib == {"snapshot": "internal"}
    assert [dict(each.attrib) for each in root.iterfind("disks/disk")] == [
        {"name": "sda", "snapshot": "yes", "persistent": "yes"},
        {"name": "sdb", "snapshot": "no", "persistent": "no"},
    ]
    assert root.findtext("domain/name") == "web01"
    assert [each.get("snapshot") for each in root.iterfind("domain/devices/disk")] == ["yes", "no"]


def test_a_domain_that_cannot_be_told_is_named_by_its_uuid():
    definition = replace(existing(DiskMode.PERSISTENT), domain=None, disks=())
    root = etree.fromstring(snapshot_xml.format(definition, Style(), "97a43ce7-31e1-441d-aa90-5291c6c4de6a"))
    assert root.findtext("domain/uuid") == "97a43ce7-31e1-441d-aa90-5291c6c4de6a"
    assert root.find("disks") is None


@pytest.fixture(scope="module")
def schema():
    if not SCHEMA.exists():
        pytest.skip("libvirt's schemas are not installed")
    return etree.RelaxNG(etree.parse(str(SCHEMA)))


@pytest.mark.parametrize("memory", [True, False])
@pytest.mark.parametrize("state", PowerState)
@pytest.mark.parametrize("mode", DiskMode)
def test_libvirts_spelling_passes_libvirts_schema(schema, mode, state, memory):
    definition = replace(existing(mode), state=state, memory=memory)
    written = etree.fromstring(snapshot_xml.format(definition, Style(disk_mode=DiskModeXML.LIBVIRT)))
    assert schema.validate(written), schema.error_log
