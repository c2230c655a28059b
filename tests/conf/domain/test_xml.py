"""``<domain type='vmware'>``: what each element means, and what is refused, with the element's name."""

from dataclasses import replace

import libvirt
import pytest

from esxdriver.conf.devices.address import Bus, DriveAddress
from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.devices.interface import Network, NicModel
from esxdriver.conf.devices.mac_address import MacType
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.conf.xml import surface as xml
from tests.conf.documents import domain, failing

XML_ERROR, UNSUPPORTED = libvirt.VIR_ERR_XML_ERROR, libvirt.VIR_ERR_CONFIG_UNSUPPORTED


def disk(target="sda", bus="scsi", inside="", source="<source file='[ds] a/a.vmdk'/>", **attributes):
    words = "".join(f" {name}='{word}'" for name, word in {"type": "file", "device": "disk", **attributes}.items())
    return f"<disk{words}>{source}<target dev='{target}' bus='{bus}'/>{inside}</disk>"


def at(unit, controller=0):
    return f"<address type='drive' controller='{controller}' bus='0' target='0' unit='{unit}'/>"


def nic(inside="<source bridge='VM Network'/>", type_="bridge"):
    return f"<interface type='{type_}'>{inside}</interface>"


SCALARS = [
    # what stands beside <name>, the field, its value
    ("<memory unit='GiB'>2</memory>", "memory", 2 * 2**20),
    ("<memory unit='MB'>100</memory>", "memory", 97657),
    ("<description>two\nlines</description>", "description", "two\nlines"),
    ("<uuid>97A43CE7-31E1-441D-AA90-5291C6C4DE6A</uuid>", "uuid", "97a43ce7-31e1-441d-aa90-5291c6c4de6a"),
    ("<genid>97a43ce7-31e1-441d-aa90-5291c6c4de6a</genid>", "genid", "97a43ce7-31e1-441d-aa90-5291c6c4de6a"),
    ("<currentMemory unit='KiB'>2048</currentMemory>", "current_memory", 2048),
    ("<currentMemory unit='KiB'>4096</currentMemory>", "current_memory", None),
    ("<memtune><min_guarantee>1024</min_guarantee></memtune>", "min_guarantee", 1024),
    ("<vcpu>4</vcpu>", "vcpus", 4),
    ("<vcpu cpuset='0-3,^2,8'>2</vcpu>", "cpuset", (0, 1, 3, 8)),
    ("<cputune><shares>1500</shares></cputune>", "shares", 1500),
    ("<vcpu>4</vcpu><cpu><topology sockets='2' cores='2' threads='1'/></cpu>", "cores_per_socket", 2),
]


@pytest.mark.parametrize(("head", "field", "value"), SCALARS)
def test_an_element_means_a_fact(head, field, value):
    text = domain(head=head)
    if "<memory" in head:
        text = text.replace("<memory unit='KiB'>4096</memory>", "")
    assert getattr(domain_xml.parse(text), field) == value


DISKS = [
    # attributes, source, the rest -> backing, source, address
    ({}, "<source file='[ds] a/a.vmdk'/>", "", Backing.FLAT, "[ds] a/a.vmdk", DriveAddress(0, 0)),
    ({}, "<source file='[ds] a/a.vmdk'/>", at(15, 3), Backing.FLAT, "[ds] a/a.vmdk", DriveAddress(3, 15)),
    ({"device": "cdrom"}, "<source file='[ds] a.iso'/>", "", Backing.CDROM_FILE, "[ds] a.iso", DriveAddress(0, 0)),
    ({"device": "cdrom"}, "", "", Backing.CDROM_EMPTY, None, DriveAddress(0, 0)),
    (
        {"device": "cdrom", "type": "block"},
        "<source dev='/dev/sr0'/>",
        "",
        Backing.CDROM_DEVICE,
        "/dev/sr0",
        DriveAddress(0, 0),
    ),
    (
        {"device": "lun", "type": "block"},
        "<source dev='/dev/sr0'/>",
        "",
        Backing.CDROM_RAW,
        "/dev/sr0",
        DriveAddress(0, 0),
    ),
]


@pytest.mark.parametrize(("attributes", "source", "inside", "backing", "path", "address"), DISKS)
def test_a_disk_stands_on_a_backing(attributes, source, inside, backing, path, address):
    (found,) = domain_xml.parse(domain(disk(source=source, inside=inside, **attributes))).disks
    assert (found.backing, found.source, found.address, found.bus) == (backing, path, address, Bus.SCSI)


def test_an_ide_disks_bus_is_vspheres_controller():
    address = "<address type='drive' controller='0' bus='1' target='0' unit='1'/>"
    (found,) = domain_xml.parse(domain(disk("hdd", "ide", address))).disks
    assert found.address == DriveAddress(1, 1)
    assert address.replace("'", '"') in domain_xml.format(
        domain_xml.parse(domain(disk("hdd", "ide", address)))
    ).replace("'", '"')


