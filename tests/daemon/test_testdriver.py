"""Unmodified clients on the daemon with libvirt's test driver behind it see what they see locally."""

import shutil
import subprocess
import threading
import time
import uuid

import libvirt
import pytest

from esxdriver.daemon import doors
from tests.helpers import run_libvirts_loop

from .conftest import eventually

LOCAL = "test:///default"
VIRSH = shutil.which("virsh")

needs_virsh = pytest.mark.skipif(VIRSH is None, reason="needs virsh: apt install libvirt-clients")


@pytest.fixture(scope="module")
def uri(testdriver):
    return f"esx+unix:///system?socket={testdriver / doors.NAME}"


@pytest.fixture(scope="module")
def conn(uri):
    conn = libvirt.open(uri)
    yield conn
    conn.close()


def virsh(uri, *arguments):
    ran = subprocess.run([VIRSH, "-q", "-c", uri, *arguments], check=False, capture_output=True, text=True, timeout=30)
    return ran.stdout, ran.stderr, ran.returncode


# What a user types that only looks. Times and figures that count up are left out.
LOOKS = [
    "list --all", "list --all --name --uuid", "list --all --title", "dominfo test", "domstate test --reason",
    "dumpxml test", "dumpxml test --inactive", "dumpxml none", "domblklist test", "domiflist test", "domid test",
    "domuuid test", "domname 1", "vcpucount test", "schedinfo test", "domifaddr test", "domhostname test", "domfsinfo test",
    "guestinfo test", "domcontrol test", "domblkinfo test vda", "domblkerror test",
    "metadata test urn:x", "desc test", "domdisplay test", "snapshot-list test", "snapshot-current test",
    "checkpoint-list test", "version", "hostname", "nodeinfo", "capabilities", "domcapabilities", "freecell --all",
    "nodecpumap", "maxvcpus", "sysinfo", "cpu-models x86_64", "nodememstats", "net-list --all", "net-info default",
    "net-dumpxml default", "net-dhcp-leases default", "net-uuid default", "pool-list --all --details", "pool-info default-pool",
    "pool-dumpxml default-pool", "vol-list default-pool --details", "iface-list --all", "iface-dumpxml eth1",
    "iface-mac eth1", "nodedev-list --all", "secret-list", "nwfilter-list", "event --list",
    "domjobinfo test", "domlaunchsecinfo test", "migrate-getspeed test", "domxml-to-native vmware-vmx --domain test",
    "emulatorpin test", "vcpupin test", "memtune test", "blkiotune test", "numatune test",
]  # fmt: skip


@needs_virsh
@pytest.mark.parametrize("line", LOOKS)
def test_virsh_shows_what_it_shows_locally(uri, line):
    here, through = virsh(LOCAL, *line.split()), virsh(uri, *line.split())
    assert through[2] == here[2], through[1]
    assert without_time(through[0]) == without_time(here[0])


def without_time(text):
    return [line for line in text.splitlines() if "time" not in line.lower()]


@needs_virsh
@pytest.mark.parametrize("line", ["list --all", "dumpxml test", "net-list"])
def test_virsh_without_the_right_to_change_reads(testdriver, line):
    read_only = f"esx+unix:///system?socket={testdriver / doors.READ_ONLY_NAME}"
    assert virsh(read_only, "-r", *line.split()) == virsh(LOCAL, *line.split())


@needs_virsh
def test_virsh_keeps_its_connection_alive_and_batches(uri):
    out, err, status = virsh(uri, "-k", "1", "-K", "2", "list --all --name; domstate test")
    assert (out.split(), err, status) == (["test", "running"], "", 0)


@needs_virsh
def test_virsh_takes_a_picture(uri, tmp_path):
    for name, where in (("here", LOCAL), ("through", uri)):
        _, err, status = virsh(where, "screenshot", "test", str(tmp_path / name))
        assert (status, err) == (0, "")
    assert (tmp_path / "through").read_bytes() == (tmp_path / "here").read_bytes()


