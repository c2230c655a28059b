"""Snapshots against esxsim: what a host has a say in, and that every refusal leaves the tree as it was."""

from contextlib import contextmanager, suppress

import libvirt
import pytest
from lxml import etree
from pyVmomi import vim

from esxdriver.conf.snapshot.outcome import Effect
from esxdriver.driver import diskmodes
from esxdriver.vsphere.query.retrieve import properties
from esxdriver.vsphere.query.task import wait
from esxdriver.vsphere.wire.faults import translated
from tests.helpers import failing
from tests.live.rig import add, scsi, spare

pytestmark = pytest.mark.live

DISK_ONLY = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
QUIESCE = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE
RUNNING = libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING
PAUSED = libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED


def document(name="s", inside=""):
    return f"<domainsnapshot><name>{name}</name>{inside}</domainsnapshot>"


def disks(*specs):
    return "<disks>" + "".join(f"<disk name='{name}' snapshot='{word}'/>" for name, word in specs) + "</disks>"


@contextmanager
def refused(sim, code, *words):
    """Expect the error, and everything on the host as it was before."""
    before = sim.inventory()
    with pytest.raises(libvirt.libvirtError) as raised:
        yield
    assert raised.value.get_error_code() == code, raised.value
    assert all(word in str(raised.value) for word in words), raised.value
    assert sim.inventory() == before


def raw(domain, name, *, memory=False):
    """Take a snapshot without the driver's rules; raise what the host says."""
    with translated("taking it raw"):
        task = domain.ref.CreateSnapshot_Task(name, "", memory, quiesce=False)
        return wait(domain.backend.session, task, auto_answer=False)


def backings(domain):
    """Return each disk's chain of files, the top first."""
    found = properties(domain.backend.session, domain.ref, "config.hardware.device")["config.hardware.device"]
    chains = []
    for device in found:
        if isinstance(device, vim.vm.device.VirtualDisk):
            backing, chain = device.backing, []
            while backing is not None:
                chain.append(backing.fileName.rpartition("/")[2])
                backing = backing.parent
            chains.append(chain)
    return chains


# -- bad input


BAD_XML = [
    ("<domainsnapshot>", libvirt.VIR_ERR_XML_ERROR, "line 1"),
    ("<domain/>", libvirt.VIR_ERR_XML_ERROR, "<domainsnapshot>"),
    (document(inside="<memory snapshot='perhaps'/>"), libvirt.VIR_ERR_XML_ERROR, "perhaps"),
    (document(inside=disks(("sda", "maybe"))), libvirt.VIR_ERR_XML_ERROR, "maybe"),
    (document(inside=disks(("sda", "no"))), libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "persistent"),
    (document(inside=disks(("sdb", "yes"))), libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "independent_persistent"),
    (document(inside=disks(("sdz", "yes"))), libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "sdz"),
    (document(inside=disks(("sda", "yes"), ("sda", "yes"))), libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "twice"),
    (document("before upgrade"), libvirt.VIR_ERR_OPERATION_INVALID, "already exists"),
    (document("n" * 81), libvirt.VIR_ERR_INVALID_ARG, "n" * 81),
]


@pytest.mark.parametrize(("text", "code", "word"), BAD_XML)
def test_bad_documents_change_nothing(esx, sim, text, code, word):
    domain = esx.lookupByName("snap01")
    with refused(sim, code, word):
        domain.snapshotCreateXML(text)


def test_an_unknown_snapshot_is_missed(esx, sim):
    domain = esx.lookupByName("snap01")
    gone = domain.snapshotCreateXML(document("gone"))
    gone.delete()
    for act in (gone.delete, gone.getXMLDesc, gone.getParent, gone.isCurrent, gone.numChildren, gone.hasMetadata):
        if act != gone.isCurrent:
            with refused(sim, libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT):
                act()
    for act in (lambda: domain.snapshotLookupByName("gone"), lambda: domain.revertToSnapshot(gone)):
        with refused(sim, libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT, "gone"):
            act()


BUSY = [
    ("CreateSnapshot_Task", lambda domain: domain.snapshotCreateXML(document())),
    ("RevertToSnapshot_Task", lambda domain: domain.revertToSnapshot(domain.snapshotCurrent())),
    ("RemoveSnapshot_Task", lambda domain: domain.snapshotCurrent().delete()),
]
FAULTS = [
    ("TaskInProgress", libvirt.VIR_ERR_RESOURCE_BUSY),
    ("NoPermission", libvirt.VIR_ERR_ACCESS_DENIED),
    ("NoDiskSpace", libvirt.VIR_ERR_OPERATION_FAILED),
    ("SnapshotLocked", libvirt.VIR_ERR_RESOURCE_BUSY),
]


