"""What is changed of a domain without a document: its name, its size, whether it is known at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libvirt

from esxdriver.conf.mapping.identity import escaped
from esxdriver.conf.mapping.states import PowerState
from esxdriver.driver.domain_info import AFFECT
from esxdriver.driver.domain_save import SaveMethods
from esxdriver.errors import check_exclusive, check_flags, error
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esxdriver.vsphere.change.removal import DomainFile
    from esxdriver.vsphere.query.task import Progress

_NVRAM = libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
_UNDEFINE = (
    _NVRAM
    | libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM
    | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
)


class ChangeMethods(SaveMethods):
    """The methods of a domain that rename it, resize it or forget it."""

    def undefine(self) -> int:
        """Forget the domain; its files stay on the datastore. Raises what :meth:`undefineFlags` does."""
        return self.undefineFlags(0)

    def undefineFlags(self, flags: int = 0) -> int:
        """Forget the domain; its files stay on the datastore, with its snapshots'. NVRAM deletes that file.

        There are no checkpoints, and metadata of snapshots is their files', so CHECKPOINTS_METADATA,
        SNAPSHOTS_METADATA and KEEP_NVRAM change nothing. A domain with a managed save image (managed_save=1) needs
        MANAGED_SAVE, which removes the image first. Raises OPERATION_INVALID without that, and unless the domain is
        shut off, INVALID_ARG for other flags and for NVRAM with KEEP_NVRAM.
        """
        return self._undefine((), flags)

    def undefineWithStorage(
        self, volumes: Sequence[str] | None = None, flags: int = 0, *, wipe: bool = False, progress: Progress = None
    ) -> int:
        """Forget the domain and delete ``volumes``, by target or source, or with None all of its hard disks.

        No function of libvirt's: ``virsh undefine --remove-all-storage`` looks each volume up. Never what another
        domain has, wherever that is in the inventory, nor a snapshot: raises OPERATION_INVALID with their names, and
        then nothing has happened. ``wipe`` overwrites disks first. Raises OPERATION_FAILED with what stays, where the
        domain is gone and a file is not; INVALID_ARG for a volume that it does not have.
        """
        return self._undefine(volumes, flags, wipe=wipe, progress=progress)

    def undefinePreview(self, volumes: Sequence[str] | None = None, flags: int = 0) -> list[DomainFile]:
        """Return what :meth:`undefineWithStorage` would do with each file of a drive, and with its NVRAM.

        Raises what that raises before it does anything.
        """
        from esxdriver.vsphere.change.removal import removal, require_free

        nvram = self._checked(flags)
        with translated(f"cannot undefine domain '{self.title}'"):
            machine, _ = self.read_machine()
            files = removal(machine.definition, volumes, nvram=nvram)
            require_free(self.backend.session, self.backend.scope, self.ref, self.title, files)
        return files

    def _undefine(
        self, volumes: Sequence[str] | None, flags: int, *, wipe: bool = False, progress: Progress = None
    ) -> int:
        nvram = self._checked(flags)
        files = self.undefinePreview(volumes, flags) if nvram or volumes is None or volumes else []
        self._drop_saved(flags & libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE)
        self._call("undefine", self.ref.UnregisterVM)
        if files:
            from esxdriver.vsphere.change.removal import delete

            delete(self.backend.session, self.backend.scope, self.title, files, wipe=wipe, progress=progress)
        return 0

    def _checked(self, flags: int) -> bool:
        """Check flags and state; return whether the NVRAM is to go."""
        check_flags(flags, _UNDEFINE, "virDomainUndefineFlags")
        check_exclusive(flags, _NVRAM, libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM, "NVRAM and KEEP_NVRAM")
        try:
            self._require_state("undefine", "virDomainUndefineFlags", PowerState.SHUTOFF)
        except libvirt.libvirtError as cause:
            if cause.get_error_code() == libvirt.VIR_ERR_OPERATION_INVALID:
                self._require_persistent("cannot undefine transient domain")
            raise
        return bool(flags & _NVRAM)

    def autostart(self) -> int:
        """Return 1 if the domain starts with its host, else 0."""
        with translated(f"cannot read the autostart of domain '{self.title}'"):
            return int(self.backend.starts_with_host(self.ref))

    def setAutostart(self, autostart: int) -> int:
        """Have the domain start with its host, or not.

        Raises OPERATION_INVALID where the host starts none at all and others are on its list, which would start, too,
        and for a transient domain.
        """
        from esxdriver.vsphere.change.autostart import set_start_with_host

        self.backend.require_writable("virDomainSetAutostart")
        self._require_persistent("cannot set autostart for transient domain")
        with translated(f"cannot set the autostart of domain '{self.title}'"):
            set_start_with_host(self.backend.session, self.ref, starts=bool(autostart))
        return 0

    def rename(self, new_name: str, flags: int = 0) -> int:
        """Give the domain another name; its files keep theirs. Raises INVALID_ARG for an empty name. Return 0."""
        check_flags(flags, 0, "virDomainRename")
        self.backend.require_writable("virDomainRename")
        if not new_name:
            raise error(libvirt.VIR_ERR_INVALID_ARG, "the new name is empty")
        self._require_persistent("cannot rename a transient domain")
        self._run_task("rename", self.ref.Rename_Task, escaped(new_name))
        self._identity["name"] = escaped(new_name)
        return 0

    def setMaxMemory(self, memory: int) -> int:
        """Give the domain ``memory`` KiB, rounded up to 4 MiB; it has to be shut off. See :meth:`setMemoryFlags`."""
        return self.setMemoryFlags(memory, libvirt.VIR_DOMAIN_MEM_MAXIMUM)

    def setMemory(self, memory: int) -> int:
        """Limit what the domain has of the host's memory to ``memory`` KiB, rounded up to MiB."""
        return self.setMemoryFlags(memory, 0)

    def setMemoryFlags(self, memory: int, flags: int = 0) -> int:
        """Set the limit, or with VIR_DOMAIN_MEM_MAXIMUM the size, of the domain's memory, in KiB. Return 0.

        Raises INVALID_ARG for 0, and for a limit beyond the size; OPERATION_INVALID for the size of a domain that is
        not shut off.
        """
        from esxdriver.vsphere.change.resize import memory_spec

        check_flags(flags, AFFECT | libvirt.VIR_DOMAIN_MEM_MAXIMUM, "virDomainSetMemoryFlags")
        maximum = bool(flags & libvirt.VIR_DOMAIN_MEM_MAXIMUM)
        if maximum:
            self._require_state("resize", "virDomainSetMaxMemory", PowerState.SHUTOFF)
        self.backend.require_writable("virDomainSetMemoryFlags")
        return self._run_task(
            "resize", self.ref.ReconfigVM_Task, memory_spec(memory, self.maxMemory(), maximum=maximum)
        )

    def setVcpus(self, nvcpus: int) -> int:
        """Give the domain ``nvcpus`` vCPUs; a running one must allow it (CPU hot plug)."""
        return self.setVcpusFlags(nvcpus, 0)

    def setVcpusFlags(self, nvcpus: int, flags: int = 0) -> int:
        """Give the domain ``nvcpus`` vCPUs; all of them are plugged in, so MAXIMUM means the same. Return 0.

        Raises INVALID_ARG for 0, and what the host has against it.
        """
        from esxdriver.vsphere.change.resize import vcpus_spec

        check_flags(flags, AFFECT | libvirt.VIR_DOMAIN_VCPU_MAXIMUM, "virDomainSetVcpusFlags")
        self.backend.require_writable("virDomainSetVcpusFlags")
        return self._run_task("resize", self.ref.ReconfigVM_Task, vcpus_spec(nvcpus))
