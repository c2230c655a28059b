"""What is remembered of a machine's devices, and what events call them."""

from pyVmomi import vim

from esxdriver.vsphere.machine.device_list import aliases, summary

device = vim.vm.device
STATE = device.VirtualDevice.ConnectInfo


def drive(kind, key, controller, unit, **fields):
    return kind(key=key, controllerKey=controller, unitNumber=unit, **fields)


MACHINE = [
    device.VirtualIDEController(key=201, busNumber=1),
    device.ParaVirtualSCSIController(key=1000, busNumber=0, sharedBus="noSharing"),
    device.ParaVirtualSCSIController(key=1001, busNumber=1, sharedBus="noSharing"),
    device.VirtualAHCIController(key=15000, busNumber=0),
    drive(device.VirtualDisk, 2000, 1000, 0),
    drive(device.VirtualDisk, 2001, 1000, 1),
    drive(device.VirtualDisk, 2016, 1001, 0),
    drive(device.VirtualDisk, 16000, 15000, 0),
    drive(device.VirtualCdrom, 3002, 201, 0,
          connectable=STATE(connected=True, startConnected=True, allowGuestControl=True)),
    device.VirtualVmxnet3(key=4000),
    device.VirtualVmxnet3(key=4002),
    device.VirtualUSBController(key=7000),
]  # fmt: skip


def test_disks_are_called_by_their_targets_cards_by_their_names_and_the_rest_by_their_keys():
    called = aliases(summary(MACHINE), "vmx-10")
    assert {key: called[key] for key in (2000, 2001, 2016, 3002)} == {
        2000: "sda", 2001: "sdb", 2016: "sdp", 3002: "hdc",
    }  # fmt: skip
    assert (called[4000], called[4002], called[7000], called[1000]) == ("nic0", "nic2", "ua-7000", "ua-1000")
    assert called[16000].startswith("sd")
    assert len(set(called.values())) == len(MACHINE)


def test_targets_are_counted_as_the_hardware_version_has_it():
    assert aliases(summary(MACHINE), "vmx-19")[2016] == "sdbl"
    assert aliases(summary(MACHINE), None)[2016] == "sdp"


def test_only_a_cd_rom_drive_has_a_tray():
    closed = {key: each.closed for key, each in summary(MACHINE).items() if each.closed is not None}
    assert closed == {3002: True}


def test_a_drive_without_its_controller_has_no_target():
    assert aliases(summary([drive(device.VirtualDisk, 2000, 1000, 0)]), "vmx-19") == {2000: "ua-2000"}


def test_a_list_that_is_withheld_is_none():
    assert summary(None) is None
