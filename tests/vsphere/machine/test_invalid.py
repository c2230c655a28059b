"""What a dump says, define takes: devices that no definition may have are left out, kept on the machine and logged."""

import logging

import pytest

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.vsphere.change.plan import plan_creation, plan_edit
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.match import match
from esxdriver.vsphere.machine.types import vim_type
from tests.conf.documents import domain
from tests.hosting import created

DISK = "<disk type='file' device='disk'><source file='[ds] a/{0}.vmdk'/><target dev='{0}' bus='{1}'/></disk>"
CARD = "<interface type='bridge'><source bridge='n'/><model type='e1000'/></interface>"


def made(devices):
    return created(plan_creation(match(None, domain_xml.parse(domain(devices))), "[ds] a/a.vmx").spec)


def device(kind, key, **properties):
    return vim_type(kind)(key=key, **properties)


def cdrom(key, controller, unit):
    backing = vim_type("VirtualCdromRemoteAtapiBackingInfo")(deviceName="")
    return device("VirtualCdrom", key, controllerKey=controller, unitNumber=unit, backing=backing)


def controller_of(config):
    return next(each for each in config.hardware.device if hasattr(each, "capacityInKB")).controllerKey


def a_cdrom_before_a_disk_in_its_place():
    """Return a machine as govmomi's simulator ships it."""
    config = made(DISK.format("sda", "scsi"))
    config.hardware.device.insert(0, cdrom(77000, controller_of(config), 0))
    return config, 1, 0


def a_cdrom_after_a_disk_in_its_place():
    config = made(DISK.format("hda", "ide"))
    config.hardware.device.append(cdrom(77000, 200, 0))
    return config, 1, 0


def a_disk_where_the_controller_is_itself():
    config = made(DISK.format("sda", "scsi"))
    config.hardware.device.append(cdrom(77000, controller_of(config), 7))
    return config, 1, 0


def twelve_cards():
    config = made(CARD * 10)
    card = next(each for each in config.hardware.device if hasattr(each, "macAddress"))
    config.hardware.device += [device("VirtualE1000", 4010 + n, backing=card.backing) for n in range(2)]
    return config, 0, 10


def a_drive_without_its_controller():
    config = made(DISK.format("sda", "scsi"))
    config.hardware.device.append(cdrom(77000, 31337, 0))
    return config, 1, 0


@pytest.mark.parametrize(
    "case",
    [
        a_cdrom_before_a_disk_in_its_place, a_cdrom_after_a_disk_in_its_place, a_disk_where_the_controller_is_itself,
        twelve_cards, a_drive_without_its_controller,
    ],
)  # fmt: skip
def test_what_a_dump_says_define_takes(case, caplog):
    config, disks, cards = case()
    config.name = "vm1"
    with caplog.at_level(logging.WARNING):
        have = machine.read(config, moref="vm-1")
    assert [each.backing.is_hard_disk for each in have.definition.disks] == [True] * disks
    assert len(have.definition.interfaces) == cards
    assert "vm1: " in caplog.text
    assert "left out" in caplog.text
    assert plan_edit(match(have, domain_xml.parse(domain_xml.format(have.definition)))) is None


def test_a_disk_that_is_too_far_back_in_the_boot_order_stays():
    config = made(
        "".join(DISK.format(f"sd{letter}", "scsi") for letter in "abcdefghijklmno") + DISK.format("sdp", "scsi") + CARD
    )
    bootable = vim_type("VirtualMachineBootOptionsBootableDiskDevice")
    keys = [each.key for each in config.hardware.device if hasattr(each, "capacityInKB") or hasattr(each, "macAddress")]
    config.bootOptions = vim_type("VirtualMachineBootOptions")(bootOrder=[bootable(deviceKey=key) for key in keys])
    have = machine.read(config)
    assert len(keys) == 17
    assert len(have.definition.disks) == 16
    assert len(have.definition.interfaces) == 1
    assert plan_edit(match(have, domain_xml.parse(domain_xml.format(have.definition)))) is None
