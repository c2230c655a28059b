"""Bad input and bad luck: a clear error with libvirt's code, and the host as it was before."""

import libvirt
import pytest

import esxdriver
from tests.conf.documents import domain
from tests.conftest import password_auth, sim_uri
from tests.helpers import failing
from tests.sim import Sim

pytestmark = pytest.mark.live

XML_ERROR, UNSUPPORTED = libvirt.VIR_ERR_XML_ERROR, libvirt.VIR_ERR_CONFIG_UNSUPPORTED
NO_CONNECT, AUTH_FAILED = libvirt.VIR_ERR_NO_CONNECT, libvirt.VIR_ERR_AUTH_FAILED


def disk(name="spare-1.vmdk", datastore="datastore1", target="sda", inside="", **attributes):
    words = "".join(f" {key}='{word}'" for key, word in {"type": "file", "device": "disk", **attributes}.items())
    source = f"[{datastore}] spare/{name}"
    return f"<disk{words}><source file='{source}'/><target dev='{target}' bus='scsi'/>{inside}</disk>"


def nic(network):
    return f"<interface type='bridge'><source bridge='{network}'/><model type='vmxnet3'/></interface>"


UNIT_7 = "<address type='drive' controller='0' bus='0' target='0' unit='7'/>"
BOMB = "<!DOCTYPE d [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]>" + domain().replace("web01", "&b;")

OWN = "<metadata><e:domain xmlns:e='urn:x-esxdriver:domain:1'><e:{0}>{1}</e:{0}></e:domain></metadata>"
NVME = disk(target="nvme0n1").replace("scsi", "nvme")

DOCUMENTS = [
    # the document of a domain 'new01', the code, what the error names
    (domain(disk())[:-20], XML_ERROR, "line"),
    (BOMB, XML_ERROR, "DOCTYPE"),
    (domain(head=f"<description>{'x' * 17 * 2**20}</description>"), XML_ERROR, "16777216"),
    (domain(disk(snapshot="yes", persistent="no")), UNSUPPORTED, "sda"),
    (domain(disk(snapshot="maybe")), XML_ERROR, "sda"),
    (domain(disk(snapshot="yes", inside="<independent/>")), XML_ERROR, "sda"),
    (domain(disk(), type="qemu"), UNSUPPORTED, "domain/@type"),
    (domain(disk().replace("bus='scsi'", "bus='virtio'")), XML_ERROR, "target/@bus"),
    (domain(disk() + nic("VM Network").replace("vmxnet3", "virtio")), XML_ERROR, "model/@type"),
    (domain(disk() + disk("spare-2.vmdk")), XML_ERROR, "target/@dev"),
    (domain(disk(inside=UNIT_7)), UNSUPPORTED, "unit 7"),
    (domain(disk(inside=UNIT_7.replace("'7'", "'99'"))), UNSUPPORTED, "unit 99"),
    (domain(disk("none.vmdk")), libvirt.VIR_ERR_NO_STORAGE_VOL, "none.vmdk"),
    (domain(disk() + disk("none.vmdk", target="sdb")), libvirt.VIR_ERR_NO_STORAGE_VOL, "none.vmdk"),
    (domain(disk(datastore="nowhere")), libvirt.VIR_ERR_NO_STORAGE_POOL, "nowhere"),
    (domain(disk() + nic("no network")), libvirt.VIR_ERR_NO_NETWORK, "no network"),
    (domain(""), UNSUPPORTED, "hard disk"),
    (domain(disk(), head="<vcpu>100000</vcpu>"), libvirt.VIR_ERR_INVALID_ARG, "numCPUs"),
    (domain(disk(), head=OWN.format("hardwareVersion", 16)), UNSUPPORTED, "hardwareVersion 16: this host has 4, 7,"),
    (domain(disk(), head=OWN.format("guestId", "amigaGuest")), UNSUPPORTED, "guestId 'amigaGuest': this host has no such"),
    (domain(NVME, head=OWN.format("hardwareVersion", 10)), UNSUPPORTED, "'nvme' needs hardware version 13, the domain has 10"),
]  # fmt: skip


@pytest.fixture
def host(sim):
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as connection:
        yield connection


