"""The machine of a check, and what its steps do to it: by the driver, and past the driver's rules where these refuse.

Past the rules the driver's own plan is sent all the same: the host is to say what it really refuses, and how.
"""

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import libvirt

from esxdriver.checking.own import Own
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.errors import error
from esxdriver.vsphere.change.plan import plan_edit
from esxdriver.vsphere.change.resize import disk_spec
from esxdriver.vsphere.machine.match import match
from esxdriver.vsphere.query.task import wait
from esxdriver.vsphere.storage.transfer import Upload, beginning_of
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from esxdriver.conf.devices.disk import DiskDef
    from esxdriver.conf.domain.domain import DomainDef
    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain
    from esxdriver.driver.domain_snapshot import DomainSnapshot
    from esxdriver.driver.storage_pool import StoragePool

MIB = 1 << 20
_DISK = (
    "<disk type='file' device='disk' snapshot='{snapshot}' persistent='{persistent}'><source file='{source}'/>"
    "<target dev='{target}' bus='{bus}'/>{more}</disk>"
)
_DOMAIN = (
    "<domain type='vmware'><name>{name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>"
    "<os><type arch='x86_64'>hvm</type></os><devices>{devices}</devices></domain>"
)
_HEAD = "# Disk DescriptorFile"
_MARK = "ddb.esxdriverCheck"


