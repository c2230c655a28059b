"""What every other command of virsh shows of a running domain and its host, or in which words it is refused."""

import pytest

from tests.daemon.process import Virtesxd, needs_virsh

from .conftest import Host, address, credentials
from .test_virsh import plain

pytestmark = needs_virsh


@pytest.fixture(scope="module")
def looked_at(_esx, tmp_path_factory):
    """The simulator in its first state, and one daemon for all commands, as none of them changes anything."""
    _esx.restore()
    directory = tmp_path_factory.mktemp("virtesxd")
    with Virtesxd(directory, "--connect", address(_esx), env=credentials(_esx)) as daemon:
        yield Host(_esx, daemon)


SHOWS = [
    ("version --daemon", ["Using API: ESX", "Running against daemon: "]),
    ("sysinfo", ["<sysinfo type='smbios'>", "VMware, Inc."]),
    ("freecell", ["Total: 65671168 KiB"]),
    ("nodecpustats", ["user: ", "idle: "]),
    ("nodememstats", ["total : 67108864 KiB", "free : 65671168 KiB"]),
    ("list --title", ["db01 running"]),
    ("list --managed-save", ["db01 running"]),
    ("domblkinfo db01 sda", ["Capacity: 42949672960"]),
    ("domblkinfo db01 --all", ["sdiw 21474836480", "nvme0n1 10737418240"]),
    ("domblkstat db01 sda", ["sda rd_req ", "sda wr_bytes "]),
    ("domifstat db01 nic0", ["nic0 rx_bytes ", "nic0 tx_packets "]),
    ("dommemstat db01", ["actual 8388608", "rss 4194304"]),
    ("cpu-stats db01", ["CPU3:", "Total:", "cpu_time "]),
    ("domifaddr db01", ["nic0 00:0c:29:70:19:60 ipv4 192.0.2.102/24"]),
    ("domhostname db01", ["db01.example.test"]),
    ("domfsinfo db01", ["/ / ext4 sda"]),
    ("guestinfo db01", ["hostname : db01.example.test", "fs.count : 3"]),
    ("schedinfo db01", ["Scheduler : allocation", "shares : -2"]),
    ("memtune db01", ["hard_limit : unlimited", "min_guarantee : 0"]),
    ("desc db01", ["database"]),
    ("domstats db01 --block --interface", ["block.count=3", "net.count=2"]),
    ("vol-list datastore1", ["iso/install.iso"]),
    ("net-list --all", ["vSwitch0 active yes yes"]),
    ("net-info vSwitch0", ["Active: yes"]),
    ("net-dumpxml vSwitch0", ["<name>vSwitch0</name>"]),
    ("net-dhcp-leases vSwitch0", []),
    ("iface-list", ["vmk0 active", "vmnic0 active"]),
    ("iface-dumpxml vmk0", ["<protocol family='ipv4'>"]),
    ("nwfilter-binding-list", []),
    ("managedsave-remove db01", ["\n"]),
]


@pytest.mark.parametrize(("line", "shown"), SHOWS, ids=[line for line, _ in SHOWS])
def test_virsh_shows(looked_at, line, shown):
    out = plain(looked_at.virsh(*line.split()))
    assert [each for each in shown if each not in out] == []


_UNSUPPORTED = "this function is not supported by the connection driver: "
REFUSES = [
    ("vncdisplay db01", "Failed to get VNC port"),
    ("domdisplay db01", "No graphical display found"),
    ("domtime db01", f"{_UNSUPPORTED}virDomainGetTime"),
    ("domjobinfo db01", f"{_UNSUPPORTED}virDomainGetJob"),
    ("domcontrol db01", f"{_UNSUPPORTED}virDomainGetControlInfo"),
    ("perf db01", f"{_UNSUPPORTED}virDomainGetPerfEvents"),
    ("domlaunchsecinfo db01", f"{_UNSUPPORTED}virDomainGetLaunchSecurityInfo"),
    ("iothreadinfo db01", f"{_UNSUPPORTED}virDomainGetIOThreadInfo"),
    ("blkiotune db01", f"{_UNSUPPORTED}virDomainGetBlkioParameters"),
    ("blkdeviotune db01 sda", f"{_UNSUPPORTED}virDomainGetBlockIoTune"),
    ("numatune db01", f"{_UNSUPPORTED}virDomainGetNumaParameters"),
    ("guestvcpus db01", f"{_UNSUPPORTED}virDomainGetGuestVcpus"),
    ("inject-nmi db01", f"{_UNSUPPORTED}virDomainInjectNMI"),
    ("metadata db01 urn:x", "metadata not found: Requested metadata element is not present"),
    ("snapshot-info db01 none", "no domain snapshot with matching name 'none'"),
    ("vol-pool nowhere.iso", "Storage volume not found"),
    ("net-info nowhere", "Network not found"),
    ("pool-define-as x dir --target /tmp", _UNSUPPORTED),
    ("domxml-from-native vmware-vmx /dev/null", "not a VMX file"),
]


@pytest.mark.parametrize(("line", "said"), REFUSES, ids=[line for line, _ in REFUSES])
def test_virsh_is_refused_in_libvirts_words(looked_at, line, said):
    assert said in looked_at.refused(*line.split())


def test_none_of_these_commands_has_changed_the_host(looked_at):
    """The last of the module: these are all the writes since the daemon's start."""
    assert [call for call in looked_at.writes() if not call.startswith("Search")] == []
