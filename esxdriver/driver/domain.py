"""A domain, with the face of libvirt-python's ``virDomain``.

Reference: https://libvirt.org/html/libvirt-libvirt-domain.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import libvirt

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.mapping.identity import escaped
from esxdriver.driver import domain_snapshot as snapshot
from esxdriver.driver import snapshotting
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.change.define import read_machine
from esxdriver.vsphere.change.resize import memory_spec, vcpus_spec
from esxdriver.vsphere.query.retrieve import Found, properties
from esxdriver.vsphere.query.task import wait
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.conf.domain.domain import DomainDef
    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain_snapshot import DomainSnapshot
    from esxdriver.vsphere.machine.machine import Machine
    from esxdriver.vsphere.query.task import Progress

_STATES = {
    "poweredOn": libvirt.VIR_DOMAIN_RUNNING,
    "poweredOff": libvirt.VIR_DOMAIN_SHUTOFF,
    "suspended": libvirt.VIR_DOMAIN_PAUSED,
}

_INFO = ("runtime.powerState", "config.hardware.memoryMB", "config.hardware.numCPU", "config.memoryAllocation.limit")

_XML_FLAGS = libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_MIGRATABLE
_AFFECT = libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_AFFECT_CONFIG


def xml_style(conn: Connect, flags: int) -> domain_xml.Style:
    """Return how a connection writes definitions with these VIR_DOMAIN_XML_* flags.

    Raises INVALID_ARG, and OPERATION_DENIED for secrets on a connection that is read only.
    """
    check_flags(flags, _XML_FLAGS, "virDomainGetXMLDesc")
    secure = bool(flags & libvirt.VIR_DOMAIN_XML_SECURE)
    if secure:
        conn._writable("virDomainGetXMLDesc with VIR_DOMAIN_XML_SECURE")
    return domain_xml.Style(disk_mode=conn._spelling, secure=secure, legacy_uuid=conn._uri.legacy_uuid)


class Domain:
    """A virtual machine. Name, UUID and the ID are those of the moment it was looked up; all else is asked for."""

    def __init__(self, conn: Connect, ref: Any, name: str, uuid: str | None, power: str | None) -> None:
        self._conn = conn
        self._ref = ref
        self._name = name
        self._uuid = uuid or str(UUID(int=0))
        self._power = power

    def __repr__(self) -> str:
        return f"<Domain {self._name!r} {self._uuid}>"

    # -- who it is

    def connect(self) -> Connect:
        """Return the connection the domain was looked up with."""
        return self._conn

    def name(self) -> str:
        """Return the name."""
        return self._name

    def UUID(self) -> bytes:
        """Return the 16 bytes of the UUID."""
        return UUID(self._uuid).bytes

    def UUIDString(self) -> str:
        """Return the UUID: the instance UUID, or the BIOS UUID with ``legacy_uuid=1``."""
        return self._uuid

    def ID(self) -> int:
        """Return the number in the managed object reference of an active domain, -1 for another."""
        digits = re.search(r"\d+$", self._ref._moId)
        return int(digits[0]) if digits and self._power != "poweredOff" else -1

    def OSType(self) -> str:
        """Return ``hvm``: guests are fully virtualised."""
        return "hvm"

    def isPersistent(self) -> int:
        """Return 1: vSphere has no transient machines."""
        self._read("runtime.powerState")
        return 1

    def isUpdated(self) -> int:
        """Return 0: a machine has one configuration, not a running and a stored one."""
        self._read("runtime.powerState")
        return 0

    def hasManagedSaveImage(self, flags: int = 0) -> int:
        """Return 0: vSphere has suspension instead."""
        check_flags(flags, 0, "virDomainHasManagedSaveImage")
        return 0

    # -- how it is

    def state(self, flags: int = 0) -> list[int]:
        """Return [state, reason]: a VIR_DOMAIN_RUNNING, PAUSED (suspended) or SHUTOFF, and 0."""
        check_flags(flags, 0, "virDomainGetState")
        return [_STATES.get(self._power_state(), libvirt.VIR_DOMAIN_NOSTATE), 0]

    def isActive(self) -> int:
        """Return 1 unless the domain is shut off."""
        return int(self._power_state() != "poweredOff")

    def info(self) -> list[int]:
        """Return [state, maximum memory in KiB, memory in KiB, vCPUs, 0]; vSphere keeps no total of CPU time."""
        found = self._read(*_INFO)
        state = _STATES.get(found["runtime.powerState"], libvirt.VIR_DOMAIN_NOSTATE)
        most = int(found["config.hardware.memoryMB"] or 0)
        limit = found["config.memoryAllocation.limit"]
        current = most if limit is None or not 0 <= limit < most else int(limit)
        return [state, most * 1024, current * 1024, int(found["config.hardware.numCPU"] or 0), 0]

    def maxMemory(self) -> int:
        """Return the domain's memory in KiB."""
        return self.info()[1]

    def maxVcpus(self) -> int:
        """Return the most vCPUs the domain can have: what the host supports, or of an active domain what it has."""
        return self.info()[3] if self.isActive() else self._conn.getMaxVcpus()

    def vcpusFlags(self, flags: int = 0) -> int:
        """Return the number of vCPUs; with VIR_DOMAIN_VCPU_MAXIMUM as well: all of them are always plugged in."""
        check_flags(flags, _AFFECT | libvirt.VIR_DOMAIN_VCPU_MAXIMUM, "virDomainGetVcpusFlags")
        return self.info()[3]

    def XMLDesc(self, flags: int = 0) -> str:
        """Return the domain's definition.

        VIR_DOMAIN_XML_SECURE shows passwords, guestinfo and other secrets; INACTIVE leaves out the ID; MIGRATABLE
        changes nothing.
        One round trip, whatever the machine holds; none within :func:`esxdriver.prefetch`.
        """
        style = self._shown(xml_style(self._conn, flags), flags)
        return domain_xml.format(self._prefetched() or self._machine().definition, style)

    def _prefetched(self) -> DomainDef | None:
        batch = self._conn._batch
        with translated(f"cannot read domain '{self._name}'"):
            return batch.definition(self._ref) if batch is not None else None

    def _shown(self, style: domain_xml.Style, flags: int) -> domain_xml.Style:
        """Return the style of this domain's definition, with its ID if it is to have one."""
        hidden = flags & libvirt.VIR_DOMAIN_XML_INACTIVE or self.ID() < 0
        return style if hidden else replace(style, domain_id=self.ID())

    # -- what it does

    def create(self) -> int:
        """Start the domain, which has to be shut off; see :meth:`resume` for a suspended one."""
        return self.createWithFlags(0)

    def createWithFlags(self, flags: int = 0) -> int:
        """Start the domain. No flag is supported. Raises OPERATION_INVALID unless it is shut off."""
        check_flags(flags, 0, "virDomainCreateWithFlags")
        self._require_state("start", "virDomainCreateWithFlags", "poweredOff")
        return self._run_task("start", self._ref.PowerOnVM_Task)

    def shutdown(self) -> int:
        """Ask the guest to shut down; VMware Tools must be running in it."""
        return self.shutdownFlags(0)

    def shutdownFlags(self, flags: int = 0) -> int:
        """Ask the guest to shut down; of the flags GUEST_AGENT, which is what Tools are, is supported."""
        check_flags(flags, libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT, "virDomainShutdownFlags")
        self._require_state("shut down", "virDomainShutdownFlags", "poweredOn")
        return self._call("shut down", self._ref.ShutdownGuest)

    def reboot(self, flags: int = 0) -> int:
        """Ask the guest to reboot; of the flags GUEST_AGENT, which is what Tools are, is supported."""
        check_flags(flags, libvirt.VIR_DOMAIN_REBOOT_GUEST_AGENT, "virDomainReboot")
        self._require_state("reboot", "virDomainReboot", "poweredOn")
        return self._call("reboot", self._ref.RebootGuest)

    def reset(self, flags: int = 0) -> int:
        """Press the reset button."""
        check_flags(flags, 0, "virDomainReset")
        self._require_state("reset", "virDomainReset", "poweredOn")
        return self._run_task("reset", self._ref.ResetVM_Task)

    def suspend(self) -> int:
        """Suspend the domain to its host's disk."""
        self._require_state("suspend", "virDomainSuspend", "poweredOn")
        return self._run_task("suspend", self._ref.SuspendVM_Task)

    def resume(self) -> int:
        """Let a suspended domain go on."""
        self._require_state("resume", "virDomainResume", "suspended")
        return self._run_task("resume", self._ref.PowerOnVM_Task)

    def destroy(self) -> int:
        """Pull the plug, of a suspended domain, too."""
        return self.destroyFlags(0)

    def destroyFlags(self, flags: int = 0) -> int:
        """Pull the plug. No flag is supported."""
        check_flags(flags, 0, "virDomainDestroyFlags")
        self._require_state("destroy", "virDomainDestroyFlags", "poweredOn", "suspended")
        return self._run_task("destroy", self._ref.PowerOffVM_Task)

    # -- what it is

    def undefine(self) -> int:
        """Forget the domain; its files stay on the datastore."""
        return self.undefineFlags(0)

    def undefineFlags(self, flags: int = 0) -> int:
        """Forget the domain; its files stay on the datastore, with its snapshots' and its NVRAM's.

        SNAPSHOTS_METADATA and KEEP_NVRAM therefore change nothing; other flags are refused.
        """
        supported = libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA | libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM
        check_flags(flags, supported, "virDomainUndefineFlags")
        self._require_state("undefine", "virDomainUndefineFlags", "poweredOff")
        return self._call("undefine", self._ref.UnregisterVM)

    def rename(self, new_name: str, flags: int = 0) -> int:
        """Give the domain another name; its files keep theirs."""
        check_flags(flags, 0, "virDomainRename")
        self._conn._writable("virDomainRename")
        if not new_name:
            raise error(libvirt.VIR_ERR_INVALID_ARG, "the new name is empty")
        self._run_task("rename", self._ref.Rename_Task, escaped(new_name))
        self._name = new_name
        return 0

    def setMaxMemory(self, memory: int) -> int:
        """Give the domain ``memory`` KiB, rounded up to 4 MiB; it has to be shut off."""
        return self.setMemoryFlags(memory, libvirt.VIR_DOMAIN_MEM_MAXIMUM)

    def setMemory(self, memory: int) -> int:
        """Limit what the domain has of the host's memory to ``memory`` KiB."""
        return self.setMemoryFlags(memory, 0)

    def setMemoryFlags(self, memory: int, flags: int = 0) -> int:
        """Set the limit, or with VIR_DOMAIN_MEM_MAXIMUM the size, of the domain's memory, in KiB."""
        check_flags(flags, _AFFECT | libvirt.VIR_DOMAIN_MEM_MAXIMUM, "virDomainSetMemoryFlags")
        maximum = bool(flags & libvirt.VIR_DOMAIN_MEM_MAXIMUM)
        if maximum:
            self._require_state("resize", "virDomainSetMaxMemory", "poweredOff")
        self._conn._writable("virDomainSetMemoryFlags")
        return self._run_task(
            "resize", self._ref.ReconfigVM_Task, memory_spec(memory, self.maxMemory(), maximum=maximum)
        )

    def setVcpus(self, nvcpus: int) -> int:
        """Give the domain ``nvcpus`` vCPUs; a running one must allow it (CPU hot plug)."""
        return self.setVcpusFlags(nvcpus, 0)

    def setVcpusFlags(self, nvcpus: int, flags: int = 0) -> int:
        """Give the domain ``nvcpus`` vCPUs; all of them are plugged in, so MAXIMUM means the same."""
        check_flags(flags, _AFFECT | libvirt.VIR_DOMAIN_VCPU_MAXIMUM, "virDomainSetVcpusFlags")
        self._conn._writable("virDomainSetVcpusFlags")
        return self._run_task("resize", self._ref.ReconfigVM_Task, vcpus_spec(nvcpus))

    # -- its snapshots

    def snapshotCreateXML(self, xmlDesc: str, flags: int = 0, *, progress: Progress = None) -> DomainSnapshot:
        """Take the snapshot that ``xmlDesc`` describes, and return it; ``progress`` is told percentages.

        Memory is in it when the domain is running or suspended, unless DISK_ONLY or ``<memory snapshot='no'/>`` say
        otherwise. A disk is in it as its mode has it: ``<disks>`` may only say what is so. QUIESCE has VMware Tools
        bring the guest's file systems to rest; ATOMIC and NO_METADATA are what vSphere does anyway; VALIDATE checks
        the document against libvirt's schema.

        Nothing has changed when it raises: XML_ERROR, CONFIG_UNSUPPORTED for what the disks rule out,
        OPERATION_INVALID when there is one of the name, ARGUMENT_UNSUPPORTED for REDEFINE and HALT, RESOURCE_BUSY,
        and the codes of vSphere's other faults.
        """
        return snapshotting.create(self, xmlDesc, flags, progress)

    def snapshotPreviewXML(self, xmlDesc: str, flags: int = 0) -> str:
        """Return the description of the snapshot that :meth:`snapshotCreateXML` would take, or raise what it would."""
        return snapshotting.preview(self, xmlDesc, flags)

    def snapshotNum(self, flags: int = 0) -> int:
        """Return how many snapshots :meth:`listAllSnapshots` would return."""
        return len(snapshot.listed(self, flags, "virDomainSnapshotNum"))

    def snapshotListNames(self, flags: int = 0) -> list[str]:
        """Return the names of the snapshots that :meth:`listAllSnapshots` would return."""
        return [each.getName() for each in snapshot.listed(self, flags, "virDomainSnapshotListNames")]

    def listAllSnapshots(self, flags: int = 0) -> list[DomainSnapshot]:
        """Return the snapshots that the ``VIR_DOMAIN_SNAPSHOT_LIST_*`` filters let through; parents come first.

        One round trip.
        """
        return snapshot.listed(self, flags, "virDomainListAllSnapshots")

    def snapshotLookupByName(self, name: str, flags: int = 0) -> DomainSnapshot:
        """Return the snapshot called ``name``; ``name@moref`` picks one of several that are.

        Raises NO_DOMAIN_SNAPSHOT, and OPERATION_FAILED that lists the candidates when several have the name.
        """
        check_flags(flags, 0, "virDomainSnapshotLookupByName")
        return snapshot.named(self, name)

    def hasCurrentSnapshot(self, flags: int = 0) -> int:
        """Return 1 when the domain descends from a snapshot."""
        check_flags(flags, 0, "virDomainHasCurrentSnapshot")
        return int(snapshot.read_tree(self).current is not None)

    def snapshotCurrent(self, flags: int = 0) -> DomainSnapshot:
        """Return the snapshot that the domain now descends from; raise NO_DOMAIN_SNAPSHOT when there is none."""
        check_flags(flags, 0, "virDomainSnapshotCurrent")
        return snapshot.current(self)

    def revertToSnapshot(self, snap: DomainSnapshot, flags: int = 0, *, progress: Progress = None) -> int:
        """Go back to ``snap``, in the power state of that time; ``progress`` is told percentages.

        RUNNING has the domain running afterwards in any case, PAUSED one that was running suspended; FORCE changes
        nothing: vSphere does not tell risky reverts apart. ``snap.revertPreview()`` says what becomes of each disk.
        Raises INVALID_ARG for another domain's snapshot, OPERATION_UNSUPPORTED for PAUSED without memory.
        """
        return snapshotting.revert(self, snap, flags, progress)

    # -- how it asks

    def _read(self, *paths: str) -> Found:
        with translated(f"cannot read domain '{self._name}'"):
            return properties(self._conn._session, self._ref, *paths)

    def _power_state(self) -> str:
        self._power = self._read("runtime.powerState")["runtime.powerState"]
        return self._power or ""

    def _machine(self) -> Machine:
        with translated(f"cannot read domain '{self._name}'"):
            machine, _ = read_machine(self._conn._session, self._ref, self._conn._scope.datacenter_path)
        return machine

    def _require_state(self, doing: str, function: str, *states: str) -> None:
        """Raise OPERATION_INVALID unless the domain is in one of these power states."""
        self._conn._writable(function)
        power = self._power_state()
        if power not in states:
            needed = " or ".join(_SPOKEN[state] for state in states)
            raise error(
                libvirt.VIR_ERR_OPERATION_INVALID,
                f"cannot {doing} domain '{self._name}': it is {_SPOKEN.get(power, power)}, not {needed}",
            )

    def _run_task(self, doing: str, ask: Any, *arguments: Any) -> int:
        """Start a task and wait for its end."""
        with translated(f"cannot {doing} domain '{self._name}'"):
            wait(self._conn._session, ask(*arguments), self._ref, auto_answer=self._conn._uri.auto_answer)
        return 0

    def _call(self, doing: str, ask: Any) -> int:
        """Ask for what takes no task."""
        with translated(f"cannot {doing} domain '{self._name}'"):
            ask()
        return 0


_SPOKEN = {"poweredOn": "running", "poweredOff": "shut off", "suspended": "suspended"}
