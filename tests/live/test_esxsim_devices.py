"""Esxsim takes every class of device, and shows it as it was asked for."""

import pytest
from pyVmomi import vim

from tests.live.rig import add, edit, finish, nic, remove, scsi, spare, unchanged

pytestmark = pytest.mark.live

device = vim.vm.device
disk = device.VirtualDisk


def at(kind, **fields):
    return kind(key=-1, **fields)


def file(kind, name):
    return kind(fileName=name)


def mapped(number, compatibility):
    backing = disk.RawDiskMappingVer1BackingInfo(
        fileName=f"[datastore1] spare/rdm-{number}.vmdk",
        compatibilityMode=compatibility,
        diskMode="independent_persistent",
    )
    return disk(key=-1, controllerKey=1000, backing=backing, capacityInKB=0)


def created(kind, **fields):
    backing = kind(fileName="[datastore1] made/made.vmdk", diskMode="persistent", **fields)
    return disk(key=-1, controllerKey=1000, backing=backing, capacityInKB=1 << 20)


LUN = "/vmfs/devices/disks/naa.600508b1001c00000000000000000001"
SRIOV = device.VirtualSriovEthernetCard
CD, FLOPPY, SERIAL, PARALLEL = (
    device.VirtualCdrom,
    device.VirtualFloppy,
    device.VirtualSerialPort,
    device.VirtualParallelPort,
)
PIPE = SERIAL.PipeBackingInfo(pipeName="p", endpoint="client", noRxLoss=True)
TELNET = SERIAL.URIBackingInfo(serviceURI="telnet://:23", direction="server")
REMOTE = CD.RemotePassthroughBackingInfo(deviceName="", exclusive=False)
SOUND = device.VirtualSoundCard.DeviceBackingInfo(deviceName="")
UUID = "12345678-1234-4234-8234-123456789abc"
SHARES = vim.SharesInfo(level="high", shares=0)
DEVICES = {
    "pvscsi": (scsi(), 1001),
    "LSI Logic": (scsi(device.VirtualLsiLogicController), 1001),
    "LSI Logic SAS": (scsi(device.VirtualLsiLogicSASController), 1001),
    "BusLogic": (scsi(device.VirtualBusLogicController), 1001),
    "a shared bus": (scsi(sharing="physicalSharing"), 1001),
    "AHCI": (at(device.VirtualAHCIController, busNumber=0), 15000),
    "NVMe": (at(device.VirtualNVMEController, busNumber=0), 31000),
    "a disk on SCSI": (spare(unit=9), 2009),
    "a disk on IDE": (spare(controller=200, unit=1), 3001),
    "a disk without a unit": (spare(), 2003),
    "independent_persistent": (spare(mode="independent_persistent"), 2003),
    "independent_nonpersistent": (spare(mode="independent_nonpersistent"), 2003),
    "SeSparse": (spare(kind=disk.SeSparseBackingInfo), 2003),
    "LocalPMem": (spare(kind=disk.LocalPMemBackingInfo), 2003),
    "a virtual mapping": (mapped(1, "virtualMode"), 2003),
    "a physical mapping": (mapped(3, "physicalMode"), 2003),
    "CD, ISO": (at(CD, controllerKey=200, backing=file(CD.IsoBackingInfo, "[datastore1] iso/install.iso")), 3000),
    "CD, ISO of the host": (at(CD, controllerKey=200, backing=file(CD.IsoBackingInfo, "[] /vmimages/linux.iso")), 3000),
    "CD, ATAPI": (at(CD, controllerKey=200, backing=CD.AtapiBackingInfo(deviceName="cdrom0")), 3000),
    "CD, passthrough": (at(CD, controllerKey=200, backing=CD.PassthroughBackingInfo(deviceName="cdrom0")), 3000),
    "CD, remote ATAPI": (at(CD, controllerKey=200, backing=CD.RemoteAtapiBackingInfo(deviceName="")), 3000),
    "CD, remote": (at(CD, controllerKey=200, backing=REMOTE), 3000),
    "floppy, image": (at(FLOPPY, backing=file(FLOPPY.ImageBackingInfo, "[datastore1] iso/boot.flp")), 8000),
    "floppy, device": (at(FLOPPY, backing=FLOPPY.DeviceBackingInfo(deviceName="/dev/fd0")), 8000),
    "floppy, remote": (at(FLOPPY, backing=FLOPPY.RemoteDeviceBackingInfo(deviceName="")), 8000),
    "serial, file": (at(SERIAL, backing=file(SERIAL.FileBackingInfo, "[datastore1] s.log"), yieldOnPoll=True), 9000),
    "serial, device": (at(SERIAL, backing=SERIAL.DeviceBackingInfo(deviceName="/dev/ttyS0"), yieldOnPoll=True), 9000),
    "serial, pipe": (at(SERIAL, backing=PIPE, yieldOnPoll=False), 9000),
    "serial, URI": (at(SERIAL, backing=TELNET, yieldOnPoll=True), 9000),
    "serial, ThinPrint": (at(SERIAL, backing=SERIAL.ThinPrintBackingInfo(), yieldOnPoll=True), 9000),
    "parallel, file": (at(PARALLEL, backing=file(PARALLEL.FileBackingInfo, "[datastore1] web01/p.log")), 10000),
    "parallel, device": (at(PARALLEL, backing=PARALLEL.DeviceBackingInfo(deviceName="/dev/parport0")), 10000),
    "vmxnet": (nic(kind=device.VirtualVmxnet), 4001),
    "vmxnet2": (nic(kind=device.VirtualVmxnet2), 4001),
    "vmxnet3": (nic(), 4001),
    "vmxnet3 vrdma": (nic(kind=device.VirtualVmxnet3Vrdma), 4001),
    "e1000": (nic(kind=device.VirtualE1000), 4001),
    "e1000e": (nic(kind=device.VirtualE1000e), 4001),
    "pcnet32": (nic(kind=device.VirtualPCNet32), 4001),
    "sriov": (nic(kind=SRIOV, sriovBacking=SRIOV.SriovBackingInfo()), 4001),
    "USB": (at(device.VirtualUSBController, busNumber=0), 7000),
    "xHCI": (at(device.VirtualUSBXHCIController, busNumber=0), 14000),
    "HD audio": (at(device.VirtualHdAudioCard, backing=SOUND), 5000),
    "SoundBlaster": (at(device.VirtualSoundBlaster16, backing=SOUND), 5000),
    "TPM": (at(device.VirtualTPM), 11000),
    "PCI passthrough": (
        at(device.VirtualPCIPassthrough, backing=device.VirtualPCIPassthrough.DynamicBackingInfo(deviceName="")), 13000,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "key"), [pytest.param(*case, id=name) for name, case in DEVICES.items()])
