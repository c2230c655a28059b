"""Esxsim's power states and snapshots."""

import pytest
from pyVmomi import vim, vmodl

from tests.live.rig import add, edit, finish, remove, scsi, spare, unchanged

pytestmark = pytest.mark.live

fault = vim.fault
disk = vim.vm.device.VirtualDisk


def take(vm, name="one", *, memory=False, quiesce=False):
    return finish(vm.CreateSnapshot_Task(name, "words", memory, quiesce))


def files(vm):
    return [one.backing.fileName.rsplit("/", 1)[1] for one in vm.config.hardware.device if isinstance(one, disk)]


POWER = [
    ("web01", "PowerOnVM_Task", "poweredOn"),
    ("db01", "PowerOffVM_Task", "poweredOff"),
    ("db01", "SuspendVM_Task", "suspended"),
    ("db01", "ResetVM_Task", "poweredOn"),
    ("db01", "ShutdownGuest", "poweredOff"),
    ("db01", "RebootGuest", "poweredOn"),
    ("db01", "StandbyGuest", "suspended"),
    ("susp01", "PowerOnVM_Task", "poweredOn"),
    ("susp01", "PowerOffVM_Task", "poweredOff"),
]


@pytest.mark.parametrize(("name", "method", "state"), POWER)
def test_power(rig, name, method, state):
    vm = rig.vm(name)
    task = getattr(vm, method)()
    if task:
        finish(task)
    assert vm.runtime.powerState == state
    assert vm.summary.runtime.powerState == state


NO_POWER = [
    ("db01", "PowerOnVM_Task", fault.InvalidPowerState),
    ("web01", "PowerOffVM_Task", fault.InvalidPowerState),
    ("web01", "SuspendVM_Task", fault.InvalidPowerState),
    ("susp01", "SuspendVM_Task", fault.InvalidPowerState),
    ("susp01", "ResetVM_Task", fault.InvalidPowerState),
    ("web01", "ShutdownGuest", fault.InvalidPowerState),
    ("db01", "Destroy_Task", fault.InvalidPowerState),
    ("db01", "UnregisterVM", fault.InvalidPowerState),
]


@pytest.mark.parametrize(("name", "method", "kind"), NO_POWER)
def test_no_power(rig, name, method, kind):
    vm = rig.vm(name)
    with unchanged(rig.sim), pytest.raises(kind) as caught:
        finish(getattr(vm, method)())
    assert caught.value.existingState == vm.runtime.powerState


def test_a_guest_without_tools_cannot_be_asked(rig):
    vm = rig.vm("web01")
    finish(vm.PowerOnVM_Task())
    with pytest.raises(fault.ToolsUnavailable):
        vm.ShutdownGuest()


def test_a_disk_that_another_machine_writes_to_is_locked(rig):
    shared = rig.device("db01", 2000).backing.fileName
    one = spare()
    one.backing.fileName = shared
    rig.reconfigure("web01", add(one))
    with unchanged(rig.sim), pytest.raises(fault.FileLocked):
        finish(rig.vm("web01").PowerOnVM_Task())


def test_only_dependent_disks_get_a_delta(rig):
    vm = rig.vm("web01")
    snapshot = take(vm)
    assert files(vm) == ["web01-000001.vmdk", "web01_1.vmdk", "web01_2.vmdk"]
    assert rig.device("web01", 2000).backing.parent.fileName == "[datastore1] web01/web01.vmdk"
    assert [d.backing.fileName for d in snapshot.config.hardware.device if d.key == 2000] == [
        "[datastore1] web01/web01.vmdk"
    ]
    tree = vm.snapshot.rootSnapshotList[0]
    assert (tree.name, tree.description, tree.state) == ("one", "words", "poweredOff")
    assert vm.snapshot.currentSnapshot == snapshot


