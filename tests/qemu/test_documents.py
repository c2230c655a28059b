"""Documents between libvirt's own words and this project's, both ways."""

import libvirt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esxdriver.conf.mapping.enums import DiskMode, DiskModeXML
from esxdriver.qemu import documents

REST = "<source file='/img/a.qcow2'/>\n      <target dev='vda' bus='virtio'/>"


def disk(attributes="", elements="", rest=REST, tag="type='file' device='disk'"):
    return f"<disk {tag}{attributes}>\n      {rest}{elements}\n    </disk>"


def domain(*disks):
    inner = "\n    ".join(disks)
    return (
        f"<domain type='qemu' id='1'>\n  <name>a</name>\n  <devices>\n    {inner}\n    <!-- <disk/> -->\n"
        "    <interface type='user'/>\n  </devices>\n</domain>\n"
    )


# libvirt's attributes and elements, and each style's.
TRANSIENT, SHARED = "\n      <transient/>", "\n      <transient shareBacking='yes'/>"
INDEPENDENT, NONPERSISTENT = "\n      <independent/>", "\n      <nonpersistent/>"
YES_YES, NO_YES = " snapshot='yes' persistent='yes'", " snapshot='no' persistent='yes'"
NO_NO, YES_NO = " snapshot='no' persistent='no'", " snapshot='yes' persistent='no'"
NO, EXTERNAL = " snapshot='no'", " snapshot='external'"

MODES = {  # by what libvirt stores: attributes, elements
    ("", ""): ((YES_YES, ""), ("", "")),
    (NO, ""): ((NO_YES, ""), ("", INDEPENDENT)),
    (NO, TRANSIENT): ((NO_NO, ""), ("", INDEPENDENT + NONPERSISTENT)),
    (EXTERNAL, TRANSIENT): ((YES_NO, ""), ("", NONPERSISTENT)),
    (" snapshot='internal'", ""): ((" snapshot='internal' persistent='yes'", ""), (" snapshot='internal'", "")),
    (EXTERNAL, ""): ((" snapshot='external' persistent='yes'", ""), (EXTERNAL, "")),
    (" snapshot='manual'", ""): ((" snapshot='manual' persistent='yes'", ""), (" snapshot='manual'", "")),
    (" snapshot='internal'", TRANSIENT): (
        (" snapshot='internal' persistent='no'", ""),
        (" snapshot='internal'", NONPERSISTENT),
    ),
    (NO, SHARED): ((NO_NO, SHARED), (NO, SHARED + INDEPENDENT + NONPERSISTENT)),
    (EXTERNAL, SHARED): ((YES_NO, SHARED), (EXTERNAL, SHARED + NONPERSISTENT)),
}


@pytest.mark.parametrize("style", [DiskModeXML.ATTRIBUTES, DiskModeXML.ELEMENTS])
@pytest.mark.parametrize("stored", MODES)
def test_a_mode_is_shown_in_the_style_that_is_asked_for_and_stored_as_it_was(stored, style):
    shown = MODES[stored][style is DiskModeXML.ELEMENTS]
    assert documents.shown(domain(disk(*stored)), style) == domain(disk(*shown))
    assert documents.stored(domain(disk(*shown))) == domain(disk(*stored))


@pytest.mark.parametrize("stored", MODES)
def test_libvirts_own_style_stays_byte_for_byte(stored):
    assert documents.shown(domain(disk(*stored)), DiskModeXML.LIBVIRT) == domain(disk(*stored))
    assert documents.stored(domain(disk(*stored))) == domain(disk(*stored))


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        (DiskModeXML.ATTRIBUTES, (YES_NO, "")),
        (DiskModeXML.ELEMENTS, ("", NONPERSISTENT)),
        (DiskModeXML.LIBVIRT, (EXTERNAL, TRANSIENT)),
    ],
)
def test_a_transient_disk_that_says_nothing_of_snapshots_joins_them_on_qemu(style, shown):
    assert documents.shown(domain(disk("", TRANSIENT)), style) == domain(disk(*shown))
    assert documents.stored(domain(disk(*shown))) == domain(disk(EXTERNAL, TRANSIENT))


@pytest.mark.parametrize(
    ("wanted", "stored"),
    [
        ((" snapshot='yes'", ""), ("", "")),
        ((" persistent='yes'", ""), ("", "")),
        ((" persistent='no'", ""), (EXTERNAL, TRANSIENT)),
        (("", TRANSIENT), (NO, TRANSIENT)),  # as on ESX
        ((NO, INDEPENDENT), (NO, "")),
        ((NO_NO, INDEPENDENT + NONPERSISTENT + TRANSIENT), (NO, TRANSIENT)),
        ((" persistent='no'", INDEPENDENT), (NO, TRANSIENT)),
        ((" snapshot='yes' persistent='yes'", "\n      <readonly/>"), (EXTERNAL, "\n      <readonly/>")),
        ((" persistent='yes'", "\n      <readonly/>"), ("", "\n      <readonly/>")),
    ],
)
def test_spellings_mix(wanted, stored):
    assert documents.stored(domain(disk(*wanted))) == domain(disk(*stored))