def test_taken(rig, asked, key):
    before = {one.key for one in rig.vm("web01").config.hardware.device}
    rig.reconfigure("web01", add(asked))
    devices = {one.key: one for one in rig.vm("web01").config.hardware.device}
    assert set(devices) - before == {key}
    made = devices[key]
    assert type(made) is type(asked)
    assert type(made.backing) is type(asked.backing)
    assert made.deviceInfo.label
    if made.controllerKey:
        assert key in devices[made.controllerKey].device
        assert made.unitNumber is not None
    if asked.unitNumber is not None:
        assert made.unitNumber == asked.unitNumber
    for name in ("diskMode", "fileName", "deviceName", "compatibilityMode", "serviceURI", "pipeName"):
        if getattr(asked.backing, name, None):
            assert getattr(made.backing, name) == getattr(asked.backing, name)


@pytest.mark.parametrize(
    ("kind", "fields", "capacity"),
    [
        (disk.FlatVer2BackingInfo, {"thinProvisioned": True}, 1 << 20),
        (disk.SeSparseBackingInfo, {}, 1 << 20),
        (disk.LocalPMemBackingInfo, {}, 1 << 20),
        (disk.RawDiskMappingVer1BackingInfo, {"deviceName": LUN, "compatibilityMode": "virtualMode"}, 20 << 20),
    ],
)
def test_a_disk_is_made(rig, kind, fields, capacity):
    rig.reconfigure("web01", add(created(kind, **fields), "create"))
    made = rig.device("web01", 2003)
    assert made.capacityInKB == capacity
    assert made.backing.uuid
    assert "[datastore1] made/made.vmdk" in rig.files()


