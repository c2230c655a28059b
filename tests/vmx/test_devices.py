"""One table a device, read in both directions: keys, and what they say in libvirt's XML."""

import logging
from dataclasses import replace

import libvirt
import pytest

from esxdriver import vmx
from esxdriver.conf.devices.interface import NicModel
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.mapping.keys import ABSENT
from esxdriver.vmx.text import parsed
from tests.vmx.corpus import missing_from

HARDWARE = 19
SCSI = {"scsi0.present": "TRUE", "scsi0.virtualDev": "pvscsi"}
DISK = {**SCSI, "scsi0:0.present": "TRUE", "scsi0:0.deviceType": "scsi-hardDisk", "scsi0:0.fileName": "a.vmdk"}
NIC = {"ethernet0.present": "TRUE", "ethernet0.virtualDev": "vmxnet3"}
NAMED = {**NIC, "ethernet0.connectionType": "bridged", "ethernet0.networkName": "LAN"}
SRIOV = {
    "pciPassthru31.present": "TRUE", "pciPassthru31.id": "00000:026:00.1", "pciPassthru31.pfId": "00000:026:00.1",
    "pciPassthru31.deviceId": "0", "pciPassthru31.vendorId": "0", "pciPassthru31.systemId": "BYPASS",
}  # fmt: skip
SERIAL = {"serial0.present": "TRUE", "serial0.yieldOnMsrRead": "TRUE"}


def a_file(keys, hardware=HARDWARE):
    head = {"config.version": "8", "virtualHW.version": str(hardware), "displayName": "web"}
    return "".join(f'{name} = "{word}"\n' for name, word in {**head, **keys}.items())


def read(keys, **options):
    return vmx.from_native(a_file(keys, **options))


def written(definition, **options):
    return parsed(vmx.to_native(definition, **options)).values


