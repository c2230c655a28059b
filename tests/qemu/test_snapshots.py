"""Snapshots by QEMU's rules: the domain's modes are presets, which a snapshot overrides."""

import re

import libvirt
import pytest

from esxdriver.conf.mapping.states import PowerState
from esxdriver.qemu import documents, outcome, snapshots
from tests.helpers import failing
from tests.qemu.conftest import WEB01

RUNNING, SHUTOFF = PowerState.RUNNING, PowerState.SHUTOFF
DISK_ONLY = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
CDROM = "<disk type='file' device='cdrom'><target dev='hdc'/><readonly/></disk>"
MODES = {
    "yes/yes": "<disk type='file' device='disk'>{}</disk>",
    "no/yes": "<disk type='file' device='disk' snapshot='no'>{}</disk>",
    "no/no": "<disk type='file' device='disk' snapshot='no'>{}<transient/></disk>",
    "yes/no": "<disk type='file' device='disk' snapshot='external'>{}<transient/></disk>",
    "read-only": "<disk type='file' device='disk'>{}<readonly/></disk>",
}


def having(*modes):
    """Return the disks of a domain: vda, vdb... of these modes, and an empty CD-ROM drive."""
    named = [f"<source file='/img/{letter}'/><target dev='vd{letter}'/>" for letter in "abcde"]
    hard = "".join(MODES[mode].format(each) for mode, each in zip(modes, named, strict=False))
    return documents.read(f"<domain><devices>{hard}{CDROM}</devices></domain>")


def document(disks="", memory=""):
    return f"<domainsnapshot>\n  <name>s</name>\n  {memory}<disks>{disks}</disks>\n</domainsnapshot>"


def listed(text):
    return re.findall(r"<disk (.*?)/>", text)


# -- presets and overrides


