"""How many vCPUs a machine may have: what a host says, or what its newest virtual hardware takes.

A host's own figure is ``capability.maxSupportedVcpus``, which hosts of vSphere 6.7 do not have. Source of the table:
"Hardware Features Available with Virtual Machine Compatibility Settings", vSphere Virtual Machine Administration.
"""

from typing import Any

from esxdriver.vsphere.query.inventory import Scope, host_properties
from esxdriver.vsphere.wire.session import Session

_FIGURE = "capability.maxSupportedVcpus"
_PRODUCT = "config.product"

# ESX from this API version on -> its newest virtual hardware; newest first.
_HARDWARE: tuple[tuple[tuple[int, ...], int], ...] = (
    ((9, 0), 22),
    ((8, 0, 2), 21),
    ((8, 0), 20),
    ((7, 0, 2), 19),
    ((7, 0, 1), 18),
    ((7, 0), 17),
    ((6, 7, 2), 15),
    ((6, 7), 14),
    ((6, 5), 13),
    ((6, 0), 11),
    ((5, 5), 10),
    ((5, 1), 9),
    ((5, 0), 8),
    ((4, 0), 7),
)
_OLDEST_HARDWARE = 4
# Virtual hardware from this version on -> its vCPUs; newest first.
_VCPUS = ((22, 960), (18, 768), (15, 256), (11, 128), (9, 64), (8, 32), (7, 8), (0, 4))


def most_vcpus(session: Session, scope: Scope) -> int:
    """Return how many vCPUs a machine in the scope may have: one round trip, two where no host has the figure."""
    figures = [int(host[_FIGURE]) for host in host_properties(session, scope, _FIGURE) if host[_FIGURE]]
    if figures:
        return figures[0]
    products = (host[_PRODUCT] for host in host_properties(session, scope, _PRODUCT))
    return _of_product(next(filter(None, products), session.about))


def of_hardware(hardware: int) -> int:
    """Return how many vCPUs a machine of this virtual hardware version may have."""
    return next(vcpus for version, vcpus in _VCPUS if hardware >= version)


def _of_product(about: Any) -> int:
    version = tuple(int(part) for part in str(about.apiVersion).split(".") if part.isdecimal())
    return of_hardware(next((newest for known, newest in _HARDWARE if version >= known), _OLDEST_HARDWARE))