@pytest.mark.parametrize(("text", "code", "named"), DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_a_new_domain_that_is_refused_leaves_the_host_as_it_was(sim, host, text, code, named):
    before = sim.inventory()
    assert named in failing(code, host.defineXML, text.replace("<name>web01", "<name>new01"))
    assert sim.inventory() == before


EDITS = [
    # the domain, the edit of its dump, the code, what the error says to do
    ("web01", ("snapshot='yes' persistent='yes'", "snapshot='yes' persistent='no'"), UNSUPPORTED, "snapshot='no'"),
    ("snap01", ("snapshot='no' persistent='yes'", "snapshot='yes' persistent='yes'"), libvirt.VIR_ERR_OPERATION_INVALID, "delete them"),
    ("db01", ("snapshot='no' persistent='yes'", "snapshot='yes' persistent='yes'"), libvirt.VIR_ERR_OPERATION_INVALID, "shut it down"),
    ("susp01", ("snapshot='yes' persistent='yes'", "snapshot='no' persistent='yes'"), libvirt.VIR_ERR_OPERATION_INVALID, "shut it down"),
    ("web01", ("VM Network", "no network"), libvirt.VIR_ERR_NO_NETWORK, "no network"),
    ("web01", ("web01_1.vmdk", "none.vmdk"), libvirt.VIR_ERR_NO_STORAGE_VOL, "none.vmdk"),
    ("web01", (">19<", ">21<"), UNSUPPORTED, "hardwareVersion"),
    ("db01", ("<vcpu placement='static'>4", "<vcpu placement='static'>3"), UNSUPPORTED, "hot plug"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "edit", "code", "named"), EDITS, ids=range(len(EDITS)))
def test_an_edit_that_is_refused_leaves_the_host_as_it_was(sim, host, name, edit, code, named):
    text = host.lookupByName(name).XMLDesc()
    assert edit[0] in text
    before = sim.inventory()
    assert named in failing(code, host.defineXML, text.replace(*edit, 1))
    assert sim.inventory() == before


FAULTS = [
    # what goes wrong with the change, how, the code, what the error says
    ("NoPermission", "fault", {"privilegeId": "VirtualMachine.Config.Settings"}, libvirt.VIR_ERR_ACCESS_DENIED, "privilegeId VirtualMachine"),
    ("NoPermission", "task", {"privilegeId": "VirtualMachine.Config.Settings"}, libvirt.VIR_ERR_ACCESS_DENIED, "role"),
    ("RestrictedVersion", "fault", {}, libvirt.VIR_ERR_OPERATION_DENIED, "licence"),
    ("TaskInProgress", "task", {}, libvirt.VIR_ERR_RESOURCE_BUSY, "wait"),
    ("ConcurrentAccess", "task", {}, libvirt.VIR_ERR_OPERATION_FAILED, "dump it again"),
    ("GenericVmConfigFault", "task", {"reason": "because"}, libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "because"),
    ("SystemError", "fault", {"reason": "internal"}, libvirt.VIR_ERR_INTERNAL_ERROR, "log"),
]  # fmt: skip
CHANGES = {"ReconfigVM_Task": "web01", "CreateVM_Task": "new01"}


def changed(host, operation):
    """Return the document that makes the driver ask for ``operation``."""
    if operation == "CreateVM_Task":
        return domain(disk()).replace("web01", "new01")
    return host.lookupByName("web01").XMLDesc().replace(">front end<", ">changed<")


@pytest.mark.parametrize("operation", CHANGES)
@pytest.mark.parametrize(("fault", "kind", "fields", "code", "said"), FAULTS)
def test_a_fault_has_libvirts_code_and_changes_nothing(sim, host, operation, fault, kind, fields, code, said):
    text = changed(host, operation)
    before = sim.inventory()
    sim.fault(operation, kind, fault=fault, fields=fields)
    message = failing(code, host.defineXML, text)
    assert said in message
    assert CHANGES[operation] in message
    assert sim.inventory() == before


@pytest.mark.parametrize("operation", CHANGES)
@pytest.mark.parametrize("kind", ["close-before", "close-after"])
def test_a_change_whose_outcome_is_unknown_is_not_repeated(sim, host, operation, kind):
    text = changed(host, operation)
    sim.reset_calls()
    sim.fault(operation, kind)
    message = failing(libvirt.VIR_ERR_RPC, host.defineXML, text)
    assert "unknown" in message
    assert operation in message
    assert sim.calls().count(operation) == 1


def test_a_connection_that_is_lost_while_a_task_runs_names_the_task(sim, host):
    text = changed(host, "ReconfigVM_Task")
    sim.fault("ReconfigVM_Task", "slow", seconds=2)
    sim.fault("RetrievePropertiesEx", "close-before", skip=3, times=5)
    message = failing(libvirt.VIR_ERR_RPC, host.defineXML, text)
    assert "unknown" in message
    assert "(task haTask-" in message


def test_a_session_that_expires_before_a_read_is_renewed(sim, host):
    sim.expire_sessions()
    assert len(host.listAllDomains()) == 5


def test_a_session_that_expires_before_a_change_is_renewed_and_the_change_not_made(sim, host):
    text = changed(host, "ReconfigVM_Task")
    before = sim.inventory()
    sim.fault("ReconfigVM_Task", "expire")
    assert "ask again" in failing(libvirt.VIR_ERR_OPERATION_FAILED, host.defineXML, text)
    assert sim.inventory() == before
    host.defineXML(text)


def test_a_question_is_reported_and_not_waited_for(sim, host):
    sim.question("web01", "moved or copied?", choices=("Cancel", "Moved"))
    message = failing(libvirt.VIR_ERR_OPERATION_FAILED, host.lookupByName("web01").create)
    assert "moved or copied?" in message
    assert "auto_answer=1" in message


def test_a_question_is_answered_with_its_default_when_asked_to(sim):
    sim.question("web01", "moved or copied?", choices=("Cancel", "Moved"), default=1)
    with esxdriver.openAuth(sim_uri(sim, "auto_answer=1"), password_auth(sim.password)) as connection:
        assert connection.lookupByName("web01").create() == 0


def test_a_host_with_a_free_licence_says_so():
    with Sim.start("esx", free_licence=True) as free:
        before = free.inventory()
        with esxdriver.openAuth(sim_uri(free), password_auth(free.password)) as connection:
            for operation in CHANGES:
                text = changed(connection, operation)
                assert "free ESXi" in failing(libvirt.VIR_ERR_OPERATION_DENIED, connection.defineXML, text)
            assert "free ESXi" in failing(libvirt.VIR_ERR_OPERATION_DENIED, connection.lookupByName("web01").create)
        assert free.inventory() == before


BOOT = (
    domain(disk(), os="<type>hvm</type><boot dev='hd'/>"),
    domain(
        disk(inside="<boot order='2'/>") + nic("VM Network").replace("</interface>", "<boot order='1'/></interface>")
    ),
)


@pytest.mark.parametrize("text", BOOT)
def test_a_new_domain_boots_in_the_order_of_its_document(host, text):
    made = host.defineXML(text.replace("<name>web01", "<name>new01"))
    dumped = made.XMLDesc()
    assert dumped.count("<boot order=") == text.count("<boot ")
    before = host.backend.session.calls["ReconfigVM_Task"]
    host.defineXML(dumped)
    assert host.backend.session.calls["ReconfigVM_Task"] == before


def test_a_disk_in_the_place_of_a_cdrom_takes_its_place_in_the_boot_order(host):
    cdrom = "<disk type='file' device='cdrom'><target dev='hda' bus='ide'/><boot order='1'/></disk>"
    boots = disk(target="hda", inside="<boot order='1'/>").replace("scsi", "ide")
    made = host.defineXML(domain(cdrom + disk()).replace("<name>web01", "<name>new01"))
    uuid = f"<uuid>{made.UUIDString()}</uuid>"
    edited = host.defineXML(
        domain(boots + disk("spare-2.vmdk"), head=uuid).replace("<name>web01", "<name>new01")
    ).XMLDesc()
    assert edited.count("<boot order='1'/>") == 1
    assert "cdrom" not in edited


def test_a_domain_that_is_made_and_cannot_be_looked_at_is_made(sim, host, caplog):
    sim.fault("RetrievePropertiesEx", "fault", fault="NoPermission", skip=3)
    assert host.defineXML(domain(disk()).replace("web01", "new01")).name() == "new01"
    assert "cannot be looked at" in caplog.text
    assert host.lookupByName("new01").isActive() == 0


def test_secrets_are_not_shown_on_a_connection_that_is_read_only(sim):
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password), libvirt.VIR_CONNECT_RO) as connection:
        ask = connection.lookupByName("web01").XMLDesc
        failing(libvirt.VIR_ERR_OPERATION_DENIED, ask, libvirt.VIR_DOMAIN_XML_SECURE)
        assert "<domain" in ask()


