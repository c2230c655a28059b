"""How a domain shares its host's processors and memory with others.

Reference: https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainSetSchedulerParametersFlags
"""

from collections.abc import Mapping

from esxdriver.driver.domain_info import AFFECT, InfoMethods
from esxdriver.errors import check_flags
from esxdriver.vsphere.change.tuning import (
    memory_parameters,
    memory_tuning_spec,
    scheduler_parameters,
    scheduler_spec,
)


class TuningMethods(InfoMethods):
    """The methods of a domain for parameters of its scheduler and its memory."""

    def schedulerType(self) -> tuple[str, int]:
        """Return ``allocation``, and the number of its parameters: reservation, limit and shares."""
        return "allocation", len(scheduler_parameters(None))

    def schedulerParameters(self) -> dict[str, int]:
        """Return the parameters; see :meth:`schedulerParametersFlags`."""
        return self.schedulerParametersFlags(0)

    def schedulerParametersFlags(self, flags: int = 0) -> dict[str, int]:
        """Return ``reservation`` and ``limit``, in MHz (-1: no limit), and ``shares``, as in libvirt's own driver.

        ``shares`` is a number without a unit, or -1 for vSphere's level low, -2 for normal, -3 for high.
        VIR_DOMAIN_AFFECT_* make no difference.
        """
        check_flags(flags, AFFECT, "virDomainGetSchedulerParametersFlags")
        return scheduler_parameters(self._read("config.cpuAllocation")["config.cpuAllocation"])

    def setSchedulerParameters(self, params: Mapping[str, int]) -> int:
        """Set parameters; see :meth:`setSchedulerParametersFlags`."""
        return self.setSchedulerParametersFlags(params, 0)

    def setSchedulerParametersFlags(self, params: Mapping[str, int], flags: int = 0) -> int:
        """Set those of ``reservation``, ``limit`` and ``shares`` that are given, at once. Return 0.

        Their units are those of :meth:`schedulerParametersFlags`. Raises INVALID_ARG for none, for another name or a
        value that cannot be, TypeError for what is no number, OPERATION_FAILED for more than the host has.
        """
        check_flags(flags, AFFECT, "virDomainSetSchedulerParametersFlags")
        self.backend.require_writable("virDomainSetSchedulerParametersFlags")
        return self._run_task("tune", self.ref.ReconfigVM_Task, scheduler_spec(params))

    def memoryParameters(self, flags: int = 0) -> dict[str, int]:
        """Return ``hard_limit``, what it gets of the host's memory at most, and ``min_guarantee``, at least; in KiB.

        Without a limit that is VIR_DOMAIN_MEMORY_PARAM_UNLIMITED, 2^53 - 1.
        """
        check_flags(flags, AFFECT, "virDomainGetMemoryParameters")
        return memory_parameters(self._read("config.memoryAllocation")["config.memoryAllocation"])

    def setMemoryParameters(self, params: Mapping[str, int], flags: int = 0) -> int:
        """Set ``hard_limit``, ``min_guarantee`` or both, in KiB, rounded up to MiB. Return 0.

        The limit is the one that :meth:`setMemory` sets; VIR_DOMAIN_MEMORY_PARAM_UNLIMITED and more is none. Raises
        INVALID_ARG for none, for another name, a limit below 1 or a guarantee below 0 or beyond the domain's memory,
        TypeError for what is no number.
        """
        check_flags(flags, AFFECT, "virDomainSetMemoryParameters")
        self.backend.require_writable("virDomainSetMemoryParameters")
        return self._run_task("tune", self.ref.ReconfigVM_Task, memory_tuning_spec(params, self.maxMemory()))
