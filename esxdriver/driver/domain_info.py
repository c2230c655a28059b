"""How a domain is: its state, its memory, its vCPUs."""

import libvirt

from esxdriver.conf.mapping.states import PowerState, number_of
from esxdriver.driver.domain_transient import TransientMethods
from esxdriver.errors import check_flags
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.wire.faults import translated

_INFO = ("runtime.powerState", "config.hardware.memoryMB", "config.hardware.numCPU",
         "config.memoryAllocation.limit", "runtime.bootTime")  # fmt: skip

AFFECT = libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_AFFECT_CONFIG


class InfoMethods(TransientMethods):
    """The methods of a domain that say how it is."""

    def OSType(self) -> str:
        """Return ``hvm``: guests are fully virtualised."""
        return "hvm"

    def isUpdated(self) -> int:
        """Return 0: a machine has one configuration, not a running and a stored one."""
        self._read("runtime.powerState")
        return 0

    def hasManagedSaveImage(self, flags: int = 0) -> int:
        """Return 1 for a domain that is suspended where the URI has managed_save=1, else 0: it is paused then."""
        check_flags(flags, 0, "virDomainHasManagedSaveImage")
        return int(self.backend.uri.managed_save and self.backend.is_saved(self._read_power()))

    def state(self, flags: int = 0) -> list[int]:
        """Return [state, reason]: a VIR_DOMAIN_RUNNING, PAUSED (vSphere's suspended) or SHUTOFF, and 0.

        With managed_save=1 one that is suspended is SHUTOFF, with the reason VIR_DOMAIN_SHUTOFF_SAVED.
        """
        check_flags(flags, 0, "virDomainGetState")
        found = self._read_power()
        reason = libvirt.VIR_DOMAIN_SHUTOFF_SAVED if self.backend.is_saved(found) else 0
        return [number_of(self.backend.shown_state(found)), int(reason)]

    def isActive(self) -> int:
        """Return 1 unless the domain is shut off."""
        return int(self._power_state() is not PowerState.SHUTOFF)

    def _sizes(self) -> tuple[Found, list[int]]:
        """Return what was read, and [state, maximum memory in KiB, memory in KiB, vCPUs]: one round trip."""
        found = self._read(*_INFO)
        state = number_of(self.backend.shown_state(found))
        most = int(found["config.hardware.memoryMB"] or 0)
        limit = found["config.memoryAllocation.limit"]
        current = most if limit is None or not 0 <= limit < most else int(limit)
        return found, [state, most * 1024, current * 1024, int(found["config.hardware.numCPU"] or 0)]

    def maxMemory(self) -> int:
        """Return the domain's memory in KiB."""
        return self._sizes()[1][1]

    def maxVcpus(self) -> int:
        """Return the most vCPUs the domain can have: what the host supports, or of an active domain what it has."""
        if self.isActive():
            return self._sizes()[1][3]
        from esxdriver.vsphere.query.vcpus import most_vcpus

        with translated("cannot read the host"):
            return most_vcpus(self.backend.session, self.backend.scope)

    def vcpusFlags(self, flags: int = 0) -> int:
        """Return the number of vCPUs; with VIR_DOMAIN_VCPU_MAXIMUM as well: all of them are always plugged in."""
        check_flags(flags, AFFECT | libvirt.VIR_DOMAIN_VCPU_MAXIMUM, "virDomainGetVcpusFlags")
        return self._sizes()[1][3]