@pytest.mark.esx(model="vpx")
def test_a_uuid_that_a_domain_elsewhere_has_is_refused(sim):
    base = f"vpx://{sim.user}@{sim.host}:{sim.port}/Lab/DC%201"
    with esxdriver.openAuth(f"{base}?no_verify=1", password_auth(sim.password), 0) as connection:
        here = {each.name() for each in connection.listAllDomains()}
    with esxdriver.openAuth(f"{base}/esx3.example.test?no_verify=1", password_auth(sim.password), 0) as alone:
        elsewhere = min(here - {each.name() for each in alone.listAllDomains()})
    with esxdriver.openAuth(f"{base}?no_verify=1", password_auth(sim.password), 0) as connection:
        uuid = next(each for each in connection.listAllDomains() if each.name() == elsewhere).UUIDString()
    with esxdriver.openAuth(f"{base}/esx3.example.test?no_verify=1", password_auth(sim.password), 0) as alone:
        text = domain(disk(), head=f"<uuid>{uuid}</uuid>").replace("web01", "other")
        assert uuid in failing(libvirt.VIR_ERR_DOM_EXIST, alone.defineXML, text)


OPENINGS = [
    # the URI, the password, the code, what the error says
    ("esx://root@{address}/?no_verify=1", "wrong", AUTH_FAILED, "password"),
    ("esx://nobody@{address}/?no_verify=1", "right", AUTH_FAILED, "nobody"),
    ("esx://root@{address}/", "right", NO_CONNECT, "{colons}"),
    ("esx://root@{address}/?thumbprint=" + "ab" * 32, "right", NO_CONNECT, "{colons}"),
    ("esx://root@{control}/?transport=http", "right", NO_CONNECT, "not a vSphere host"),
    ("esx://root@127.0.0.1:1/", "right", NO_CONNECT, "127.0.0.1:1"),
    ("esx://root@no-such-host.invalid/", "right", NO_CONNECT, "no-such-host.invalid"),
    ("vpx://root@{address}/dc?no_verify=1", "right", NO_CONNECT, "esx://"),
    ("esx://root@{address}/?no_verify=2", "right", libvirt.VIR_ERR_INVALID_ARG, "no_verify"),
    ("esx://root@{address}/?transport=gopher", "right", libvirt.VIR_ERR_INVALID_ARG, "transport"),
    ("esx://root@{address}/?disk_mode=loud", "right", libvirt.VIR_ERR_INVALID_ARG, "disk_mode"),
    ("esx://root:secret@{address}/", "right", libvirt.VIR_ERR_INVALID_ARG, "password"),
]


