"""A device of a host, with the face of libvirt-python's ``virNodeDevice``: to be looked at, and given to domains.

Which devices may be given away is decided on the host. So what would change one is refused, and a domain takes one by
its ``<hostdev>``.

Reference: https://libvirt.org/html/libvirt-libvirt-nodedev.html
"""

from esxdriver.conf.node_device import NodeDevice as Described
from esxdriver.conf.node_device import node_device_xml
from esxdriver.driver.boundary import bounded
from esxdriver.driver.host_object import HostObject
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_flags


@complete("virNodeDevice")
@bounded
class NodeDevice(HostObject[Described]):
    """A device as the host had it when it was looked up: ``listAllDevices`` and ``nodeDeviceLookupByName`` give it.

    Its name is libvirt's: ``computer``, or ``pci_0000_03_00_0`` at the address 0000:03:00.0.
    """

    def parent(self) -> str | None:
        """Return the name of the device above it: a bridge, or the computer; None of the computer itself."""
        return self.known.parent

    def XMLDesc(self, flags: int = 0) -> str:
        """Return the ``<device>`` document: a device's address, class, vendor and product, a host's firmware."""
        check_flags(flags, 0, "virNodeDeviceGetXMLDesc")
        return node_device_xml(self.known)

    def numOfCaps(self) -> int:
        """Return how many capabilities it has: one."""
        return 1

    def listCaps(self) -> list[str]:
        """Return its capability, ``system`` or ``pci``."""
        return [self.known.capability]

    def isActive(self) -> int:
        """Return 1: a host's devices are always active. Nothing is asked: it may have been taken out meanwhile."""
        return 1

    def isPersistent(self) -> int:
        """Return 0: nobody has defined it."""
        return 0

    def autostart(self) -> int:
        """Return 0, as libvirt does for what is no mediated device."""
        return 0