@pytest.mark.parametrize("refusal", FAULTS, ids=[fault for fault, _ in FAULTS])
@pytest.mark.parametrize("kind", ["fault", "task"])
@pytest.mark.parametrize("call", BUSY, ids=[method for method, _ in BUSY])
def test_the_hosts_refusals_change_nothing(esx, sim, call, kind, refusal):
    (method, act), (fault, code) = call, refusal
    domain = esx.lookupByName("snap01")
    sim.fault(method, kind, fault=fault)
    with refused(sim, code, "snap01"):
        act(domain)


def test_too_many_levels_are_the_hosts_to_refuse(esx, sim):
    domain = esx.lookupByName("web01")
    for level in range(32):
        domain.snapshotCreateXML(document(f"level {level}"))
    with refused(sim, libvirt.VIR_ERR_OPERATION_FAILED, "TooManySnapshotLevels", "delete some"):
        domain.snapshotCreateXML(document("one too many"))
    assert domain.snapshotNum() == 32
    assert domain.snapshotCurrent().getParent().getName() == "level 30"


def test_a_read_only_connection_takes_reverts_and_deletes_nothing(esx, sim, monkeypatch):
    domain = esx.lookupByName("snap01")
    monkeypatch.setattr(esx.backend, "readonly", True)
    snapshot = domain.snapshotCurrent()
    for act in (
        lambda: domain.snapshotCreateXML(document()),
        lambda: domain.revertToSnapshot(snapshot),
        snapshot.delete,
        lambda: snapshot.getXMLDesc(libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE),
    ):
        with refused(sim, libvirt.VIR_ERR_OPERATION_DENIED):
            act()
    assert "<name>before upgrade</name>" in snapshot.getXMLDesc()


def test_nothing_is_asked_when_a_rule_refuses(esx, sim):
    domain = esx.lookupByName("db01")
    sim.reset_calls()
    with refused(sim, libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "nvme0n1"):
        domain.snapshotCreateXML(document())
    assert sim.calls() == ["RetrievePropertiesEx"]


# -- the rules, against the host's own


def predicted(domain, *, memory):
    """Return the code that the driver refuses with, None when it would ask the host."""
    try:
        domain.snapshotPreviewXML(document(), 0 if memory else DISK_ONLY)
    except libvirt.libvirtError as error:
        return error.get_error_code()
    return None


def answered(domain, *, memory):
    """Return the code of what the host says, None when it takes the snapshot."""
    try:
        raw(domain, "s", memory=memory)
    except libvirt.libvirtError as error:
        return error.get_error_code()
    return None


def bring(domain, *verbs):
    for verb in verbs:
        with suppress(libvirt.libvirtError):  # it is in that state already
            getattr(domain, verb)()


@pytest.mark.parametrize("memory", [True, False])
@pytest.mark.parametrize("verbs", [(), ("create",), ("create", "suspend"), ("destroy",)])
@pytest.mark.parametrize("name", ["web01", "db01", "old01", "snap01", "susp01"])
def test_the_rules_tell_what_the_host_would(esx, name, verbs, memory):
    domain = esx.lookupByName(name)
    bring(domain, *verbs)
    reported = predicted(domain, memory=memory)
    if reported == libvirt.VIR_ERR_OPERATION_UNSUPPORTED:
        # The host would take it, with the memory that was not wanted.
        assert (domain.state()[0], memory) == (libvirt.VIR_DOMAIN_PAUSED, False)
        reported = None
    assert reported == answered(domain, memory=memory)


def physical_mapping(mode):
    one = spare(mode=mode, kind=vim.vm.device.VirtualDisk.RawDiskMappingVer1BackingInfo)
    one.backing.fileName, one.backing.compatibilityMode = "[datastore1] spare/rdm-3.vmdk", "physicalMode"
    return [add(one)]


def multi_writer(mode):
    one = spare(mode=mode)
    one.backing.sharing = "sharingMultiWriter"
    return [add(one)]


def shared_bus(mode):
    return [add(scsi(sharing="virtualSharing")), add(spare(controller=-100, mode=mode))]


