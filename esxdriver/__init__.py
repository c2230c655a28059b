"""A libvirt driver for VMware ESX and vCenter that keeps every virtual disk's mode.

Use it as libvirt-python is used::

    import esxdriver, libvirt

    with esxdriver.open("esx://root@esx1/") as conn:
        print(conn.lookupByName("web01").XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE))
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect as Connect
    from esxdriver.driver.domain import Domain as Domain
    from esxdriver.driver.domain_snapshot import DomainSnapshot as DomainSnapshot
    from esxdriver.driver.opening import open as open
    from esxdriver.driver.opening import openAuth as openAuth
    from esxdriver.driver.opening import openReadOnly as openReadOnly
    from esxdriver.driver.prefetch import prefetch as prefetch
    from esxdriver.driver.watching import watch as watch

__version__ = "0.1.0"

# Where each public name stands; they are imported when they are asked for, so that a command's help is quick.
_HOMES = {
    "Connect": "esxdriver.driver.connect",
    "Domain": "esxdriver.driver.domain",
    "DomainSnapshot": "esxdriver.driver.domain_snapshot",
    "open": "esxdriver.driver.opening",
    "openAuth": "esxdriver.driver.opening",
    "openReadOnly": "esxdriver.driver.opening",
    "prefetch": "esxdriver.driver.prefetch",
    "watch": "esxdriver.driver.watching",
}

__all__ = [
    "Connect",
    "Domain",
    "DomainSnapshot",
    "__version__",
    "open",
    "openAuth",
    "openReadOnly",
    "prefetch",
    "watch",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'esxdriver' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
