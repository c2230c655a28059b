"""Specifications that change how much a machine has."""

import copy
from typing import Any

import libvirt

from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.mapping.codecs import in_steps
from esxdriver.errors import error
from esxdriver.vsphere.machine.machine import Machine
from esxdriver.vsphere.machine.types import vim_type


def memory_spec(memory: int, most: int, *, maximum: bool) -> Any:
    """Return what sets the size of a machine's memory (``maximum``) or limits it, to ``memory`` KiB.

    ``most`` is its size now, in KiB. Raises INVALID_ARG for a limit beyond it, and for 0.
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
    """Return what gives a machine ``vcpus`` vCPUs; the host refuses too many. Raises INVALID_ARG for 0."""
    if not 1 <= vcpus < 2**31:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"{vcpus} vCPUs: no domain can have that")
    return vim_type("VirtualMachineConfigSpec")(numCPUs=vcpus)


def disk_spec(machine: Machine, path: str, capacity: int) -> Any | None:
    """Return what makes the hard disk with the target or source ``path`` ``capacity`` bytes large, None when it is so.

    Raises INVALID_ARG for a path that is no disk's and a size that no disk can have, OPERATION_UNSUPPORTED for a drive
    of CDs or floppies and for less than the disk has, OPERATION_INVALID for a disk that snapshots hold.
    """
    disk, device = _hard_disk(machine, path)
    has = device.capacityInBytes or (device.capacityInKB or 0) * 1024
    if not 0 < capacity < _LARGEST_DISK:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"{disk.label}: {capacity} bytes: no disk can have that")
    if capacity == has:
        return None
    if capacity < has:
        raise error(
            libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
            f"{disk.label} has {has} bytes and cannot shrink to {capacity}: vSphere's disks only grow",
        )
    if disk.chain:
        raise error(
            libvirt.VIR_ERR_OPERATION_INVALID,
            f"{disk.label}: it is in the domain's snapshots and cannot grow: delete them first (snapshot-delete)",
        )
    larger = copy.deepcopy(device)
    larger.capacityInBytes, larger.capacityInKB = capacity, -(-capacity // 1024)
    change = vim_type("VirtualDeviceConfigSpec")(operation="edit", device=larger)
    return vim_type("VirtualMachineConfigSpec")(changeVersion=machine.config.changeVersion, deviceChange=[change])


_LARGEST_DISK = 2**63


def _hard_disk(machine: Machine, path: str) -> tuple[DiskDef, Any]:
    disks = [(each, device) for each, device in machine.devices if isinstance(each, DiskDef)]
    found = [(disk, device) for disk, device in disks if path and path in (disk.target, disk.source)]
    if not found:
        has = ", ".join(disk.target for disk, _ in disks) or "none"
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"invalid path: '{path}' is no disk of the domain; it has {has}")
    disk, device = found[0]
    if not disk.backing.is_hard_disk:
        raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, f"{disk.label} is no hard disk: its medium has its own size")
    return disk, device
