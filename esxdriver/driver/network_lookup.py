"""How a connection finds networks and the host's interfaces, and defines networks.

Reference: https://libvirt.org/html/libvirt-libvirt-network.html and libvirt-libvirt-interface.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import libvirt

from esxdriver.errors import check_flags
from esxdriver.flags import Filters, always, never
from esxdriver.lookup import first, uuid_of, uuid_text
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from esxdriver.conf.network.interface import HostInterfaceDef
    from esxdriver.driver.backend import Backend
    from esxdriver.driver.interface import Interface
    from esxdriver.driver.network import Network
    from esxdriver.vsphere.network.switches import Switch


# A switch is always there, and starts with its host.
_NETWORKS = Filters(
    {
        libvirt.VIR_CONNECT_LIST_NETWORKS_ACTIVE: always,
        libvirt.VIR_CONNECT_LIST_NETWORKS_INACTIVE: never,
    },
    {
        libvirt.VIR_CONNECT_LIST_NETWORKS_PERSISTENT: always,
        libvirt.VIR_CONNECT_LIST_NETWORKS_TRANSIENT: never,
    },
    {
        libvirt.VIR_CONNECT_LIST_NETWORKS_AUTOSTART: always,
        libvirt.VIR_CONNECT_LIST_NETWORKS_NO_AUTOSTART: never,
    },
)
_INTERFACES = Filters(
    {
        libvirt.VIR_CONNECT_LIST_INTERFACES_ACTIVE: always,
        libvirt.VIR_CONNECT_LIST_INTERFACES_INACTIVE: never,
    }
)


class NetworkMethods:
    """The methods of a connection that find networks and interfaces.

    A network is a virtual switch: a standard one of the host's, or a distributed one of the vCenter's. They are read in
    one round trip; where there are distributed ones, in two.
    """

    backend: Backend

    # -- networks

    def listAllNetworks(self, flags: int = 0) -> list[Network]:
        """Return the networks that the ``VIR_CONNECT_LIST_NETWORKS_*`` filters in ``flags`` let through."""
        from esxdriver.driver.network import Network

        check_flags(flags, _NETWORKS.known, "virConnectListAllNetworks")
        return [Network(cast("Any", self), each) for each in self._switches() if _NETWORKS.admit(flags, each)]

    def listNetworks(self) -> list[str]:
        """Return the names of all networks."""
        return [network.name() for network in self.listAllNetworks()]

    def numOfNetworks(self) -> int:
        """Return how many networks there are."""
        return len(self.listAllNetworks())

    def listDefinedNetworks(self) -> list[str]:
        """Return no names: a switch is never switched off."""
        return []

    def numOfDefinedNetworks(self) -> int:
        """Return 0, as there are none."""
        return 0

    def networkLookupByName(self, name: str) -> Network:
        """Return the network of the switch called ``name``; of a standard and a distributed one, the standard one.

        Raises NO_NETWORK.
        """
        return self._network(lambda known: known.name == name, f"name '{name}'")

    def networkLookupByUUID(self, uuid: bytes) -> Network:
        """Return the network with the UUID of these 16 bytes. Raises INVALID_ARG for others, NO_NETWORK."""
        return self.networkLookupByUUIDString(uuid_text(uuid))

    def networkLookupByUUIDString(self, uuidstr: str) -> Network:
        """Return the network with this UUID. Raises INVALID_ARG for what is no UUID, NO_NETWORK."""
        wanted = str(uuid_of(uuidstr))
        return self._network(lambda known: known.uuid == wanted, f"uuid '{uuidstr}'")

    def networkDefineXML(self, xml: str) -> Network:
        """Do what :meth:`networkDefineXMLFlags` does without a flag."""
        return self._network_defined(xml, 0, "virNetworkDefineXML")

    def networkDefineXMLFlags(self, xml: str, flags: int = 0) -> Network:
        """Make the standard switch that ``xml`` describes, or make the one of its name so, and return it.

        Its ``<forward mode='bridge'>`` names physical NICs, its port groups may have a VLAN. Of one that exists, what
        differs is changed: a NIC or a port group that is not listed goes, what the document does not speak of stays.
        When the host refuses a part, what was done before is taken back; the error says what could not be.
        VIR_NETWORK_DEFINE_VALIDATE is the only flag.

        Raises XML_ERROR; CONFIG_UNSUPPORTED for what no switch has, and for a new one's UUID other than the host gives;
        OPERATION_FAILED for a name and a UUID that do not belong together; NETWORK_EXIST for a port group's name that
        is taken; NO_INTERFACE; OPERATION_INVALID for what is in use; OPERATION_UNSUPPORTED for a distributed switch and
        where the URI names several hosts; ACCESS_DENIED where this user sees no host.
        """
        return self._network_defined(xml, flags, "virNetworkDefineXMLFlags")

    def _network_defined(self, xml: str, flags: int, function: str) -> Network:
        from esxdriver.driver.network_define import define_network

        want = define_network(self.backend, xml, flags, function)
        return self.networkLookupByName(want.name)

    def _network(self, is_meant: Callable[[Switch], bool], what: str) -> Network:
        from esxdriver.driver.network import Network

        found = first(self._switches(), is_meant, libvirt.VIR_ERR_NO_NETWORK, f"network with matching {what}")
        return Network(cast("Any", self), found)

    def _switches(self) -> list[Switch]:
        from esxdriver.vsphere.network.switches import switches

        with translated("cannot list the networks"):
            return switches(self.backend.session, self.backend.scope)

    # -- the host's interfaces

    def listAllInterfaces(self, flags: int = 0) -> list[Interface]:
        """Return the host's interfaces, physical NICs first, then the VMkernel's: one round trip.

        ``flags`` are VIR_CONNECT_LIST_INTERFACES_ACTIVE and INACTIVE; all are active. Raises OPERATION_UNSUPPORTED
        where the URI names several hosts.
        """
        from esxdriver.driver.interface import Interface

        check_flags(flags, _INTERFACES.known, "virConnectListAllInterfaces")
        return [Interface(cast("Any", self), each) for each in self._interfaces() if _INTERFACES.admit(flags, each)]

    def listInterfaces(self) -> list[str]:
        """Return the names of the host's interfaces."""
        return [each.name() for each in self.listAllInterfaces()]

    def numOfInterfaces(self) -> int:
        """Return how many interfaces the host has."""
        return len(self.listAllInterfaces())

    def listDefinedInterfaces(self) -> list[str]:
        """Return no names: none is switched off."""
        return []

    def numOfDefinedInterfaces(self) -> int:
        """Return 0, as there are none."""
        return 0

    def interfaceLookupByName(self, name: str) -> Interface:
        """Return the interface called ``name``. Raises NO_INTERFACE."""
        return self._interface(lambda known: known.name == name, f"name '{name}'")

    def interfaceLookupByMACString(self, macstr: str) -> Interface:
        """Return the interface with this MAC address, the physical one where an adapter of the VMkernel has it, too.

        Raises NO_INTERFACE.
        """
        return self._interface(lambda known: known.mac.lower() == macstr.lower(), f"MAC address '{macstr}'")

    def _interface(self, is_meant: Callable[[HostInterfaceDef], bool], what: str) -> Interface:
        from esxdriver.driver.interface import Interface

        found = first(self._interfaces(), is_meant, libvirt.VIR_ERR_NO_INTERFACE, f"interface with matching {what}")
        return Interface(cast("Any", self), found)

    def _interfaces(self) -> list[HostInterfaceDef]:
        from esxdriver.vsphere.network.interfaces import interfaces

        with translated("cannot list the interfaces"):
            return interfaces(self.backend.session, self.backend.scope)