CASES = [
    pytest.param(
        DISK, "<disk type='file' device='disk'><source file='a.vmdk'/><target dev='sda' bus='scsi'/></disk>", id="scsi"
    ),
    pytest.param(
        {
            "sata1.present": "TRUE",
            "sata1:3.present": "TRUE",
            "sata1:3.deviceType": "disk",
            "sata1:3.fileName": "a.vmdk",
        },
        "<disk type='file' device='disk'><target dev='sdah' bus='sata'/><address controller='1' unit='3'/></disk>",
        id="sata",
    ),
    pytest.param(
        {
            "nvme0.present": "TRUE",
            "nvme0:2.present": "TRUE",
            "nvme0:2.deviceType": "disk",
            "nvme0:2.fileName": "a.vmdk",
        },
        "<disk type='file' device='disk'><target dev='nvme0n3' bus='nvme'/></disk>",
        id="nvme",
    ),
    pytest.param(
        {"ide1:0.present": "TRUE", "ide1:0.deviceType": "ata-hardDisk", "ide1:0.fileName": "/x/a.vmdk"},
        "<disk><source file='/x/a.vmdk'/><target dev='hdc' bus='ide'/><address bus='1' unit='0'/></disk>",
        id="ide",
    ),
    pytest.param(
        {**SCSI, "scsi0:64.present": "TRUE", "scsi0:64.deviceType": "scsi-hardDisk", "scsi0:64.fileName": "a.vmdk"},
        "<disk><address controller='0' unit='64'/></disk>",
        id="the 64th of a controller",
    ),
    pytest.param({**DISK, "scsi0:0.writeThrough": "TRUE"}, "<disk><driver cache='writethrough'/></disk>", id="cache"),
    pytest.param({**DISK, "scsi0:0.sharing": "multi-writer"}, "<disk><shareable/></disk>", id="shareable"),
    pytest.param({**DISK, "scsi0:0.deviceType": "scsi-passthru-rdm"}, "<disk type='file' device='disk'/>", id="rdm"),
    pytest.param(
        {"ide0:0.present": "TRUE", "ide0:0.deviceType": "cdrom-image", "ide0:0.fileName": "/i/a.iso"},
        "<disk type='file' device='cdrom'><source file='/i/a.iso'/><readonly/></disk>",
        id="cdrom image",
    ),
    pytest.param(
        {"ide0:0.present": "TRUE", "ide0:0.deviceType": "cdrom-image", "ide0:0.fileName": ""},
        "<disk type='file' device='cdrom'><target dev='hda' bus='ide'/></disk>",
        id="cdrom with an empty name",
    ),
    pytest.param(
        {"ide0:0.present": "TRUE", "ide0:0.deviceType": "atapi-cdrom", "ide0:0.clientDevice": "TRUE"},
        "<disk type='file' device='cdrom'><target dev='hda' bus='ide'/></disk>",
        id="cdrom of the client",
    ),
    pytest.param(
        {
            "ide0:0.present": "TRUE",
            "ide0:0.deviceType": "cdrom-raw",
            "ide0:0.fileName": "auto detect",
            "ide0:0.autodetect": "TRUE",
        },
        "<disk type='block' device='lun'><source startupPolicy='optional'/></disk>",
        id="cdrom that is to be found",
    ),
    pytest.param(
        {
            **SCSI,
            "scsi0:0.present": "TRUE",
            "scsi0:0.deviceType": "scsi-passthru",
            "scsi0:0.fileName": "/vmfs/devices/cdrom/mpx",
        },
        "<disk type='block' device='lun'><source dev='/vmfs/devices/cdrom/mpx'/></disk>",
        id="cdrom of ESX",
    ),
    pytest.param(
        {"floppy1.present": "TRUE", "floppy1.fileType": "file", "floppy1.fileName": "a.flp"},
        "<disk type='file' device='floppy'><source file='a.flp'/><target dev='fdb' bus='fdc'/></disk>",
        id="floppy",
    ),
    pytest.param(
        {**DISK, "scsi0.sharedBus": "physical", "scsi0.pciSlotNumber": "160"},
        "<controller type='scsi' index='0' model='vmpvscsi'><address type='pci' bus='0x05' slot='0x00'/></controller>",
        id="controller",
    ),
    pytest.param({"usb.present": "TRUE", "ehci.present": "TRUE"}, "<controller type='usb' model='ehci'/>", id="usb 2"),
    pytest.param({"usb_xhci.present": "TRUE"}, "<controller type='usb' model='nec-xhci'/>", id="usb 3"),
    pytest.param(
        NAMED, "<interface type='bridge'><source bridge='LAN'/><model type='vmxnet3'/></interface>", id="bridge"
    ),
    pytest.param({**NIC, "ethernet0.connectionType": "nat"}, "<interface type='user'/>", id="nat"),
    pytest.param(
        {**NIC, "ethernet0.connectionType": "bridged"},
        "<interface><source bridge='VMnet0'/></interface>",
        id="nameless",
    ),
    pytest.param(
        {**NIC, "ethernet0.connectionType": "hostonly"},
        "<interface><source bridge='VMnet1'/></interface>",
        id="hostonly",
    ),
    pytest.param(NIC, "<interface type='null'/>", id="no network"),
    pytest.param(
        {**NIC, "ethernet0.connectionType": "custom", "ethernet0.networkName": "LAN", "ethernet0.vnet": "vmnet7"},
        "<interface type='bridge'><source bridge='LAN'/><target dev='vmnet7'/></interface>",
        id="custom",
    ),
    pytest.param(
        {**NIC, "ethernet0.connectionType": "custom", "ethernet0.vnet": "VMnet8"},
        "<interface type='bridge'><source bridge='VMnet8'/><target dev='VMnet8'/></interface>",
        id="custom, without a network's name",
    ),
    pytest.param(
        {**NIC, "ethernet0.dvs.switchId": "50 34 26 b2 94 e9 3b 16-1d 68 87 bf ff 4a 54 40"},
        "<interface type='vds'><source switchid='503426b2-94e9-3b16-1d68-87bfff4a5440'/></interface>",
        id="distributed switch",
    ),
    pytest.param(
        {**NAMED, "ethernet0.virtualDev": "vmxnet", "ethernet0.features": "15"},
        "<interface><model type='vmxnet2'/></interface>",
        id="vmxnet2",
    ),
    pytest.param(
        {**SRIOV, "pciPassthru31.networkName": "LAN"},
        "<interface type='bridge'><source bridge='LAN'/><model type='sriov'/></interface>",
        id="sriov",
    ),
    pytest.param(
        {
            **SRIOV,
            "pciPassthru31.dvs.portgroupId": "dvportgroup-28",
            "pciPassthru31.MACAddressType": "static",
            "pciPassthru31.MACAddress": "00:50:56:00:00:01",
            "pciPassthru31.pciSlotNumber": "64",
        },
        "<interface type='vds'><mac address='00:50:56:00:00:01' type='static'/>"
        "<source portgroupid='dvportgroup-28'/><model type='sriov'/><address type='pci' bus='0x02'/></interface>",
        id="sriov on a distributed switch",
    ),
    pytest.param(
        {
            **SRIOV,
            "pciPassthru31.networkName": "LAN",
            "pciPassthru31.MACAddressType": "vpx",
            "pciPassthru31.generatedMACAddress": "00:50:56:91:48:c7",
        },
        "<interface type='bridge'><mac address='00:50:56:91:48:c7' type='generated'/></interface>",
        id="sriov with vCenter's address",
    ),
    pytest.param(
        {**NAMED, "ethernet0.addressType": "vpx", "ethernet0.generatedAddress": "00:50:56:91:48:c7"},
        "<interface><mac address='00:50:56:91:48:c7' type='generated'/></interface>",
        id="vCenter's address",
    ),
    pytest.param(
        {
            **NAMED,
            "ethernet0.addressType": "static",
            "ethernet0.address": "00:12:34:56:78:90",
            "ethernet0.checkMACAddress": "FALSE",
        },
        "<interface><mac address='00:12:34:56:78:90' type='static' check='no'/></interface>",
        id="a user's address",
    ),
    pytest.param(
        {
            **SERIAL,
            "serial0.fileType": "network",
            "serial0.fileName": "telnet://0.0.0.0:42",
            "serial0.network.endPoint": "server",
        },
        "<serial type='tcp'><source mode='bind' host='0.0.0.0' service='42'/><protocol type='telnet'/></serial>",
        id="serial server",
    ),
    pytest.param(
        {
            **SERIAL,
            "serial0.fileType": "network",
            "serial0.fileName": "tcp://h:42",
            "serial0.network.endPoint": "client",
        },
        "<serial type='tcp'><source mode='connect' host='h' service='42'/></serial>",
        id="serial client",
    ),
    pytest.param(
        {**SERIAL, "serial0.fileType": "network", "serial0.fileName": ""},
        "<serial type='null'/>",
        id="serial to nowhere",
    ),
    pytest.param(
        {**SERIAL, "serial0.fileType": "pipe", "serial0.fileName": "p"},
        "<serial type='pipe'><source path='p'/></serial>",
        id="pipe",
    ),
    pytest.param(
        {"parallel2.present": "TRUE", "parallel2.fileType": "device", "parallel2.fileName": "/dev/lp0"},
        "<parallel type='dev'><target port='2'/></parallel>",
        id="parallel",
    ),
    pytest.param(
        {
            "sharedFolder0.present": "TRUE",
            "sharedFolder0.enabled": "TRUE",
            "sharedFolder0.hostPath": "/a",
            "sharedFolder0.guestName": "b",
        },
        "<filesystem type='mount'><source dir='/a'/><target dir='b'/><readonly/></filesystem>",
        id="shared folder",
    ),
    pytest.param(
        {"RemoteDisplay.vnc.enabled": "TRUE", "RemoteDisplay.vnc.port": "5901"},
        "<graphics type='vnc' port='5901'/>",
        id="vnc",
    ),
    pytest.param(
        {"svga.vramSize": "8388608", "svga.numDisplays": "2"},
        "<video><model vram='8192' heads='2'/></video>",
        id="svga",
    ),
    pytest.param(
        {"vtpm.present": "TRUE"}, "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>", id="tpm"
    ),
    pytest.param(
        {"pciPassthru0.present": "TRUE", "pciPassthru0.id": "00000:013:00.1", "pciPassthru0.vendorId": "0x8086"},
        "<hostdev type='pci'><source><address bus='0x0d' slot='0x00' function='0x1'/></source></hostdev>",
        id="pci, decimal",
    ),
    pytest.param(
        {"pciPassthru0.present": "TRUE", "pciPassthru0.id": "0000:0d:00.1"},
        "<hostdev type='pci'><source><address bus='0x0d'/></source></hostdev>",
        id="pci, hexadecimal",
    ),
]


