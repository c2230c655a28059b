"""What is read off a machine: all that libvirt has words for, and never a failure for one odd device."""

import logging
from dataclasses import replace

import libvirt
import pytest

from esxdriver.conf.devices.address import Bus, DriveAddress
from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.vsphere.change.plan import plan_creation, plan_edit
from esxdriver.vsphere.machine import extra_config, machine
from esxdriver.vsphere.machine.match import match
from esxdriver.vsphere.machine.surface import DeviceSurface
from esxdriver.vsphere.machine.types import vim_type
from esxdriver.vsphere.machine.wiring import Wiring, predicted_key
from tests import corpus
from tests.conf.documents import domain
from tests.hosting import created
from tests.vsphere.answers import property_of

_VM = corpus.FOLDER / "recorded/vcenter-6.7-vm"
DISK = "<disk type='file' device='disk'><source file='[ds] a/a.vmdk'/><target dev='sda' bus='scsi'/></disk>"


def made(devices=DISK, head=""):
    return created(plan_creation(match(None, domain_xml.parse(domain(devices, head))), "[ds] a/a.vmx").spec)


def with_device(config, wsdl_name, **properties):
    device = vim_type(wsdl_name)(key=77000, **properties)
    config.hardware.device.append(device)
    return config


@corpus.needed
class TestARealMachine:
    """A vCenter 6.7's answer about its own appliance."""

    @pytest.fixture
    def appliance(self):
        return machine.read(property_of(_VM / "config.xml"), moref="vm-22")

    def test_has_all_of_its_13_disks(self, appliance):
        disks = [disk for disk in appliance.definition.disks if disk.backing.is_hard_disk]
        assert len(disks) == 13
        assert {disk.mode for disk in disks} == {DiskMode.PERSISTENT}
        assert [disk.target for disk in disks] == [f"sd{letter}" for letter in "abcdefghijklm"]
        assert [disk.address.unit for disk in disks] == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13]

    @pytest.mark.parametrize("secure", [True, False])
    def test_defined_again_asks_nothing(self, appliance, secure):
        text = domain_xml.format(appliance.definition, Style(secure=secure))
        assert plan_edit(match(appliance, domain_xml.parse(text))) is None

    def test_an_edit_of_one_mode_carries_that_disk_alone_and_whole(self, appliance):
        have = appliance.definition
        first = replace(have.disks[0], mode=DiskMode.INDEPENDENT_PERSISTENT)
        plan = plan_edit(match(appliance, replace(have, disks=(first, *have.disks[1:]))))
        (change,) = plan.spec.deviceChange
        assert (change.operation, change.device.key) == ("edit", 2000)
        assert change.device.backing.diskMode == "independent_persistent"
        assert change.device.capacityInKB == 12582912
        assert change.device.backing.thinProvisioned is True
        assert plan.spec.changeVersion == appliance.config.changeVersion

    def test_shows_no_options_that_only_the_host_cares_for(self, appliance):
        keys = {key.lower() for key in appliance.definition.options}
        assert not [key for key in keys if "pcislotnumber" in key or key.startswith(("migrate.", "vmware.tools."))]


ODD = [
    # vSphere's class, its properties: devices that libvirt has no words for
    ("VirtualSoundBlaster16", {}),
    ("VirtualWDT", {"runOnBoot": False, "running": False}),
    ("VirtualNVDIMM", {}),
    ("VirtualSerialPort", {"yieldOnPoll": True}),
    ("VirtualPCIPassthrough", {}),
    ("VirtualDisk", {"controllerKey": 31337, "unitNumber": 0}),
    ("VirtualUSB", {"connected": True}),
]


@pytest.mark.parametrize(("name", "properties"), ODD)
def test_an_odd_device_is_left_out_and_survives_an_edit(name, properties):
    config = with_device(made(), name, **properties)
    found = machine.read(config)
    assert [disk.source for disk in found.definition.disks] == ["[ds] a/a.vmdk"]
    other = domain_xml.parse(domain_xml.format(replace(found.definition, vcpus=3)))
    assert [change.device.key for change in plan_edit(match(found, other)).spec.deviceChange] == []


def test_what_is_left_out_is_logged(caplog):
    with caplog.at_level(logging.WARNING):
        machine.read(with_device(made(), "VirtualPCIPassthrough"))
    assert "left out" in caplog.text


def test_a_warning_names_the_domain_as_users_do(caplog):
    config = with_device(made(), "VirtualPCIPassthrough")
    config.name = "50%25 web%2f01"
    machine.read(config)
    assert [record.args[0] for record in caplog.records] == ["50% web/01"]


def test_an_unknown_disk_mode_leaves_out_the_disk_and_no_other():
    config = made(DISK + DISK.replace("sda", "sdb").replace("a.vmdk", "b.vmdk"))
    disks = [device for device in config.hardware.device if hasattr(device, "capacityInKB")]
    disks[0].backing.diskMode = "quantum"
    assert [disk.source for disk in machine.read(config).definition.disks] == ["[ds] a/b.vmdk"]


def test_an_unknown_firmware_is_left_out():
    config = made()
    config.firmware = "coreboot"
    assert machine.read(config).definition.firmware is None


@pytest.mark.parametrize("mode", DiskMode)
def test_every_mode_is_read_outdated_ones_too(mode):
    config = made()
    next(d for d in config.hardware.device if hasattr(d, "capacityInKB")).backing.diskMode = mode.vim
    found = machine.read(config)
    assert found.definition.disks[0].mode is mode
    assert plan_edit(match(found, domain_xml.parse(domain_xml.format(found.definition)))) is None


