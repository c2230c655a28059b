"""Managed save: vSphere's suspension, where the URI has ``managed_save=1``.

| ``managed_save=`` | a suspended machine is      | it comes by   | it goes by                             |
|-------------------|-----------------------------|---------------|----------------------------------------|
| 0, as libvirt's   | paused, active              | suspend       | resume, destroy                        |
| 1                 | shut off, with a saved image | managedSave  | create; managedSaveRemove, FORCE_BOOT  |
"""

import libvirt

from esxdriver.conf.mapping.states import PowerState
from esxdriver.driver.domain_info import InfoMethods
from esxdriver.errors import check_flags, error


class SaveMethods(InfoMethods):
    """The methods of a domain for its managed save image."""

    def managedSave(self, flags: int = 0) -> int:
        """Save the memory of a domain that runs, and stop it; ``create`` lets it go on. Return 0.

        VIR_DOMAIN_SAVE_RUNNING makes no difference. Raises NO_SUPPORT unless the URI has managed_save=1,
        OPERATION_INVALID for a domain that does not run, or is transient.
        """
        self._require_managed_save("virDomainManagedSave")
        check_flags(flags, libvirt.VIR_DOMAIN_SAVE_RUNNING, "virDomainManagedSave")
        self._require_state("save", "virDomainManagedSave", PowerState.RUNNING)
        self._require_persistent("cannot do managed save for transient domain")
        return self._run_task("save", self.ref.SuspendVM_Task)

    def managedSaveRemove(self, flags: int = 0) -> int:
        """Discard the saved memory: the domain boots when it starts. Return 0.

        Raises NO_SUPPORT unless the URI has managed_save=1, OPERATION_INVALID for a domain without an image.
        """
        self._require_managed_save("virDomainManagedSaveRemove")
        check_flags(flags, 0, "virDomainManagedSaveRemove")
        self.backend.require_writable("virDomainManagedSaveRemove")
        if not self._has_saved():
            raise error(libvirt.VIR_ERR_OPERATION_INVALID, f"domain '{self.title}' has no managed save image")
        return self._run_task("remove the managed save image of", self.ref.PowerOffVM_Task)

    def _has_saved(self) -> bool:
        return self.backend.uri.managed_save and self.backend.is_saved(self._read_power())

    def _drop_saved(self, may: int) -> None:
        """Remove the managed save image of a domain that is undefined; raise OPERATION_INVALID unless it ``may`` be."""
        if not self._has_saved():
            return
        if not may:
            text = f"domain '{self.title}' has a managed save image: undefine it with VIR_DOMAIN_UNDEFINE_MANAGED_SAVE"
            raise error(libvirt.VIR_ERR_OPERATION_INVALID, f"{text} (--managed-save), or remove that first")
        self.managedSaveRemove()

    def _require_managed_save(self, function: str) -> None:
        if not self.backend.uri.managed_save:
            text = f"{function}: a suspended domain is paused here, see suspend; managed_save=1 in the URI changes that"
            raise error(libvirt.VIR_ERR_NO_SUPPORT, text)
