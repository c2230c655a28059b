"""Commands that change devices: what they ask of the domain, what they say, and what they refuse before that."""

import libvirt
import pytest

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.errors import error
from tests.cli.conftest import XML

CONFIG, LIVE, FORCE = (
    libvirt.VIR_DOMAIN_AFFECT_CONFIG, libvirt.VIR_DOMAIN_AFFECT_LIVE, libvirt.VIR_DOMAIN_DEVICE_MODIFY_FORCE,
)  # fmt: skip

SERIAL = "<serial type='file'><source path='[ds] a.log'/></serial>"
NEW = "<source file='[ds] x.vmdk'/>"

CALLS = [
    # the command, the method, what its document has, the flags, what is said
    ("attach-device web01 -", "attachDeviceFlags", [SERIAL], 0, "Device attached successfully"),
    ("attach-device web01 - --persistent", "attachDeviceFlags", [SERIAL], 0, "Device attached successfully"),
    ("detach-device web01 - --config", "detachDeviceFlags", [SERIAL], CONFIG, "Device detached successfully"),
    ("update-device web01 - --force --live", "updateDeviceFlags", [SERIAL], LIVE | FORCE, "Device updated successfully"),
    ("attach-disk web01 [ds]:x.vmdk sdf", "attachDeviceFlags",
     ["<disk type='file' device='disk'>", NEW, "<target dev='sdf'/>"], 0, "Disk attached successfully"),
    ("attach-disk web01 [ds]:x.vmdk sdf --snapshot no --persistent no --live", "attachDeviceFlags",
     ["snapshot='no' persistent='no'", NEW], LIVE, "Disk attached successfully"),
    ("attach-disk web01 [ds]:x.vmdk sdf --persistent --config", "attachDeviceFlags",
     ["persistent='yes'"], CONFIG, "Disk attached successfully"),
    ("attach-disk web01 [ds]:x.vmdk sdz --address sata:1.0.4 --cache writethrough --mode shareable", "attachDeviceFlags",
     ["bus='sata'", "<driver cache='writethrough'/>", "<shareable/>",
      "<address type='drive' controller='1' bus='0' target='0' unit='4'/>"], 0, "Disk attached successfully"),
    ("attach-disk web01 [ds]:x.vmdk sdf --size 8G --allocation 0", "attachDeviceFlags",
     [NEW, "<esxdriver:disk xmlns:esxdriver='urn:x-esxdriver:domain:1' capacity='8589934592' unit='bytes' allocation='0'/>"],
     0, "Disk attached successfully"),
    ("attach-disk web01 [ds]:x.vmdk sdf --size 8G --prealloc-metadata", "attachDeviceFlags",
     ["capacity='8589934592' unit='bytes' preallocation='metadata'/>"], 0, "Disk attached successfully"),
    ("attach-disk web01 /dev/sr0 hdb --type cdrom --sourcetype block --targetbus ide --mode readonly", "attachDeviceFlags",
     ["type='block' device='cdrom'", "<source dev='/dev/sr0'/>", "bus='ide'", "<readonly/>"], 0, "Disk attached successfully"),
    ("detach-disk web01 sdb", "detachDeviceFlags", ["[ds] web01/data.vmdk", 'dev="sdb"'], 0, "Disk detached successfully"),
    ("detach-disk web01 [ds]:web01/data.vmdk", "detachDeviceFlags", ['dev="sdb"'], 0, "Disk detached successfully"),
    ("change-media web01 hdc [ds]:a.iso", "updateDeviceFlags",
     ["device='cdrom'", "<source file='[ds] a.iso'/>", "<target dev='hdc' bus='ide'/>"], 0, "Successfully updated media."),
    ("change-media web01 hdc --source [ds]:a.iso --insert --force", "updateDeviceFlags",
     ["<source file='[ds] a.iso'/>"], FORCE, "Successfully inserted media."),
    ("attach-interface web01 bridge prod --mac 00:50:56:00:00:01 --model vmxnet3", "attachDeviceFlags",
     ["type='bridge'", "<mac address='00:50:56:00:00:01'/>", "<source bridge='prod'/>", "<model type='vmxnet3'/>"], 0,
     "Interface attached successfully"),
    ("attach-interface web01 network prod", "attachDeviceFlags", ["type='network'", "network='prod'"], 0, "Interface attached successfully"),
    ("domif-setlink web01 00:50:56:00:00:05 down", "updateDeviceFlags",
     ["<mac address='00:50:56:00:00:05'/>", "<source bridge='a'/>", "<link state='down'/>"], 0, "Device updated successfully"),
    ("domif-setlink web01 00:50:56:00:00:05 up --config", "updateDeviceFlags", ["<link state='up'/>"], CONFIG,
     "Device updated successfully"),
    ("detach-interface web01 bridge", "detachDeviceFlags", ["00:50:56:00:00:05"], 0, "Interface detached successfully"),
]  # fmt: skip


