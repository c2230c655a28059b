"""What the proofs of esxsim share: a connection by plain pyvmomi, tasks, and specs."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim

from tests.sim import Sim


class Rig:
    """One login to the simulator, with the machines by name."""

    def __init__(self, sim: Sim) -> None:
        self.sim = sim
        context = ssl.create_default_context(cadata=sim.cacert_pem)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        self.si = SmartConnect(host=sim.host, port=sim.port, user=sim.user, pwd=sim.password, sslContext=context)
        self.content = self.si.RetrieveContent()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        Disconnect(self.si)
        self.si._stub.DropConnections()

    def all(self, kind: type) -> list:
        view = self.content.viewManager.CreateContainerView(self.content.rootFolder, [kind], recursive=True)
        return list(view.view)

    def vm(self, name: str) -> vim.VirtualMachine:
        return next(vm for vm in self.all(vim.VirtualMachine) if vm.name == name)

    def reconfigure(self, name: str, /, *changes, **fields) -> None:
        finish(self.vm(name).ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=list(changes), **fields)))

    def create(self, *changes, **fields) -> vim.VirtualMachine:
        fields = {"name": "new01", "guestId": "otherGuest", "numCPUs": 1, "memoryMB": 64, **fields}
        fields.setdefault("files", vim.vm.FileInfo(vmPathName="[datastore1]"))
        spec = vim.vm.ConfigSpec(deviceChange=list(changes), **fields)
        datacenter = self.all(vim.Datacenter)[0]
        pool = self.all(vim.ResourcePool)[0]
        return finish(datacenter.vmFolder.CreateVM_Task(spec, pool))

    def device(self, name: str, key: int) -> vim.vm.device.VirtualDevice:
        return next(device for device in self.vm(name).config.hardware.device if device.key == key)

    def files(self) -> set[str]:
        stored = self.sim.inventory()["files"]
        return {f"[{store}] {file['path']}" for store, files in stored.items() for file in files}


def finish(task: vim.Task):
    """Return a task's result or raise its fault."""
    state = task.info.state
    assert state in ("success", "error"), state
    if state == "error":
        raise task.info.error
    return task.info.result


@contextmanager
def unchanged(sim: Sim) -> Iterator[None]:
    """See to it that a refusal leaves everything as it was."""
    before = sim.inventory()
    yield
    assert sim.inventory() == before


def add(device, operation: str = "") -> vim.vm.device.VirtualDeviceSpec:
    return vim.vm.device.VirtualDeviceSpec(operation="add", device=device, fileOperation=operation or None)


def edit(device, **changes) -> vim.vm.device.VirtualDeviceSpec:
    """Edit a fetched device; a dot goes down: edit(disk, backing__diskMode="append")."""
    for path, value in changes.items():
        *parents, last = path.split("__")
        target = device
        for parent in parents:
            target = getattr(target, parent)
        setattr(target, last, value)
    return vim.vm.device.VirtualDeviceSpec(operation="edit", device=device)


def remove(device, operation: str = "") -> vim.vm.device.VirtualDeviceSpec:
    return vim.vm.device.VirtualDeviceSpec(operation="remove", device=device, fileOperation=operation or None)


def spare(
    number: int = 1,
    *,
    key: int = -1,
    controller: int = 1000,
    unit: int | None = None,
    mode: str = "persistent",
    kind=None,
):
    """Make a disk out of a file that exists and that no machine has."""
    backing = (kind or vim.vm.device.VirtualDisk.FlatVer2BackingInfo)()
    backing.fileName = f"[datastore1] spare/spare-{number}.vmdk"
    backing.diskMode = mode
    disk = vim.vm.device.VirtualDisk(key=key, controllerKey=controller, backing=backing, capacityInKB=0)
    if unit is not None:
        disk.unitNumber = unit
    return disk


def nic(network: str = "VM Network", kind=vim.vm.device.VirtualVmxnet3, **fields):
    backing = vim.vm.device.VirtualEthernetCard.NetworkBackingInfo(deviceName=network)
    return kind(key=-50, backing=backing, **fields)


def scsi(kind=vim.vm.device.ParaVirtualSCSIController, *, key: int = -100, bus: int = 1, sharing: str = "noSharing"):
    return kind(key=key, busNumber=bus, sharedBus=sharing)
