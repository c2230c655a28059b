"""Another domain like one that there is, on a host alone: its disks are copied, then it is defined.

1. The domain has to be shut off: nothing copies a disk that is written to.
2. The copies lie in a directory of their own, named for the new domain, each as thin or thick as what it is a copy of.
3. The definition is the old one's, with the copies, and UUIDs and MAC addresses of its own.
4. When anything fails, what was made is deleted again, unless nobody knows whether a domain has it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import libvirt
from pyVmomi import vim

from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.mapping.enums import Firmware
from esxdriver.conf.mapping.identity import file_name
from esxdriver.errors import error
from esxdriver.vsphere.change.define import define
from esxdriver.vsphere.change.rules import check_definable
from esxdriver.vsphere.machine.machine import Machine
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.query.task import Progress
from esxdriver.vsphere.storage import disks, usage
from esxdriver.vsphere.storage.datastores import Datastore
from esxdriver.vsphere.storage.disks import Allocation
from esxdriver.vsphere.wire.faults import CALL_FAILURES, OutcomeUnknownError, describe, extended
from esxdriver.vsphere.wire.session import Session


def copies(machine: Machine, name: str, datastore: str) -> list[tuple[DiskDef, DatastorePath, Allocation]]:
    """Return for each hard disk of a machine where its copy goes, and how that takes its space.

    Raises CONFIG_UNSUPPORTED for a machine that cannot be copied, and why.
    """
    if machine.definition.tpms:
        raise error(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "a TPM's secrets are in no copy: clone it through its vCenter")
    found = [(disk, device) for disk, device in machine.devices if isinstance(disk, DiskDef)]
    hard = [(disk, device) for disk, device in found if disk.backing.is_hard_disk]
    if not hard:
        text = "it has no hard disk, beside which a copy's files would go"
        raise error(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, text)
    for disk, _ in hard:
        check_definable(disk)
        if disk.backing in (Backing.RDM, Backing.PMEM):
            text = f"{disk.label}: a mapped LUN or a PMEM disk is no file that could be copied: detach it first"
            raise error(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, text)
    stem = file_name(name)
    names = [f"{stem}{f'_{number}' if number else ''}.vmdk" for number in range(len(hard))]
    return [
        (disk, DatastorePath(datastore, f"{stem}/{file}"), allocation_of(device))
        for (disk, device), file in zip(hard, names, strict=True)
    ]


def allocation_of(device: Any) -> Allocation:
    """Return how a disk takes its space, by the file that the others of its chain stand on."""
    backing = device.backing
    while getattr(backing, "parent", None) is not None:
        backing = backing.parent
    if getattr(backing, "thinProvisioned", None):
        return Allocation.THIN
    return Allocation.EAGER if getattr(backing, "eagerlyScrub", None) else Allocation.THICK


def new_definition(
    have: DomainDef, name: str, sources: dict[DiskDef, str], macs: Sequence[str | None], nvram: str | None
) -> DomainDef:
    """Return the definition of a copy whose disks are ``sources``; ``macs`` are those of its cards, in their order."""
    given = [*macs, *[None] * len(have.interfaces)]
    return replace(
        have,
        name=name,
        uuid=None,
        hwuuid=None,
        genid=None,
        moref=None,
        vmx_path=None,
        nvram=nvram,
        disks=tuple(
            replace(disk, source=sources[disk], backing=Backing.FLAT, chain=()) if disk in sources else disk
            for disk in have.disks
        ),
        interfaces=tuple(
            replace(card, mac=mac, mac_type=None, mac_check=None, port=None, connection=None)
            for card, mac in zip(have.interfaces, given, strict=False)
        ),
    )


def duplicate(
    session: Session,
    scope: Scope,
    machine: Machine,
    name: str,
    datastore: Datastore,
    macs: Sequence[str | None],
    failure: str,
    *,
    legacy_uuid: bool,
    auto_answer: bool,
    progress: Progress = None,
) -> Found:
    """Copy the disks of a machine that is shut off, and define a domain with them. Raises what the host refuses."""
    planned = copies(machine, name, datastore.name)
    made: list[DatastorePath] = []
    with disks.directory_for(session, scope, datastore, planned[0][1]):
        try:
            for number, (disk, path, allocation) in enumerate(planned):
                source = DatastorePath.parse(disk.source)
                assert source is not None
                disks.copy_disk(session, scope, source, path, allocation, _part(progress, number, len(planned)))
                made.append(path)
            nvram = _copied_nvram(session, scope, machine.definition, planned[0][1], made)
            sources = {disk: str(path) for disk, path, _ in planned}
            want = new_definition(machine.definition, name, sources, macs, nvram)
            return define(session, scope, want, legacy_uuid=legacy_uuid, auto_answer=auto_answer, new=True)[0]
        except OutcomeUnknownError:
            raise
        except Exception as cause:
            if isinstance(cause.__cause__, OutcomeUnknownError):
                raise
            if stays := _take_back(session, scope, datastore, made):
                text = f"copies were made and could not be deleted again: {', '.join(stays)}"
                raise extended(cause, failure, text) from cause
            raise
        except BaseException as cause:  # a signal: a copy may be under way
            cause.add_note(f"copies for '{name}' were made or begun: look into '{planned[0][1].beside('.')}'")
            raise


def _part(progress: Progress, number: int, of: int) -> Progress:
    """Return what is given the percentages of one copy of several."""
    if progress is None:
        return None
    return lambda percent: progress((100 * number + percent) // of)


def _copied_nvram(
    session: Session, scope: Scope, have: DomainDef, beside: DatastorePath, made: list[DatastorePath]
) -> str | None:
    """Copy the file of a guest's UEFI variables, if there is one, and return where the copy is."""
    source = DatastorePath.parse(have.nvram) if have.firmware is Firmware.EFI else None
    path = beside.beside(beside.name.removesuffix(".vmdk") + ".nvram")
    if source is None or path is None:
        return None
    try:
        disks.copy_file(session, scope, source, path)
    except vim.fault.FileNotFound:
        return None  # a guest that never ran has none
    made.append(path)
    return str(path)


def _take_back(session: Session, scope: Scope, datastore: Datastore, made: Sequence[DatastorePath]) -> list[str]:
    """Delete copies that no domain has; return those that stay, and why."""
    stays = []
    for path in reversed(made):
        try:
            usage.require_unused(session, datastore, path, "delete")
            delete = disks.delete_disk if path.name.endswith(".vmdk") else disks.delete_file
            delete(session, scope, path)
        except (libvirt.libvirtError, *CALL_FAILURES) as error:
            stays.append(f"{path} ({error if isinstance(error, libvirt.libvirtError) else describe(error)})")
    return stays