@pytest.mark.parametrize("mode", ["persistent", "independent_persistent"])
@pytest.mark.parametrize("changes", [physical_mapping, multi_writer, shared_bus])
def test_the_rules_know_disks_that_are_in_the_way(esx, changes, mode):
    domain = esx.lookupByName("web01")
    spec = vim.vm.ConfigSpec(deviceChange=changes(mode))
    wait(esx.backend.session, domain.ref.ReconfigVM_Task(spec), auto_answer=False)
    reported = predicted(domain, memory=False)
    assert reported == answered(domain, memory=False)
    assert (reported is None) is (mode != "persistent" and changes is not shared_bus)


# -- what becomes of it


def test_a_snapshot_stacks_files_on_the_disks_that_it_holds(esx):
    domain = esx.lookupByName("web01")
    domain.snapshotCreateXML(document("one"))
    assert backings(domain) == [["web01-000001.vmdk", "web01.vmdk"], ["web01_1.vmdk"], ["web01_2.vmdk"]]
    snapshot = domain.snapshotCreateXML(document("two"))
    assert len(backings(domain)[0]) == 3
    root = etree.fromstring(snapshot.getXMLDesc())
    assert root.find("domain/devices/disk/source").get("file").endswith("web01-000001.vmdk")
    snapshot.delete()
    assert len(backings(domain)[0]) == 2


#    power before, flags of taking, flags of reverting -> state after
POWER = [
    ("create", 0, 0, libvirt.VIR_DOMAIN_RUNNING),
    ("create", 0, RUNNING, libvirt.VIR_DOMAIN_RUNNING),
    ("create", 0, PAUSED, libvirt.VIR_DOMAIN_PAUSED),
    ("create", DISK_ONLY, 0, libvirt.VIR_DOMAIN_SHUTOFF),
    ("create", DISK_ONLY, RUNNING, libvirt.VIR_DOMAIN_RUNNING),
    ("destroy", 0, 0, libvirt.VIR_DOMAIN_SHUTOFF),
    ("destroy", 0, RUNNING, libvirt.VIR_DOMAIN_RUNNING),
    ("suspend", 0, 0, libvirt.VIR_DOMAIN_PAUSED),
    ("suspend", 0, PAUSED, libvirt.VIR_DOMAIN_PAUSED),
    ("suspend", 0, RUNNING, libvirt.VIR_DOMAIN_RUNNING),
]


@pytest.mark.parametrize("now", ["create", "destroy"])
@pytest.mark.parametrize("case", POWER)
def test_a_revert_brings_the_power_state_back(esx, case, now):
    power, taking, reverting, state = case
    domain = esx.lookupByName("susp01")
    if power != "suspend":
        getattr(domain, power)() if power == "destroy" else domain.resume()
    snapshot = domain.snapshotCreateXML(document(), taking)
    if domain.isActive():
        domain.destroy()
    if now == "create":
        domain.create()
    assert domain.revertToSnapshot(snapshot, reverting | libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_FORCE) == 0
    assert domain.state()[0] == state


def test_paused_needs_memory_and_changes_nothing_without(esx, sim):
    domain = esx.lookupByName("snap01")
    with refused(sim, libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "no memory"):
        domain.revertToSnapshot(domain.snapshotCurrent(), PAUSED)


def test_a_revert_brings_the_configuration_back(esx):
    domain = esx.lookupByName("web01")
    before = domain.XMLDesc()
    snapshot = domain.snapshotCreateXML(document())
    domain.setMaxMemory(4 * 2**20)
    assert [each.effect for each in snapshot.revertPreview()] == [Effect.REVERTED, Effect.UNTOUCHED, Effect.DISCARDED]
    assert [each.effect for each in snapshot.deletePreview()] == [Effect.MERGED, Effect.UNTOUCHED, Effect.UNTOUCHED]
    domain.revertToSnapshot(snapshot)
    assert domain.maxMemory() == 2 * 2**20
    after = etree.fromstring(domain.XMLDesc())
    assert [each.get("snapshot") for each in after.iterfind("devices/disk[@device='disk']")] == ["yes", "no", "no"]
    assert len(etree.fromstring(before)) == len(after)


def test_a_quiesced_snapshot_asks_the_tools(esx, sim):
    domain = esx.lookupByName("db01")
    snapshot = domain.snapshotCreateXML(document(), DISK_ONLY | QUIESCE | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC)
    info = properties(esx.backend.session, domain.ref, "snapshot")["snapshot"]
    assert (info.rootSnapshotList[0].quiesced, snapshot.isCurrent()) == (True, 1)
    with refused(sim, libvirt.VIR_ERR_INVALID_ARG, "quiesce"):
        # The other domain has no independent disk, and is running with memory in the snapshot.
        other = esx.lookupByName("susp01")
        other.snapshotCreateXML(document(inside="<memory snapshot='internal'/>"), QUIESCE)


