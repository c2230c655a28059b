"""What a switch or a port group does with traffic: vSphere's policies and VLANs to libvirt's terms, and back.

Sources: vSphere API, HostNetworkPolicy and its parts, VmwareDistributedVirtualSwitchVlanSpec and its kinds.
"""

from typing import Any

from pyVmomi import vim

from esxdriver.conf.network.policy import ALL_VLANS, UNLIMITED, UNTAGGED, Bandwidth, Vlan

_BITS = 8 * 1000  # a second, in one kB/s
_BYTES = 1024  # in one KiB
_BURST = 102400  # KiB; what vSphere's own clients begin with
_HIGHEST = 4094  # of VLAN IDs; a trunk of all ends with it

_DVS = vim.dvs.VmwareDistributedVirtualSwitch


def vlan_of(number: int | None) -> Vlan:
    """Return what a standard port group's VLAN ID stands for."""
    return Vlan((number,), trunk=number == ALL_VLANS) if number else UNTAGGED


def trunk_of(spec: Any) -> Vlan | None:
    """Return the VLANs of a distributed port group; None for a private VLAN, which libvirt cannot name."""
    if isinstance(spec, _DVS.VlanIdSpec):
        return vlan_of(spec.vlanId)
    if not isinstance(spec, _DVS.TrunkVlanSpec):
        return None
    tags = sorted({tag for span in spec.vlanId or () for tag in range(max(span.start, 0), span.end + 1)})
    if len(tags) >= _HIGHEST:  # with or without 0, untagged traffic
        return Vlan((ALL_VLANS,), trunk=True)
    return Vlan(tuple(tags), trunk=True) if tags else None


def bandwidth_of(policy: Any) -> Bandwidth | None:
    """Return what a policy limits, None where it says nothing of it."""
    shaping = policy.shapingPolicy if policy is not None else None
    if shaping is None or shaping.enabled is None:
        return None
    if not shaping.enabled or not shaping.averageBandwidth:
        return UNLIMITED
    peak, burst = shaping.peakBandwidth, shaping.burstSize
    return Bandwidth(
        max(int(shaping.averageBandwidth) // _BITS, 1), int(peak) // _BITS or None if peak else None,
        int(burst) // _BYTES or None if burst else None,
    )  # fmt: skip


def trusted(policy: Any) -> bool | None:
    """Return whether guests may change their MAC addresses and send with others; None where that is not all said."""
    security = policy.security if policy is not None else None
    answers = {security.macChanges, security.forgedTransmits} if security is not None else {None}
    return answers.pop() if len(answers) == 1 else None


def limit(policy: Any, want: Bandwidth) -> None:
    """Let a policy limit what ``want`` says; what it leaves open stays, or is as vSphere's own clients begin."""
    if policy.shapingPolicy is None:
        policy.shapingPolicy = vim.host.NetworkPolicy.TrafficShapingPolicy()
    shaping = policy.shapingPolicy
    shaping.enabled = want.average is not None
    if want.average is None:
        return
    peak = want.peak or max(int(shaping.peakBandwidth or 0) // _BITS, want.average)
    shaping.averageBandwidth, shaping.peakBandwidth = want.average * _BITS, peak * _BITS
    shaping.burstSize = (want.burst or int(shaping.burstSize or 0) // _BYTES or _BURST) * _BYTES


def trust(policy: Any, want: bool) -> None:
    """Let guests change their MAC addresses and send with others, or not."""
    if policy.security is None:
        policy.security = vim.host.NetworkPolicy.SecurityPolicy()
    policy.security.macChanges = policy.security.forgedTransmits = want
