"""A network: a virtual switch, with the face of libvirt-python's ``virNetwork``.

Reference: https://libvirt.org/html/libvirt-libvirt-network.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import libvirt

from esxdriver.conf.network import network as network_xml
from esxdriver.driver.boundary import bounded
from esxdriver.driver.network_define import update_network
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.network.define import undefine
from esxdriver.vsphere.network.switches import Switch, switches
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.driver.backend import Backend
    from esxdriver.driver.connect import Connect


@complete("virNetwork")
@bounded
class Network:
    """A virtual switch. Get one from a connection's ``networkLookupByName`` and its like."""

    def __init__(self, conn: Connect, backend: Backend, found: Switch) -> None:
        self._conn = conn
        self.backend = backend
        self.known = found
        """The switch as it was when it was last read."""

    def __repr__(self) -> str:
        return f"<Network {self.known.name}>"

    def connect(self) -> Connect:
        """Return the connection that it was looked up with."""
        return self._conn

    def name(self) -> str:
        """Return the switch's name."""
        return self.known.name

    def UUIDString(self) -> str:
        """Return a distributed switch's UUID; for a standard one the MD5 of its key, as libvirt's own driver does."""
        return self.known.uuid

    def UUID(self) -> bytes:
        """Return the 16 bytes of the UUID."""
        return UUID(self.UUIDString()).bytes

    def bridgeName(self) -> str:
        """Return the switch's name: a switch is its own bridge."""
        return self.known.name

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
            found = switches(self.backend.session, self.backend.scope)
        now = next((each for each in found if each.uuid == self.known.uuid), None)
        if now is None:
            raise error(libvirt.VIR_ERR_NO_NETWORK, f"network '{self.name()}' has been removed")
        self.known = now
        return now