def test_a_read_only_disk_is_in_no_snapshot_unless_told():
    readonly = "\n      <readonly/>"
    assert documents.shown(domain(disk("", readonly))) == domain(disk(NO_YES, readonly))
    assert documents.shown(domain(disk(EXTERNAL, readonly))) == domain(disk(YES_YES, readonly))


CDROM = "type='file' device='cdrom'"


def test_drives_have_no_mode():
    text = domain(disk(tag=CDROM, elements="\n      <readonly/>"))
    assert documents.shown(text) == text
    assert documents.stored(domain(disk(YES_YES, "\n      <readonly/>", tag=CDROM))) == text


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (disk(NO_NO, "<readonly/>"), "CONFIG_UNSUPPORTED", "disk 'vda' (/img/a.qcow2): persistent='no' needs <transient/>, but it is read-only"),
        (disk(NO_NO, tag=CDROM), "CONFIG_UNSUPPORTED", "is a cdrom"),
        (disk(NO_NO, tag="type='file' device='floppy'"), "CONFIG_UNSUPPORTED", "is a floppy"),
        (disk(NO_NO, tag="type='block' device='lun'", rest="<source dev='/dev/x'/><target dev='sda'/>"), "CONFIG_UNSUPPORTED", "disk 'sda' (/dev/x): persistent='no' needs <transient/>, but it is a lun"),
        (disk(NO_NO, tag="type='block' device='disk'", rest="<source dev='/dev/x'/><target dev='sda'/>"), "CONFIG_UNSUPPORTED", "is of type 'block'"),
        (disk(NO_NO, tag="type='network' device='disk'", rest="<source protocol='nbd' name='x'/><target dev='sda'/>"), "CONFIG_UNSUPPORTED", "is of type 'network'"),
        (disk(NO_NO, rest="<target dev='sda'/>"), "CONFIG_UNSUPPORTED", "has no source"),
        (disk("", TRANSIENT, tag=CDROM), "CONFIG_UNSUPPORTED", "is a cdrom"),
        (disk(" snapshot='maybe'"), "XML_ERROR", "disk 'vda': invalid value 'maybe' for 'disk/@snapshot'"),
        (disk(" persistent='1'"), "XML_ERROR", "disk/@persistent"),
        (disk(" snapshot='yes'", INDEPENDENT), "XML_ERROR", "contradict"),
        (disk(" persistent='yes'", TRANSIENT), "XML_ERROR", "contradict"),
        (disk(" snapshot='external'", INDEPENDENT), "XML_ERROR", "contradict"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_or_cannot_be_is_refused_by_name(text, code, said):
    for document in (domain(disk(), text), text):
        with pytest.raises(libvirt.libvirtError) as raised:
            documents.stored(document)
        assert raised.value.get_error_code() == getattr(libvirt, f"VIR_ERR_{code}")
        assert said in str(raised.value)


@pytest.mark.parametrize("text", ["<pool type='dir'><disk/></pool>", "<interface type='user'/>", "<network/>",
                                  "<domain type='test'><name>no devices</name></domain>"])  # fmt: skip
def test_documents_without_disks_stay(text):
    assert documents.shown(text) == documents.stored(text) == text


SNAPSHOT = """<domainsnapshot>
  <name>s</name>
  <disks>
    <disk name='vda' snapshot='external' type='file'{vda}>
      <source file='/img/a.s'/>
    </disk>
    <disk name='vdb' snapshot='no'{vdb}/>
    <disk name='hdc' snapshot='no'/>
  </disks>
  {domain}  {inactive}</domainsnapshot>
"""


def test_a_snapshots_disks_say_whether_they_are_kept_and_its_domains_are_shown():
    vdb = REST.replace("vda", "vdb")
    cdrom = disk(tag=CDROM, rest="<target dev='hdc'/>")
    was = domain(disk(), disk(NO, TRANSIENT, rest=vdb), cdrom)
    shown = domain(disk(YES_YES), disk(NO_NO, rest=vdb), cdrom)

    def inactive(text):
        return text.replace("domain type", "inactiveDomain type").replace("/domain>", "/inactiveDomain>")

    theirs = SNAPSHOT.format(vda="", vdb="", domain=was, inactive=inactive(was))
    ours = SNAPSHOT.format(
        vda=" persistent='yes'", vdb=" persistent='no'", domain=shown, inactive=inactive(shown)
    )  # fmt: skip
    assert documents.shown(theirs) == ours
    assert documents.stored(ours) == theirs
    assert documents.shown(theirs, DiskModeXML.LIBVIRT) == theirs


@given(st.lists(st.sampled_from(sorted(MODES)), max_size=4), st.sampled_from(DiskModeXML))
def test_what_is_dumped_is_stored_as_it_was(modes, style):
    text = domain(*(disk(*each) for each in modes))
    assert documents.stored(documents.shown(text, style)) == text


@pytest.mark.parametrize("mode", DiskMode)
def test_every_row_of_the_table_goes_to_qemu_and_back(mode):
    snapshot, persistent = ("yes" if aspect else "no" for aspect in mode.aspects)
    stored = documents.stored(domain(disk(f" snapshot='{snapshot}' persistent='{persistent}'")))
    assert ("<transient/>" in stored) is not mode.persistent
    assert (f" snapshot='{mode.qemu}'" in stored) is (mode.qemu is not None)
    [found] = documents.read(stored)
    assert found.mode.aspects == mode.aspects
