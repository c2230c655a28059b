"""How a connection finds the devices of its host.

Reference: https://libvirt.org/html/libvirt-libvirt-nodedev.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import libvirt

from esxdriver.driver.hosts import HostReads
from esxdriver.errors import check_flags
from esxdriver.flags import Filters, always, never
from esxdriver.lookup import first

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from esxdriver.conf.node_device import NodeDevice as Described
    from esxdriver.driver.node_device import NodeDevice

_PREFIX = "VIR_CONNECT_LIST_NODE_DEVICES_"


def _is(capability: str) -> Callable[[Described], bool]:
    return lambda each: each.capability == capability


# What flags ask for; no device here has another capability. All are active and, as nobody has defined them, transient.
_CAPABILITIES = {"CAP_SYSTEM": _is("system"), "CAP_PCI_DEV": _is("pci")}
_STATES = ({"ACTIVE": always, "INACTIVE": never}, {"TRANSIENT": always, "PERSISTENT": never})


def filters(flags: Mapping[str, int]) -> Filters:
    """Return the filters of a libvirt-python that has these flags, each by its name."""
    known = {name.removeprefix(_PREFIX): flag for name, flag in flags.items() if name.startswith(_PREFIX)}
    capabilities = {flag: _CAPABILITIES.get(name, never) for name, flag in known.items() if name.startswith("CAP_")}
    return Filters(capabilities, *({known[name]: group[name] for name in group if name in known} for group in _STATES))


_FILTERS = filters(vars(libvirt))


class NodeDeviceMethods(HostReads):
    """The methods of a connection that find devices, in one round trip; a host's devices are those on its PCI buses.

    They raise OPERATION_UNSUPPORTED where the URI names several hosts, whose devices have the same names.
    """

    def listAllDevices(self, flags: int = 0) -> list[NodeDevice]:
        """Return the devices that the ``VIR_CONNECT_LIST_NODE_DEVICES_*`` filters in ``flags`` let through.

        All devices are active and, as nobody has defined them, transient.
        """
        check_flags(flags, _FILTERS.known, "virConnectListAllNodeDevices")
        return [self._device(each) for each in self._devices() if _FILTERS.admit(flags, each)]

    def listDevices(self, cap: str | None, flags: int = 0) -> list[str]:
        """Return the names of the devices, or of those with a capability: ``system`` or ``pci``."""
        check_flags(flags, 0, "virNodeListDevices")
        return [each.name for each in self._devices() if cap in (None, each.capability)]

    def numOfDevices(self, cap: str | None, flags: int = 0) -> int:
        """Return how many devices there are, or how many with a capability."""
        check_flags(flags, 0, "virNodeNumOfDevices")
        return len(self.listDevices(cap))

    def nodeDeviceLookupByName(self, name: str) -> NodeDevice:
        """Return the device with a name. Raises NO_NODE_DEVICE."""
        what = f"node device with matching name '{name}'"
        return self._device(
            first(self._devices(), lambda each: each.name == name, libvirt.VIR_ERR_NO_NODE_DEVICE, what)
        )

    def _device(self, known: Described) -> NodeDevice:
        from esxdriver.driver.node_device import NodeDevice

        return NodeDevice(cast("Any", self), known)

    def _devices(self) -> list[Described]:
        from esxdriver.vsphere.query import node_devices

        return node_devices.node_devices(self._only_host("what devices there are", *node_devices.PATHS))
