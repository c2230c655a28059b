"""The network interfaces of a host: its physical NICs, and the VMkernel's adapters.

Sources: vSphere API, PhysicalNic, HostVirtualNic, HostIpConfig.
"""

import ipaddress
from collections.abc import Iterable
from typing import Any

import libvirt
from pyVmomi import vim

from esxdriver.conf.network.interface import Addresses, HostInterfaceDef
from esxdriver.errors import error
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import below
from esxdriver.vsphere.wire.session import Session

_PATHS = ("name", "config.network.pnic", "config.network.vnic")


def interfaces(session: Session, scope: Scope) -> list[HostInterfaceDef]:
    """Return the interfaces of the host, the physical ones first, in one round trip.

    Raises OPERATION_UNSUPPORTED where the URI names several hosts: each has a ``vmnic0`` of its own.
    """
    found = below(session, scope.computer or scope.root, {vim.HostSystem: _PATHS})
    hosts = [each for each in found if scope.host in (None, each.ref)]
    if len(hosts) > 1:
        names = ", ".join(sorted(each.title for each in hosts))
        raise error(
            libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
            f"the URI names several hosts, and each has interfaces of its own: name one in its path ({names})",
        )
    return [each for host in hosts for each in _of_host(host["config.network.pnic"], host["config.network.vnic"])]


def _of_host(physical: Iterable[Any] | None, kernels: Iterable[Any] | None) -> list[HostInterfaceDef]:
    return [*map(_physical, physical or ()), *map(_kernels, kernels or ())]


def _physical(nic: Any) -> HostInterfaceDef:
    speed = nic.linkSpeed.speedMb if nic.linkSpeed is not None else None
    protocols = _protocols(nic.spec.ip if nic.spec is not None else None)
    return HostInterfaceDef(name=nic.device, mac=nic.mac or "", speed=speed, up=bool(speed), protocols=protocols)


def _kernels(nic: Any) -> HostInterfaceDef:
    spec = nic.spec
    return HostInterfaceDef(name=nic.device, mac=spec.mac or "", mtu=spec.mtu, protocols=_protocols(spec.ip))


def _protocols(ip: Any) -> tuple[Addresses, ...]:
    """Return the addresses of each family that has any, or gets them by DHCP."""
    if ip is None:
        return ()
    six = ip.ipV6Config
    found = (
        Addresses("ipv4", bool(ip.dhcp), _ipv4(ip.ipAddress, ip.subnetMask)),
        Addresses("ipv6", bool(six is not None and six.dhcpV6Enabled), _ipv6(six)),
    )
    return tuple(each for each in found if each.dhcp or each.addresses)


def _ipv4(address: str | None, mask: str | None) -> tuple[tuple[str, int], ...]:
    try:
        return ((address, ipaddress.IPv4Network(f"0.0.0.0/{mask}").prefixlen),) if address and mask else ()
    except ValueError:
        return ()


def _ipv6(config: Any) -> tuple[tuple[str, int], ...]:
    return tuple((each.ipAddress, each.prefixLength) for each in (config.ipV6Address if config is not None else ()))