@pytest.mark.parametrize(("keys", "element"), CASES)
def test_a_device_is_read_and_written_back(keys, element):
    document = domain_xml.format(read(keys), Style(secure=True))
    assert missing_from(f"<domain><devices>{element}</devices></domain>", document) == []
    again = written(domain_xml.parse(document))
    assert {name: again.get(name.lower()) for name in keys} == keys


@pytest.mark.parametrize(
    ("keys", "xml"),
    [
        (
            {"firmware": "efi", "uefi.secureBoot.enabled": "TRUE"},
            "<os firmware='efi'><firmware><feature name='secure-boot' enabled='yes'/></firmware></os>",
        ),
        ({"firmware": "bios"}, "<os firmware='bios'/>"),
        ({"nvram": "web.nvram"}, "<os><nvram/></os>"),
        ({"smbios.reflectHost": "TRUE"}, "<os><smbios mode='host'/></os>"),
        ({"memsize": "3571"}, "<memory unit='KiB'>3656704</memory>"),
        ({"memsize": "1024", "sched.mem.max": "512"}, "<currentMemory unit='KiB'>524288</currentMemory>"),
        ({"memsize": "1024", "sched.mem.max": "unlimited"}, "<currentMemory unit='KiB'>1048576</currentMemory>"),
        (
            {"numvcpus": "4", "cpuid.coresPerSocket": "2", "sched.cpu.shares": "high"},
            "<cputune><shares>8000</shares></cputune>",
        ),
        ({"vm.genid": "1", "vm.genidX": "-1"}, "<genid>00000000-0000-0001-ffff-ffffffffffff</genid>"),
        ({"annotation": "a|0Ab|22"}, '<description>a\nb"</description>'),
        ({"guestOS": "rhel7-64"}, "<os><type arch='x86_64'>hvm</type></os>"),
        ({"displayName": "a%2fb"}, "<name>a/b</name>"),
        (
            {"uuid.bios": "56 4d 9b ef ac d9 b4 e0-c8 f0 ae a8 b9 10 35 15"},
            "<uuid>564d9bef-acd9-b4e0-c8f0-aea8b9103515</uuid>",
        ),
    ],
)
def test_a_fact_of_the_domain_is_read_and_written_back(keys, xml):
    document = domain_xml.format(read(keys), Style(secure=True))
    assert missing_from(f"<domain>{xml}</domain>", document) == []
    raw = vmx.to_native(domain_xml.parse(document))
    for name, word in keys.items():
        assert f'{name} = "{word}"\n' in raw


