"""Specifications that change how much a machine has."""

from typing import Any

import libvirt

from esxdriver.conf.mapping.codecs import in_steps
from esxdriver.errors import error
from esxdriver.vsphere.machine.types import vim_type


def memory_spec(memory: int, most: int, *, maximum: bool) -> Any:
    """Return what sets the size of a machine's memory (``maximum``) or limits it, to ``memory`` KiB.

    ``most`` is its size now, in KiB. Raises INVALID_ARG for a limit beyond it and for nothing at all.
    """
    spec = vim_type("VirtualMachineConfigSpec")()
    if not 0 < memory < 2**53:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"memory of {memory} KiB: no domain can have that")
    if maximum:
        spec.memoryMB = in_steps(memory) // 1024
        return spec
    if memory > most:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"memory of {memory} KiB is more than the domain's {most} KiB")
    spec.memoryAllocation = vim_type("ResourceAllocationInfo")(limit=-(-memory // 1024))
    return spec


def vcpus_spec(vcpus: int) -> Any:
    """Return what gives a machine ``vcpus`` vCPUs; too many, the host refuses. Raises INVALID_ARG for none."""
    if not 1 <= vcpus < 2**31:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"{vcpus} vCPUs: no domain can have that")
    return vim_type("VirtualMachineConfigSpec")(numCPUs=vcpus)
