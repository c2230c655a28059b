"""How a connection finds networks and the host's interfaces, and defines networks.

Reference: https://libvirt.org/html/libvirt-libvirt-network.html and libvirt-libvirt-interface.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import libvirt

from esxdriver.errors import check_flags, error
from esxdriver.flags import Filters
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from esxdriver.driver.backend import Backend
    from esxdriver.driver.interface import Interface
    from esxdriver.driver.network import Network


def _always(_: object) -> bool:
    return True


def _never(_: object) -> bool:
    return False


# A switch is always there, and starts with its host.
_NETWORKS = Filters(
    {
        libvirt.VIR_CONNECT_LIST_NETWORKS_ACTIVE: _always,
        libvirt.VIR_CONNECT_LIST_NETWORKS_INACTIVE: _never,
    },
    {
        libvirt.VIR_CONNECT_LIST_NETWORKS_PERSISTENT: _always,
        libvirt.VIR_CONNECT_LIST_NETWORKS_TRANSIENT: _never,
    },
    {
        libvirt.VIR_CONNECT_LIST_NETWORKS_AUTOSTART: _always,
        libvirt.VIR_CONNECT_LIST_NETWORKS_NO_AUTOSTART: _never,
    },
)
_INTERFACES = Filters(
    {
        libvirt.VIR_CONNECT_LIST_INTERFACES_ACTIVE: _always,
        libvirt.VIR_CONNECT_LIST_INTERFACES_INACTIVE: _never,
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
        from esxdriver.vsphere.network.switches import switches

        check_flags(flags, _NETWORKS.known, "virConnectListAllNetworks")
        with translated("cannot list the networks"):
            found = switches(self.backend.session, self.backend.scope)
        return [Network(cast("Any", self), self.backend, each) for each in found if _NETWORKS.admit(flags, each)]

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
        return self._network(lambda network: network.name() == name, f"name '{name}'")

    def networkLookupByUUID(self, uuid: bytes) -> Network:
        """Return the network with the UUID of these 16 bytes. Raises INVALID_ARG for others, NO_NETWORK."""
        return self.networkLookupByUUIDString(uuid.hex())

    def networkLookupByUUIDString(self, uuidstr: str) -> Network:
        """Return the network with this UUID. Raises INVALID_ARG for what is no UUID, NO_NETWORK."""
        try:
            wanted = str(UUID(uuidstr))
        except ValueError:
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"'{uuidstr}' is no UUID") from None
        return self._network(lambda network: network.UUIDString() == wanted, f"uuid '{uuidstr}'")

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

    def _network(self, is_meant: Callable[[Network], bool], what: str) -> Network:
        networks = self.listAllNetworks()
        found = next(filter(is_meant, networks), None)
        if found is None:
            names = ", ".join(sorted(network.name() for network in networks))
            text = f"no network with matching {what}; there are: {names or 'none'}"
            raise error(libvirt.VIR_ERR_NO_NETWORK, text)
        return found

    # -- the host's interfaces

    def listAllInterfaces(self, flags: int = 0) -> list[Interface]:
        """Return the host's interfaces, physical NICs first, then the VMkernel's: one round trip.

        ``flags`` are VIR_CONNECT_LIST_INTERFACES_ACTIVE and INACTIVE; all are active. Raises OPERATION_UNSUPPORTED
        where the URI names several hosts.
        """
        from esxdriver.driver.interface import Interface
        from esxdriver.vsphere.network.interfaces import interfaces

        check_flags(flags, _INTERFACES.known, "virConnectListAllInterfaces")
        with translated("cannot list the interfaces"):
            found = interfaces(self.backend.session, self.backend.scope)
        return [Interface(cast("Any", self), self.backend, each) for each in found if _INTERFACES.admit(flags, each)]

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
        return self._interface(lambda each: each.name() == name, f"name '{name}'")

    def interfaceLookupByMACString(self, macstr: str) -> Interface:
        """Return the interface with this MAC address, the physical one where an adapter of the VMkernel has it, too.

        Raises NO_INTERFACE.
        """
        return self._interface(lambda each: each.MACString().lower() == macstr.lower(), f"MAC address '{macstr}'")

    def _interface(self, is_meant: Callable[[Interface], bool], what: str) -> Interface:
        found = self.listAllInterfaces()
        for each in filter(is_meant, found):
            return each
        names = ", ".join(each.name() for each in found)
        raise error(libvirt.VIR_ERR_NO_INTERFACE, f"no interface with matching {what}; the host has: {names or 'none'}")
