"""What a check has made for itself: a folder that was not there before, and the machines whose files lie in it.

1. The folder is made first; where one of this name is there already, the check ends. So what lies in it is the check's.
2. A machine is its own when its VMX file lies in the folder, and its UUID is the one that it had when it was first
   seen there.
3. :func:`guarded` holds every change against that before it is sent, whoever asks for it: a change of anything else,
   and any operation that is not on its list, never leaves.
"""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.errors import error
from esxdriver.vsphere.machine.snapshot_tree import read_tree
from esxdriver.vsphere.machine.types import class_of
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.retrieve import properties
from esxdriver.vsphere.wire.faults import is_refusal, translated

if TYPE_CHECKING:
    from esxdriver.driver.backend import Backend
    from esxdriver.vsphere.query.retrieve import Found

PREFIX = "esxdriver-check-"
NAME = re.compile(rf"{PREFIX}[0-9a-f]{{8}}")

_FILE = "config.files.vmPathName"
_IDENTITY = ("name", "config.instanceUuid", _FILE, "runtime.powerState")


def new_name() -> str:
    """Return a random name for a check's folder and machine."""
    return PREFIX + secrets.token_hex(4)


@dataclass(frozen=True)
class Called:
    """What a check calls its own: its machine, the same renamed, and the datastore that its folder is on.

    A recording with pseudonyms has its own names for them.
    """

    name: str
    renamed: str
    datastore: str

    @classmethod
    def new(cls, datastore: str, name: str | None = None) -> "Called":
        """Return names for a check on a datastore."""
        name = name or new_name()
        return cls(name, f"{name}-renamed", datastore)


class Own:
    """The folder of a check and the machines in it, on a connection's host."""

    def __init__(self, backend: "Backend", called: Called) -> None:
        self.backend = backend
        self.called = called
        self.is_asked = False  # whether the folder may be there
        self.is_claimed = False
        self._uuids: dict[str, str] = {}

    @property
    def folder(self) -> DatastorePath:
        """The folder."""
        return DatastorePath(self.called.datastore, self.called.name)

    def disk(self, number: int) -> DatastorePath:
        """Return where a disk of the check's lies; named as vSphere names a machine's disks."""
        return DatastorePath(self.called.datastore, f"{self.called.name}/{self.called.name}_{number}.vmdk")

    def claim(self) -> None:
        """Make the folder. Raises STORAGE_VOL_EXIST for one that is there, and what else the host refuses."""
        files = self.backend.session.content.fileManager
        self.is_asked = True
        try:
            with translated(f"cannot make the folder {self.folder}"):
                files.MakeDirectory(
                    name=str(self.folder), datacenter=self.backend.scope.datacenter, createParentDirectories=False
                )
        except libvirt.libvirtError as error:
            self.is_asked = not is_refusal(error)
            raise
        self.is_claimed = True

    def holds(self, file: str | None) -> bool:
        """Whether a file lies in the folder, or is the folder."""
        path = DatastorePath.parse(file)
        if path is None or path.datastore != self.called.datastore or ".." in path.path.split("/"):
            return False
        return path.path.rstrip("/") == self.called.name or path.path.startswith(f"{self.called.name}/")

    def machines(self) -> "list[Found]":
        """Return the machines whose VMX files lie in the folder, in one round trip.

        Raises why it could not be read where a machine's lie that may be one of them.
        """
        found = inventory.machines(self.backend.session, self.backend.scope, *_IDENTITY)
        return [each for each in found if self.holds(self._file(each))]

    def _file(self, found: "Found") -> str | None:
        """Return where a machine's VMX file is, None where another's may not be read."""
        may_be_own = found.ref._moId in self._uuids or found.name in ("", self.called.name, self.called.renamed)
        file = found.required(_FILE) if may_be_own else found[_FILE]
        return str(file) if file else None

    def require(self, ref: Any) -> None:
        """Look at a machine, and raise OPERATION_DENIED unless it is the check's own. One round trip."""
        found = properties(self.backend.session, ref, *_IDENTITY)
        uuid = found["config.instanceUuid"]
        if not self.holds(found[_FILE]) or self._uuids.setdefault(ref._moId, uuid) != uuid:
            raise _denied(f"machine {ref._moId} is not the check's own")

    def require_snapshot(self, ref: Any) -> None:
        """Raise OPERATION_DENIED for a snapshot that no machine of the check's has."""
        for each in self.machines():
            if any(snapshot.ref == ref for snapshot in read_tree(self.backend.session, each.ref).snapshots):
                return self.require(each.ref)
        raise _denied(f"snapshot {ref._moId} is not the check's own")

    def require_file(self, file: str | None) -> None:
        """Raise OPERATION_DENIED for a file outside of the folder, and for any before that is made."""
        if not self.is_claimed or not self.holds(file):
            raise _denied("a file outside of the check's own folder")


