"""What VMware Tools say, in libvirt's names."""

from types import SimpleNamespace as Thing

import libvirt
import pytest

from esxdriver.vsphere.machine import guest
from esxdriver.vsphere.query.retrieve import Found


def nic(key, mac, *addresses):
    known = [Thing(ipAddress=address, prefixLength=prefix) for address, prefix in addresses]
    return Thing(
        deviceConfigId=key, macAddress=mac, network="VM Network", ipAddress=[], ipConfig=Thing(ipAddress=known)
    )


MAC, OTHER = "00:50:56:00:00:01", "02:42:00:00:00:01"

CARDS = [
    # what Tools say, what libvirt has
    ([nic(4000, MAC, ("192.0.2.7", 24), ("fe80::1%eth0", 64))], {
        "nic0": {"hwaddr": MAC, "addrs": [
            {"addr": "192.0.2.7", "prefix": 24, "type": 0}, {"addr": "fe80::1", "prefix": 64, "type": 1}]}}),
    ([nic(4007, MAC)], {"nic7": {"hwaddr": MAC, "addrs": []}}),
    ([nic(-1, OTHER)], {OTHER: {"hwaddr": OTHER, "addrs": []}}),
    ([Thing(deviceConfigId=4000, macAddress=None, network=None, ipAddress=["192.0.2.7"], ipConfig=None)],
     {"nic0": {"hwaddr": None, "addrs": [{"addr": "192.0.2.7", "prefix": 32, "type": 0}]}}),
    ([nic(4000, MAC, ("192.0.2.7", 24)), nic(4000, MAC, ("192.0.2.8", 24))], {"nic0": {"hwaddr": MAC, "addrs": [
        {"addr": "192.0.2.7", "prefix": 24, "type": 0}, {"addr": "192.0.2.8", "prefix": 24, "type": 0}]}}),
    ([nic(-1, None), nic(-1, None)], {"if0": {"hwaddr": None, "addrs": []}, "if1": {"hwaddr": None, "addrs": []}}),
    ([nic(4000, MAC, ("\x1b[2J", 24), ("", 0))], {"nic0": {"hwaddr": MAC, "addrs": []}}),
    (None, {}),
]  # fmt: skip


@pytest.mark.parametrize(("reported", "expected"), CARDS)
def test_interfaces_go_by_their_card(reported, expected):
    assert guest.interfaces(Found(None, {"guest.net": reported})) == expected


VOLUME = Thing(
    diskPath="/", filesystemType="ext4", capacity=100, freeSpace=40, mappings=[Thing(key=2000), Thing(key=9)]
)
BARE = Thing(diskPath="C:\\", filesystemType=None, capacity=None, freeSpace=None, mappings=None)


def test_file_systems_have_the_targets_of_their_disks():
    found = Found(None, {"guest.disk": [VOLUME, BARE]})
    assert guest.file_systems(found, {2000: "sda"}) == [["/", "/", "ext4", ["sda"]], ["C:\\", "C:\\", "", []]]


DETAILS = Thing(key="guestInfo.detailed.data", value="distroName='Ubuntu' distroVersion='22.04' kernelVersion=''")

INFORMATION = [
    ("OS", {"guest.guestFullName": "Ubuntu Linux"}, {"os.pretty-name": "Ubuntu Linux"}),
    ("OS", {"config.extraConfig": [DETAILS]}, {"os.name": "Ubuntu", "os.version-id": "22.04"}),
    ("OS", {}, {}),
    ("HOSTNAME", {"guest.hostName": "a.example"}, {"hostname": "a.example"}),
    ("HOSTNAME", {}, {}),
    ("FILESYSTEM", {"guest.disk": [VOLUME, BARE]}, {
        "fs.count": 2, "fs.0.name": "/", "fs.0.mountpoint": "/", "fs.0.fstype": "ext4", "fs.0.total-bytes": 100,
        "fs.0.used-bytes": 60, "fs.1.name": "C:\\", "fs.1.mountpoint": "C:\\"}),
    ("INTERFACES", {"guest.net": [nic(4000, MAC, ("192.0.2.7", 24))]}, {
        "if.count": 1, "if.0.name": "nic0", "if.0.hwaddr": MAC, "if.0.addr.count": 1, "if.0.addr.0.type": "ipv4",
        "if.0.addr.0.addr": "192.0.2.7", "if.0.addr.0.prefix": 24}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "reported", "expected"), INFORMATION)
def test_information(kind, reported, expected):
    assert guest.INFORMATION[getattr(libvirt, f"VIR_DOMAIN_GUEST_INFO_{kind}")](Found(None, reported)) == expected