class Scene:
    """The machine of a check, its datastore and its disks, which are called by their numbers."""

    def __init__(self, conn: "Connect", own: Own) -> None:
        self.conn = conn
        self.own = own
        self.session = conn.backend.session
        self.domain: Domain = None  # type: ignore[assignment]  # until it is created
        self.before: dict[object, str] = {}
        """How things were before a step, for a later one to compare."""

    @cached_property
    def pool(self) -> "StoragePool":
        """The datastore's pool."""
        return self.conn.storagePoolLookupByName(self.own.called.datastore)

    # -- disks

    def make_disk(self, number: int) -> int:
        """Make a thin disk of 1 MiB, and return the capacity that it has, in bytes."""
        volume = self.pool.createXML(
            f"<volume><name>{self.own.disk(number).path}</name><capacity>{MIB}</capacity><allocation>0</allocation>"
            "</volume>"
        )
        return int(volume.info()[1])

    def disk_xml(self, number: int, target: str, bus: str, mode: DiskMode = DiskMode.PERSISTENT, more: str = "") -> str:
        """Return the element of a disk."""
        said = {
            name: "yes" if value else "no"
            for name, value in (("snapshot", mode.snapshot), ("persistent", mode.persistent))
        }
        return _DISK.format(source=self.own.disk(number), target=target, bus=bus, more=more, **said)

    def disk(self, number: int) -> "DiskDef | None":
        """Return a disk as the machine has it now, also as a delta; None when the machine does not have it."""
        return disk_of(self.domain.read_machine()[0].definition, self.own.disk(number))

    def mode(self, number: int) -> str:
        """Return a disk's mode, as vSphere spells it; ``gone`` when the machine does not have the disk."""
        disk = self.disk(number)
        return disk.mode.vim if disk else "gone"

    # -- the machine

    def create(self, devices: str) -> None:
        """Create the machine."""
        self.domain = self.conn.defineXML(_DOMAIN.format(name=self.own.called.name, devices=devices))

    def define(self, change: "Callable[[DomainDef], DomainDef]") -> None:
        """Define the machine as ``change`` makes its definition, by a document."""
        machine, _ = self.domain.read_machine()
        self.conn.defineXML(domain_xml.format(change(machine.definition), self.conn.backend.style()))

    def set_mode(self, number: int, mode: DiskMode) -> str:
        """Give a disk another mode, and return the mode that it has then."""
        self.define(lambda have: _changed(have, self.own.disk(number), lambda disk: replace(disk, mode=mode)))
        return self.mode(number)

    def edit_past_rules(self, change: "Callable[[DomainDef], DomainDef]") -> None:
        """Ask the host for a definition without asking the driver's rules. Raises what the host says."""
        machine, _ = self.domain.read_machine()
        plan = plan_edit(match(machine, change(machine.definition)))
        if plan is not None:
            with translated("past the rules"):
                wait(self.session, self.domain.ref.ReconfigVM_Task(plan.spec), self.domain.ref, auto_answer=False)

    def set_mode_past_rules(self, number: int, mode: DiskMode) -> None:
        """Ask the host for another mode without asking the driver's rules."""
        self.edit_past_rules(lambda have: _changed(have, self.own.disk(number), lambda disk: replace(disk, mode=mode)))

    def remove_past_rules(self, number: int) -> None:
        """Ask the host to remove a disk without asking the driver's rules; its files stay."""
        path = self.own.disk(number)
        self.edit_past_rules(
            lambda have: replace(have, disks=tuple(each for each in have.disks if not _is_at(each, path)))
        )

    def grow_past_rules(self, target: str, capacity: int) -> None:
        """Ask the host for a larger disk without asking the driver's rules."""
        machine, _ = self.domain.read_machine()
        alone = tuple((replace(each, chain=()) if hasattr(each, "chain") else each, at) for each, at in machine.devices)
        spec = disk_spec(replace(machine, devices=alone), target, capacity)
        with translated("past the rules"):
            wait(self.session, self.domain.ref.ReconfigVM_Task(spec), self.domain.ref, auto_answer=False)

    # -- snapshots

    def snapshot(self, name: str, *, memory: bool = False) -> "DomainSnapshot":
        """Take a snapshot."""
        flags = 0 if memory else libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
        asked = "<memory snapshot='internal'/>" if memory else ""
        return self.domain.snapshotCreateXML(f"<domainsnapshot><name>{name}</name>{asked}</domainsnapshot>", flags)

    def snapshot_past_rules(self, name: str, *, memory: bool = False, quiesce: bool = False) -> None:
        """Ask the host for a snapshot without asking the driver's rules."""
        with translated("past the rules"):
            task = self.domain.ref.CreateSnapshot_Task(name, "", memory, quiesce)
            wait(self.session, task, self.domain.ref, auto_answer=False)

    def delete_snapshots(self) -> None:
        """Delete all snapshots."""
        for each in self.domain.listAllSnapshots(libvirt.VIR_DOMAIN_SNAPSHOT_LIST_ROOTS):
            each.delete(libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN)

    def revert(self, name: str) -> None:
        """Go back to a snapshot."""
        self.domain.revertToSnapshot(self.domain.snapshotLookupByName(name))

    # -- what the disks hold

    def descriptor(self, number: int) -> str:
        """Return the descriptor of the file that a disk writes to now. Raises OPERATION_FAILED for what is none."""
        path = self._file(number)
        with translated("the descriptor"):
            text = beginning_of(self.session, self.conn.backend.scope, path).decode("utf-8", "replace")
        if not text.startswith(_HEAD):
            raise error(libvirt.VIR_ERR_OPERATION_FAILED, f"the host has sent no descriptor of disk '{path}'")
        return text

    def mark(self, number: int, mark: str) -> None:
        """Write a mark into the descriptor of the file that a disk writes to now; its machine has to be off."""
        path = self._file(number)
        self.own.require(self.domain.ref)
        self.own.require_file(str(path))
        kept = [line for line in self.descriptor(number).splitlines() if not line.startswith(_MARK)]
        data = "\n".join([*kept, f'{_MARK} = "{mark}"', ""]).encode()
        with translated("the mark"):
            upload = Upload(self.session, self.conn.backend.scope, path, len(data))
            upload.write(data)
            upload.finish()

    def marked(self, number: int) -> str:
        """Return the mark that is in the descriptor of the file that a disk writes to now."""
        lines = (line for line in self.descriptor(number).splitlines() if line.startswith(_MARK))
        return next((line.partition("=")[2].strip(' "') for line in lines), "none")

    def _file(self, number: int) -> DatastorePath:
        disk = self.disk(number)
        path = DatastorePath.parse(disk.source) if disk else None
        assert path is not None
        return path


def disk_of(definition: "DomainDef", path: DatastorePath) -> "DiskDef | None":
    """Return the disk of a definition that is at ``path``, or stands on what is there."""
    return next((each for each in definition.disks if _is_at(each, path)), None)


def _is_at(disk: "DiskDef", path: DatastorePath) -> bool:
    return str(path) in (disk.source, *disk.chain)


def _changed(have: "DomainDef", path: DatastorePath, change: "Callable[[DiskDef], DiskDef]") -> "DomainDef":
    return replace(have, disks=tuple(change(each) if _is_at(each, path) else each for each in have.disks))
