"""Who has a file: machines and their snapshots, made of vSphere's own objects."""

import libvirt
import pytest
from pyVmomi import vim, vmodl

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.storage.pool import PoolDef
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.storage import usage
from esxdriver.vsphere.storage.datastores import Datastore
from tests.helpers import failing

HERE, ELSEWHERE = vim.Datastore("here"), vim.Datastore("elsewhere")
STORE = Datastore(HERE, None, PoolDef("fs", "ds", "uuid"), accessible=True, path="/vmfs/volumes/1")
FILE = DatastorePath("ds", "a/a.vmdk")
DEVICES, LAYOUT = "config.hardware.device", "layoutEx.file"


def disk(*names):
    backing = None
    for name in reversed(names):
        backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(fileName=f"[ds] {name}", parent=backing)
    return vim.vm.device.VirtualDisk(backing=backing)


def drive(name):
    return vim.vm.device.VirtualCdrom(backing=vim.vm.device.VirtualCdrom.IsoBackingInfo(fileName=f"[ds] {name}"))


class Inventory:
    """Machines, and the snapshot each has."""

    def __init__(self):
        self.machines, self.details, self.gone = [], {}, 0

    def add(
        self,
        devices=(),
        *,
        files=(),
        frozen=None,
        power="poweredOff",
        stores=(HERE,),
        missing=(),
        withheld=(),
        name="vm%2f1",
    ):
        ref = vim.VirtualMachine(f"vm-{len(self.machines)}")
        snapshot = vim.vm.Snapshot(f"snap-{len(self.machines)}")
        known = {"name": name, "datastore": list(stores), "runtime.powerState": power}
        if frozen is not None:
            tree = vim.vm.SnapshotTree(snapshot=snapshot)
            known["snapshot"] = vim.vm.SnapshotInfo(
                rootSnapshotList=[vim.vm.SnapshotTree(snapshot=vim.vm.Snapshot("s"), childSnapshotList=[tree])]
            )
            self.details[snapshot] = {DEVICES: frozen}
            self.details[vim.vm.Snapshot("s")] = {DEVICES: []}
        self.machines.append(
            Found(ref, {k: v for k, v in known.items() if k not in missing}, dict.fromkeys(missing, Exception()))
        )
        layout = [vim.vm.FileLayoutEx.FileInfo(name=f"[ds] {each}") for each in files]
        self.details[ref] = {DEVICES: list(devices), LAYOUT: layout}
        for whose, path in withheld:
            self.details[ref if whose == "machine" else snapshot].pop(path)

    def below(self, _session, _root, _wanted):
        return self.machines

    def each_of(self, _session, wanted):
        if self.gone:
            self.gone -= 1
            raise vmodl.fault.ManagedObjectNotFound
        return [Found(ref, self.details[ref]) for ref in wanted]


class Session:
    class content:  # noqa: N801 - pyVmomi's name
        rootFolder = None  # noqa: N815


@pytest.fixture
def inventory(monkeypatch):
    made = Inventory()
    monkeypatch.setattr(usage, "below", made.below)
    monkeypatch.setattr(usage, "each_of", made.each_of)
    return made


def found():
    return [(each.machine, each.off, each.chained, each.known) for each in usage.uses(Session, STORE, FILE)]


OFF, CHAINED, UNKNOWN = ("vm/1", True, False, True), ("vm/1", True, True, True), ("vm/1", True, False, False)
NOTHING = [("machine", DEVICES), ("machine", LAYOUT)]
CASES = [
    ("nobody", {"devices": [disk("b/b.vmdk")]}, []),
    ("a disk", {"devices": [disk("a/a.vmdk")]}, [OFF]),
    ("a disk that runs", {"devices": [disk("a/a.vmdk")], "power": "poweredOn"}, [("vm/1", False, False, True)]),
    ("a drive", {"devices": [drive("a/a.vmdk")]}, [OFF]),
    ("below a disk", {"devices": [disk("a/a-1.vmdk", "a/a.vmdk")]}, [CHAINED]),
    ("far below a disk", {"devices": [disk("a/a-2.vmdk", "a/a-1.vmdk", "a/a.vmdk")]}, [CHAINED]),
    ("a snapshot alone", {"devices": [], "frozen": [disk("a/a.vmdk")]}, [CHAINED]),
    ("a file of the machine", {"files": ["a/a.vmdk"]}, [OFF]),
    ("another file beside it", {"files": ["a/a.vmx", "a/a-flat.vmdk"]}, []),
    ("on another datastore", {"devices": [disk("a/a.vmdk")], "stores": [ELSEWHERE]}, []),
    ("nothing that can be read", {"withheld": NOTHING}, [UNKNOWN]),
    ("files, and devices that cannot be read", {"files": ["a/a.vmdk"], "withheld": NOTHING[:1]}, [CHAINED]),
    ("other files, and devices that cannot be read", {"files": ["b/b.vmdk"], "withheld": NOTHING[:1]}, []),
    ("a snapshot that cannot be read", {"frozen": [], "withheld": [("snapshot", DEVICES), NOTHING[1]]}, [UNKNOWN]),
    ("snapshots that cannot be read", {"missing": ["snapshot"], "withheld": NOTHING[1:]}, [UNKNOWN]),
    (
        "files, and a snapshot that cannot be read",
        {"frozen": [], "files": ["a/a.vmdk"], "withheld": [("snapshot", DEVICES)]},
        [CHAINED],
    ),
    ("datastores that cannot be read", {"devices": [disk("a/a.vmdk")], "missing": ["datastore"]}, [OFF]),
]


@pytest.mark.parametrize(("machine", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_who_has_a_file(inventory, machine, expected):
    inventory.add(**machine)
    assert found() == expected


def test_a_machine_that_goes_meanwhile_is_passed_over_by_reading_again(inventory):
    inventory.add([disk("a/a.vmdk")])
    inventory.gone = 2
    assert found() == [OFF]
    inventory.gone = 3
    with pytest.raises(vmodl.fault.ManagedObjectNotFound):
        found()


def test_all_of_them_are_named(inventory):
    inventory.add([disk("a/a.vmdk")], name="one")
    inventory.add(withheld=NOTHING, name="two")
    text = failing(libvirt.VIR_ERR_OPERATION_INVALID, usage.require_unused, Session, STORE, FILE, "delete")
    assert "cannot delete volume 'a/a.vmdk': domain 'one' has it; domain 'two', whose files" in text


STILL = [
    ("off", {"devices": [disk("a/a.vmdk")]}, True, True),
    ("on", {"devices": [disk("a/a.vmdk")], "power": "poweredOn"}, False, False),
    ("suspended", {"devices": [disk("a/a.vmdk")], "power": "suspended"}, False, False),
    ("under a snapshot", {"devices": [disk("a/b.vmdk", "a/a.vmdk")]}, True, False),
    ("state withheld", {"devices": [disk("a/a.vmdk")], "missing": ["runtime.powerState"]}, False, False),
]


@pytest.mark.parametrize(("machine", "read", "changed"), [pytest.param(*case[1:], id=case[0]) for case in STILL])
def test_data_is_touched_only_while_the_machine_is_off(inventory, machine, read, changed):
    inventory.add(**machine)
    for may, change in ((read, False), (changed, True)):
        arguments = usage.require_still, Session, STORE, FILE, "copy"
        if may:
            arguments[0](*arguments[1:], changed=change)
        else:
            with pytest.raises(libvirt.libvirtError):
                arguments[0](*arguments[1:], changed=change)
