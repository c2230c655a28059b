"""A network interface of a host, with the face of libvirt-python's ``virInterface``.

Reference: https://libvirt.org/html/libvirt-libvirt-interface.html
"""

import libvirt

from esxdriver.conf.network import interface as interface_xml
from esxdriver.conf.network.interface import HostInterfaceDef
from esxdriver.driver.boundary import bounded
from esxdriver.driver.host_object import HostObject
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.network.interfaces import interfaces
from esxdriver.vsphere.wire.faults import translated


@complete("virInterface")
@bounded
class Interface(HostObject[HostInterfaceDef]):
    """A physical NIC of a host, ``vmnic0``, or an adapter of its VMkernel, ``vmk0``.

    Get one from ``interfaceLookupByName`` and its like.
    """

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
