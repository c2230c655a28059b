"""Esxsim's switches and port groups: what vSphere makes of them, and what it refuses, seen by plain pyvmomi."""

import re

import pytest
from pyVmomi import vim, vmodl

from tests.live.rig import finish, nic, unchanged

pytestmark = pytest.mark.live

Switch, Group, Policy = vim.host.VirtualSwitch, vim.host.PortGroup, vim.host.NetworkPolicy
argument, in_use = vmodl.fault.InvalidArgument, vim.fault.ResourceInUse
exists, missing = vim.fault.AlreadyExists, vim.fault.NotFound


def switch_spec(*nics, policy=None):
    bridge = Switch.BondBridge(nicDevice=list(nics)) if nics else None
    return Switch.Specification(numPorts=128, bridge=bridge, policy=policy)


def group_spec(name="new", switch="vSwitch0", vlan=0, **policy):
    return Group.Specification(name=name, vlanId=vlan, vswitchName=switch, policy=Policy(**policy))


@pytest.fixture
def host(rig):
    return rig.all(vim.HostSystem)[0]


@pytest.fixture
def system(host):
    return host.configManager.networkSystem


def networks(rig):
    return {each.name: each for each in rig.all(vim.Network)}


def test_a_switch_is_made_with_a_key_and_the_hosts_policy(host, system):
    system.AddVirtualSwitch("vs2", switch_spec("vmnic2"))
    made = next(each for each in host.config.network.vswitch if each.name == "vs2")
    assert (made.key, list(made.pnic)) == ("key-vim.host.VirtualSwitch-vs2", ["key-vim.host.PhysicalNic-vmnic2"])
    assert made.spec.policy.security.allowPromiscuous is False
    assert list(made.spec.policy.nicTeaming.nicOrder.activeNic) == ["vmnic2"]
    system.RemoveVirtualSwitch("vs2")
    assert "vs2" not in [each.name for each in system.networkInfo.vswitch]


def test_a_port_group_is_a_network_of_its_own(rig, host, system):
    system.AddPortGroup(group_spec("web", vlan=20))
    made = next(each for each in host.config.network.portgroup if each.spec.name == "web")
    assert (made.key, made.vswitch) == ("key-vim.host.PortGroup-web", "key-vim.host.VirtualSwitch-vSwitch0")
    assert made.computedPolicy.security.forgedTransmits is True
    assert made.key in host.config.network.vswitch[0].portgroup
    assert networks(rig)["web"] in host.network
    system.UpdatePortGroup("web", group_spec("web", vlan=4095))
    assert [each.spec.vlanId for each in host.config.network.portgroup if each.spec.name == "web"] == [4095]
    system.RemovePortGroup("web")
    assert "web" not in networks(rig)


def test_the_vmkernels_port_group_is_no_network(rig, host):
    assert "Management Network" in [each.spec.name for each in host.config.network.portgroup]
    assert "Management Network" not in networks(rig)


REFUSED = [
    ("AddVirtualSwitch", ("vSwitch0", switch_spec()), exists),
    ("AddVirtualSwitch", ("", switch_spec()), argument),
    ("AddVirtualSwitch", ("x" * 32, switch_spec()), argument),
    ("AddVirtualSwitch", ("vs2", switch_spec("eth0")), argument),
    ("AddVirtualSwitch", ("vs2", switch_spec("vmnic0")), in_use),
    ("AddVirtualSwitch", ("vs2", switch_spec(policy=Policy(shapingPolicy=Policy.TrafficShapingPolicy(enabled=True)))),
     argument),
    ("UpdateVirtualSwitch", ("none", switch_spec()), missing),
    ("UpdateVirtualSwitch", ("vSwitch0", switch_spec("vmnic1")), in_use),
    ("UpdateVirtualSwitch", ("vSwitch0", switch_spec("vmnic2", policy=Policy(nicTeaming=Policy.NicTeamingPolicy(
        nicOrder=Policy.NicOrderPolicy(activeNic=["vmnic0"]))))), argument),
    ("RemoveVirtualSwitch", ("none",), missing),
    ("RemoveVirtualSwitch", ("vSwitch0",), in_use),
    ("AddPortGroup", (group_spec("VM Network"),), exists),
    ("AddPortGroup", (group_spec("backup net"),), exists),
    ("AddPortGroup", (group_spec(""),), argument),
    ("AddPortGroup", (group_spec(vlan=4096),), argument),
    ("AddPortGroup", (group_spec(switch="none"),), missing),
    ("UpdatePortGroup", ("none", group_spec("none")), missing),
    ("UpdatePortGroup", ("VM Network", group_spec("VM Network", vlan=-1)), argument),
    ("RemovePortGroup", ("none",), missing),
    ("RemovePortGroup", ("Management Network",), in_use),
    ("RemovePortGroup", ("VM Network",), in_use),
]  # fmt: skip


@pytest.mark.parametrize(("method", "arguments", "fault"), REFUSED)
def test_a_change_is_refused(rig, system, method, arguments, fault):
    with unchanged(rig.sim), pytest.raises(fault):
        getattr(system, method)(*arguments)


def test_a_machine_that_is_off_holds_no_port(rig, host, system):
    system.AddPortGroup(group_spec("web"))
    rig.reconfigure("web01", *[vim.vm.device.VirtualDeviceSpec(operation="add", device=nic("web"))])
    assert [vm.name for vm in networks(rig)["web"].vm] == ["web01"]
    finish(rig.vm("web01").PowerOnVM_Task())
    with pytest.raises(in_use):
        system.RemovePortGroup("web")
    finish(rig.vm("web01").PowerOffVM_Task())
    system.RemovePortGroup("web")
    assert "web" not in [each.spec.name for each in host.config.network.portgroup]


@pytest.mark.esx(model="vpx")
def test_hosts_share_the_network_of_a_name(rig):
    first, second, _ = rig.all(vim.HostSystem)
    for host in (first, second):
        host.configManager.networkSystem.AddPortGroup(group_spec("web"))
    assert set(networks(rig)["web"].host) == {first, second}
    first.configManager.networkSystem.RemovePortGroup("web")
    assert list(networks(rig)["web"].host) == [second]
    second.configManager.networkSystem.RemovePortGroup("web")
    assert "web" not in networks(rig)


@pytest.mark.esx(model="vpx")
def test_a_distributed_switch_has_a_uuid_in_pairs_and_says_which_port_group_is_of_its_uplinks(rig):
    groups = rig.all(vim.dvs.DistributedVirtualPortgroup)
    assert [each.name for each in groups if each.config.uplink] == [groups[0].name]
    assert re.fullmatch(
        "([0-9a-f]{2} ){7}[0-9a-f]{2}-([0-9a-f]{2} ){7}[0-9a-f]{2}", rig.all(vim.DistributedVirtualSwitch)[0].uuid
    )
    assert [each.config.defaultPortConfig.vlan.vlanId for each in groups if each.name == "storage"] == [30]
