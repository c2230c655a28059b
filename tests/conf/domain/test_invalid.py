"""Which devices are left out of what is read, whoever read it, and what is said of each."""

from dataclasses import replace

import libvirt
import pytest

from esxdriver.conf.devices.controller import ControllerDef, ControllerModel
from esxdriver.conf.devices.interface import InterfaceDef, Network, NicModel
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.invalid import without_invalid
from esxdriver.conf.domain.validate import validate
from tests.conf.documents import domain

DISK = "<disk type='file' device='{}'><source file='[ds] a/{}'/><target dev='{}' bus='{}'/></disk>"
VALID = domain_xml.parse(domain(DISK.format("disk", "a.vmdk", "sda", "scsi") + DISK.format("cdrom", "b", "hda", "ide")))
HARD, CD = VALID.disks
NIC = InterfaceDef(network=Network.BRIDGE, source="n", model=NicModel.E1000)

CASES = [
    # the field, what is read, the positions of what stays, and a piece of each reason
    ("disks", [HARD, CD], [0, 1], []),
    ("disks", [replace(CD, bus=HARD.bus, address=HARD.address), HARD], [1], ["address"]),
    ("disks", [HARD, replace(HARD, source="[ds] a/other.vmdk")], [0], ["target"]),
    ("interfaces", [NIC] * 2 + [replace(NIC, source=None), NIC], [0, 1, 3], ["bridge"]),
    ("interfaces", [replace(NIC) for _ in range(12)], list(range(10)), ["interfaces"] * 2),
    ("controllers", [ControllerDef(index=n, model=ControllerModel.LSILOGIC) for n in (0, 7, 1)], [0, 2], ["index"]),
]


@pytest.mark.parametrize(("field", "read", "stay", "reasons"), CASES)
def test_what_makes_a_definition_invalid_is_left_out_and_reported(field, read, stay, reasons):
    read = [replace(each) for each in read]  # each is one of its own
    reported = []
    found, stays = without_invalid(replace(VALID, **{field: tuple(read)}), lambda *what: reported.append(what))
    validate(found)
    assert [read.index(each) if each in read else each for each in getattr(found, field)] == [
        read.index(read[position]) for position in stay
    ]
    assert [kept for _, kept, _ in reported] == [None] * len(reasons)
    assert all(text in why for text, (_, _, why) in zip(reasons, reported, strict=True))
    assert [stays.get(id(each), each) is not None for each in read] == [index in stay for index in range(len(read))]


def test_a_device_too_far_back_in_the_boot_order_stays_without_its_place_there():
    late = replace(CD, boot_order=17)
    reported = []
    found, stays = without_invalid(replace(VALID, disks=(HARD, late)), lambda *what: reported.append(what))
    assert found.disks == (HARD, replace(CD, boot_order=None))
    assert stays[id(late)] is found.disks[1] is reported[0][1]


def test_a_valid_definition_is_returned_as_it_is():
    assert without_invalid(VALID, pytest.fail) == (VALID, {})


def test_what_is_wrong_with_the_domain_itself_is_left():
    nameless = replace(VALID, name="n" * 81)
    found, stays = without_invalid(nameless, pytest.fail)
    assert found == nameless
    assert [stays[id(each)] for each in nameless.disks] == [HARD, CD]
    with pytest.raises(libvirt.libvirtError):
        validate(found)