def test_cdroms_and_disks_are_in_libvirts_order_whatever_vspheres_is():
    cdrom = "<disk type='file' device='cdrom'><target dev='{}' bus='{}'/></disk>"
    config = made(cdrom.format("hda", "ide") + cdrom.format("sdz", "sata") + DISK)
    assert [disk.bus for disk in machine.read(config).definition.disks] == [Bus.SCSI, Bus.SATA, Bus.IDE]


def test_a_floppy_hangs_where_every_machine_has_a_controller():
    floppy = "<disk type='file' device='floppy'><source file='[ds] a.flp'/><target dev='fdb' bus='fdc'/></disk>"
    (disk,) = machine.read(made(floppy)).definition.disks
    assert (disk.backing, disk.bus, disk.address) == (Backing.FLOPPY_FILE, Bus.FDC, DriveAddress(0, 1))


def test_names_are_unescaped():
    config = made()
    config.name = "a%2fb%5cc%25d"
    assert machine.read(config).definition.name == "a/b\\c%d"


def test_other_applications_metadata_lives_in_an_option():
    foreign = "<metadata><os:x xmlns:os='http://example.test/'><os:y/></os:x></metadata>"
    found = machine.read(made(head=foreign))
    assert "example.test" in domain_xml.format(found.definition)
    assert extra_config.FOREIGN not in found.definition.options


ODD_OPTIONS = [
    {"sharedFolder0.present": "TRUE"},
    {"RemoteDisplay.vnc.enabled": "TRUE", "RemoteDisplay.vnc.port": "auto"},
    {"esxdriver.metadata": "<a xmlns='relative'/>"},
    {"esxdriver.metadata": "<a"},
    {"vm.genid": "x", "vm.genidX": "1"},
]


@pytest.mark.parametrize("options", ODD_OPTIONS, ids=str)
def test_an_odd_option_does_not_end_a_dump(options):
    config = made()
    config.extraConfig = [vim_type("OptionValue")(key=key, value=value) for key, value in options.items()]
    assert "<name>web01</name>" in domain_xml.format(machine.read(config).definition)


@pytest.mark.parametrize("version", ["", "vmx-", "hosted-12", "vmx-99999"])
def test_an_odd_hardware_version_does_not_end_a_dump(version):
    config = made()
    config.version = version
    assert machine.read(config).definition.hardware is None


def test_disks_are_named_by_the_version_that_the_definition_has():
    config = made(DISK + DISK.replace("sda", "sdp").replace("a.vmdk", "b.vmdk"))
    names = {}
    for config.version in ("vmx-7", "7", "vmx-0007", "vmx-19", "19", "vmx-0019"):
        found = machine.read(config).definition
        names.setdefault(found.hardware, set()).add(" ".join(disk.target for disk in found.disks))
    assert names == {7: {"sda sdp"}, 19: {"sda sdbl"}}


@pytest.mark.parametrize(
    ("home", "nvram"),
    [
        ("[ds] a/a.vmx", "[ds] a/a.nvram"),
        ("[ds] a.vmx", "[ds] a.nvram"),
        ("[ds]a.vmx", "[ds] a.nvram"),
        ("a.vmx", "a.nvram"),
        ("[ds", "a.nvram"),
        ("", "a.nvram"),
    ],
)
def test_an_odd_home_does_not_end_a_dump(home, nvram):
    config = made()
    config.files.vmPathName = home
    config.extraConfig = [vim_type("OptionValue")(key="nvram", value="a.nvram")]
    found = machine.read(config)
    assert found.definition.nvram == nvram
    assert plan_edit(match(found, domain_xml.parse(domain_xml.format(found.definition)))) is None


def test_an_nvram_file_at_the_top_of_another_datastore_keeps_its_datastore():
    config = made()
    config.files.vmPathName = "[ds] a.vmx"
    found = machine.read(config)
    for nvram, option in (("[ds2] a.nvram", "/vmfs/volumes/ds2/a.nvram"), ("[ds] a.nvram", "a.nvram")):
        plan = plan_edit(match(found, replace(found.definition, nvram=nvram)))
        assert [each.value for each in plan.spec.extraConfig] == [option]


def test_a_configuration_that_is_withheld_is_an_error_of_libvirts():
    for known, name in (({"name": "a%2fb"}, "'a/b'"), ({}, "'vm-7'")):
        with pytest.raises(libvirt.libvirtError, match=f"domain {name} cannot be understood") as caught:
            machine.read(vim_type("VirtualMachineConfigInfo")(**known), moref="vm-7")
        assert caught.value.get_error_code() == libvirt.VIR_ERR_OPERATION_FAILED


def test_a_card_that_is_a_function_of_the_hosts_takes_no_number_from_the_others():
    sriov, card = vim_type("VirtualSriovEthernetCard")(key=13000), vim_type("VirtualE1000")(key=-1)
    wiring = Wiring((sriov, vim_type("VirtualPCIPassthrough")(key=13001), card))
    assert predicted_key(card, wiring) == 4000
    assert DeviceSurface(card, wiring).option("checkMACAddress") == "ethernet0.checkMACAddress"
    assert DeviceSurface(sriov, wiring).option("checkMACAddress") == "pciPassthru0.checkMACAddress"
    another = vim_type("VirtualSriovEthernetCard")(key=-2)
    wiring.devices[-2] = another
    assert predicted_key(another, wiring) == 13002
