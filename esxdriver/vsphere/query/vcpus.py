"""How many vCPUs a machine may have: what a host says, or what its newest virtual hardware takes.

A host's own figure is ``capability.maxSupportedVcpus``, which hosts of vSphere 6.7 do not have.
"""

from typing import Any

from esxdriver.conf.mapping import hardware
from esxdriver.vsphere.query.inventory import Scope, host_properties
from esxdriver.vsphere.wire.session import Session

_FIGURE = "capability.maxSupportedVcpus"
_PRODUCT = "config.product"


def most_vcpus(session: Session, scope: Scope) -> int:
    """Return how many vCPUs a machine may have on each host: one round trip, two where no host has the figure."""
    figures = [int(host[_FIGURE]) for host in host_properties(session, scope, _FIGURE) if host[_FIGURE]]
    if figures:
        return min(figures)
    products = [host[_PRODUCT] for host in host_properties(session, scope, _PRODUCT) if host[_PRODUCT]]
    return min(map(_of_product, products or [session.about]))


def _of_product(about: Any) -> int:
    api = tuple(int(part) for part in str(about.apiVersion).split(".") if part.isdecimal())
    return hardware.most_vcpus(hardware.newest_of(api))
