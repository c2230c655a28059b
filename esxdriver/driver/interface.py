"""A network interface of a host, with the face of libvirt-python's ``virInterface``.

Reference: https://libvirt.org/html/libvirt-libvirt-interface.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libvirt

from esxdriver.conf.network import interface as interface_xml
from esxdriver.driver.boundary import bounded
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.network.interfaces import interfaces
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.conf.network.interface import HostInterfaceDef
    from esxdriver.driver.backend import Backend
    from esxdriver.driver.connect import Connect


@complete("virInterface")
@bounded
class Interface:
    """A physical NIC of a host or an adapter of its VMkernel. Get one from ``interfaceLookupByName`` and its like."""

    def __init__(self, conn: Connect, backend: Backend, found: HostInterfaceDef) -> None:
        self._conn = conn
        self.backend = backend
        self.known = found
        """The interface as it was when it was last read."""

    def __repr__(self) -> str:
        return f"<Interface {self.known.name}>"

    def connect(self) -> Connect:
        """Return the connection that it was looked up with."""
        return self._conn

    def name(self) -> str:
        """Return its name on the host: ``vmnic0``, ``vmk0``."""
        return self.known.name

    def MACString(self) -> str:
        """Return its MAC address."""
        return self.known.mac

    def isActive(self) -> int:
        """Return 1: a host's interface is never switched off. Whether it has a link its XML says."""
        return 1

    def XMLDesc(self, flags: int = 0) -> str:
        """Return libvirt's ``<interface>`` document; VIR_INTERFACE_XML_INACTIVE makes no difference.

        Raises NO_INTERFACE when the host does not have it any more.
        """
        check_flags(flags, libvirt.VIR_INTERFACE_XML_INACTIVE, "virInterfaceGetXMLDesc")
        with translated(f"cannot read interface '{self.name()}'"):
            found = interfaces(self.backend.session, self.backend.scope)
        now = next((each for each in found if each.name == self.name()), None)
        if now is None:
            raise error(libvirt.VIR_ERR_NO_INTERFACE, f"the host no longer has interface '{self.name()}'")
        self.known = now
        return interface_xml.format(now)
