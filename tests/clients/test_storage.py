"""Pools and volumes through virsh and libvirt-python, unmodified."""

import pytest

from tests.daemon.process import needs_virsh

from .test_virsh import plain
from .test_virt_manager import VIRT_INSTALL, env, needs_virtinst, ran  # noqa: F401 - env is a fixture

pytestmark = needs_virsh

SHOWS = [
    ("pool-list", ["datastore1 active yes", "nfs store active yes"]),
    ("pool-list --details --type fs", ["datastore1 running yes yes 1.00 TiB"]),
    ("pool-info datastore1", ["State: running", "Autostart: yes", "Capacity: 1.00 TiB"]),
    ("pool-dumpxml datastore1", ["<format type='vmfs'/>", "<path>/vmfs/volumes/"]),
    ("pool-uuid datastore1", ["192cf816-9f32-99e0-cf65-ea72ff6ffa04"]),
    ("pool-name 192cf816-9f32-99e0-cf65-ea72ff6ffa04", ["datastore1"]),
    ("pool-refresh datastore1", []),
    ("vol-list datastore1", ["spare/spare-1.vmdk [datastore1] spare/spare-1.vmdk"]),
    ("vol-info --pool datastore1 spare/spare-1.vmdk", ["Type: file", "Capacity: 8.00 GiB"]),
    ("vol-path --pool datastore1 iso/install.iso", ["[datastore1] iso/install.iso"]),
    ("vol-key --pool datastore1 iso/install.iso", ["[datastore1] iso/install.iso"]),
    ("vol-dumpxml --pool datastore1 spare/spare-1.vmdk", ["<format type='vmdk'/>"]),
]


@pytest.mark.parametrize(("line", "shown"), SHOWS, ids=[line for line, _ in SHOWS])
def test_virsh_shows(host, line, shown):
    out = plain(host.virsh(*line.split()))
    assert [each for each in shown if each not in out] == []


def test_virsh_makes_fills_copies_grows_and_deletes_a_volume(host, tmp_path):
    (tmp_path / "in").write_bytes(b"boot sector")
    at = ["--pool", "datastore1"]
    host.virsh("vol-create-as", "datastore1", "web09", "2M")
    volume = [*at, "web09/web09.vmdk"]
    host.virsh("vol-upload", *volume, str(tmp_path / "in"))
    host.virsh("vol-download", *volume, str(tmp_path / "out"))
    assert (tmp_path / "out").read_bytes() == b"boot sector" + bytes((2 << 20) - 11)
    host.virsh("vol-download", *volume, str(tmp_path / "part"), "--offset", "5", "--length", "6")
    assert (tmp_path / "part").read_bytes() == b"sector"
    host.virsh("vol-clone", *volume, "web09/copy.vmdk")
    host.virsh("vol-resize", *at, "web09/copy.vmdk", "3M")
    assert "Capacity: 3.00 MiB" in plain(host.virsh("vol-info", *at, "web09/copy.vmdk"))
    host.virsh("vol-wipe", *volume)
    host.virsh("vol-delete", *volume)
    assert "Storage volume not found" in host.refused("vol-info", *volume)


BLANK = """<domain type='vmware'><name>new09</name><metadata>
<esxdriver:domain xmlns:esxdriver='urn:x-esxdriver:domain:1'>
<esxdriver:disk target='sda' capacity='1' unit='GiB' allocation='0'/></esxdriver:domain></metadata>
<memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>
<disk type='file' device='disk' snapshot='no' persistent='no'><source file='[datastore1] new09/new09.vmdk'/>
<target dev='sda' bus='scsi'/></disk></devices></domain>"""
ATTACHED = """<disk type='file' device='disk' snapshot='no'><source file='[datastore1] new09/data.vmdk'/>
<target dev='sdb' bus='scsi'/>
<esxdriver:disk xmlns:esxdriver='urn:x-esxdriver:domain:1' capacity='2' unit='GiB'/></disk>"""