@pytest.mark.parametrize("mode", DiskMode)
@pytest.mark.parametrize("spelled", [str, str.upper, lambda word: word.replace("-", "_")])
def test_every_mode_goes_both_ways(mode, spelled):
    keys = {**DISK, "scsi0:0.mode": spelled(mode.vmx)}
    definition = read(keys)
    assert definition.disks[0].mode is mode
    again = domain_xml.parse(domain_xml.format(definition))
    assert written(again)["scsi0:0.mode"] == keys["scsi0:0.mode"]


@pytest.mark.parametrize(
    "keys",
    [
        {**DISK, "scsi0:0.deviceType": "tape", "scsi0:0.fileName": "/dev/st0"},
        {**DISK, "scsi0:0.fileName": ""},
        {name: word for name, word in DISK.items() if name not in SCSI},
        {"sata0:1.present": "TRUE", "sata0:1.fileName": "b.vmdk", "sata0:1.mode": "independent-nonpersistent"},
        {"nvme3:1.present": "TRUE", "nvme3:1.fileName": "b.vmdk", "nvme3.present": "FALSE"},
        {"scsi4.present": "TRUE", "scsi4:1.present": "TRUE", "scsi4:1.fileName": "b.vmdk"},
        {"ide2:0.present": "TRUE", "ide2:0.fileName": "b.vmdk"},
        {**DISK, "scsi0:7.present": "TRUE", "scsi0:7.fileName": "b.vmdk"},
        {**SERIAL, "serial0.fileType": "thinprint"},
        {"pciPassthru0.present": "TRUE", "pciPassthru0.id": ""},
        {"vtpm.present": "TRUE", "firmware": "bios"},
        {**NAMED, "ethernet0.virtualDev": "quantum"},
    ],
)
def test_an_odd_device_is_logged_and_kept(keys, caplog):
    with caplog.at_level(logging.WARNING):
        definition = read(keys)
    assert "kept as" in caplog.text
    again = written(domain_xml.parse(domain_xml.format(definition)))
    assert {name: again.get(name.lower()) for name in keys} == keys


