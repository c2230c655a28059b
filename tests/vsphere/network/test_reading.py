"""What vSphere's own objects of a host's network become: policies, VLANs, interfaces."""

import pytest
from pyVmomi import vim

from esxdriver.conf.network import interface
from esxdriver.conf.network.policy import UNLIMITED, UNTAGGED, Bandwidth, Vlan
from esxdriver.vsphere.network import policy
from esxdriver.vsphere.network.interfaces import _of_host

NetworkPolicy, Dvs = vim.host.NetworkPolicy, vim.dvs.VmwareDistributedVirtualSwitch
ALL = Vlan((4095,), trunk=True)


def span(start, end):
    return vim.NumericRange(start=start, end=end)


def trunk(*spans):
    return Dvs.TrunkVlanSpec(vlanId=[span(*each) for each in spans], inherited=False)


VLANS = [
    (Dvs.VlanIdSpec(vlanId=0, inherited=False), UNTAGGED),
    (Dvs.VlanIdSpec(vlanId=30, inherited=False), Vlan((30,))),
    (trunk((5, 7), (6, 8)), Vlan((5, 6, 7, 8), trunk=True)),
    (trunk((0, 4094)), ALL),
    (trunk((1, 4094)), ALL),
    (trunk(), None),
    (Dvs.PvlanSpec(pvlanId=7, inherited=False), None),
    (None, None),
]


@pytest.mark.parametrize(("spec", "vlan"), VLANS)
def test_a_distributed_port_groups_vlans(spec, vlan):
    assert policy.trunk_of(spec) == vlan


@pytest.mark.parametrize(("number", "vlan"), [(0, UNTAGGED), (None, UNTAGGED), (20, Vlan((20,))), (4095, ALL)])
def test_a_standard_port_groups_vlan(number, vlan):
    assert policy.vlan_of(number) == vlan


def shaping(**fields):
    return NetworkPolicy(shapingPolicy=NetworkPolicy.TrafficShapingPolicy(**fields))


BANDWIDTHS = [
    (None, None),
    (NetworkPolicy(), None),
    (shaping(), None),
    (shaping(enabled=False, averageBandwidth=8000), UNLIMITED),
    (shaping(enabled=True), UNLIMITED),
    (shaping(enabled=True, averageBandwidth=800000, peakBandwidth=1600000, burstSize=51200), Bandwidth(100, 200, 50)),
    (shaping(enabled=True, averageBandwidth=100), Bandwidth(1)),
]


@pytest.mark.parametrize(("said", "bandwidth"), BANDWIDTHS)
def test_a_limit(said, bandwidth):
    assert policy.bandwidth_of(said) == bandwidth


@pytest.mark.parametrize(
    ("want", "figures"),
    [
        (Bandwidth(100, 200, 50), (True, 800_000, 1_600_000, 51_200)),
        (Bandwidth(100), (True, 800_000, 800_000, 102400 * 1024)),
        (UNLIMITED, (False, None, None, None)),
    ],
)
def test_a_limit_is_written(want, figures):
    written = NetworkPolicy()
    policy.limit(written, want)
    limits = written.shapingPolicy
    assert (limits.enabled, limits.averageBandwidth, limits.peakBandwidth, limits.burstSize) == figures
    assert want.covers(policy.bandwidth_of(written))


@pytest.mark.parametrize(
    ("changes", "forged", "trusted"),
    [(True, True, True), (False, False, False), (True, False, None), (None, None, None), (True, None, None)],
)
def test_trust_is_both_or_nothing(changes, forged, trusted):
    security = NetworkPolicy.SecurityPolicy(macChanges=changes, forgedTransmits=forged)
    assert policy.trusted(NetworkPolicy(security=security)) is trusted


def kernel_nic(**ip):
    config = vim.host.IpConfig(**ip)
    spec = vim.host.VirtualNic.Specification(ip=config, mac="00:50:56:00:00:01", mtu=9000)
    return vim.host.VirtualNic(device="vmk1", key="k", portgroup="p", spec=spec)


def six(*addresses, **fields):
    made = [vim.host.IpConfig.IpV6Address(ipAddress=each, prefixLength=64) for each in addresses]
    return vim.host.IpConfig.IpV6AddressConfiguration(ipV6Address=made, **fields)


ADDRESSES = [
    ({"dhcp": False, "ipAddress": "192.0.2.5", "subnetMask": "255.255.255.128"},
     ["<protocol family='ipv4'>", "<ip address='192.0.2.5' prefix='25'/>"], ["dhcp", "ipv6"]),
    ({"dhcp": True}, ["<protocol family='ipv4'>\n    <dhcp/>"], ["<ip "]),
    ({"dhcp": False, "ipV6Config": six("fe80::1", "2001:db8::5")},
     ["<protocol family='ipv6'>", "<ip address='fe80::1' prefix='64'/>", "<ip address='2001:db8::5' prefix='64'/>"],
     ["ipv4", "dhcp"]),
    ({"dhcp": False, "ipV6Config": six(dhcpV6Enabled=True)}, ["<protocol family='ipv6'>\n    <dhcp/>"], ["<ip "]),
    ({"dhcp": False, "ipAddress": "192.0.2.5", "subnetMask": "none"}, [], ["protocol"]),
    ({}, [], ["protocol"]),
]  # fmt: skip


@pytest.mark.parametrize(("ip", "parts", "others"), ADDRESSES)
def test_a_kernel_adapter_has_its_addresses(ip, parts, others):
    (found,) = _of_host(None, [kernel_nic(**ip)])
    text = interface.format(found)
    assert (
        "<interface type='ethernet' name='vmk1'>\n  <start mode='onboot'/>\n  <mac address='00:50:56:00:00:01'/>"
        in text
    )
    assert "<mtu size='9000'/>" in text
    assert "<link" not in text
    assert [part for part in parts if part not in text] == []
    assert [part for part in others if part in text] == []


@pytest.mark.parametrize(
    ("speed", "link"), [(10000, "<link speed='10000' state='up'/>"), (None, "<link state='down'/>")]
)
def test_a_physical_nic_has_a_link(speed, link):
    up = vim.host.PhysicalNic.LinkSpeedDuplex(speedMb=speed, duplex=True) if speed else None
    (found,) = _of_host([vim.host.PhysicalNic(device="vmnic3", mac="00:50:56:00:00:02", linkSpeed=up)], None)
    assert f"<mac address='00:50:56:00:00:02'/>\n  {link}" in interface.format(found)