def test_virsh_defines_and_attaches_disks_that_are_made_with_their_modes(host, tmp_path):
    (tmp_path / "new09.xml").write_text(BLANK)
    (tmp_path / "disk.xml").write_text(ATTACHED)
    host.virsh("define", str(tmp_path / "new09.xml"))
    host.virsh("attach-device", "new09", str(tmp_path / "disk.xml"), "--config")
    dumped = host.virsh("dumpxml", "new09")
    assert [mode in dumped for mode in ("snapshot='no' persistent='no'", "snapshot='no' persistent='yes'")] == [
        True
    ] * 2
    assert "capacity" not in dumped
    volume = plain(host.virsh("vol-info", "--pool", "datastore1", "new09/new09.vmdk"))
    assert "Capacity: 1.00 GiB" in volume


def test_virsh_undefines_with_storage_and_nvram(host, tmp_path):
    (tmp_path / "new09.xml").write_text(BLANK)
    host.virsh("define", str(tmp_path / "new09.xml"))
    volume = ["--pool", "datastore1", "new09/new09.vmdk"]
    host.virsh("vol-info", *volume)
    host.virsh("undefine", "new09", "--remove-all-storage", "--nvram", "--managed-save", "--snapshots-metadata")
    assert "new09" not in host.virsh("list", "--all", "--name")
    assert "Storage volume not found" in host.refused("vol-info", *volume)


def test_virsh_defines_again_what_it_has_undefined(host, tmp_path):
    text = host.virsh("dumpxml", "web01")
    (tmp_path / "web01.xml").write_text(text)
    host.virsh("undefine", "web01")
    host.virsh("define", str(tmp_path / "web01.xml"))
    changed = set(text.splitlines()) ^ set(host.virsh("dumpxml", "web01").splitlines())
    assert [line for line in changed if "vmware:moref" not in line] == []


def test_virsh_is_told_by_whom_a_volume_is_used(host):
    assert "domain 'web01' has it" in host.refused("vol-delete", "--pool", "datastore1", "web01/web01.vmdk")
    assert "domain 'db01' has it" in host.refused("vol-download", "--pool", "datastore1", "db01/db01.vmdk", "/dev/null")


def test_a_new_iso_is_uploaded(host, tmp_path):
    (tmp_path / "in").write_bytes(b"CD001" * 1000)
    host.virsh("vol-create-as", "datastore1", "iso/new.iso", "1", "--format", "iso")
    host.virsh("vol-upload", "--pool", "datastore1", "iso/new.iso", str(tmp_path / "in"))
    assert "Capacity: 4.88 KiB" in plain(host.virsh("vol-info", "--pool", "datastore1", "iso/new.iso"))


def test_a_list_asks_no_volume_for_its_key_and_remembers_each(host):
    host.virsh("pool-list")
    host.sim.reset_calls()
    host.virsh("vol-list", "datastore1", "--details")
    asked = host.asked()
    assert "QueryVirtualDiskUuid" not in asked
    assert asked.count("SearchDatastoreSubFolders_Task") == 1
    volumes = len(host.virsh("vol-list", "datastore1").splitlines())
    assert asked.count("SearchDatastore_Task") <= volumes  # each one's sizes, and no search for it before


@needs_virtinst
def test_virt_install_makes_a_disk_and_a_domain_and_starts_it(host, env):  # noqa: F811
    host.sim.reset_calls()
    options = (
        "--name new01 --memory 512 --vcpus 1 --disk pool=datastore1,size=8 --import --osinfo detect=off,require=off "
        "--graphics none --noautoconsole"
    )
    network = ["--network", "bridge=VM Network"]
    ran(VIRT_INSTALL, "--connect", host.uri(), *options.split(), *network, env=env)
    assert [call for call in host.writes() if not call.startswith("Search")] == [
        "CreateVirtualDisk_Task", "CreateVM_Task",
        "ReconfigVM_Task", "PowerOnVM_Task", "ReconfigVM_Task",  # transient at first, as libvirt has it, then defined
    ]  # fmt: skip
    assert "yes" in host.virsh("dominfo", "new01").partition("Persistent:")[2].splitlines()[0]
    assert host.virsh("domstate", "new01").strip() == "running"
    assert "[datastore1] new01/new01.vmdk" in host.virsh("domblklist", "new01")
    assert "Capacity: 8.00 GiB" in plain(host.virsh("vol-info", "--pool", "datastore1", "new01/new01.vmdk"))
    assert host.modes("new01") == ["persistent"]
    assert "domain 'new01' has it" in host.refused("vol-delete", "--pool", "datastore1", "new01.img")