INTERFACES = [
    (nic(), Network.BRIDGE, None, None, None),
    (nic("<mac address='00:0C:29:00:00:01' type='generated'/><source bridge='n'/>"), Network.BRIDGE, "00:0c:29:00:00:01", MacType.GENERATED, None),
    (nic("<mac address='00:50:56:00:00:01' type='static'/><source bridge='n'/><model type='e1000e'/>"), Network.BRIDGE, "00:50:56:00:00:01", MacType.STATIC, NicModel.E1000E),
    (nic("<source switchid='s' portgroupid='p'/><model type='vmxnet3'/>", "vds"), Network.VDS, None, None, NicModel.VMXNET3),
    (nic("", "null"), Network.NULL, None, None, None),
    (nic("", "user"), Network.USER, None, None, None),
    (nic("<source bridge='n'/><model type='sriov'/>"), Network.BRIDGE, None, None, NicModel.SRIOV),
]  # fmt: skip


@pytest.mark.parametrize(("text", "network", "mac", "mac_type", "model"), INTERFACES)
def test_an_interface_is_on_a_network(text, network, mac, mac_type, model):
    (found,) = domain_xml.parse(domain(text)).interfaces
    assert (found.network, found.mac, found.mac_type, found.model) == (network, mac, mac_type, model)


def test_boot_devices_by_kind_are_the_first_of_their_kind():
    text = domain(disk() + disk("sdb") + nic(), os="<type>hvm</type><boot dev='network'/><boot dev='hd'/>")
    definition = domain_xml.parse(text)
    assert [each.boot_order for each in definition.disks] == [2, None]
    assert definition.interfaces[0].boot_order == 1


MACHINES = [
    (None, "vmx-19", 19),
    ("19", "vmx-19", 19),
    (None, "vmx-07", 7),
    (None, "pc-q35-7.2", None),
    ("20", "pc", 20),
]


@pytest.mark.parametrize(("said", "machine", "expected"), MACHINES)
def test_a_machine_type_is_a_hardware_version(said, machine, expected):
    text = domain(head=HARDWARE.format(said) if said else "", os=f"<type machine='{machine}'>hvm</type>")
    assert domain_xml.parse(text).hardware == expected


PASSED = "<hostdev mode='subsystem' type='{}'><source>{}</source></hostdev>"
HARDWARE = "<metadata><e:domain xmlns:e='urn:x-esxdriver:domain:1'><e:hardwareVersion>{}</e:hardwareVersion></e:domain></metadata>"

