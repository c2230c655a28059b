"""What the guest of a domain says of itself, by VMware Tools, which are libvirt's guest agent here."""

from typing import Any

import libvirt

from esxdriver.conf.mapping.states import PowerState
from esxdriver.driver.domain_base import DomainBase
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.machine import guest
from esxdriver.vsphere.query.retrieve import Found

_LEASE = libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE
_AGENT = libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT
_HOSTNAME_FLAGS = libvirt.VIR_DOMAIN_GET_HOSTNAME_LEASE | libvirt.VIR_DOMAIN_GET_HOSTNAME_AGENT


class GuestMethods(DomainBase):
    """The methods of a domain that ask its guest.

    Each takes one round trip, and raises OPERATION_INVALID unless the domain is running, AGENT_UNRESPONSIVE where
    VMware Tools do not run in it.
    """

    def hostname(self, flags: int = 0) -> str:
        """Return the guest's host name. Raises NO_HOSTNAME when Tools do not know it, OPERATION_DENIED if read only."""
        check_flags(flags, _HOSTNAME_FLAGS, "virDomainGetHostname")
        self.backend.require_writable("virDomainGetHostname")
        name = self._guest()["guest.hostName"]
        if not name:
            raise error(libvirt.VIR_ERR_NO_HOSTNAME, f"VMware Tools do not know it of domain '{self.title}'")
        return str(name)

    def interfaceAddresses(self, source: int, flags: int = 0) -> dict[str, Any]:
        """Return {name: {"addrs": [{"addr", "prefix", "type"}], "hwaddr"}} of the guest's interfaces.

        ``source`` is VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, which is libvirt's default, or AGENT: both are what
        Tools say. Names are the cards' (``nic0``). Raises ARGUMENT_UNSUPPORTED for ARP, which vSphere does not look at,
        OPERATION_DENIED for AGENT if read only.
        """
        check_flags(flags, 0, "virDomainInterfaceAddresses")
        if source not in (_LEASE, _AGENT):
            raise error(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, f"Unsupported IP address data source {source}")
        if source == _AGENT:
            self.backend.require_writable("virDomainInterfaceAddresses")
        return guest.interfaces(self._guest())

    def fsInfo(self, flags: int = 0) -> list[list[Any]]:
        """Return [mount point, name, type, [target devices]] of each file system of the guest's.

        Another round trip tells the targets of the disks. Raises OPERATION_DENIED if read only.
        """
        check_flags(flags, 0, "virDomainGetFSInfo")
        self.backend.require_writable("virDomainGetFSInfo")
        found = self._guest()
        machine, _ = self.read_machine()
        targets = {disk.key: each.target for each, disk in machine.devices if hasattr(each, "target")}
        return guest.file_systems(found, targets)

    def guestInfo(self, types: int = 0, flags: int = 0) -> dict[str, Any]:
        """Return what Tools know of the kinds in ``types``, VIR_DOMAIN_GUEST_INFO_*, 0 for all, by libvirt's names.

        That is OS, HOSTNAME, FILESYSTEM and INTERFACES. Raises OPERATION_UNSUPPORTED when only others are asked for,
        OPERATION_DENIED if read only.
        """
        check_flags(flags, 0, "virDomainGetGuestInfo")
        self.backend.require_writable("virDomainGetGuestInfo")
        wanted = [read for kind, read in guest.INFORMATION.items() if not types or types & kind]
        if not wanted:
            raise error(
                libvirt.VIR_ERR_OPERATION_UNSUPPORTED, f"VMware Tools know nothing of the kinds asked for (0x{types:x})"
            )
        found = self._guest()
        return {name: value for read in wanted for name, value in read(found).items()}

    def _guest(self) -> Found:
        found = self._read(*guest.PATHS)
        if PowerState.of_machine(found) is not PowerState.RUNNING:
            raise error(libvirt.VIR_ERR_OPERATION_INVALID, f"domain '{self.title}' is not running")
        if found[guest.TOOLS] not in guest.TOOLS_RUN:
            raise error(
                libvirt.VIR_ERR_AGENT_UNRESPONSIVE,
                f"VMware Tools do not run in domain '{self.title}': install them, or wait until they have started",
            )
        return found