def test_progress_is_reported(esx):
    reported = []
    domain = esx.lookupByName("web01")
    snapshot = domain.snapshotCreateXML(document(), progress=reported.append)
    domain.revertToSnapshot(snapshot, progress=reported.append)
    snapshot.delete(progress=reported.append)
    assert all(0 <= percent <= 100 for percent in reported)


# -- names


@pytest.mark.parametrize(
    "name", ["a&b <c> \"d\" 'e'", "50% / 2 \\ 3", "%2f %25", "ü 名前 🙂", " spaced ", "a@b", "-", ".."]
)
def test_names_and_descriptions_come_back(esx, name):
    domain = esx.lookupByName("web01")
    root = etree.Element("domainsnapshot")
    etree.SubElement(root, "name").text = etree.SubElement(root, "description").text = name
    domain.snapshotCreateXML(etree.tostring(root, encoding="unicode"))
    found = domain.snapshotLookupByName(name)
    written = etree.fromstring(found.getXMLDesc())
    assert (found.getName(), written.findtext("name"), written.findtext("description")) == (name, name, name)


def test_an_ambiguous_name_is_refused_until_it_is_qualified(esx, sim):
    domain = esx.lookupByName("web01")
    refs = [raw(domain, "twin"), raw(domain, "twin")]
    with refused(sim, libvirt.VIR_ERR_OPERATION_FAILED, *(f"twin@{ref._moId}" for ref in refs)):
        domain.snapshotLookupByName("twin")
    first = domain.snapshotLookupByName(f"twin@{refs[0]._moId}")
    assert (first.ref, first.getName(), first.numChildren()) == (refs[0], "twin", 1)
    first.delete()
    assert domain.snapshotLookupByName("twin").ref == refs[1]


def test_a_name_is_not_given_twice(esx, sim):
    domain = esx.lookupByName("snap01")
    with refused(sim, libvirt.VIR_ERR_OPERATION_INVALID, "already exists"):
        domain.snapshotCreateXML(document("before upgrade"))


@pytest.mark.parametrize("flags", [libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_VALIDATE])
def test_validation_lets_the_projects_own_words_pass(esx, flags):
    domain = esx.lookupByName("web01")
    try:
        domain.snapshotCreateXML(document(inside=disks(("sda", "yes"), ("sdb", "no"))), flags)
    except libvirt.libvirtError as error:
        if "not installed" in str(error):
            pytest.skip(str(error))
        raise
    with pytest.raises(libvirt.libvirtError) as raised:
        domain.snapshotCreateXML("<domainsnapshot><nome/></domainsnapshot>", flags)
    assert raised.value.get_error_code() == libvirt.VIR_ERR_XML_INVALID_SCHEMA


@pytest.mark.esx(model="vpx")
@pytest.mark.parametrize("sim", ["vpx"], indirect=True)
def test_a_whole_vcenter_is_audited_in_two_calls(esx, sim):
    sim.reset_calls()
    reports = diskmodes.of_connection(esx)
    assert sim.calls() == ["RetrievePropertiesEx"] * 2
    assert {each.domain for each in reports} == {domain.name() for domain in esx.listAllDomains()}
    domain = esx.lookupByName("web01")
    assert [each for each in reports if each.uuid == domain.UUIDString()] == diskmodes.of_domain(domain)


def test_a_disk_that_came_after_a_snapshot_can_be_removed_and_one_of_before_cannot(esx):
    root = etree.fromstring(esx.lookupByName("web01").XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    first, second, *rest = root.findall("devices/disk[@device='disk']")
    for disk in (first, second, *rest):
        disk.set("snapshot", "yes")
        disk.set("persistent", "yes")
    whole = etree.tostring(root, encoding="unicode")
    second.getparent().remove(second)
    fewer = etree.tostring(root, encoding="unicode")
    domain = esx.defineXML(whole)
    esx.defineXML(fewer)
    domain.snapshotCreateXML("<domainsnapshot><name>s</name></domainsnapshot>")
    esx.defineXML(whole)
    esx.defineXML(fewer)
    assert second.find("target").get("dev") not in domain.XMLDesc()
    first.getparent().remove(first)
    text = failing(libvirt.VIR_ERR_OPERATION_INVALID, esx.defineXML, etree.tostring(root, encoding="unicode"))
    assert "it is in the domain's snapshots" in text