BAD = [
    # the document, the code, what the error names
    ("<domain", XML_ERROR, "line 1"),
    ("", XML_ERROR, "empty"),
    ("<network/>", XML_ERROR, "<network>"),
    ("<domain type='vmware'><memory>1</memory></domain>", XML_ERROR, "name"),
    ("<domain type='vmware'><name>x</name></domain>", XML_ERROR, "memory"),
    (domain(type="kvm"), UNSUPPORTED, "domain/@type"),
    (domain(os="<type>linux</type>"), UNSUPPORTED, "os/type"),
    (domain(os="<type>hvm</type>").replace("<os>", "<os firmware='coreboot'>"), XML_ERROR, "os/@firmware"),
    (domain(head="<uuid>12</uuid>"), XML_ERROR, "uuid"),
    (domain().replace("4096", "much"), XML_ERROR, "memory"),
    (domain().replace("4096", "-1"), XML_ERROR, "memory"),
    (domain().replace("4096", "0"), XML_ERROR, "memory"),
    (domain().replace("KiB", "parsec"), XML_ERROR, "memory/@unit"),
    (domain(head="<vcpu>0</vcpu>"), XML_ERROR, "vcpu"),
    (domain(head="<vcpu>1_0</vcpu>"), XML_ERROR, "vcpu"),
    (domain(nic("<source switchid='s' connectionid='4294967296'/>", "vds")), XML_ERROR, "connectionid"),
    (domain(head="<vcpu current='1'>2</vcpu>"), UNSUPPORTED, "vcpu/@current"),
    (domain(head="<vcpu cpuset='3-1'>2</vcpu>"), XML_ERROR, "vcpu/@cpuset"),
    (domain(head="<vcpu>4</vcpu><cpu><topology sockets='3' cores='1' threads='1'/></cpu>"), UNSUPPORTED, "topology"),
    (domain(head="<vcpu>2</vcpu><cpu><topology sockets='1' cores='1' threads='2'/></cpu>"), UNSUPPORTED, "threads"),
    (domain(head="<memtune><min_guarantee>9999</min_guarantee></memtune>"), UNSUPPORTED, "min_guarantee"),
    (domain().replace("web01", "x" * 81), UNSUPPORTED, "name"),
    (domain(disk(bus="virtio")), XML_ERROR, "target/@bus"),
    (domain(disk(device="tape")), XML_ERROR, "disk"),
    (domain(disk(type="network")), XML_ERROR, "disk"),
    (domain(disk() + disk()), XML_ERROR, "'sda'"),
    (domain(disk(inside=at(0)) + disk("sdb", inside=at(0))), XML_ERROR, "scsi0:0"),
    (domain(disk("weird")), XML_ERROR, "weird"),
    (domain(disk(inside=at(7))), UNSUPPORTED, "unit 7"),
    (domain(disk(inside=at(65))), UNSUPPORTED, "unit 65"),
    (domain(disk(inside=at(0, 4))), UNSUPPORTED, "controller 4"),
    (domain(disk(bus="sata", inside=at(30))), UNSUPPORTED, "unit 30"),
    (domain(disk("nvme0n1", "nvme", at(64))), UNSUPPORTED, "unit 64"),
    (domain(disk(inside="<address type='pci' slot='1'/>")), UNSUPPORTED, "address/@type"),
    (domain(disk(inside=at(16)) + "<controller type='scsi' index='0' model='lsilogic'/>"), UNSUPPORTED, "unit 16"),
    (domain(disk(source="")), XML_ERROR, "source/@file"),
    (domain(disk(inside="<driver cache='none'/>")), UNSUPPORTED, "cache"),
    (domain(disk("fda", "fdc")), UNSUPPORTED, "fdc"),
    (domain(disk(inside="<boot order='0'/>")), XML_ERROR, "boot/@order"),
    (domain(disk(inside="<boot order='1'/>") + disk("sdb", inside="<boot order='1'/>")), XML_ERROR, "boot/@order"),
    (domain(disk(inside="<boot order='1'/>"), os="<type>hvm</type><boot dev='hd'/>"), UNSUPPORTED, "boot"),
    (domain(os="<type>hvm</type><boot dev='tape'/>"), XML_ERROR, "tape"),
    (domain("<controller type='scsi' index='0' model='ibmvscsi'/>"), XML_ERROR, "controller/@model"),
    (domain("<controller type='xenbus' index='0'/>"), XML_ERROR, "controller/@type"),
    (domain("<controller type='scsi' index='4'/>"), UNSUPPORTED, "index 4"),
    (domain("<controller type='scsi' index='0'/>" * 2), XML_ERROR, "controller"),
    (domain(nic(type_="network")), UNSUPPORTED, "interface/@type"),
    (domain(nic(type_="ethernet")), XML_ERROR, "ethernet"),
    (domain(nic("")), XML_ERROR, "source/@bridge"),
    (domain(nic("", "vds")), XML_ERROR, "source/@switchid"),
    (domain(nic("<source bridge='n'/><model type='virtio'/>")), XML_ERROR, "model/@type"),
    (domain(nic("<mac address='00:50:56'/><source bridge='n'/>")), XML_ERROR, "mac/@address"),
    (domain("<serial type='pty'/>"), XML_ERROR, "@type"),
    (domain("<serial type='file'/>"), XML_ERROR, "source/@path"),
    (domain("<serial type='tcp'><source mode='bind' host='h'/></serial>"), XML_ERROR, "source/@service"),
    (domain("<serial type='dev'><source path='/dev/a'/></serial>" * 33), UNSUPPORTED, "port 32"),
    (domain("<parallel type='pipe'><source path='p'/></parallel>"), UNSUPPORTED, "parallel"),
    (domain("<graphics type='spice'/>"), UNSUPPORTED, "graphics/@type"),
    (domain("<video><model type='qxl'/></video>"), UNSUPPORTED, "video/model/@type"),
    (domain("<video/><video/>"), UNSUPPORTED, "video"),
    (domain("<tpm model='tpm-tis'/>"), UNSUPPORTED, "tpm"),
    (domain("<filesystem type='block'><source dir='/a'/><target dir='b'/></filesystem>"), UNSUPPORTED, "filesystem"),
    (domain("<hostdev mode='capabilities' type='pci'/>"), UNSUPPORTED, "hostdev/@mode"),
    (domain(PASSED.format("pci", "<address bus='zz' slot='0'/>")), XML_ERROR, "source/address/@bus"),
    (domain(PASSED.format("pci", "<address bus='-1' slot='0'/>")), XML_ERROR, "source/address/@bus"),
    (domain(PASSED.format("usb", "<vendor id='none'/><product id='0x1'/>")), XML_ERROR, "source/vendor/@id"),
    (domain(PASSED.format("usb", "<vendor id='0x1'/><product id=' '/>")), XML_ERROR, "source/product/@id"),
    (domain("<hostdev mode='subsystem' type='pci'><source/></hostdev>"), XML_ERROR, "source/address"),
    (domain("<hostdev mode='subsystem' type='pci'/>"), XML_ERROR, "source/address"),
    (domain("<rng model='virtio'/>"), UNSUPPORTED, "<rng>"),
    (domain(head=HARDWARE.format("\u00b2")), XML_ERROR, "hardwareVersion"),
    (domain(head=HARDWARE.format("9" * 5000)), XML_ERROR, "hardwareVersion"),
    (domain(head=HARDWARE.format("new")), XML_ERROR, "hardwareVersion"),
    (domain(os="<type machine='vmx-new'>hvm</type>"), XML_ERROR, "os/type/@machine"),
    (domain(head=HARDWARE.format("19"), os="<type machine='vmx-20'>hvm</type>"), XML_ERROR, "vmx-19"),
    (domain(head="<metadata><n:i xmlns:n='relative'/></metadata>"), XML_ERROR, "relative"),
    (domain(disk("nvme0n" + "9" * 5000, "nvme")), XML_ERROR, "address"),
    (domain(head="<vcpu>4294967296</vcpu>"), XML_ERROR, "vcpu"),
    (domain(head="<cputune><shares>4294967296</shares></cputune>"), XML_ERROR, "shares"),
    (domain("<video><model type='vmvga' heads='4294967296'/></video>"), XML_ERROR, "heads"),
    (domain("<video><model type='vmvga' vram='4294967296'/></video>"), XML_ERROR, "vram"),
    (domain().replace("<memory unit='KiB'>4096", "<memory unit='TiB'>99999999"), XML_ERROR, "memory"),
]