@pytest.mark.parametrize(
    ("disks", "flags", "inside", "asked"),
    [
        ("", DISK_ONLY, "a", []),
        ("<disk name='vdb' snapshot='yes'/>", DISK_ONLY, "ab", ["name='vdb' snapshot='external'"]),
        ("<disk name='/img/b' snapshot='yes'/>", DISK_ONLY, "ab", ["name='/img/b' snapshot='external'"]),
        ("<disk name='vdb' snapshot='external'/>", DISK_ONLY, "ab", ["name='vdb' snapshot='external'"]),
        ("<disk name='vda' snapshot='no'/><disk name='vdb' snapshot='yes'/>", DISK_ONLY, "b", ["name='vda' snapshot='no'", "name='vdb' snapshot='external'"]),
        ("<disk name='vdb' persistent='yes'/>", DISK_ONLY, "a", ["name='vdb'"]),
        ("<disk name='vda' snapshot='manual'/><disk name='vdb' snapshot='yes'/>", DISK_ONLY, "b", ["name='vda' snapshot='manual'", "name='vdb' snapshot='external'"]),
        ("<disk name='vdb' snapshot='yes' persistent='yes'/><disk name='hdc' snapshot='no'/>", 0, "ab", ["name='vdb' snapshot='internal'", "name='hdc' snapshot='no'"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("state", [RUNNING, SHUTOFF])
def test_what_is_not_listed_goes_by_the_domain_and_an_override_is_honoured(disks, flags, inside, asked, state):
    found = snapshots.wanted(document(disks), flags, having("yes/yes", "no/yes"), state)
    assert "".join(each.name[-1] for each in found.definition.disks if each.snapshot) == inside
    assert listed(found.text) == asked
    assert found.flags == flags


@pytest.mark.parametrize(
    ("memory", "flags", "state", "asked_memory", "asked_flags", "yes"),
    [
        ("", 0, RUNNING, "", 0, "internal"),
        ("<memory snapshot='yes'/>", 0, RUNNING, "<memory snapshot='internal'/>", 0, "internal"),
        ("<memory snapshot='no'/>", 0, RUNNING, "<memory snapshot='no'/>", DISK_ONLY, "external"),  # as on ESX
        ("<memory snapshot='no'/>", 0, SHUTOFF, "<memory snapshot='no'/>", 0, "internal"),
        ("<memory snapshot='external' file='/m'/>", 0, RUNNING, "<memory snapshot='external' file='/m'/>", 0, "external"),
        ("<memory file='/m'/>", 0, RUNNING, "<memory file='/m'/>", 0, "external"),
    ],
)  # fmt: skip
def test_yes_is_where_libvirt_would_put_it(memory, flags, state, asked_memory, asked_flags, yes):
    text = document("<disk name='vda' snapshot='yes'/>", memory)
    found = snapshots.wanted(text, flags, having("yes/yes"), state)
    assert listed(found.text.replace(asked_memory, "", 1)) == [f"name='vda' snapshot='{yes}'"]
    assert asked_memory in found.text
    assert found.flags == asked_flags


@pytest.mark.parametrize(
    ("spelled", "inside"), [("<independent/>", ""), ("<nonpersistent/>", "a"), ("<transient/>", "")]
)
def test_the_other_spellings_are_read_in_a_snapshot_too(spelled, inside):
    disks = having("yes/no", "yes/yes")
    found = snapshots.wanted(document(f"<disk name='vda'>{spelled}</disk>"), DISK_ONLY, disks, SHUTOFF)
    assert "".join(each.name[-1] for each in found.definition.disks if each.snapshot) == inside + "b"
    assert spelled not in found.text


# -- refusals, before libvirt is asked

OUTSIDE = "memory cannot be in a snapshot of a domain with independent disks, {}: take it without memory (--disk-only"


@pytest.mark.parametrize(
    ("modes", "text", "flags", "state", "code", "said"),
    [
        (["yes/yes", "no/yes"], document(), 0, RUNNING, "CONFIG_UNSUPPORTED", OUTSIDE.format("vdb (independent_persistent)")),
        (["no/no", "no/yes"], document(), 0, RUNNING, "CONFIG_UNSUPPORTED", OUTSIDE.format("vda (independent_nonpersistent), vdb (independent_persistent)")),
        (["yes/yes"], document("<disk name='vda' snapshot='no'/>"), 0, RUNNING, "CONFIG_UNSUPPORTED", OUTSIDE.format("vda (independent_persistent)")),
        (["yes/yes", "no/yes"], document(), 0, SHUTOFF, "CONFIG_UNSUPPORTED", "QEMU leaves no disk out of a full snapshot, as it would vdb (independent_persistent): take it of disks only"),
        (["yes/yes", "yes/no"], document(), 0, RUNNING, "CONFIG_UNSUPPORTED", "disk 'vdb' (/img/b): QEMU takes no snapshot of a transient disk (persistent='no') while the domain runs: leave it out"),
        (["yes/yes", "yes/no"], document(), DISK_ONLY, RUNNING, "CONFIG_UNSUPPORTED", "disk 'vdb' (/img/b): QEMU takes no snapshot"),
        (["yes/yes", "no/no"], document("<disk name='vdb' snapshot='yes'/>"), DISK_ONLY, RUNNING, "CONFIG_UNSUPPORTED", "disk 'vdb' (/img/b): QEMU takes no snapshot"),
        (["yes/yes", "no/no"], document(memory="<memory snapshot='external' file='/m'/>"), 0, RUNNING, "CONFIG_UNSUPPORTED", "disk 'vdb' (/img/b): QEMU saves no memory to a file beside"),
        (["no/yes", "no/no"], document(), DISK_ONLY, RUNNING, "CONFIG_UNSUPPORTED", "nothing of the domain would be in the snapshot: all its disks are left out, vda (independent_persistent), vdb (independent_nonpersistent)"),
        ([], document(), DISK_ONLY, SHUTOFF, "CONFIG_UNSUPPORTED", "it has no hard disk"),
        (["yes/yes"], document(memory="<memory snapshot='internal'/>"), 0, SHUTOFF, "OPERATION_INVALID", "the domain is shut off and has none to save"),
        (["yes/yes"], document(memory="<memory snapshot='internal'/>"), DISK_ONLY, RUNNING, "XML_ERROR", "cannot be in a snapshot of disks only"),
        (["yes/yes"], document(memory="<memory snapshot='some'/>"), 0, RUNNING, "XML_ERROR", "QEMU has no, internal, external, yes"),
        (["yes/yes"], document("<disk name='sdz' snapshot='no'/>"), 0, RUNNING, "XML_ERROR", "no disk 'sdz'; the domain has: vda, hdc"),
        (["yes/yes"], document("<disk snapshot='no'/>"), 0, RUNNING, "XML_ERROR", "no disk ''"),
        (["yes/yes"], document("<disk name='vda'/><disk name='/img/a'/>"), 0, RUNNING, "XML_ERROR", "disk 'vda' is listed twice"),
        (["yes/yes"], document("<disk name='vda' snapshot='maybe'/>"), 0, RUNNING, "XML_ERROR", "disk 'vda': invalid value 'maybe'"),
        (["yes/yes"], document("<disk name='vda' persistent='no'/>"), 0, RUNNING, "XML_ERROR", "disk 'vda' (/img/a): a snapshot cannot change whether a disk is kept"),
        (["no/no"], document("<disk name='vda' persistent='yes'/>"), DISK_ONLY, RUNNING, "XML_ERROR", "persistent='no': QEMU has no value"),
        (["yes/yes"], document("<disk name='vda' snapshot='yes'><independent/></disk>"), 0, RUNNING, "XML_ERROR", "contradict"),
        (["yes/yes"], "<domain/>", 0, RUNNING, "XML_ERROR", "expecting <domainsnapshot>"),
    ],
)  # fmt: skip
def test_what_qemu_refuses_is_refused_before_it_is_asked(modes, text, flags, state, code, said):
    disks = having(*modes)
    assert said in failing(getattr(libvirt, f"VIR_ERR_{code}"), snapshots.wanted, text, flags, disks, state)


@pytest.mark.parametrize(
    ("modes", "flags", "state"),
    [
        (["yes/yes", "read-only"], 0, RUNNING),  # there is nothing to take of it
        (["yes/yes", "no/no"], DISK_ONLY, RUNNING),
        (["yes/yes", "yes/no"], DISK_ONLY, SHUTOFF),
        ([], 0, RUNNING),
    ],
)
def test_what_qemu_takes_is_not_refused(modes, flags, state):
    assert snapshots.wanted(document(), flags, having(*modes), state).text == document()


# -- what becomes of the disks

EFFECTS = {
    "a": "goes back to what it held then: all changes since are lost",
    "b": "is untouched: it is not in snapshots",
    "c": "loses its changes since the domain was started: it is not in snapshots, and not kept",
}


def existing(was, listed=""):
    domain = WEB01 if was is None else was
    return f"<domainsnapshot><name>s</name><disks>{listed}</disks><domain>{domain}</domain></domainsnapshot>"


def effects(outcomes):
    return {each.target: each.effect.value.partition(":")[0] for each in outcomes}


LISTED = "<disk name='vda' snapshot='{}'/><disk name='vdb' snapshot='{}'/><disk name='vdc' snapshot='no'/>"
BACK, SAME, LOST = (text.partition(":")[0] for text in EFFECTS.values())


@pytest.mark.parametrize(
    ("listed", "reverted", "deleted"),
    [
        ("", [BACK, SAME, LOST], ["keeps what it holds now", SAME, SAME]),
        (LISTED.format("external", "no"), [BACK, SAME, LOST], ["keeps what it holds now", SAME, SAME]),
        (LISTED.format("no", "internal"), [SAME, BACK, LOST], [SAME, "keeps what it holds now", SAME]),
        (LISTED.format("manual", "no"), [SAME, SAME, LOST], [SAME, SAME, SAME]),
    ],
)
def test_what_becomes_of_a_disk_goes_by_the_snapshots_own_list(listed, reverted, deleted):
    text = existing(None, listed)
    disks = documents.read_snapshot(text)
    held = snapshots.held(text, disks)
    assert list(effects(outcome.reverted(disks, disks, held)).values()) == reverted
    assert list(effects(outcome.deleted(disks, held)).values()) == deleted


def test_disks_that_came_or_went_since_are_told():
    now, then = having("yes/yes", "no/yes"), having("yes/yes")
    held = {"vda": True}
    assert (
        effects(outcome.reverted(now, then, held))["vdb"]
        == "leaves the domain, which did not have it then; its file stays"
    )
    assert effects(outcome.reverted(then, now, held))["vdb"] == "comes back to the domain, which had it then"


# -- through the connection, with libvirt's test driver


def test_a_snapshot_is_taken_previewed_and_reverted(web01):
    failing(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, web01.snapshotCreateXML, document())
    assert web01.snapshotNum() == 0
    plain = web01.connect().lookupByName("plain")
    taken = plain.snapshotCreateXML("<domainsnapshot><name>s</name></domainsnapshot>")
    assert (taken.getName(), taken.revertPreview(), taken.deletePreview()) == ("s", [], [])
    assert plain.revertToSnapshot(taken) == 0
    assert taken.delete(progress=None) == 0


def test_a_preview_takes_nothing_and_shows_each_disk(web01):
    preview = web01.snapshotPreviewXML(document("<disk name='vdb' snapshot='yes'/>"), DISK_ONLY)
    assert listed(preview) == [
        "name='vda' snapshot='yes' persistent='yes'",
        "name='vdb' snapshot='yes' persistent='yes'",
        "name='vdc' snapshot='no' persistent='no'",
    ]
    assert "<memory snapshot='no'/>" in preview
    assert web01.snapshotNum() == 0


def test_a_redefinition_is_libvirts_own_matter(web01):
    text = existing(web01.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE), LISTED.format("internal", "no"))
    text = re.sub(r"<domain>(<domain.*</domain>)\n</domain>", r"\1", text, flags=re.DOTALL)
    text = text.replace("<name>s</name>", "<name>s</name><state>shutoff</state><creationTime>5</creationTime>", 1)
    snapshot = web01.snapshotCreateXML(text, libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE)
    assert "<disk name='vdc' snapshot='no' persistent='no'/>" in snapshot.getXMLDesc()
    assert snapshot.real.getXMLDesc().count("<transient/>") == 1
    assert effects(snapshot.revertPreview()) == {"vda": BACK, "vdb": SAME, "vdc": LOST}


def test_the_tree_is_walked_and_libvirts_filters_hold(web01):
    plain = web01.connect().lookupByName("plain")
    for name in ("one", "two", "three"):
        plain.snapshotCreateXML(f"<domainsnapshot><name>{name}</name></domainsnapshot>")
    tree = plain.snapshot_tree()
    assert [(each.name, each.above and each.above.name, each.leaf) for each in tree.snapshots] == [
        ("one", None, False), ("two", "one", False), ("three", "two", True),
    ]  # fmt: skip
    assert tree.current is tree.named("three")
    assert {each.definition.state for each in tree.snapshots} == {RUNNING}
    assert plain.snapshotLookupByName("two").found() == tree.named("two")
    assert plain.snapshotNames(None, libvirt.VIR_DOMAIN_SNAPSHOT_LIST_LEAVES) == {"three"}
    assert plain.snapshotNames("one", 0) == {"two"}
    assert plain.snapshotNames("one", libvirt.VIR_DOMAIN_SNAPSHOT_LIST_DESCENDANTS) == {"two", "three"}


def test_the_command_line_lists_shows_reverts_and_deletes():
    from click.testing import CliRunner  # noqa: PLC0415

    import esxdriver  # noqa: PLC0415
    from esxdriver.cli import cli  # noqa: PLC0415

    def run(*arguments):
        done = CliRunner().invoke(cli, ["-c", "test:///default", *arguments], standalone_mode=True)
        return done.stdout.splitlines() if done.exit_code == 0 else done.stderr

    with esxdriver.open("test:///default"):  # keeps the host, and what it has, between two commands
        assert run("snapshot-create-as", "test", "one") == ["Domain snapshot one created"]
        assert run("snapshot-create-as", "test", "two") == ["Domain snapshot two created"]
        assert [line.split()[0] for line in run("snapshot-list", "test")[2:]] == ["one", "two"]
        assert run("snapshot-list", "test", "--tree")[:3] == ["one", "  |", "  +- two"]
        assert run("snapshot-list", "test", "--name", "--leaves") == ["two"]
        assert run("snapshot-parent", "test", "two") == ["one"]
        assert [line.split() for line in run("snapshot-info", "test", "two") if "Meta" in line or "Loc" in line] == [
            ["Location:", "internal"], ["Metadata:", "yes"],
        ]  # fmt: skip
        assert run("snapshot-revert", "test", "one", "--yes")[0].startswith(
            "Disk vda (/guest/diskimage1), persistent, goes back"
        )
        assert run("snapshot-delete", "test", "one", "--children")[-1] == "Domain snapshot one deleted"
        assert run("snapshot-list", "test", "--name") == []