def test_an_interface_keeps_its_number():
    keys = {name.replace("0", "3", 1): word for name, word in NAMED.items()}
    again = written(domain_xml.parse(domain_xml.format(read(keys))))
    assert again["ethernet3.networkname"] == "LAN"
    assert "ethernet0.present" not in again


def test_what_the_document_says_outweighs_an_option():
    definition = read({**DISK, "scsi0:0.mode": "Independent_Persistent", "memsize": "511"})
    kept = {name: value for name, value in definition.options.items() if name != ABSENT}
    assert kept == {"scsi0:0.mode": "Independent_Persistent", "memsize": "511"}
    disk = replace(definition.disks[0], mode=DiskMode.PERSISTENT)
    again = written(replace(definition, memory=2**20, disks=(disk,)))
    assert "scsi0:0.mode" not in again
    assert again["memsize"] == "1024"
    assert again["scsi0:0.filename"] == "a.vmdk"


@pytest.mark.parametrize(
    ("change", "hardware", "says"),
    [
        ("<tpm model='tpm-crb'/>", 13, "hardware version 14"),
        ("<interface type='user'/>" * 11, 19, "11 interfaces"),
        ("<interface type='user'/>" * 5, 4, "5 interfaces"),
        ("", 3, "the oldest is 4"),
    ],
)
def test_what_such_a_machine_cannot_have_is_refused(change, hardware, says):
    text = f"<domain type='vmware'><name>a</name><memory>4096</memory><devices>{change}</devices></domain>"
    with pytest.raises(libvirt.libvirtError, match=says) as refused:
        vmx.to_native(domain_xml.parse(text), hardware=hardware)
    assert refused.value.get_error_code() == libvirt.VIR_ERR_CONFIG_UNSUPPORTED


@pytest.mark.parametrize("name", ['a" = "b', "a\nb", "a=b", "", " a"])
def test_an_option_cannot_smuggle_lines_into_the_file(name):
    definition = read({})
    definition.options[name] = "x"
    with pytest.raises(libvirt.libvirtError, match="option"):
        vmx.to_native(definition)


@pytest.mark.parametrize(
    ("word", "arch"), [("klingon-64", "x86_64"), ("klingon", "i686"), ("arm-ubuntu-64", "aarch64")]
)
def test_an_unknown_guest_is_kept_and_none_is_invented(word, arch):
    document = domain_xml.format(read({"guestOS": word}))
    assert "guestId" not in document
    assert f"<type arch='{arch}'>" in document
    assert written(domain_xml.parse(document))["guestos"] == word
    other = written(replace(domain_xml.parse(document), guest_id="rhel7_64Guest"))
    assert other["guestos"] == "rhel7-64"


