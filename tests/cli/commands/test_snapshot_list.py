"""The verbs of snapshots and the audit, over domains and trees in memory."""

import json
import time
from datetime import UTC, datetime
from unittest.mock import create_autospec

import libvirt
import pytest
from pyVmomi import vim

from esxdriver.cli.commands.diskmodes import FINDINGS
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.snapshot.audit import Finding, report
from esxdriver.conf.snapshot.outcome import deleted, reverted
from esxdriver.conf.snapshot.xml import parse
from esxdriver.driver import diskmodes
from esxdriver.driver.domain_snapshot import DomainSnapshot
from esxdriver.errors import error
from esxdriver.vsphere.machine.snapshot_tree import tree_of
from tests.conf.snapshot.cases import disk, domain

DOMAIN = domain(
    disk("sda"),
    disk("sdb", DiskMode.INDEPENDENT_PERSISTENT, unit=1),
    disk("sdc", DiskMode.INDEPENDENT_NONPERSISTENT, unit=2),
)


def node(number, name, *children, state="poweredOff"):
    return vim.vm.SnapshotTree(
        snapshot=vim.vm.Snapshot(f"snapshot-{number}"), vm=vim.VirtualMachine("vm-1"), name=name,
        description="", id=number, createTime=datetime(2024, 1, number, 10, tzinfo=UTC), state=state,
        quiesced=False, childSnapshotList=list(children),
    )  # fmt: skip


@pytest.fixture
def tree():
    roots = [node(1, "base", node(2, "twin", node(4, "leaf")), node(3, "twin", state="poweredOn")), node(5, "other")]
    return tree_of(vim.vm.SnapshotInfo(currentSnapshot=vim.vm.Snapshot("snapshot-4"), rootSnapshotList=roots))


def made(tree, found, owner):
    one = create_autospec(DomainSnapshot, instance=True)
    one.ref, one.found.return_value = found.ref, found
    one.getName.return_value, one.getDomain.return_value = found.name, owner
    one.getXMLDesc.return_value = f"<domainsnapshot><name>{found.name}</name></domainsnapshot>\n"
    one.revertPreview.return_value, one.deletePreview.return_value = reverted(DOMAIN, DOMAIN), deleted(DOMAIN)
    return one


@pytest.fixture
def web01(conn, tree, monkeypatch):
    """A domain with a tree; what its commands get of it is kept in ``snapshots``."""
    owner = conn.domains[0]
    owner.snapshots = {}

    def look(name):
        found = tree.named(name)
        return owner.snapshots.setdefault(found.qualified, made(tree, found, owner))

    owner.snapshotLookupByName.side_effect = look
    owner.snapshotCurrent.side_effect = lambda: look("leaf")
    owner.snapshotCreateXML.side_effect = lambda text, *_, **__: made(tree, tree.snapshots[0], owner)
    owner.snapshotPreviewXML.side_effect = lambda text, *_: text
    owner.snapshot_tree.return_value = tree
    monkeypatch.setattr(diskmodes, "of_domain", lambda _: report(DOMAIN, uuid="u", snapshots=False))
    monkeypatch.setattr(
        diskmodes, "of_connection", lambda _, progress, left_out: report(DOMAIN, uuid="u", snapshots=True)
    )
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield owner
    monkeypatch.undo()
    time.tzset()