def test_a_usb_device_hangs_on_a_controller_of_the_same_spec(rig):
    backing = device.VirtualUSB.RemoteHostBackingInfo(deviceName="path:1/1", hostname="esx1")
    thing = device.VirtualUSB(key=-2, controllerKey=-1, backing=backing, connected=False)
    rig.reconfigure("web01", add(at(device.VirtualUSBXHCIController, busNumber=0)), add(thing))
    assert rig.device("web01", 7100).controllerKey == 14000


def test_the_video_card_is_edited_in_place(rig):
    rig.reconfigure("web01", edit(rig.device("web01", 500), videoRamSizeInKB=8192))
    assert rig.device("web01", 500).videoRamSizeInKB == 8192


def test_disks_hang_on_a_controller_of_the_same_spec(rig):
    rig.reconfigure("web01", add(scsi(key=-100)), *(add(spare(n, key=-n, controller=-100)) for n in (1, 2)))
    assert [rig.device("web01", key).unitNumber for key in (2016, 2017)] == [0, 1]
    assert rig.device("web01", 1001).device == [2016, 2017]


def test_a_disk_moves_to_another_controller(rig):
    moved = rig.device("web01", 2001)
    rig.reconfigure("web01", add(scsi(key=-100)), edit(moved, controllerKey=-100, unitNumber=3))
    made = rig.device("web01", 2019)
    assert (made.controllerKey, made.unitNumber, made.backing.fileName) == (1001, 3, moved.backing.fileName)
    assert made.deviceInfo.label == "Hard disk 2"


def test_two_disks_change_places(rig):
    one, two = rig.device("web01", 2000), rig.device("web01", 2001)
    rig.reconfigure("web01", edit(one, unitNumber=1), edit(two, unitNumber=0))
    assert rig.device("web01", 2001).backing.fileName == one.backing.fileName
    assert rig.device("web01", 2000).backing.fileName == two.backing.fileName


def test_a_device_takes_the_place_of_one_that_goes(rig):
    rig.reconfigure("web01", remove(rig.device("web01", 2000)), add(spare(unit=0)))
    assert rig.device("web01", 2000).backing.fileName == "[datastore1] spare/spare-1.vmdk"


def test_a_controller_goes_with_its_disks_elsewhere(rig):
    disks = [rig.device("web01", key) for key in (2000, 2001, 2002)]
    moves = [edit(one, controllerKey=-100) for one in disks]
    rig.reconfigure("web01", add(scsi(device.VirtualLsiLogicSASController)), *moves, remove(rig.device("web01", 1000)))
    assert rig.device("web01", 1001).device == [2016, 2017, 2018]


def test_a_pvscsi_controller_has_65_units_since_version_14(rig):
    rig.reconfigure("web01", add(spare(unit=64)))
    assert rig.device("web01", 2064).unitNumber == 64


def test_addresses_are_made_and_kept(rig):
    rig.reconfigure("web01", add(nic()), add(nic(macAddress="00:50:56:00:00:0A", addressType="manual")))
    made, given = rig.device("web01", 4001), rig.device("web01", 4002)
    assert made.macAddress.startswith("00:0c:29:")
    assert (made.addressType, given.addressType, given.macAddress) == ("generated", "manual", "00:50:56:00:00:0a")


@pytest.mark.esx(model="vpx")
def test_cards_on_switches(rig):
    switch, group = rig.all(vim.DistributedVirtualSwitch)[0], rig.all(vim.dvs.DistributedVirtualPortgroup)
    prod = next(one for one in group if one.name == "prod")
    port = vim.dvs.PortConnection(switchUuid=switch.uuid, portgroupKey=prod.key)
    network = rig.all(vim.OpaqueNetwork)[0]
    opaque = device.VirtualEthernetCard.OpaqueNetworkBackingInfo(
        opaqueNetworkId=network.summary.opaqueNetworkId, opaqueNetworkType="nsx.LogicalSwitch"
    )
    on_port = device.VirtualEthernetCard.DistributedVirtualPortBackingInfo(port=port)
    rig.reconfigure("web01", *(add(device.VirtualVmxnet3(key=-n, backing=b)) for n, b in ((1, on_port), (2, opaque))))
    assert rig.device("web01", 4001).backing.port.portgroupKey == prod.key
    assert rig.device("web01", 4002).backing.opaqueNetworkId == network.summary.opaqueNetworkId
    assert rig.device("web01", 4001).macAddress.startswith("00:50:56:")
    assert {one.name for one in rig.vm("web01").network} == {"VM Network", "prod", "nsx opaque"}


