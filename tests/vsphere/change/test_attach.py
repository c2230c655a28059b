"""One device more, less or other: what becomes of the definition, and of nothing else in it."""

from dataclasses import replace

import libvirt
import pytest

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.vsphere.change.attach import attached, detached, updated
from esxdriver.vsphere.change.plan import plan_creation, plan_edit
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.match import match
from tests.conf.documents import domain
from tests.helpers import failing
from tests.hosting import created, reconfigured
from tests.vsphere.change.test_plan import NIC, A, B, disk, nic

CD = disk("hda", "x.iso", "ide", device="cdrom")
PVSCSI = "<controller type='scsi' index='0' model='vmpvscsi'/>"
MAC = "00:50:56:00:00:09"


def having(devices):
    return machine.read(created(plan_creation(match(None, domain_xml.parse(domain(devices))), "[ds] d/d.vmx").spec))


def device(text):
    return domain_xml.parse_device(text)


EDITS = [
    # what is done, the domain, the device, what is asked of the host
    (attached, A, B, ["add VirtualDisk"]),
    (attached, A + PVSCSI, disk("sdp", "p.vmdk"), ["add ParaVirtualSCSIController", "add VirtualDisk"]),
    (attached, A, disk("sdb", "s.vmdk", "sata"), ["add VirtualAHCIController", "add VirtualDisk"]),
    (attached, A, disk("nvme0n1", "n.vmdk", "nvme"), ["add VirtualNVMEController", "add VirtualDisk"]),
    (attached, A + NIC, nic(MAC), ["add VirtualVmxnet3"]),
    (attached, A + NIC, "<interface type='bridge'><source bridge='VM Network'/></interface>", ["add VirtualE1000"]),
    (attached, A, "<serial type='file'><source path='[ds] a.log'/></serial>", ["add VirtualSerialPort"]),
    (attached, A + CD, disk("hda", "y.iso", "ide", device="cdrom"), ["edit VirtualCdrom"]),
    (detached, A + B, B, ["remove VirtualDisk"]),
    (detached, A + B, "<disk><target dev='sdb'/></disk>", ["remove VirtualDisk"]),
    (detached, A + CD, disk("hda", "", "ide", device="cdrom"), ["remove VirtualCdrom"]),
    (detached, A + NIC + nic(MAC), nic(MAC), ["remove VirtualVmxnet3"]),
    (detached, A + NIC + nic(MAC, "other"), "<interface type='bridge'><source bridge='other'/></interface>", ["remove VirtualVmxnet3"]),
    (detached, A + B + "<controller type='scsi' index='2' model='lsilogic'/>", "<controller type='scsi' index='2'/>",
     ["remove VirtualLsiLogicController"]),
    (updated, A + B, disk("sdb", "b.vmdk", snapshot="no"), ["edit VirtualDisk"]),
    (updated, A + B, B, []),
    (updated, A + CD, disk("hda", "", "ide", device="cdrom"), ["edit VirtualCdrom"]),
    (updated, A + NIC, "<interface type='bridge'><source bridge='other'/></interface>", ["edit VirtualVmxnet3"]),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "devices", "one", "asked"), EDITS)
def test_one_device_is_one_change_and_no_other(edit, devices, one, asked):
    have = having(devices)
    want = edit(have.definition, device(one))
    plan = plan_edit(match(have, want))
    changes = plan.spec.deviceChange if plan else []
    assert [f"{each.operation} {type(each.device)._wsdlName}" for each in changes] == asked
    if plan:
        assert plan_edit(match(machine.read(reconfigured(have.config, plan.spec)), want)) is None


@pytest.mark.parametrize("mode", [mode for mode in DiskMode if mode.definable])
def test_an_attached_disk_has_the_mode_that_its_element_says(mode):
    have = having(A)
    text = disk(
        "sdb", "b.vmdk", snapshot="yes" if mode.snapshot else "no", persistent="yes" if mode.persistent else "no"
    )
    (change,) = plan_edit(match(have, attached(have.definition, device(text)))).spec.deviceChange
    assert change.device.backing.diskMode == mode.vim


def test_a_full_bus_gets_a_controller_and_a_full_domain_says_so():
    scsi = "".join(disk(f"sd{letter}", f"{letter}.vmdk") for letter in "abcdefghijklmno")
    have = having(scsi)
    with_more = attached(have.definition, device(disk("sdp", "p.vmdk")))
    assert [(each.type, each.index) for each in with_more.controllers] == [("scsi", 0), ("scsi", 1)]
    ide = having("".join(disk(f"hd{letter}", f"{letter}.vmdk", "ide") for letter in "abcd"))
    text = failing(libvirt.VIR_ERR_OPERATION_FAILED, attached, ide.definition, device(disk("hda", "e.vmdk", "ide")))
    assert "the ide bus is full" in text