def test_revert_restores_the_configuration_and_the_power_state(rig):
    vm = rig.vm("web01")
    snapshot = take(vm)
    rig.reconfigure("web01", add(spare(unit=5)), memoryMB=4096)
    finish(vm.PowerOnVM_Task())
    finish(snapshot.RevertToSnapshot_Task())
    assert (vm.runtime.powerState, vm.config.hardware.memoryMB) == ("poweredOff", 2048)
    assert files(vm) == ["web01-000002.vmdk", "web01_1.vmdk", "web01_2.vmdk"]
    assert "[datastore1] web01/web01-000001.vmdk" not in rig.files()
    assert "[datastore1] spare/spare-1.vmdk" in rig.files()


def test_a_memory_snapshot_restores_a_running_machine(rig):
    vm = rig.create(add(scsi(key=-100, bus=0)), add(spare(controller=-100)))
    finish(vm.PowerOnVM_Task())
    snapshot = take(vm, memory=True)
    finish(vm.PowerOffVM_Task())
    finish(snapshot.RevertToSnapshot_Task())
    assert vm.runtime.powerState == "poweredOn"
    finish(snapshot.RevertToSnapshot_Task(suppressPowerOn=True))
    assert vm.runtime.powerState == "suspended"


def test_snapshots_are_merged_when_they_go(rig):
    vm = rig.vm("web01")
    before = rig.files()
    first, second = take(vm, "first"), take(vm, "second")
    third = take(vm, "third")
    finish(second.RemoveSnapshot_Task(removeChildren=False))
    assert [one.name for one in vm.snapshot.rootSnapshotList[0].childSnapshotList] == ["third"]
    assert files(vm)[0] == "web01-000003.vmdk"
    assert rig.device("web01", 2000).backing.parent.fileName.endswith("web01-000001.vmdk")
    finish(first.RemoveSnapshot_Task(removeChildren=True))
    assert vm.snapshot is None
    assert files(vm)[0] == "web01.vmdk"
    assert rig.device("web01", 2000).backing.parent is None
    assert rig.files() == before
    with pytest.raises(vmodl.fault.ManagedObjectNotFound):
        third.RemoveSnapshot_Task(removeChildren=False)


def test_branches_keep_what_they_share(rig):
    vm = rig.vm("web01")
    before = rig.files()
    root = take(vm, "root")
    take(vm, "left")
    finish(root.RevertToSnapshot_Task())
    take(vm, "right")
    assert sorted(one.name for one in vm.snapshot.rootSnapshotList[0].childSnapshotList) == ["left", "right"]
    finish(root.RemoveSnapshot_Task(removeChildren=False))
    assert sorted(one.name for one in vm.snapshot.rootSnapshotList) == ["left", "right"]
    assert "[datastore1] web01/web01.vmdk" in rig.files()
    finish(vm.RemoveAllSnapshots_Task())
    assert rig.files() == before


def with_disk(rig, *, sharing="noSharing", mapping=None, mode="persistent"):
    one = spare(controller=-100, mode=mode)
    if mapping:
        name = f"[datastore1] spare/rdm-{mapping}.vmdk"
        one.backing = disk.RawDiskMappingVer1BackingInfo(fileName=name, diskMode=mode)
    return rig.create(add(scsi(key=-100, bus=0, sharing=sharing)), add(one))


@pytest.mark.parametrize("reverted", [False, True])
def test_a_snapshot_holds_the_disks_of_its_own_configuration(rig, reverted):
    """Facts: a disk that came after the snapshot grows and goes; one below the snapshot stays."""
    rig.reconfigure("snap01", add(spare(unit=5)))
    if reverted:
        finish(take(rig.vm("snap01"), "with it").RevertToSnapshot_Task())
        finish(rig.vm("snap01").snapshot.currentSnapshot.RemoveSnapshot_Task(removeChildren=False))
    rig.reconfigure("snap01", edit(rig.device("snap01", 2005), capacityInKB=16 << 20, capacityInBytes=16 << 30))
    rig.reconfigure("snap01", remove(rig.device("snap01", 2005), "destroy"))
    assert "[datastore1] spare/spare-1.vmdk" not in rig.files()
    with unchanged(rig.sim), pytest.raises(fault.InvalidDeviceOperation):
        rig.reconfigure("snap01", remove(rig.device("snap01", 2000)))