def test_an_outdated_mode_stays_through_other_edits(rig):
    rig.reconfigure("old01", edit(rig.device("old01", 2000), shares=vim.SharesInfo(level="high", shares=2000)))
    made = rig.device("old01", 2000)
    assert (made.backing.diskMode, made.shares.level) == ("nonpersistent", "high")


def test_a_disk_grows(rig):
    rig.reconfigure("web01", edit(rig.device("web01", 2000), capacityInKB=32 << 20))
    assert rig.device("web01", 2000).capacityInBytes == 32 << 30


def test_a_running_machine_gets_a_disk_and_a_card(rig):
    rig.reconfigure("db01", add(spare(unit=4)), add(nic()))
    assert rig.device("db01", 4002).connectable.connected
    rig.reconfigure("db01", remove(rig.device("db01", 2004)))


FIELDS = [
    ({"annotation": "new words"}, "config.annotation", "new words"),
    ({"name": "web02"}, "summary.config.name", "web02"),
    ({"guestId": "ubuntu64Guest"}, "config.guestFullName", "Ubuntu Linux (64-bit)"),
    ({"version": "vmx-20"}, "summary.config.hwVersion", "vmx-20"),
    ({"firmware": "efi"}, "config.firmware", "efi"),
    ({"uuid": UUID.upper()}, "config.uuid", UUID),
    ({"instanceUuid": UUID}, "summary.config.instanceUuid", UUID),
    ({"numCPUs": 4, "numCoresPerSocket": 2}, "config.hardware.numCoresPerSocket", 2),
    ({"memoryMB": 512}, "summary.config.memorySizeMB", 512),
    ({"flags": vim.vm.FlagInfo(diskUuidEnabled=True)}, "config.flags.diskUuidEnabled", True),
    ({"flags": vim.vm.FlagInfo(diskUuidEnabled=True)}, "config.flags.enableLogging", True),
    ({"cpuAllocation": vim.ResourceAllocationInfo(reservation=100)}, "config.cpuAllocation.reservation", 100),
    ({"cpuAllocation": vim.ResourceAllocationInfo(reservation=100)}, "config.cpuAllocation.limit", -1),
    ({"cpuAllocation": vim.ResourceAllocationInfo(shares=SHARES)}, "config.cpuAllocation.shares.shares", 4000),
    ({"memoryAllocation": vim.ResourceAllocationInfo(limit=4096)}, "config.memoryAllocation.limit", 4096),
    ({"cpuAffinity": vim.vm.AffinityInfo(affinitySet=[0, 2])}, "config.cpuAffinity.affinitySet", [0, 2]),
    ({"bootOptions": vim.vm.BootOptions(bootDelay=5000)}, "config.bootOptions.bootDelay", 5000),
    ({"nestedHVEnabled": True}, "config.nestedHVEnabled", True),
    ({"latencySensitivity": vim.LatencySensitivity(level="high")}, "config.latencySensitivity.level", "high"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "path", "value"), FIELDS)
def test_applied_and_visible(rig, fields, path, value):
    vm = rig.vm("web01")
    rig.reconfigure("web01", **fields)
    found = vm
    for name in path.split("."):
        found = getattr(found, name)
    assert found == value


def test_what_is_sent_empty_goes_and_what_is_left_out_stays(rig):
    vm = rig.vm("web01")
    rig.reconfigure("web01", bootOptions=vim.vm.BootOptions(bootDelay=5000, bootRetryEnabled=True))
    rig.reconfigure("web01", bootOptions=vim.vm.BootOptions(bootDelay=0), annotation="")
    assert (vm.config.annotation or "", vm.config.bootOptions.bootDelay or 0) == ("", 0)
    assert vm.config.bootOptions.bootRetryEnabled
    rig.reconfigure("web01", edit(rig.device("web01", 3002), backing__fileName=""))
    assert rig.device("web01", 3002).backing.fileName == ""