NULL = "00 00 00 00 00 00 00 00-00 00 00 00 00 00 00 00"
BIOS = "56 4d 9b ef ac d9 b4 e0-c8 f0 ae a8 b9 10 35 15"


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"uuid.action": "create"},
        {"uuid.bios": NULL},
        {"uuid.bios": NULL, "vc.uuid": NULL},
        {"vm.genid": "0", "vm.genidX": "0"},
    ],
)
def test_a_null_uuid_is_none(keys):
    document = domain_xml.format(read(keys))
    assert not any(element in document for element in ("<uuid", "<hwuuid", "<genid"))
    again = written(domain_xml.parse(document))
    assert {name: word for name, word in again.items() if "uuid" in name or "genid" in name} == {
        name.lower(): word for name, word in keys.items()
    }


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("keys", [{"vc.uuid": BIOS}, {"vc.uuid": BIOS, "uuid.bios": BIOS}, {"uuid.bios": BIOS}])
def test_each_uuid_comes_back_under_its_own_key(keys, legacy):
    definition = vmx.from_native(a_file(keys), legacy_uuid=legacy)
    document = domain_xml.format(definition, Style(legacy_uuid=legacy))
    again = written(domain_xml.parse(document, legacy_uuid=legacy))
    assert {name: word for name, word in again.items() if "uuid" in name} == keys


def test_a_null_uuid_in_a_document_is_none():
    text = f"<domain type='vmware'><name>a</name><uuid>{'0' * 32}</uuid><memory>4096</memory></domain>"
    definition = domain_xml.parse(text)
    assert (definition.uuid, definition.hwuuid) == (None, None)
    assert written(definition)["uuid.action"] == "create"


@pytest.mark.parametrize(("hardware", "most"), [(19, 10), (6, 4)])
def test_cards_beyond_what_a_machine_can_have_are_left_out_kept_and_logged(hardware, most, caplog):
    keys = {
        f"ethernet{number}.{key}": value
        for number in range(12)
        for key, value in (("present", "TRUE"), ("networkName", f"LAN {number}"), ("connectionType", "bridged"))
    }
    definition = read(keys, hardware=hardware)
    assert [each.source for each in definition.interfaces] == [f"LAN {number}" for number in range(most)]
    assert caplog.text.count("left out, kept as options") == 12 - most
    again = written(domain_xml.parse(domain_xml.format(definition)))
    assert {name: again.get(name.lower()) for name in keys} == keys


HOSTED = {
    "guestOS": "windows9-64", "mks.enable3d": "TRUE", "svga.graphicsMemoryKB": "262144", "sata0.present": "TRUE",
    "sata0:0.present": "TRUE", "sata0:0.fileName": "a.vmdk", "ethernet0.present": "TRUE",
    "ethernet0.connectionType": "custom", "ethernet0.vnet": "VMnet8", "serial0.present": "TRUE",
    "serial0.fileType": "file", "serial0.fileName": "a.log", "sharedFolder0.present": "TRUE",
    "sharedFolder0.enabled": "TRUE", "sharedFolder0.hostPath": "/a", "sharedFolder0.guestName": "b",
}  # fmt: skip


def test_no_key_gains_a_value_on_the_way_back():
    again = written(domain_xml.parse(domain_xml.format(read(HOSTED))))
    head = {"config.version", "virtualhw.version", "displayname", ".encoding"}
    assert again.keys() - head == {name.lower() for name in HOSTED}


def test_what_the_document_says_outweighs_a_key_that_was_absent():
    document = domain_xml.format(read(HOSTED)).replace("vram='4096'", "vram='8192'")
    again = written(domain_xml.parse(document))
    assert again["svga.vramsize"] == "8388608"
    assert "floppy0.present" not in again


def test_memory_of_a_video_card_that_is_automatic_stays_so():
    text = "<domain type='vmware'><name>a</name><memory>4096</memory><devices><video><model type='vmvga'/></video>"
    metadata = "<metadata><e:domain xmlns:e='urn:x-esxdriver:domain:1'><e:extraConfig/></e:domain></metadata>"
    definition = domain_xml.parse(f"{text}</devices>{metadata}</domain>")
    native = vmx.to_native(definition)
    assert "svga.vramSize" not in native
    assert vmx.from_native(native).videos == definition.videos