def test_a_later_snapshot_holds_a_disk_that_an_earlier_one_does_not(rig):
    rig.reconfigure("snap01", add(spare(unit=5)))
    second = take(rig.vm("snap01"), "with it")
    with unchanged(rig.sim), pytest.raises(fault.InvalidDeviceOperation):
        rig.reconfigure("snap01", remove(rig.device("snap01", 2005)))
    finish(second.RemoveSnapshot_Task(removeChildren=False))
    rig.reconfigure("snap01", remove(rig.device("snap01", 2005)))
    assert "[datastore1] spare/spare-1.vmdk" in rig.files()


def test_a_name_of_80_letters_is_none_too_long_in_any_script(rig):
    assert finish(rig.vm("web01").CreateSnapshot_Task("é" * 80, "", memory=False, quiesce=False))
    rig.reconfigure("web01", name="日" * 80)


INCOMPATIBLE = fault.SnapshotIncompatibleDeviceInVm
REFUSED = [
    ("a long name", lambda rig: take(rig.vm("web01"), "n" * 81), fault.InvalidName),
    ("no name", lambda rig: take(rig.vm("web01"), ""), fault.InvalidName),
    ("independent disks", lambda rig: take(rig.vm("db01"), memory=True), fault.MemorySnapshotOnIndependentDisk),
    ("a physical mapping", lambda rig: take(with_disk(rig, mapping=3)), INCOMPATIBLE),
    ("a shared bus", lambda rig: take(with_disk(rig, sharing="virtualSharing")), INCOMPATIBLE),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "kind"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED])
def test_refused(rig, ask, kind):
    with pytest.raises(kind):
        ask(rig)
    assert all(vm.snapshot is None for vm in rig.all(vim.VirtualMachine) if vm.name != "snap01")


def test_a_suspended_machine_has_memory_whatever_is_asked(rig):
    vm = rig.vm("web01")
    finish(vm.PowerOnVM_Task())
    finish(vm.SuspendVM_Task())
    with unchanged(rig.sim), pytest.raises(fault.MemorySnapshotOnIndependentDisk):
        take(vm)


def test_a_running_machine_without_memory_may_have_an_independent_disk(rig):
    take(rig.vm("db01"))
    assert rig.vm("db01").snapshot.rootSnapshotList[0].state == "poweredOff"


def test_an_independent_mapping_may_be_there(rig):
    take(with_disk(rig, mapping=3, mode="independent_persistent"))


def test_too_many_levels(rig):
    vm = rig.vm("web01")
    for level in range(32):
        take(vm, f"level {level}")
    with unchanged(rig.sim), pytest.raises(fault.TooManySnapshotLevels):
        take(vm, "one more")


def test_a_mode_may_change_again_when_the_snapshots_are_gone(rig):
    finish(rig.vm("snap01").RemoveAllSnapshots_Task())
    rig.reconfigure("snap01", edit(rig.device("snap01", 2000), backing__diskMode="independent_persistent"))


def test_destroy_deletes_the_files_and_unregister_does_not(rig):
    before = rig.files()
    rig.vm("web01").UnregisterVM()
    assert rig.files() == before
    finish(rig.vm("snap01").Destroy_Task())
    assert not any("snap01" in name for name in rig.files())
    assert {vm.name for vm in rig.all(vim.VirtualMachine)} == {"db01", "old01", "susp01"}


def test_an_unregistered_machine_comes_back(rig):
    old = rig.vm("web01").config
    rig.vm("web01").UnregisterVM()
    folder, pool = rig.all(vim.Datacenter)[0].vmFolder, rig.all(vim.ResourcePool)[0]
    finish(folder.RegisterVM_Task(old.files.vmPathName, asTemplate=False, pool=pool))
    assert rig.vm("web01").config.uuid == old.uuid


def test_a_machine_is_renamed(rig):
    finish(rig.vm("web01").Rename_Task("web02"))
    assert rig.vm("web02").config.name == "web02"
    with unchanged(rig.sim), pytest.raises(fault.DuplicateName):
        finish(rig.vm("web02").Rename_Task("db01"))