OUTPUTS = {
    "snapshot-list web01": """\
 Name              Creation Time               State
--------------------------------------------------------
 base              2024-01-01 10:00:00 +0000   shutoff
 twin@snapshot-2   2024-01-02 10:00:00 +0000   shutoff
 leaf              2024-01-04 10:00:00 +0000   shutoff
 twin@snapshot-3   2024-01-03 10:00:00 +0000   running
 other             2024-01-05 10:00:00 +0000   shutoff
""",
    "snapshot-list web01 --tree": """\
base
  |
  +- twin@snapshot-2
  |   |
  |   +- leaf
  |
  +- twin@snapshot-3

other

""",
    "snapshot-list web01 --name --leaves": "leaf\ntwin@snapshot-3\nother\n",
    "snapshot-list web01 --name --roots": "base\nother\n",
    "snapshot-list web01 --name --active": "twin@snapshot-3\n",
    "snapshot-list web01 --name --from base": "twin@snapshot-2\ntwin@snapshot-3\n",
    "snapshot-list web01 --name --from base --descendants": "twin@snapshot-2\nleaf\ntwin@snapshot-3\n",
    "snapshot-list web01 --tree --from base": "twin@snapshot-2\n  |\n  +- leaf\n\ntwin@snapshot-3\n\n",
    "snapshot-list web01 --parent --from base": """\
 Name              Creation Time               State     Parent
-----------------------------------------------------------------
 twin@snapshot-2   2024-01-02 10:00:00 +0000   shutoff   base
 twin@snapshot-3   2024-01-03 10:00:00 +0000   running   base
""",
    "snapshot-dumpxml web01 base": "<domainsnapshot><name>base</name></domainsnapshot>\n",
    "snapshot-dumpxml web01 --current": "<domainsnapshot><name>leaf</name></domainsnapshot>\n",
    "snapshot-current web01": "<domainsnapshot><name>leaf</name></domainsnapshot>\n",
    "snapshot-current web01 --name": "leaf\n",
    "snapshot-parent web01 leaf": "twin@snapshot-2\n",
    "snapshot-parent web01 --current": "twin@snapshot-2\n",
    "snapshot-info web01 base": """\
Name:           base
Unique name:    base@snapshot-1
Domain:         web01
Current:        no
State:          shutoff
Created:        2024-01-01 10:00:00 +0000
Location:       internal
Parent:         -
Children:       2
Descendants:    3
Metadata:       no
""",
    "snapshot-revert web01 base --yes": """\
Disk sda ([ds] web01/sda.vmdk), persistent, goes back to what it held then: all changes since are lost
Disk sdb ([ds] web01/sdb.vmdk), independent_persistent, is untouched: it is not in snapshots
Disk sdc ([ds] web01/sdc.vmdk), independent_nonpersistent, loses its changes since the domain was started: \
it is not in snapshots, and not kept
Domain 'web01' is shut off
Domain snapshot base reverted
""",
    "snapshot-delete web01 --current": """\
Disk sda ([ds] web01/sda.vmdk), persistent, keeps what it holds now
Disk sdb ([ds] web01/sdb.vmdk), independent_persistent, is untouched: it is not in snapshots
Disk sdc ([ds] web01/sdc.vmdk), independent_nonpersistent, is untouched: it is not in snapshots
Domain snapshot leaf deleted
""",
    "snapshot-delete web01 base --metadata": "Domain snapshot base deleted\n",
    "snapshot-create-as web01 base": """\
Disk sdb ([ds] web01/sdb.vmdk), independent_persistent, is left out
Disk sdc ([ds] web01/sdc.vmdk), independent_nonpersistent, is left out
Domain snapshot base created
""",
    "diskmodes --all": """\
 Domain   Disk   Mode                        In snapshots   Kept   Findings
----------------------------------------------------------------------------------------------------------------------------------
 web01    sda    persistent                  yes            yes    mode-locked
 web01    sdb    independent_persistent      no             yes    not-in-snapshots no-memory-snapshots mode-locked
 web01    sdc    independent_nonpersistent   no             no     \
not-in-snapshots changes-lost no-memory-snapshots mode-locked
""",
    "diskmodes web01 --format csv": """\
domain,uuid,disk,source,mode,in_snapshots,kept,findings
web01,u,sda,[ds] web01/sda.vmdk,persistent,yes,yes,
web01,u,sdb,[ds] web01/sdb.vmdk,independent_persistent,no,yes,not-in-snapshots no-memory-snapshots
web01,u,sdc,[ds] web01/sdc.vmdk,independent_nonpersistent,no,no,not-in-snapshots changes-lost no-memory-snapshots
""",
}


