"""What has to be done to make a standard switch, or to make one as it is wanted: steps, none where nothing differs.

The objects that were fetched are edited, so that what libvirt has no name for stays. Source: vSphere API,
HostNetworkSystem.
"""

import copy
from collections.abc import Sequence
from typing import Any

from pyVmomi import vim

from esxdriver.conf.network.network import NetworkDef, PortgroupDef
from esxdriver.conf.network.policy import UNLIMITED
from esxdriver.vsphere.network import policy
from esxdriver.vsphere.network.steps import Step
from esxdriver.vsphere.network.switches import HostSwitch

_PORTS = 128  # of a new switch; hosts give it more when it needs them


def creation(system: Any, want: NetworkDef) -> list[Step]:
    """Return the steps that make a switch on the host whose network system this is."""
    spec = vim.host.VirtualSwitch.Specification(numPorts=_PORTS)
    if want.nics:
        spec.bridge = vim.host.VirtualSwitch.BondBridge(nicDevice=list(want.nics))
    if want.trusted is not None or want.bandwidth is not None:
        spec.policy = vim.host.NetworkPolicy()
        _apply(spec.policy, want)
    make = Step(
        f"switch '{want.name}'",
        lambda: system.AddVirtualSwitch(vswitchName=want.name, spec=spec),
        lambda: system.RemoveVirtualSwitch(vswitchName=want.name),
    )
    return [make, *(adding(system, want.name, each) for each in want.portgroups)]


def edit(have: HostSwitch, now: NetworkDef, want: NetworkDef) -> list[Step]:
    """Return the steps that make a switch, which is as ``now`` says, as it is wanted: what goes, goes last."""
    steps = []
    spec = _edited_switch(have.switch.spec, now, want)
    if spec is not None:
        steps.append(_updating(have, spec))
    wanted = {each.name for each in want.portgroups}
    groups = {each.spec.name: each for each in have.shown}
    known = [(now.portgroup(each.name), each) for each in want.portgroups]
    steps += [adding(have.system, now.name, each) for before, each in known if before is None]
    steps += [
        changing(have.system, groups[each.name], each) for before, each in known if before and _differs(before, each)
    ]
    return steps + [removing(have.system, each) for name, each in groups.items() if name not in wanted]


def removal(have: HostSwitch) -> list[Step]:
    """Return the steps that remove a switch with its port groups."""
    name, system = have.switch.name, have.system
    spec = copy.deepcopy(have.switch.spec)
    remove = Step(
        f"switch '{name}'",
        lambda: system.RemoveVirtualSwitch(vswitchName=name),
        lambda: system.AddVirtualSwitch(vswitchName=name, spec=spec),
    )
    return [*(removing(system, each) for each in have.shown), remove]


# -- port groups


def adding(system: Any, switch: str, want: PortgroupDef) -> Step:
    """Return the step that adds a port group to a switch."""
    spec = vim.host.PortGroup.Specification(
        name=want.name, vlanId=want.vlan.tags[0] if want.vlan else 0, vswitchName=switch,
        policy=vim.host.NetworkPolicy(),
    )  # fmt: skip
    _apply(spec.policy, want)
    return Step(
        f"port group '{want.name}'",
        lambda: system.AddPortGroup(portgrp=spec),
        lambda: system.RemovePortGroup(pgName=want.name),
    )


def removing(system: Any, group: Any) -> Step:
    """Return the step that removes a port group."""
    spec = copy.deepcopy(group.spec)
    return Step(
        f"port group '{spec.name}'",
        lambda: system.RemovePortGroup(pgName=spec.name),
        lambda: system.AddPortGroup(portgrp=spec),
    )


def changing(system: Any, group: Any, want: PortgroupDef) -> Step:
    """Return the step that makes a port group as it is wanted."""
    before, spec = copy.deepcopy(group.spec), copy.deepcopy(group.spec)
    if want.vlan is not None:
        spec.vlanId = want.vlan.tags[0]
    if spec.policy is None:
        spec.policy = vim.host.NetworkPolicy()
    _apply(spec.policy, want)
    return Step(
        f"port group '{want.name}'",
        lambda: system.UpdatePortGroup(pgName=want.name, portgrp=spec),
        lambda: system.UpdatePortGroup(pgName=want.name, portgrp=before),
    )


def _differs(have: PortgroupDef, want: PortgroupDef) -> bool:
    return want.vlan not in (None, have.vlan) or _policy_differs(have, want)


def _policy_differs(have: NetworkDef | PortgroupDef, want: NetworkDef | PortgroupDef) -> bool:
    limits = have.bandwidth or UNLIMITED
    return want.trusted not in (None, have.trusted) or not (want.bandwidth is None or want.bandwidth.covers(limits))


def _apply(on: Any, want: NetworkDef | PortgroupDef) -> None:
    if want.bandwidth is not None:
        policy.limit(on, want.bandwidth)
    if want.trusted is not None:
        policy.trust(on, want.trusted)


# -- the switch itself


def _updating(have: HostSwitch, spec: Any) -> Step:
    name, before = have.switch.name, copy.deepcopy(have.switch.spec)
    return Step(
        f"switch '{name}'",
        lambda: have.system.UpdateVirtualSwitch(vswitchName=name, spec=spec),
        lambda: have.system.UpdateVirtualSwitch(vswitchName=name, spec=before),
    )


def _edited_switch(before: Any, now: NetworkDef, want: NetworkDef) -> Any:
    """Return the specification that makes a switch as it is wanted, None where it is so."""
    if now.nics == want.nics and not _policy_differs(now, want):
        return None
    spec = copy.deepcopy(before)
    if spec.policy is None:
        spec.policy = vim.host.NetworkPolicy()
    _apply(spec.policy, want)
    if now.nics != want.nics:
        _connect(spec, want.nics, now.nics)
    return spec


def _connect(spec: Any, nics: Sequence[str], before: Sequence[str]) -> None:
    """Let a switch forward to these NICs: those that come are active, those that go leave the order of the teaming."""
    if not nics:
        spec.bridge = None
    elif not isinstance(spec.bridge, vim.host.VirtualSwitch.BondBridge):
        spec.bridge = vim.host.VirtualSwitch.BondBridge(nicDevice=list(nics))
    else:
        spec.bridge.nicDevice = list(nics)
    teaming = spec.policy.nicTeaming
    order = teaming.nicOrder if teaming is not None else None
    if order is not None:
        order.activeNic = [each for each in nics if each in order.activeNic or each not in before]
        order.standbyNic = [each for each in nics if each in order.standbyNic]
