"""A libvirt driver for VMware ESX and vCenter that keeps every virtual disk's mode.

Use it as libvirt-python is used, or in its place::

    import esxdriver as libvirt

    with libvirt.open("esx://root@esx1/") as conn:
        print(conn.lookupByName("web01").XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE))

1. The names here are this driver's own: what opens a connection, and the classes of objects, under libvirt-python's
   names, too.
2. Every other public name of libvirt-python is the installed library's: constants, errors, event loops.
3. All of them are imported when they are asked for, so that a command's help is quick. The module may stand in
   libvirt-python's place in ``sys.modules``, from before anything else is imported.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esxdriver.driver.cloning import clone as clone
    from esxdriver.driver.connect import Connect as Connect
    from esxdriver.driver.domain import Domain as Domain
    from esxdriver.driver.domain_snapshot import DomainSnapshot as DomainSnapshot
    from esxdriver.driver.interface import Interface as Interface
    from esxdriver.driver.network import Network as Network
    from esxdriver.driver.node_device import NodeDevice as NodeDevice
    from esxdriver.driver.opening import open as open
    from esxdriver.driver.opening import openAuth as openAuth
    from esxdriver.driver.opening import openReadOnly as openReadOnly
    from esxdriver.driver.prefetch import prefetch as prefetch
    from esxdriver.driver.storage_pool import StoragePool as StoragePool
    from esxdriver.driver.storage_vol import StorageVol as StorageVol
    from esxdriver.driver.stream import Stream as Stream
    from esxdriver.driver.watching import watch as watch

__version__ = "0.1.0"

# The module of each public name that is this driver's.
_HOMES = {
    "clone": "esxdriver.driver.cloning",
    "Connect": "esxdriver.driver.connect",
    "Domain": "esxdriver.driver.domain",
    "DomainSnapshot": "esxdriver.driver.domain_snapshot",
    "Interface": "esxdriver.driver.interface",
    "Network": "esxdriver.driver.network",
    "NodeDevice": "esxdriver.driver.node_device",
    "StoragePool": "esxdriver.driver.storage_pool",
    "StorageVol": "esxdriver.driver.storage_vol",
    "Stream": "esxdriver.driver.stream",
    "open": "esxdriver.driver.opening",
    "openAuth": "esxdriver.driver.opening",
    "openReadOnly": "esxdriver.driver.opening",
    "prefetch": "esxdriver.driver.prefetch",
    "watch": "esxdriver.driver.watching",
}

# libvirt-python's names of this driver's classes. The classes that are missing here are libvirt-python's own, of which
# there never is an object.
_CLASSES = {
    "virConnect": "Connect", "virDomain": "Domain", "virDomainSnapshot": "DomainSnapshot",
    "virInterface": "Interface", "virNetwork": "Network",
    "virNodeDevice": "NodeDevice",
    "virStoragePool": "StoragePool", "virStorageVol": "StorageVol", "virStream": "Stream",
}  # fmt: skip

_CALLED_BY_C = ("_dispatch", "_eventInvoke")


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "__all__":  # what 'from esxdriver import *' asks for
        return [each for each in __dir__() if not each.startswith("_")]
    own = _CLASSES.get(name, name)
    if own in _HOMES:
        return getattr(import_module(_HOMES[own]), own)
    if _is_module(name):  # 'from esxdriver import outcome' asks here first
        return import_module(f"{__name__}.{name}")
    if not name.startswith("__"):  # libvirtaio takes some with one
        installed = _installed()
        if hasattr(installed, name):
            return getattr(installed, name)
    raise AttributeError(f"module 'esxdriver' has no attribute '{name}'")


@cache
def _installed() -> Any:
    """Return libvirt-python, with what its C code calls made a name of this module, too.

    The C code looks in the module that is called libvirt for these, and not by way of :func:`__getattr__`.
    """
    from esxdriver.installed import libvirt_python

    installed = libvirt_python()
    globals().update({key: each for key, each in vars(installed).items() if key.startswith(_CALLED_BY_C)})
    return installed


@cache
def _is_module(name: str) -> bool:
    """Whether a module of the package has this name; found out once, as programs ask for constants all the time."""
    from importlib.machinery import PathFinder

    return PathFinder.find_spec(f"{__name__}.{name}", __path__) is not None


def __dir__() -> list[str]:
    from esxdriver.installed import libvirt_python

    public = {name for name in dir(libvirt_python()) if not name.startswith("_")}
    return sorted({*_HOMES, *_CLASSES, "__version__", *public})
