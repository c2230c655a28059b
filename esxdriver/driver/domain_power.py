"""What a domain does: start, stop, sleep."""

import libvirt

from esxdriver.conf.mapping.states import PowerState
from esxdriver.driver.domain_save import SaveMethods
from esxdriver.errors import check_flags, error


class PowerMethods(SaveMethods):
    """The methods of a domain that change its power state, and return 0.

    Each raises OPERATION_INVALID unless the domain is in a state for it, and the codes of vSphere's faults.
    """

    def create(self) -> int:
        """Start the domain, which has to be shut off; see :meth:`resume` for a paused one."""
        return self.createWithFlags(0)

    def createWithFlags(self, flags: int = 0) -> int:
        """Start the domain, from its managed save image if it has one (managed_save=1), or with FORCE_BOOT without.

        No other flag is supported. Raises OPERATION_INVALID unless it is shut off.
        """
        check_flags(flags, libvirt.VIR_DOMAIN_START_FORCE_BOOT, "virDomainCreateWithFlags")
        self._require_state("start", "virDomainCreateWithFlags", PowerState.SHUTOFF)
        if flags and self._has_saved():
            self.managedSaveRemove()
        return self._run_task("start", self.ref.PowerOnVM_Task)

    def shutdown(self) -> int:
        """Ask the guest to shut down; VMware Tools must be running in it."""
        return self.shutdownFlags(0)

    def shutdownFlags(self, flags: int = 0) -> int:
        """Ask the guest to shut down; of the flags GUEST_AGENT, which is what Tools are, is supported.

        A transient domain is forgotten when that is done, if this connection watches (``esxdriver.watch``, events).
        """
        check_flags(flags, libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT, "virDomainShutdownFlags")
        self._require_state("shut down", "virDomainShutdownFlags", PowerState.RUNNING)
        self.backend.transients.note(self.ref)
        return self._call("shut down", self.ref.ShutdownGuest)

    def reboot(self, flags: int = 0) -> int:
        """Ask the guest to reboot; of the flags GUEST_AGENT, which is what Tools are, is supported."""
        check_flags(flags, libvirt.VIR_DOMAIN_REBOOT_GUEST_AGENT, "virDomainReboot")
        self._require_state("reboot", "virDomainReboot", PowerState.RUNNING)
        return self._call("reboot", self.ref.RebootGuest)

    def reset(self, flags: int = 0) -> int:
        """Press the reset button."""
        check_flags(flags, 0, "virDomainReset")
        self._require_state("reset", "virDomainReset", PowerState.RUNNING)
        return self._run_task("reset", self.ref.ResetVM_Task)

    def suspend(self) -> int:
        """Suspend the domain to its host's disk.

        With managed_save=1 that is :meth:`managedSave`, and this raises OPERATION_UNSUPPORTED.
        """
        if self.backend.uri.managed_save:
            raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "managed_save=1: vSphere's suspension is 'managedsave'")
        self._require_state("suspend", "virDomainSuspend", PowerState.RUNNING)
        return self._run_task("suspend", self.ref.SuspendVM_Task)

    def resume(self) -> int:
        """Let a paused domain go on: with managed_save=1 none is."""
        self._require_state("resume", "virDomainResume", PowerState.PAUSED)
        return self._run_task("resume", self.ref.PowerOnVM_Task)

    def destroy(self) -> int:
        """Pull the plug, of a paused domain, too; a transient one is gone then, and its files stay."""
        return self.destroyFlags(0)

    def destroyFlags(self, flags: int = 0) -> int:
        """Pull the plug, as :meth:`destroy` does. No flag is supported."""
        check_flags(flags, 0, "virDomainDestroyFlags")
        self._require_state("destroy", "virDomainDestroyFlags", PowerState.RUNNING, PowerState.PAUSED)
        is_transient = self._is_transient()
        self._run_task("destroy", self.ref.PowerOffVM_Task)
        if is_transient:
            self._forget()
        return 0