MISSING, SEVERAL = libvirt.VIR_ERR_DEVICE_MISSING, libvirt.VIR_ERR_OPERATION_FAILED
NOT_MEANT = [
    # the domain, the device that is described, why none is meant
    (A + B, disk("sdc", "c.vmdk"), MISSING),
    (A + B, disk("sdb", "a.vmdk"), MISSING),
    (A + B, disk("sdb", "b.vmdk", inside="<address type='drive' controller='0' unit='0'/>"), MISSING),
    (A + B, disk("sdb", "b.vmdk", "sata"), MISSING),
    (A + B, disk("sdb", "b.vmdk", device="cdrom"), MISSING),
    (A + NIC, nic(MAC), MISSING),
    (A + NIC, nic("00:50:56:00:00:01", model="e1000"), MISSING),
    (A + NIC + nic(MAC), "<interface type='bridge'><source bridge='VM Network'/></interface>", SEVERAL),
    (A, "<tpm model='tpm-crb'/>", MISSING),
    (A + PVSCSI, "<controller type='scsi' index='0' model='lsilogic'/>", MISSING),
]


@pytest.mark.parametrize(("devices", "one", "code"), NOT_MEANT)
def test_nobody_guesses_which_device_goes(devices, one, code):
    failing(code, detached, having(devices).definition, device(one))


def test_a_disk_may_be_described_as_before_its_snapshots():
    have = having(A + B).definition
    now = replace(have.disks[1], source="[ds] d/b-000001.vmdk", chain=("[ds] d/b.vmdk",))
    have = replace(have, disks=(have.disks[0], now))
    assert detached(have, device(B)).disks == have.disks[:1]
    assert updated(have, device(B)).disks[1].chain == now.chain


ORDER = "<boot order='{}'/>"


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        (disk("sdb", "b.vmdk", snapshot="no"), [1, 2]),
        (disk("hda", "y.iso", "ide", device="cdrom"), [1, 2]),
        (disk("hda", "", "ide", device="cdrom"), [1, 2]),
        (disk("sdb", "b.vmdk", inside=ORDER.format(3)), [3, 2]),
    ],
)
def test_an_update_that_says_nothing_of_the_boot_order_leaves_it(text, orders):
    drives = disk("sdb", "b.vmdk", inside=ORDER.format(1)) + disk(
        "hda", "x.iso", "ide", device="cdrom", inside=ORDER.format(2)
    )
    have = having(drives).definition
    assert [each.boot_order for each in updated(have, device(text)).disks] == orders


def test_a_card_that_gets_another_network_keeps_its_place_in_the_boot_order():
    have = having(A + nic(MAC, inside=ORDER.format(1))).definition
    (card,) = updated(have, device(nic(MAC, "other"))).interfaces
    assert (card.source, card.boot_order) == ("other", 1)


VNC = "<graphics type='vnc' {}/>"
PORT = "<serial type='file'><source path='[ds] {}.log'/>{}</serial>"
FOLDER = "<filesystem type='mount'><source dir='/{}'/><target dir='t'/></filesystem>"
VIDEO = "<video><model type='vmvga' vram='{}'/></video>"
OTHERS = [
    # the domain, the device as it is to be, the field that lists it, what it comes to
    (VNC.format("port='5901'"), VNC.format("port='5902'"), "graphics", {"port": 5902}),
    (VNC.format("port='5901'"), VNC.format("passwd='hush'"), "graphics", {"port": 5901, "password": "hush"}),
    (PORT.format("a", ""), PORT.format("b", ""), "serials", {"port": 0, "path": "[ds] b.log"}),
    (PORT.format("a", ""), PORT.format("b", "<target port='0'/>"), "serials", {"port": 0, "path": "[ds] b.log"}),
    (FOLDER.format("a"), FOLDER.format("b"), "filesystems", {"source": "/b", "target": "t"}),
    (VIDEO.format(4096), VIDEO.format(8192), "videos", {"vram": 8192}),
    (PVSCSI, "<controller type='scsi' index='0'/>", "controllers", {"index": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("devices", "one", "field", "expected"), OTHERS)
def test_any_other_device_is_updated_by_what_identifies_it(devices, one, field, expected):
    (found,) = getattr(updated(having(A + devices).definition, device(one)), field)
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("devices", "one"),
    [
        (PVSCSI, "<controller type='scsi' index='0' model='lsilogic'/>"),
        ("<sound model='sb16'/>", "<sound model='ich6'/>"),
    ],
)
def test_another_model_is_another_device(devices, one):
    have = having(A + devices).definition
    assert "another model" in failing(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, updated, have, device(one))


def test_of_two_ports_the_one_that_is_meant_has_to_be_said():
    have = having(A + PORT.format("a", "") + PORT.format("b", "")).definition
    failing(libvirt.VIR_ERR_OPERATION_FAILED, updated, have, device(PORT.format("c", "")))
    after = updated(have, device(PORT.format("c", "<target port='1'/>")))
    assert [each.path for each in after.serials] == ["[ds] a.log", "[ds] c.log"]