def _denied(what: str) -> libvirt.libvirtError:
    return error(libvirt.VIR_ERR_OPERATION_DENIED, f"{what}: check-host changes nothing else, and did not ask for it")


@contextmanager
def guarded(own: Own) -> Iterator[None]:
    """Within the block, no change leaves that is not of the check's own."""
    stub = own.backend.session.stub
    before, stub.guard = stub.guard, lambda *call: _check(own, *call)
    try:
        yield
    finally:
        stub.guard = before


@contextmanager
def reading_only(backend: "Backend") -> Iterator[None]:
    """Within the block, no change leaves."""
    stub = backend.session.stub
    before, stub.guard = stub.guard, _refuse
    try:
        yield
    finally:
        stub.guard = before


def _refuse(operation: str, target: Any, _: Any) -> None:
    raise _denied(f"{operation} of {class_of(target)}")


Arguments = Mapping[str, Any]


def _check(own: Own, operation: str, target: Any, arguments: Arguments) -> None:
    """Raise OPERATION_DENIED for a change that is not of the check's own."""
    rule = _RULES.get((str(class_of(target)), operation)) or _BY_CLASS.get(str(class_of(target)))
    if rule is None:
        raise _denied(f"{operation} of {class_of(target)}")
    rule(own, target, arguments)


def _machine(own: Own, target: Any, arguments: Arguments) -> None:
    own.require(target)
    _spec(own, arguments.get("spec"))


def _spec(own: Own, spec: Any) -> None:
    """Hold the disks of a specification, if it is one, against the folder."""
    for change in getattr(spec, "deviceChange", None) or ():
        file = getattr(getattr(change.device, "backing", None), "fileName", None)
        if file:
            own.require_file(file)


def _new_machine(own: Own, _: Any, arguments: Arguments) -> None:
    own.require_file(arguments["config"].files.vmPathName)
    _spec(own, arguments["config"])


def _files(*names: str) -> Callable[[Own, Any, Arguments], None]:
    def rule(own: Own, _: Any, arguments: Arguments) -> None:
        for name in names:
            own.require_file(arguments[name])

    return rule


def _own_folder(own: Own, _: Any, arguments: Arguments) -> None:
    if own.is_claimed or arguments["name"] != str(own.folder):
        own.require_file(arguments["name"])


def _any(*_: Any) -> None:
    """Allow: the check cancels no task but those that it has started."""


# (Class, operation) -> what is held against the folder; then the class alone.
_RULES: Mapping[tuple[str, str], Callable[[Own, Any, Arguments], None]] = {
    ("Folder", "CreateVM_Task"): _new_machine,
    ("Folder", "RegisterVM_Task"): _files("path"),
    ("FileManager", "MakeDirectory"): _own_folder,
    ("FileManager", "DeleteDatastoreFile_Task"): _files("name"),
    ("VirtualDiskManager", "CreateVirtualDisk_Task"): _files("name"),
    ("VirtualDiskManager", "DeleteVirtualDisk_Task"): _files("name"),
    ("VirtualDiskManager", "ExtendVirtualDisk_Task"): _files("name"),
    ("VirtualDiskManager", "CopyVirtualDisk_Task"): _files("sourceName", "destName"),
    ("Task", "CancelTask"): _any,
}
_BY_CLASS: Mapping[str, Callable[[Own, Any, Arguments], None]] = {
    "VirtualMachine": _machine,
    "VirtualMachineSnapshot": lambda own, target, _: own.require_snapshot(target),
}