@pytest.mark.parametrize(
    "value",
    ["-1", "unlimited", "0", "-4", "lots", "1e3", "1_0", "\u0663", "99999999999999999999999", "9223372036854775807"],
)
@pytest.mark.parametrize("key", ["memsize", "numvcpus"])
def test_a_size_that_is_none_is_a_clean_error(key, value):
    with pytest.raises(libvirt.libvirtError, match=rf"{key} \(line 4\)") as refused:
        read({key: value})
    assert refused.value.get_error_code() == libvirt.VIR_ERR_XML_ERROR


def test_sriov_cards_and_host_devices_share_their_numbers():
    hostdev = {
        f"pciPassthru{number}.{key}": value
        for number in (0, 30)
        for key, value in (("present", "TRUE"), ("id", f"00000:0{number:02d}:00.0"), ("systemId", "5c6a"))
    }
    cards = {name.replace("31", number): value for number in ("28", "29") for name, value in SRIOV.items()}
    cards |= {f"pciPassthru{number}.networkName": "LAN" for number in (28, 29)}
    keys = {**hostdev, **cards, **NAMED}
    definition = read(keys)
    assert [each.model for each in definition.interfaces] == [NicModel.VMXNET3, NicModel.SRIOV, NicModel.SRIOV]
    assert len(definition.hostdevs) == 2
    again = written(domain_xml.parse(domain_xml.format(definition)))
    assert {name: again.get(name.lower()) for name in keys} == keys
    plain = written(replace(definition, options=None))
    assert {name for name in plain if name.endswith("systemid")} == {
        f"pcipassthru{number}.systemid" for number in (0, 1, 30, 31)
    }


def test_an_sriov_card_is_none_of_the_ten():
    card = "<interface type='bridge'><source bridge='LAN'/><model type='{}'/></interface>"
    devices = card.format("vmxnet3") * 10 + card.format("sriov")
    text = f"<domain type='vmware'><name>a</name><memory>4096</memory><devices>{devices}</devices></domain>"
    again = written(domain_xml.parse(text))
    assert again["pcipassthru31.systemid"] == "BYPASS"
    assert not any(name.startswith("ethernet10") for name in again)
    with pytest.raises(libvirt.libvirtError, match=r"11 interfaces: .* has 10"):
        domain_xml.parse(text.replace("sriov", "e1000"))


ODD = [
    ("sched.cpu.shares", "0"), ("sched.cpu.shares", "00"), ("sched.cpu.shares", "-5"),
    ("sched.cpu.shares", "2147483648"), ("sched.cpu.shares", "9223372036854775808"), ("sched.mem.max", "1_0"),
    ("svga.vramSize", "4194305"), ("svga.vramSize", "99999999999"), ("svga.vramSize", "9223372036854775807"),
    ("svga.vramSize", "-5"), ("nvram", "[] /a"), ("nvram", "[]"), ("serial0.fileName", "[] /a"),
    ("serial0.fileName", "[]"), ("cpuid.coresPerSocket", "0"), ("cpuid.coresPerSocket", "3"),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["none", "nat", "bridged", ""])
@pytest.mark.parametrize("key", ["dvs.portgroupId", "dvs.portId", "dvs.connectionId"])
@pytest.mark.parametrize("network", [{}, {"ethernet0.networkName": "LAN"}])
def test_keys_of_a_distributed_switch_that_a_card_is_not_on_are_not_lost(kind, key, network):
    keys = {"ethernet0.present": "TRUE", **network, "ethernet0.connectionType": kind, f"ethernet0.{key}": "7"}
    again = written(domain_xml.parse(domain_xml.format(read(keys))))
    assert {name: again.get(name.lower()) for name in keys} == keys


@pytest.mark.parametrize(("key", "value"), ODD)
def test_a_value_that_no_document_can_say_comes_back_from_a_document_all_the_same(key, value):
    keys = {**SERIAL, "serial0.fileType": "file", "serial0.fileName": "a.log", "memsize": "64", key: value}
    again = written(domain_xml.parse(domain_xml.format(read(keys))))
    assert again[key.lower()] == value