@pytest.mark.parametrize(("uri", "password", "code", "said"), OPENINGS, ids=range(len(OPENINGS)))
def test_a_connection_that_does_not_come_about_says_why_and_leaves_no_session(sim, uri, password, code, said):
    words = {
        "address": f"{sim.host}:{sim.port}",
        "control": sim.control.removeprefix("http://").rstrip("/"),
        "colons": sim.fingerprint,
    }
    auth = password_auth(sim.password if password == "right" else "secret")
    message = failing(code, esxdriver.openAuth, uri.format(**words), auth, 0)
    folded = message.lower().replace(":", "")
    assert said.format(**words).lower().replace(":", "") in folded
    assert "secret" not in message
    assert sim.password not in message
    assert sim.sessions() == []


VPX_PATHS = [
    ("", "name a datacenter: vpx://vcenter/[folder/...]datacenter/[cluster/][host]; this vCenter has Lab/DC%201"),
    ("Lab", "is a folder: name a datacenter; this vCenter has Lab/DC%201"),
    ("DC0", "'DC0': there is no 'DC0' that this user can see; this vCenter has Lab/DC%201"),
    ("Lab/nowhere", "'Lab/nowhere': there is no 'nowhere' that this user can see; this vCenter has Lab/DC%201"),
    ("Lab/DC%201/nobody", "see; there is cluster1, esx3.example.test"),
    ("Lab/DC%201/cluster1/nobody", "see; there is esx1.example.test, esx2.example.test"),
]


@pytest.mark.esx(model="vpx")
@pytest.mark.parametrize(("path", "said"), VPX_PATHS)
def test_a_path_that_leads_nowhere_is_refused(sim, path, said):
    uri = f"vpx://{sim.user}@{sim.host}:{sim.port}/{path}?no_verify=1"
    message = failing(libvirt.VIR_ERR_INVALID_ARG, esxdriver.openAuth, uri, password_auth(sim.password), 0)
    assert said in message
    assert sim.sessions() == []


SCOPES = [
    ("Lab/DC%201", 8),
    ("Lab/DC%201/cluster1", None),
    ("Lab/DC%201/cluster1/esx1.example.test", None),
    ("Lab/DC%201/esx3.example.test", None),
]


@pytest.mark.esx(model="vpx")
def test_a_path_may_stop_at_a_datacenter_a_cluster_or_a_host(sim):
    counts = {}
    for path, _ in SCOPES:
        uri = f"vpx://{sim.user}@{sim.host}:{sim.port}/{path}?no_verify=1"
        with esxdriver.openAuth(uri, password_auth(sim.password), 0) as connection:
            counts[path] = len(connection.listAllDomains())
    everywhere, cluster, host, alone = counts.values()
    assert everywhere == 8
    assert cluster + alone == everywhere
    assert 0 < host < cluster


@pytest.mark.esx(model="vpx")
def test_a_new_domain_needs_one_place_to_be_in(sim):
    text = domain(disk(datastore="datastore1")).replace("web01", "new01")
    base = f"vpx://{sim.user}@{sim.host}:{sim.port}/Lab/DC%201"
    with esxdriver.openAuth(f"{base}?no_verify=1", password_auth(sim.password), 0) as connection:
        assert "cluster1" in failing(UNSUPPORTED, connection.defineXML, text)
    with esxdriver.openAuth(f"{base}/cluster1?no_verify=1", password_auth(sim.password), 0) as connection:
        assert connection.defineXML(text).name() == "new01"