@pytest.mark.parametrize("command", OUTPUTS)
def test_prints(esxdriver, web01, command):
    result = esxdriver(*command.split())
    assert (result.exit_code, result.stdout, result.stderr) == (0, OUTPUTS[command], "")


def create(name):
    return getattr(libvirt, f"VIR_DOMAIN_SNAPSHOT_CREATE_{name}")


#    words after the domain -> name, description, memory, disks, flags
DOCUMENTS = {
    ("s", "--disk-only", "--quiesce"): ("s", "", None, [], create("DISK_ONLY") | create("QUIESCE")),
    ("s", "why & <how>"): ("s", "why & <how>", None, [], 0),
    (): ("", "", None, [], 0),
    ("s", "--memspec", "snapshot=no"): ("s", "", False, [], 0),
    ("s", "--diskspec", "sdb,snapshot=no", "--diskspec", "sda"): ("s", "", None, [("sdb", False), ("sda", None)], 0),
    ("s", "--diskspec", "[ds] a,,b.vmdk,snapshot=yes"): ("s", "", None, [("[ds] a,b.vmdk", True)], 0),
    ("s", "--atomic", "--no-metadata", "--halt", "--validate"): (
        "s", "", None, [], create("ATOMIC") | create("NO_METADATA") | create("HALT") | create("VALIDATE"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("print_xml", [False, True])
@pytest.mark.parametrize("words", DOCUMENTS)
def test_create_as_writes_the_document(esxdriver, web01, words, print_xml):
    name, description, memory, disks, flags = DOCUMENTS[words]
    result = esxdriver("snapshot-create-as", "web01", *words, *(["--print-xml"] if print_xml else []))
    assert result.exit_code == 0, result.output
    asked, spared = web01.snapshotPreviewXML, web01.snapshotCreateXML
    asked, spared = (asked, spared) if print_xml else (spared, asked)
    assert not spared.called
    said = parse(asked.call_args.args[0])
    assert (said.name, said.description, said.memory) == (name, description, memory)
    assert [(each.name, each.snapshot) for each in said.disks] == disks
    assert asked.call_args.args[1] == flags


@pytest.mark.parametrize("words", [["a\x07b"], ["s", "a\x1bb"]])
def test_characters_that_xml_lacks_are_not_dropped(esxdriver, web01, words):
    result = esxdriver("snapshot-create-as", "web01", *words)
    assert (result.exit_code, web01.snapshotCreateXML.called) == (2, False)
    assert "control characters" in result.stderr


def test_create_reads_a_file(esxdriver, web01):
    result = esxdriver("snapshot-create", "web01", "-", stdin="<domainsnapshot><name>é</name></domainsnapshot>")
    assert result.stdout.endswith("Domain snapshot base created from the standard input\n")
    assert parse(web01.snapshotCreateXML.call_args.args[0]).name == "é"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("snapshot-list web01 --tree --roots", 2),
        ("snapshot-dumpxml web01", 2),
        ("snapshot-dumpxml web01 base --current", 2),
        ("snapshot-create-as web01 s --diskspec sda,colour=red", 2),
        ("snapshot-create-as web01 s --memspec yes", 2),
        ("snapshot-revert web01 nothing", 1),
        ("snapshot-revert web01 twin", 1),
        ("snapshot-parent web01 base", 1),
        ("diskmodes", 2),
        ("diskmodes web01 --all", 2),
        ("diskmodes web01 --fail-on everything", 2),
    ],
)
def test_refuses(esxdriver, web01, words, status):
    result = esxdriver(*words.split())
    assert (result.exit_code, result.stdout) == (status, "")
    assert result.stderr.startswith("error: ")


@pytest.mark.parametrize(
    ("options", "flag"),
    [("", 0), ("--running", 1), ("--paused", 2), ("--force", 4), ("--running --force", 5)],
)
def test_revert_flags(esxdriver, web01, options, flag):
    assert esxdriver("snapshot-revert", "web01", "twin@snapshot-3", *options.split()).exit_code == 0
    snap = web01.snapshots["twin@snapshot-3"]
    assert web01.revertToSnapshot.call_args.args == (snap, flag)


@pytest.mark.parametrize(("options", "flag"), [("", 0), ("--children", 1), ("--metadata", 2), ("--children-only", 4)])
def test_delete_flags(esxdriver, web01, options, flag):
    assert esxdriver("snapshot-delete", "web01", "base", *options.split()).exit_code == 0
    assert web01.snapshots["base@snapshot-1"].delete.call_args.args == (flag,)


def test_the_power_state_is_reported(esxdriver, web01):
    assert (
        "Domain 'web01' is shut off and will be running\n"
        in esxdriver("snapshot-revert", "web01", "twin@snapshot-3").stdout
    )


@pytest.mark.parametrize(("answer", "outcome"), [("y\n", (0, 1)), ("n\n", (1, 0))])
def test_a_terminal_is_asked(esxdriver, web01, monkeypatch, answer, outcome):
    monkeypatch.setattr("esxdriver.cli.commands.snapshot_change.sys", Terminal())
    result = esxdriver("snapshot-revert", "web01", "base", stdin=answer)
    assert (result.exit_code, web01.revertToSnapshot.call_count) == outcome
    assert "Revert to snapshot base? [y/N]" in result.stderr


@pytest.mark.parametrize("there", [False, True])
def test_progress_is_shown_on_a_terminal_only(esxdriver, web01, monkeypatch, there):
    monkeypatch.setattr("esxdriver.cli.progress.sys", Terminal(stderr=there))
    assert esxdriver("snapshot-revert", "web01", "base", "--yes").exit_code == 0
    progress = web01.revertToSnapshot.call_args.kwargs["progress"]
    assert (progress is not None) is there
    if there:
        progress(50)


class Stream:
    def __init__(self, terminal):
        self.isatty = lambda: terminal


class Terminal:
    """A ``sys`` whose standard input is a terminal, and its standard error maybe."""

    def __init__(self, *, stderr=False):
        self.stdin, self.stderr = Stream(terminal=True), Stream(stderr)


def test_a_refusal_of_the_host_is_reported(esxdriver, web01):
    web01.snapshotCreateXML.side_effect = error(libvirt.VIR_ERR_RESOURCE_BUSY, "another task is running")
    result = esxdriver("snapshot-create-as", "web01", "s")
    assert (result.exit_code, result.stderr) == (
        1,
        "error: Failed to take a snapshot of domain 'web01'\nerror: resource busy: another task is running\n",
    )


def test_json_is_for_programs(esxdriver, web01):
    found = json.loads(esxdriver("diskmodes", "--all", "--format", "json").stdout)
    assert found[1] == {
        "domain": "web01", "uuid": "u", "disk": "sdb", "source": "[ds] web01/sdb.vmdk",
        "mode": "independent_persistent", "in_snapshots": False, "kept": True,
        "findings": ["not-in-snapshots", "no-memory-snapshots", "mode-locked"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ("", 0),
        ("--fail-on mode-locked", 0),
        ("--fail-on changes-lost", 3),
        ("--fail-on outdated-mode --fail-on not-in-snapshots", 3),
        ("--fail-on any", 3),
    ],
)
def test_fail_on_is_for_scripts(esxdriver, web01, options, status):
    assert esxdriver("diskmodes", "web01", *options.split()).exit_code == status


def test_the_words_of_the_findings_are_all_there(esxdriver):
    assert tuple(each.code for each in Finding) == FINDINGS
    shown = " ".join(esxdriver("diskmodes", "--help").stdout.split())
    assert all(f"{each.code} {each.meaning}" in shown for each in Finding)
