"""Snapshots through the face, on a recorded host."""

from pathlib import Path

import libvirt
import pytest
from lxml import etree

from esxdriver.driver import diskmodes

SCHEMA = Path("/usr/share/libvirt/schemas/domainsnapshot.rng")
DISK_ONLY = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY


def document(name, inside=""):
    return f"<domainsnapshot><name>{name}</name>{inside}</domainsnapshot>"


def refusal(call, *arguments):
    with pytest.raises(libvirt.libvirtError) as raised:
        call(*arguments)
    return raised.value


def test_a_snapshot_is_taken_found_and_reported(esx):
    domain = esx.lookupByName("web01")
    taken = domain.snapshotCreateXML(document("a &lt;b&gt; 100% / ü", "<description>why &amp; how</description>"))
    assert taken.getName() == "a <b> 100% / ü"
    assert (taken.getDomain(), taken.getConnect()) == (domain, esx)

    found = domain.snapshotLookupByName("a <b> 100% / ü")
    assert (found.isCurrent(), found.hasMetadata(), domain.hasCurrentSnapshot()) == (1, 0, 1)
    assert domain.snapshotCurrent().qualifiedName() == taken.qualifiedName()

    root = etree.fromstring(found.getXMLDesc())
    assert root.findtext("name") == "a <b> 100% / ü"
    assert root.findtext("description") == "why & how"
    assert root.findtext("state") == "shutoff"
    assert root.find("memory").get("snapshot") == "no"
    disks = [(each.get("name"), each.get("snapshot"), each.get("persistent")) for each in root.iterfind("disks/disk")]
    assert disks == [("sda", "yes", "yes"), ("sdb", "no", "yes"), ("sdc", "no", "no")]
    assert root.findtext("domain/name") == "web01"
    sources = [each.get("file") for each in root.iterfind("domain/devices/disk/source")]
    assert sources[0] == "[datastore1] web01/web01.vmdk"  # as it was: the domain itself has a delta now


def test_the_tree_is_walked(esx):
    domain = esx.lookupByName("web01")
    base = domain.snapshotCreateXML(document("base"))
    one = domain.snapshotCreateXML(document("one"))
    domain.revertToSnapshot(base)
    two = domain.snapshotCreateXML(document("two"))

    assert domain.snapshotListNames() == ["base", "one", "two"]
    assert domain.snapshotListNames(libvirt.VIR_DOMAIN_SNAPSHOT_LIST_LEAVES) == ["one", "two"]
    assert domain.snapshotNum(libvirt.VIR_DOMAIN_SNAPSHOT_LIST_ROOTS) == 1
    assert [each.getName() for each in domain.listAllSnapshots()] == ["base", "one", "two"]
    assert base.listChildrenNames() == ["one", "two"]
    assert base.numChildren() == 2
    assert [each.getName() for each in base.listAllChildren()] == ["one", "two"]
    assert (one.getParent().getName(), one.isCurrent(), two.isCurrent()) == ("base", 0, 1)
    assert refusal(base.getParent).get_error_code() == libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT

    base.delete(libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN_ONLY)
    assert domain.snapshotListNames() == ["base"]
    base.delete(libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY)
    assert base.delete() == 0
    assert domain.hasCurrentSnapshot() == 0
    assert refusal(base.getXMLDesc).get_error_code() == libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT


def test_memory_of_a_domain_with_independent_disks_is_refused_by_name(esx):
    raised = refusal(esx.lookupByName("db01").snapshotCreateXML, document("s"))
    assert raised.get_error_code() == libvirt.VIR_ERR_CONFIG_UNSUPPORTED
    assert "nvme0n1 (independent_persistent)" in str(raised)
    assert "--disk-only" in str(raised)


def test_a_preview_takes_nothing(esx):
    domain = esx.lookupByName("snap01")
    root = etree.fromstring(
        domain.snapshotPreviewXML(document("next", "<disks><disk name='sdb' snapshot='no'/></disks>"))
    )
    assert root.findtext("parent/name") == "before upgrade"
    assert [(each.get("name"), each.get("snapshot")) for each in root.iterfind("disks/disk")] == [
        ("sda", "yes"), ("sdb", "no"),
    ]  # fmt: skip
    assert domain.snapshotListNames() == ["before upgrade"]


@pytest.mark.esx(uri_params="disk_mode=libvirt")
@pytest.mark.skipif(not SCHEMA.exists(), reason="libvirt's schemas are not installed")
def test_libvirts_spelling_passes_libvirts_schema(esx):
    root = etree.fromstring(esx.lookupByName("snap01").snapshotCurrent().getXMLDesc())
    schema = etree.RelaxNG(etree.parse(str(SCHEMA)))
    assert schema.validate(root), schema.error_log


def test_a_domains_whole_tree_takes_one_call_and_all_disks_two(esx):
    domain = esx.lookupByName("snap01")
    snapshot = domain.snapshotCurrent()
    assert domain.UUIDString()  # it is asked for once
    for ask in (domain.listAllSnapshots, domain.snapshotNum, snapshot.getXMLDesc, snapshot.numChildren):
        before = esx.backend.session.calls.total()
        ask()
        assert esx.backend.session.calls.total() == before + 1
    before = esx.backend.session.calls.total()
    reports = diskmodes.of_connection(esx)
    assert esx.backend.session.calls.total() == before + 2  # to list the machines, and to read 500 of them
    found = {(each.domain, each.target): [finding.code for finding in each.findings] for each in reports}
    assert found["web01", "sdc"] == ["not-in-snapshots", "changes-lost", "no-memory-snapshots"]
    assert found["old01", "sda"] == ["changes-lost", "outdated-mode"]
    assert found["snap01", "sda"] == ["mode-locked"]
    assert found["susp01", "sda"] == []
    assert reports == sorted(reports, key=lambda each: each.domain)


CREATE = "VIR_DOMAIN_SNAPSHOT_CREATE_"


def test_flags_without_a_meaning_here_are_refused(esx):
    domain = esx.lookupByName("snap01")
    snapshot = domain.snapshotCurrent()
    unsupported, invalid = libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, libvirt.VIR_ERR_INVALID_ARG
    for names, code in (
        (["REDEFINE"], unsupported), (["HALT"], unsupported), (["LIVE"], invalid), (["REUSE_EXT"], invalid),
        (["CURRENT"], invalid), (["CURRENT", "REDEFINE"], unsupported),
    ):  # fmt: skip
        flags = sum(getattr(libvirt, CREATE + name) for name in names)
        assert refusal(domain.snapshotCreateXML, document("s"), flags).get_error_code() == code
    for call, flags in (
        (
            snapshot.delete,
            libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN | libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN_ONLY,
        ),
        (snapshot.delete, 64),
        (snapshot.isCurrent, 1),
        (snapshot.getParent, 1),
        (snapshot.hasMetadata, 1),
        (snapshot.getXMLDesc, 2),
        (snapshot.numChildren, 1 << 20),
        (domain.snapshotCurrent, 1),
        (domain.hasCurrentSnapshot, 1),
        (domain.listAllSnapshots, 1 << 20),
    ):
        assert refusal(call, flags).get_error_code() == invalid
    for flags, code in (
        (libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING | libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED, invalid),
        (libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_RESET_NVRAM, invalid),
        (libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED, libvirt.VIR_ERR_OPERATION_UNSUPPORTED),
    ):
        assert refusal(domain.revertToSnapshot, snapshot, flags).get_error_code() == code
    other = esx.lookupByName("web01")
    assert refusal(other.revertToSnapshot, snapshot).get_error_code() == invalid