@pytest.fixture
def web01(conn):
    nic = "<interface type='bridge'><mac address='00:50:56:00:00:05'/><source bridge='a'/></interface></devices>"
    conn.domains[0].XMLDesc.return_value = XML.replace("</devices>", nic)
    return conn.domains[0]


def words(command):
    return [word.replace("[ds]:", "[ds] ") for word in command.split()]


@pytest.mark.parametrize(("command", "method", "parts", "flags", "said"), CALLS, ids=[each[0] for each in CALLS])
def test_asks_the_domain(esxdriver, web01, command, method, parts, flags, said):
    result = esxdriver(*words(command), stdin=SERIAL)
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{said}\n", "")
    (((document, asked), _),) = getattr(web01, method).call_args_list
    assert asked == flags
    assert [part for part in parts if part not in document] == []
    domain_xml.parse_device(document)


PRINTED = [each for each in CALLS if "-device" not in each[0]]


@pytest.mark.parametrize("command", [each[0] for each in PRINTED])
def test_prints_the_document_instead(esxdriver, web01, command):
    result = esxdriver(*words(command), "--print-xml")
    assert domain_xml.parse_device(result.stdout)
    assert web01.method_calls == [each for each in web01.method_calls if "DeviceFlags" not in each[0]]


REFUSED = [
    # the command, the exit status, what is said
    ("detach-disk web01 sdx", 1, "No disk found whose source path or target is sdx"),
    ("change-media web01 hdc --eject", 1, "The disk device 'hdc' doesn't have media"),
    ("change-media web01 sda [ds]:a.iso", 1, "whose medium can change"),
    ("change-media web01 hdc", 2, "--update needs SOURCE"),
    ("change-media web01 hdc x --eject", 2, "--eject takes no SOURCE"),
    ("change-media web01 hdc x --insert --update", 2, "--insert does not go with --update"),
    ("detach-interface web01 vds", 1, "No interface found whose type is vds"),
    ("detach-interface web01 bridge --mac 00:50:56:00:00:06", 1, "No interface with MAC address"),
    ("domif-setlink web01 nic7 up", 1, "interface (dev: nic7) not found"),
    ("domif-setlink web01 nic7 sideways", 2, "sideways"),
    ("attach-disk web01 x sdf --address pci:0.0.1", 2, "scsi:1.0.3"),
    ("attach-disk web01 x sdf --address scsi:0.0.1 --targetbus sata", 2, "is not on the bus 'sata'"),
    ("attach-disk web01 x sdf --size many", 2, "'many' is malformed"),
    ("attach-disk web01 x sdf --allocation 0", 2, "go with --size"),
    ("attach-disk web01 x sdf --serial 7", 2, "--serial: ESX makes"),
    ("attach-disk web01 x sdf --snapshot maybe", 2, "maybe"),
    ("attach-interface web01 user x", 2, "user"),
    ("attach-disk web01 x sdf --live --current", 2, "--current does not go with --live"),
]


@pytest.mark.parametrize(("command", "status", "said"), REFUSED, ids=[each[0] for each in REFUSED])
def test_refuses_before_it_changes_anything(esxdriver, web01, command, status, said):
    result = esxdriver(*words(command))
    assert result.exit_code == status
    assert said in result.stderr
    assert [each for each in web01.method_calls if "DeviceFlags" in each[0]] == []


@pytest.mark.parametrize("several", ["detach-interface web01 bridge"])
def test_one_of_several_has_to_be_named(esxdriver, web01, several):
    text = web01.XMLDesc.return_value
    web01.XMLDesc.return_value = text.replace("</devices>", "<interface type='bridge'/></devices>")
    assert "specify which one to detach using --mac" in esxdriver(*words(several)).stderr


def test_says_what_failed_and_why(esxdriver, web01):
    web01.attachDeviceFlags.side_effect = error(libvirt.VIR_ERR_OPERATION_FAILED, "target 'sda' already exists")
    result = esxdriver("attach-disk", "web01", "x", "sda")
    assert result.stderr == "error: Failed to attach disk\nerror: operation failed: target 'sda' already exists\n"
