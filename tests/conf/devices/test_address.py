"""Target names and addresses: unique, in step with each other, and the in-tree driver's where that is unique."""

import itertools

import pytest

from esxdriver.conf.devices.address import Bus, DriveAddress, derived_address, index_of, letters, names

# Where the in-tree driver's name is unique, ours is the same. Source: facts on libvirt's vmx.c
UPSTREAM = [
    # bus      controller unit hardware target
    (Bus.SCSI, 0, 0, 19, "sda"),
    (Bus.SCSI, 0, 6, 19, "sdg"),
    (Bus.SCSI, 0, 8, 19, "sdh"),
    (Bus.SCSI, 0, 15, 19, "sdo"),
    (Bus.SCSI, 0, 16, 19, "sdp"),
    (Bus.SCSI, 1, 0, 19, "sdbl"),
    (Bus.SCSI, 1, 0, 10, "sdp"),
    (Bus.SCSI, 3, 15, 10, "sdbh"),
    (Bus.SATA, 0, 0, 19, "sda"),
    (Bus.SATA, 1, 0, 19, "sdae"),
    (Bus.IDE, 0, 1, 19, "hdb"),
    (Bus.IDE, 1, 0, 19, "hdc"),
    (Bus.NVME, 0, 0, 19, "nvme0n1"),
    (Bus.NVME, 3, 14, 19, "nvme3n15"),
    (Bus.FDC, 0, 1, 19, "fdb"),
]


@pytest.mark.parametrize(("bus", "controller", "unit", "hardware", "target"), UPSTREAM)
def test_a_disk_alone_has_the_in_tree_drivers_name(bus, controller, unit, hardware, target):
    assert names([(bus, DriveAddress(controller, unit))], hardware) == [target]


@pytest.mark.parametrize("hardware", [7, 10, 13, 19, 22])
def test_no_two_disks_of_a_full_machine_have_one_name(hardware):
    units = {Bus.SCSI: 65 if hardware >= 13 else 16, Bus.SATA: 30, Bus.NVME: 64, Bus.IDE: 2, Bus.FDC: 2}
    addresses = [
        (bus, DriveAddress(controller, unit))
        for bus, count in units.items()
        for controller, unit in itertools.product(range(bus.controllers), range(count))
        if (bus, unit) != (Bus.SCSI, 7)
    ]
    assert len(set(names(addresses, hardware))) == len(addresses)


def test_a_sata_disk_gives_way_to_a_scsi_disk_of_the_same_name():
    scsi, sata, other = names(
        [(Bus.SCSI, DriveAddress(0, 0)), (Bus.SATA, DriveAddress(0, 0)), (Bus.SATA, DriveAddress(0, 1))], 19
    )
    assert (scsi, other) == ("sda", "sdb")
    assert sata not in (scsi, other)


DERIVED = [
    ("sda", Bus.SCSI, DriveAddress(0, 0)),
    ("sdh", Bus.SCSI, DriveAddress(0, 8)),
    ("sdp", Bus.SCSI, DriveAddress(1, 0)),
    ("sda", Bus.SATA, DriveAddress(0, 0)),
    ("sdae", Bus.SATA, DriveAddress(1, 0)),
    ("hdd", Bus.IDE, DriveAddress(1, 1)),
    ("fdb", Bus.FDC, DriveAddress(0, 1)),
    ("nvme1n3", Bus.NVME, DriveAddress(1, 2)),
    ("disk", Bus.SCSI, None),
    ("nvme1n0", Bus.NVME, None),
    ("sda", Bus.NVME, None),
]


@pytest.mark.parametrize(("target", "bus", "address"), DERIVED)
def test_an_address_follows_from_a_name_as_libvirt_has_it(target, bus, address):
    assert derived_address(target, bus) == address


@pytest.mark.parametrize(("index", "text"), [(0, "a"), (25, "z"), (26, "aa"), (701, "zz"), (702, "aaa")])
def test_letters_count_disks(index, text):
    assert letters(index) == text
    assert index_of(text) == index
