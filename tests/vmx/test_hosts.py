"""A host's machine goes to VMX and back, and nothing is asked of the host."""

import pytest

from esxdriver import vmx
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.vmx.text import parsed
from esxdriver.vsphere.change.plan import plan_creation, plan_edit
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.match import match
from esxdriver.vsphere.machine.types import vim_type
from tests.conf.documents import domain
from tests.hosting import created

DISK = "<disk type='file' device='disk'><source file='[ds] a/a.vmdk'/><target dev='sda' bus='scsi'/>{}</disk>"
CDROM = "<disk type='file' device='cdrom'><source file='[ds] x.iso'/><target dev='hda' bus='ide'/>{}</disk>"
NIC = "<interface type='bridge'><mac address='00:50:56:00:00:0{0}'/><source bridge='LAN'/><model type='{1}'/>{2}</interface>"


VIDEO = "<video><model type='vmvga' vram='4096'/></video>"


def made(devices, change=None):
    text = domain(DISK.format("") + devices + VIDEO)
    config = created(plan_creation(match(None, domain_xml.parse(text)), "[ds] a/a.vmx").spec)
    if change is not None:
        change(config)
    return machine.read(config)


def devices(config, name):
    return [device for device in config.hardware.device if isinstance(device, vim_type(name))]


def iso(name):
    def change(config):
        devices(config, "VirtualCdrom")[0].backing = vim_type("VirtualCdromIsoBackingInfo")(fileName=name)

    return change


def automatic(config):
    for card in devices(config, "VirtualMachineVideoCard"):
        card.videoRamSizeInKB = None
        card.useAutoDetect = True


def there_and_back(found):
    document = domain_xml.format(found.definition, Style(secure=True))
    native = vmx.to_native(domain_xml.parse(document))
    again = domain_xml.parse(domain_xml.format(vmx.from_native(native), Style(secure=True)))
    return parsed(native).values, plan_edit(match(found, again))


@pytest.mark.parametrize("name", ["[] /vmimages/tools-isoimages/linux.iso", "[] /usr/lib/vmware/isoimages/linux.iso"])
def test_a_file_outside_of_a_datastore_stays_in_its_drive(name):
    found = made(CDROM.format(""), iso(name))
    assert found.definition.disks[1].source == name.removeprefix("[] ")
    assert plan_edit(match(found, domain_xml.parse(domain_xml.format(found.definition)))) is None
    words, plan = there_and_back(found)
    assert words["ide0:0.filename"] == name.removeprefix("[] ")
    assert plan is None


@pytest.mark.parametrize("name", ["[]", "[] ", ""])
def test_an_empty_drive_stays_one(name):
    found = made(CDROM.format(""), iso(name))
    document = domain_xml.format(found.definition)
    assert "[]" not in document
    assert plan_edit(match(found, domain_xml.parse(document))) is None
    words, plan = there_and_back(found)
    assert words["ide0:0.filename"] == "emptyBackingString"
    assert plan is None


def test_a_file_of_the_host_is_given_to_vsphere_in_its_own_form():
    found = made(CDROM.format(""))
    text = domain_xml.format(found.definition).replace("[ds] x.iso", "/vmimages/linux.iso")
    plan = plan_edit(match(found, domain_xml.parse(text)))
    assert [change.device.backing.fileName for change in plan.spec.deviceChange] == ["[] /vmimages/linux.iso"]


def test_automatic_video_memory_stays_automatic():
    words, plan = there_and_back(made("", automatic))
    assert "svga.vramsize" not in words
    assert plan is None


@pytest.mark.parametrize("kind", ["user", "null"])
def test_a_card_without_a_network_of_its_own_stays_one(kind):
    words, plan = there_and_back(made(f"<interface type='{kind}'><mac address='00:50:56:00:00:01'/></interface>"))
    assert plan is None
    assert words["ethernet0.present"] == "TRUE"


ORDER = "<boot order='{}'/>"


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_the_boot_order_goes_both_ways(order):
    first, second, third = (ORDER.format(number) for number in order)
    definition = domain_xml.parse(domain(DISK.format(first) + CDROM.format(second) + NIC.format(1, "vmxnet3", third)))
    again = vmx.from_native(vmx.to_native(definition))
    assert tuple(again.boot_orders()) == order


def test_a_boot_order_that_vmx_cannot_hold_is_said(caplog):
    disks = DISK.format(ORDER.format(1)) + DISK.replace("sda", "sdb").format(ORDER.format(3))
    definition = domain_xml.parse(domain(disks + CDROM.format(ORDER.format(2))))
    words = parsed(vmx.to_native(definition)).values
    assert (words["bios.bootorder"], words["bios.hddorder"]) == ("hdd,cdrom", "scsi0:0,scsi0:1")
    assert "another order is written" in caplog.text


@pytest.mark.parametrize(
    ("keys", "orders"),
    [
        ('bios.bootOrder = "cdrom,hdd"\n', [2, None, 1]),
        ('bios.bootOrder = "HDD, CDROM"\nbios.hddOrder = "scsi0:1,scsi0:0"\n', [2, 1, 3]),
        ('bios.bootOrder = "usb,hdd"\n', [1, None, None]),
        ('bios.hddOrder = "scsi0:1"\n', [None, None, None]),
    ],
)
def test_the_boot_order_of_a_file_is_that_of_its_devices(keys, orders):
    text = 'config.version = "8"\nvirtualHW.version = "19"\nscsi0.present = "TRUE"\n' + keys
    for prefix, file in (("scsi0:0", "a.vmdk"), ("scsi0:1", "b.vmdk"), ("ide0:0", "a.iso")):
        text += f'{prefix}.present = "TRUE"\n{prefix}.fileName = "{file}"\n'
    definition = vmx.from_native(text)
    assert [disk.boot_order for disk in definition.disks] == orders
    native = vmx.to_native(domain_xml.parse(domain_xml.format(definition)))
    assert parsed(native).values.items() >= parsed(text).values.items()


def test_options_of_a_card_whose_key_leaves_a_gap_stay_its_own():
    def gap(config):
        devices(config, "VirtualEthernetCard")[1].key = 4002
        config.extraConfig = [vim_type("OptionValue")(key="ethernet2.filter4.name", value="x")]

    words, plan = there_and_back(made(NIC.format(1, "e1000", "") + NIC.format(2, "vmxnet3", ""), gap))
    assert words["ethernet2.virtualdev"] == "vmxnet3"
    assert words["ethernet2.filter4.name"] == "x"
    assert plan is None
