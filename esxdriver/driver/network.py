"""A network: a virtual switch, with the face of libvirt-python's ``virNetwork``.

Reference: https://libvirt.org/html/libvirt-libvirt-network.html
"""

from __future__ import annotations

from uuid import UUID

import libvirt

from esxdriver.conf.network import network as network_xml
from esxdriver.driver.boundary import bounded
from esxdriver.driver.host_object import HostObject
from esxdriver.driver.network_define import update_network
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.network.define import undefine
from esxdriver.vsphere.network.switches import Switch, same, switches
from esxdriver.vsphere.wire.faults import translated


@complete("virNetwork")
@bounded
class Network(HostObject[Switch]):
    """A virtual switch, by whose name it is called. Get one from ``networkLookupByName`` and its like."""

    def UUIDString(self) -> str:
        """Return a distributed switch's UUID; for a standard one the MD5 of its key, as libvirt's own driver does."""
        return self.known.uuid

    def UUID(self) -> bytes:
        """Return the 16 bytes of the UUID."""
        return UUID(self.UUIDString()).bytes

    def bridgeName(self) -> str:
        """Return the switch's name: a switch is its own bridge."""
        return self.name()

    def XMLDesc(self, flags: int = 0) -> str:
        """Return libvirt's ``<network>`` document; VIR_NETWORK_XML_INACTIVE makes no difference.

        Raises NO_NETWORK when the switch has been removed.
        """
        check_flags(flags, libvirt.VIR_NETWORK_XML_INACTIVE, "virNetworkGetXMLDesc")
        return network_xml.format(self._read().definition)

    def isActive(self) -> int:
        """Return 1: a switch is never switched off."""
        return 1

    def isPersistent(self) -> int:
        """Return 1."""
        return 1

    def autostart(self) -> int:
        """Return 1: a switch is there when its host is."""
        return 1

    def setAutostart(self, autostart: int) -> int:
        """Return 0 for 1, as a switch always starts with its host. Raises OPERATION_UNSUPPORTED for 0."""
        self.backend.require_writable("virNetworkSetAutostart")
        if not autostart:
            raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
                        f"network '{self.name()}': a switch is there whenever its host is")  # fmt: skip
        return 0

    def create(self) -> int:
        """Raise OPERATION_INVALID: a switch is active as long as it is there."""
        self.backend.require_writable("virNetworkCreate")
        raise error(libvirt.VIR_ERR_OPERATION_INVALID, f"network '{self.name()}' is already active")

    def destroy(self) -> int:
        """Raise OPERATION_UNSUPPORTED: a switch is active as long as it is there."""
        self.backend.require_writable("virNetworkDestroy")
        raise error(
            libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
            f"network '{self.name()}': a switch is active as long as it is there; undefine it to remove it",
        )

    def undefine(self) -> int:
        """Remove the switch with its port groups, and return 0.

        Raises OPERATION_INVALID when machines use one of these, and says which, or when the host's own adapters do;
        OPERATION_UNSUPPORTED for a distributed switch or one of several hosts; NO_NETWORK when it has been removed.
        Nothing has changed then. When the host refuses a part, what was done before is taken back; the error says what
        could not be.
        """
        self.backend.require_writable("virNetworkUndefine")
        with translated(f"cannot undefine network '{self.name()}'"):
            undefine(self.backend.session, self._read())
        return 0

    def update(self, command: int, section: int, parentIndex: int, xml: str, flags: int = 0) -> int:
        """Add, change or delete a port group, or a physical NIC that the switch forwards to, and return 0.

        ``command`` is a VIR_NETWORK_UPDATE_COMMAND_*; ``section`` VIR_NETWORK_SECTION_PORTGROUP, where ``xml`` is a
        ``<portgroup>``, or FORWARD_INTERFACE, where it is an ``<interface dev=>``, which is added or deleted. What a
        changed port group's element does not say stays. ``parentIndex`` and VIR_NETWORK_UPDATE_AFFECT_* make no
        difference.

        Raises OPERATION_INVALID for what is there, is not there or is in use; INVALID_ARG for another command;
        NO_SUPPORT for another section and for an interface that is to be modified; XML_ERROR and CONFIG_UNSUPPORTED for
        the element; NETWORK_EXIST for a port group's name that another switch has; NO_INTERFACE for a NIC that the host
        does not have; OPERATION_UNSUPPORTED for a distributed switch or one of several hosts; NO_NETWORK when it has
        been removed.
        """
        update_network(self.backend, self.known, command, section, xml, flags)
        return 0

    def _read(self) -> Switch:
        with translated(f"cannot read network '{self.name()}'"):
            self.known = same(switches(self.backend.session, self.backend.scope), self.known)
        return self.known