@pytest.mark.parametrize(("text", "code", "named"), BAD)
def test_bad_input_is_refused_and_named(text, code, named):
    assert named.lower() in failing(text, code).lower()


@pytest.mark.parametrize("document", [None, b"<domain type='vmware'/>", 7])
def test_a_document_is_text(document):
    with pytest.raises(TypeError, match=f"a <domain> document is a str, not {type(document).__name__}"):
        domain_xml.parse(document)


ATTACKS = [
    "<!DOCTYPE domain [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><domain type='vmware'><name>&b;</name></domain>",
    "<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain type='vmware'/>",
    "<?xml version='1.0'?>\n<!-- a comment --><!DOCTYPE domain [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain>&x;</domain>",
    "\ufeff<!DOCTYPE domain><domain/>",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_a_document_type_is_refused_before_anything_is_expanded(text):
    assert "DOCTYPE" in failing(text, XML_ERROR)


def test_a_document_over_16_mib_is_refused():
    assert "16777216" in failing(domain(head=f"<description>{'x' * xml.LARGEST_DOCUMENT}</description>"), XML_ERROR)


def test_deep_nesting_is_refused():
    failing(domain("<x>" * 5000 + "</x>" * 5000), XML_ERROR)


def test_the_word_doctype_inside_a_domain_is_only_a_word():
    head = "<description><![CDATA[<!DOCTYPE html>]]></description>"
    assert domain_xml.parse(domain(head=head)).description == "<!DOCTYPE html>"


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "latin-1", "nonsense"])
def test_text_is_text_whatever_encoding_it_claims(encoding):
    text = f"<?xml version='1.0' encoding='{encoding}'?>" + domain(head="<description>bücher</description>")
    assert domain_xml.parse(text).description == "bücher"


def test_what_xml_cannot_hold_is_left_out():
    definition = domain_xml.parse(domain(head="<description>x</description>"))
    text = domain_xml.format(replace(definition, description="bell\x07 and nul\x00"))
    assert domain_xml.parse(text).description == "bell and nul"


def test_other_applications_metadata_is_kept():
    foreign = "<os:libosinfo xmlns:os='http://libosinfo.org/x'><os:os id='debian/12'/></os:libosinfo>"
    text = domain_xml.format(domain_xml.parse(domain(head=f"<metadata>{foreign}</metadata>")))
    assert "debian/12" in text
    assert domain_xml.parse(text).foreign == domain_xml.parse(domain(head=f"<metadata>{foreign}</metadata>")).foreign


def test_secrets_are_shown_only_when_asked_for():
    options = (
        "<metadata><e:domain xmlns:e='urn:x-esxdriver:domain:1'><e:extraConfig>"
        "<e:option key='guestinfo.userdata' value='c2VjcmV0'/><e:option key='a' value='b'/>"
        "</e:extraConfig></e:domain></metadata>"
    )
    definition = domain_xml.parse(domain("<graphics type='vnc' passwd='hush'/>", head=options))
    shown, hidden = domain_xml.format(definition, Style(secure=True)), domain_xml.format(definition)
    assert "c2VjcmV0" in shown
    assert "hush" in shown
    assert "c2VjcmV0" not in hidden
    assert "hush" not in hidden
    assert "key" in hidden