@needs_virsh
def test_virsh_hears_of_events(uri):
    listening = subprocess.Popen(
        [VIRSH, "-c", uri, "event", "--all", "--loop", "--timeout", "20"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    time.sleep(0.5)
    for verb in ("suspend", "resume"):
        assert virsh(uri, verb, "test")[2] == 0
    lines = [listening.stdout.readline() for _ in range(2)]
    listening.kill()
    listening.communicate()
    assert lines == [
        "event 'lifecycle' for domain 'test': Suspended Paused\n",
        "event 'lifecycle' for domain 'test': Resumed Unpaused\n",
    ]


# -- libvirt-python

XML = """<domain type='test'><name>{name}</name><uuid>{uuid}</uuid><memory>1024</memory><vcpu>1</vcpu>
<os><type>hvm</type></os><description>größe</description></domain>"""


@pytest.fixture
def domain(conn):
    name = f"d{uuid.uuid4().hex[:8]}"
    domain = conn.defineXML(XML.format(name=name, uuid=uuid.uuid4()))
    yield domain
    if domain.isActive():
        domain.destroy()
    domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA)


def test_a_domain_lives_as_it_does_locally(conn, domain):
    assert (domain.ID(), domain.isActive(), domain.isPersistent()) == (-1, 0, 1)
    domain.create()
    assert domain.ID() > 0
    assert domain.state() == [libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_RUNNING_BOOTED]
    with pytest.raises(libvirt.libvirtError, match="already running"):
        domain.create()
    assert conn.lookupByID(domain.ID()).UUIDString() == domain.UUIDString()
    domain.suspend()
    domain.resume()
    domain.setAutostart(1)
    assert domain.autostart() == 1
    domain.setMemoryFlags(512, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    domain.destroy()
    assert domain.ID() == -1
    assert "größe" in domain.XMLDesc()
    domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, "a title", None, None)
    assert domain.metadata(libvirt.VIR_DOMAIN_METADATA_TITLE, None) == "a title"


def test_an_error_has_all_its_fields(conn):
    errors = []
    for each in (conn, libvirt.open(LOCAL)):
        with pytest.raises(libvirt.libvirtError) as caught:
            each.lookupByName("nobody")
        errors.append(caught.value.err)
    assert errors[0] == errors[1]


def test_snapshots_form_a_tree(domain):
    xml = "<domainsnapshot><name>{}</name><description>größe</description></domainsnapshot>"
    first, second = (domain.snapshotCreateXML(xml.format(name)) for name in ("s1", "s2"))
    assert sorted(each.getName() for each in domain.listAllSnapshots()) == ["s1", "s2"]
    assert second.getParent().getName() == "s1"
    assert [each.getName() for each in first.listAllChildren()] == ["s2"]
    assert domain.snapshotCurrent().getName() == "s2"
    domain.revertToSnapshot(first)
    assert first.isCurrent() == 1
    assert "größe" in first.getXMLDesc()
    first.delete(libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN)
    assert domain.snapshotNum() == 0


def test_statistics_have_the_types_of_python(conn):
    ((domain, stats),) = [each for each in conn.getAllDomainStats() if each[0].name() == "test"]
    here = libvirt.open(LOCAL).lookupByName("test")
    assert stats["state.state"] == here.state()[0]
    assert conn.domainListGetStats([domain])[0][1].keys() == stats.keys()
    assert domain.vcpus()[1] == here.vcpus()[1]
    assert domain.schedulerParameters() == here.schedulerParameters()
    assert domain.interfaceAddresses(0) == here.interfaceAddresses(0)
    assert conn.getInfo() == libvirt.open(LOCAL).getInfo()
    assert conn.getCPUMap() == libvirt.open(LOCAL).getCPUMap()


def test_volumes_are_made_and_found(conn):
    pool = conn.storagePoolLookupByName("default-pool")
    volume = pool.createXML("<volume><name>v</name><capacity unit='M'>1</capacity></volume>")
    try:
        assert volume.info()[1] == 2**20
        assert conn.storageVolLookupByPath(volume.path()).key() == volume.key()
        assert volume.storagePoolLookupByVolume().name() == "default-pool"
        assert [each.name() for each in pool.listAllVolumes()] == ["v"]
    finally:
        volume.delete()


@pytest.fixture
def loop():
    run_libvirts_loop()


def test_events_come_for_one_and_for_all(loop, uri, domain):
    heard = []
    listening = libvirt.open(uri)

    def lifecycle(_conn, who, event, detail, opaque):
        heard.append((opaque, who.name(), event, detail))

    own = listening.lookupByName(domain.name())
    for who, opaque in ((None, "all"), (own, "own"), (listening.lookupByName("test"), "other")):
        listening.domainEventRegisterAny(who, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lifecycle, opaque)
    domain.create()
    eventually(lambda: len(heard) >= 2)
    started = (domain.name(), libvirt.VIR_DOMAIN_EVENT_STARTED, libvirt.VIR_DOMAIN_EVENT_STARTED_BOOTED)
    assert sorted(heard) == [("all", *started), ("own", *started)]
    listening.close()


def test_a_connection_with_an_event_loop_is_kept_alive(loop, uri):
    conn = libvirt.open(uri)
    conn.setKeepAlive(1, 2)
    time.sleep(2.5)
    assert conn.isAlive() == 1
    assert conn.lookupByName("test").isActive() == 1
    conn.close()


def test_one_connection_serves_several_threads(conn):
    found = []

    def ask():
        found.extend(conn.lookupByName("test").state()[0] for _ in range(200))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [libvirt.VIR_DOMAIN_RUNNING] * 800