def test_a_drive_of_a_running_machine_is_disconnected(rig):
    finish(rig.vm("web01").PowerOnVM_Task())
    assert rig.device("web01", 3002).connectable.connected
    rig.reconfigure("web01", edit(rig.device("web01", 3002), connectable__connected=False))
    assert not rig.device("web01", 3002).connectable.connected
    assert rig.device("web01", 3002).connectable.startConnected


def test_extra_config_is_set_and_taken_away(rig):
    option = vim.option.OptionValue
    vm = rig.vm("web01")
    rig.reconfigure("web01", extraConfig=[option(key="a.b", value="1"), option(key="c", value="2")])
    rig.reconfigure("web01", extraConfig=[option(key="a.b", value=""), option(key="c", value="3")])
    found = {one.key: one.value for one in vm.config.extraConfig}
    assert "a.b" not in found
    assert found["c"] == "3"


def test_the_boot_order_may_name_devices_of_the_same_spec(rig):
    order = vim.vm.BootOptions
    options = order(bootOrder=[order.BootableEthernetDevice(deviceKey=-50), order.BootableDiskDevice(deviceKey=2000)])
    rig.reconfigure("web01", add(nic()), bootOptions=options)
    assert [one.deviceKey for one in rig.vm("web01").config.bootOptions.bootOrder] == [4001, 2000]


def test_a_machine_is_made_as_it_was_asked_for(rig):
    vm = rig.create(
        add(scsi(key=-100, bus=0)),
        add(spare(1, key=-1, controller=-100, mode="independent_persistent")),
        add(nic("backup net")),
        add(at(CD, controllerKey=200, backing=file(CD.IsoBackingInfo, "[datastore1] iso/install.iso"))),
        name="made/here",
        version="vmx-17",
    )
    devices = {one.key: type(one) for one in vm.config.hardware.device}
    assert {200, 201, 300, 100, 400, 600, 700, 500, 12000, 1000, 2000, 4000, 3000} == set(devices)
    assert (vm.name, vm.config.version) == ("made%2fhere", "vmx-17")
    assert vm.config.files.vmPathName == "[datastore1] made_here/made_here.vmx"
    assert vm.config.instanceUuid
    assert vm.runtime.powerState == "poweredOff"
    assert vm.parent.name == "vm"
    assert "[datastore1] made_here/made_here.vmx" in rig.files()


HOT = [
    ("a disk on SCSI", spare(unit=5)),
    ("a disk on SATA", spare(controller=15000, unit=5)),
    ("a drive on SATA", at(CD, controllerKey=15000, backing=REMOTE)),
    ("an NVMe disk", spare(controller=31000, unit=5)),
    ("AHCI", at(device.VirtualAHCIController, busNumber=1)),
    ("EHCI", at(device.VirtualUSBController)),
    ("a card", nic()),
]


@pytest.mark.parametrize("made", [pytest.param(made, id=name) for name, made in HOT])
def test_what_is_plugged_in_while_on(rig, made):
    """Facts: storage-network-events.md section 4."""
    before = {one.key for one in rig.vm("db01").config.hardware.device}
    rig.reconfigure("db01", add(made))
    new = next(one for one in rig.vm("db01").config.hardware.device if one.key not in before)
    rig.reconfigure("db01", remove(new))
    assert {one.key for one in rig.vm("db01").config.hardware.device} == before


COLD = [
    ("a disk on IDE", spare(controller=200, unit=0)),
    ("a drive on IDE", at(CD, controllerKey=200, backing=REMOTE)),
    ("a floppy drive", at(FLOPPY, backing=FLOPPY.RemoteDeviceBackingInfo(deviceName=""))),
]


@pytest.mark.parametrize("made", [pytest.param(made, id=name) for name, made in COLD])
def test_what_is_not_plugged_in_while_on(rig, made):
    with unchanged(rig.sim), pytest.raises(vim.fault.InvalidPowerState):
        rig.reconfigure("db01", add(made))


def test_sriov_cards_are_none_of_the_ten(rig):
    sriov = [add(at(SRIOV, backing=nic().backing)) for _ in range(2)]
    rig.reconfigure("web01", *[add(nic()) for _ in range(9)], *sriov)
    labels = [
        one.deviceInfo.label for one in rig.vm("web01").config.hardware.device if "Network" in one.deviceInfo.label
    ]
    assert len(labels) == len(set(labels)) == 12
