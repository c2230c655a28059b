"""How a connection finds the devices of its host.

Reference: https://libvirt.org/html/libvirt-libvirt-nodedev.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import libvirt

from esxdriver.driver.hosts import HostReads
from esxdriver.errors import check_flags, error

if TYPE_CHECKING:
    from esxdriver.driver.node_device import NodeDevice

_PREFIX = "VIR_CONNECT_LIST_NODE_DEVICES_"
_CAPABILITIES = f"{_PREFIX}CAP_"
_FLAGS = {name: getattr(libvirt, name) for name in dir(libvirt) if name.startswith(_PREFIX)}
_ALL_CAPABILITIES = sum(flag for name, flag in _FLAGS.items() if name.startswith(_CAPABILITIES))
# libvirt's flag for each capability that a device here has.
_KINDS = {"system": _FLAGS[f"{_CAPABILITIES}SYSTEM"], "pci": _FLAGS[f"{_CAPABILITIES}PCI_DEV"]}
_ACTIVE, _INACTIVE = (_FLAGS.get(f"{_PREFIX}{name}", 0) for name in ("ACTIVE", "INACTIVE"))


class NodeDeviceMethods(HostReads):
    """The methods of a connection that find devices, in one round trip; a host's devices are those on its PCI buses.

    They raise OPERATION_UNSUPPORTED where the URI names several hosts, whose devices have the same names.
    """

    def listAllDevices(self, flags: int = 0) -> list[NodeDevice]:
        """Return the devices that the ``VIR_CONNECT_LIST_NODE_DEVICES_*`` filters in ``flags`` let through.

        Filters of one kind add to each other: of capabilities, and of being active, which here all are.
        """
        check_flags(flags, sum(_FLAGS.values()), "virConnectListAllNodeDevices")
        if flags & _INACTIVE and not flags & _ACTIVE:
            return []
        wanted = flags & _ALL_CAPABILITIES
        return [each for each in self._devices() if not wanted or _KINDS[each.known.capability] & wanted]

    def listDevices(self, cap: str | None, flags: int = 0) -> list[str]:
        """Return the names of the devices, or of those with a capability: ``system`` or ``pci``."""
        check_flags(flags, 0, "virNodeListDevices")
        return [each.name() for each in self._devices() if cap in (None, each.known.capability)]

    def numOfDevices(self, cap: str | None, flags: int = 0) -> int:
        """Return how many devices there are, or how many with a capability."""
        check_flags(flags, 0, "virNodeNumOfDevices")
        return len(self.listDevices(cap))

    def nodeDeviceLookupByName(self, name: str) -> NodeDevice:
        """Return the device with a name. Raises NO_NODE_DEVICE."""
        found = next((each for each in self._devices() if each.name() == name), None)
        if found is None:
            raise error(libvirt.VIR_ERR_NO_NODE_DEVICE, f"no node device with matching name '{name}'")
        return found

    def _devices(self) -> list[NodeDevice]:
        from esxdriver.driver.node_device import NodeDevice
        from esxdriver.vsphere.query import node_devices

        host = self._only_host("what devices there are", *node_devices.PATHS)
        return [NodeDevice(cast("Any", self), each) for each in node_devices.node_devices(host)]
