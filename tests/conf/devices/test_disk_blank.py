"""Disks to be made: what the project's own element says, what a host is asked for, and what makes no sense."""

import libvirt
import pytest

from esxdriver.conf.devices.disk_blank import Blank
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.xml.own import with_own
from esxdriver.vsphere.change.plan import plan_creation
from esxdriver.vsphere.machine.match import match
from tests.conf.documents import domain, failing
from tests.helpers import failing as refused

GIB = 1 << 30
NAMESPACE = "xmlns:esxdriver='urn:x-esxdriver:domain:1'"
SAID = [
    ("capacity='4096'", Blank(4096)),
    ("capacity='8' unit='GiB'", Blank(8 * GIB)),
    ("capacity='8' unit='GiB' allocation='0'", Blank(8 * GIB, thin=True)),
    ("capacity='8' unit='GiB' allocation='2'", Blank(8 * GIB, thin=True)),
    ("capacity='8' unit='GiB' allocation='8'", Blank(8 * GIB)),
    ("capacity='8' unit='GiB' preallocation='metadata'", Blank(8 * GIB, zeroed=True)),
    ("capacity='1' unit='TB'", Blank(10**12)),
]
WRONG = [
    ("capacity='0'", "@capacity"),
    ("capacity='much'", "@capacity"),
    ("capacity='-8'", "@capacity"),
    ("capacity='8' unit='cubits'", "cubits"),
    ("capacity='9223372036854775808'", "@capacity"),
    ("capacity='8' allocation='x'", "@allocation"),
    ("capacity='8' allocation='0' preallocation='metadata'", "@preallocation"),
    ("capacity='8' preallocation='full'", "@preallocation"),
]


def document(said, backing="", kind="disk", file="[datastore1] new01/new01.vmdk", bus="scsi", target="sda"):
    metadata = (
        f"<metadata><esxdriver:domain {NAMESPACE}><esxdriver:disk target='{target}' {said} {backing}/>"
        "</esxdriver:domain></metadata>"
    )
    disk = f"<disk type='file' device='{kind}'><source file='{file}'/><target dev='{target}' bus='{bus}'/></disk>"
    return domain(disk, metadata)


@pytest.mark.parametrize(("said", "blank"), SAID)
def test_what_is_said_of_a_disk_to_be_made(said, blank):
    (disk,) = domain_xml.parse(document(said)).disks
    assert disk.blank == blank
    (again,) = domain_xml.parse(domain_xml.format(domain_xml.parse(document(said)))).disks
    assert again.blank == blank


@pytest.mark.parametrize(("said", "named"), WRONG)
def test_what_makes_no_sense_is_named(said, named):
    text = failing(document(said), libvirt.VIR_ERR_XML_ERROR)
    assert named in text
    assert "sda" in text


@pytest.mark.parametrize(
    ("backing", "kind", "file", "bus"),
    [
        ("", "cdrom", "[datastore1] iso/install.iso", "sata"),
        ("backing='rdm'", "disk", "[datastore1] new01/new01.vmdk", "scsi"),
    ],
)
def test_only_a_file_of_a_disks_own_is_made(backing, kind, file, bus):
    text = document("capacity='8' unit='GiB'", backing, kind, file, bus)
    assert "capacity" in failing(text, libvirt.VIR_ERR_CONFIG_UNSUPPORTED)


@pytest.mark.parametrize(("said", "blank"), SAID)
@pytest.mark.parametrize(("bus", "target"), [("scsi", "sda"), ("sata", "sda"), ("nvme", "nvme0n1"), ("ide", "hda")])
def test_a_host_is_asked_to_make_it(said, blank, bus, target):
    spec = plan_creation(
        match(None, domain_xml.parse(document(said, bus=bus, target=target))), "[datastore1] new01/new01.vmx"
    ).spec
    [change] = [each for each in spec.deviceChange if hasattr(each.device, "capacityInKB")]
    assert (change.operation, change.fileOperation) == ("add", "create")
    assert change.device.capacityInKB == -(-blank.capacity // 1024)
    assert (change.device.backing.thinProvisioned, change.device.backing.eagerlyScrub) == (blank.thin, blank.zeroed)


def test_a_sparse_disk_is_made_without_what_it_does_not_know():
    want = domain_xml.parse(document("capacity='8' unit='GiB'", "backing='sesparse'"))
    spec = plan_creation(match(None, want), "[datastore1] new01/new01.vmx").spec
    assert [each.fileOperation for each in spec.deviceChange] == [None, "create"]


def test_a_device_says_it_in_an_element_of_its_own():
    text = (
        "<disk type='file' device='disk'><source file='[ds] a/b.vmdk'/><target dev='sdb'/>"
        f"<esxdriver:disk {NAMESPACE} capacity='1' unit='GiB' allocation='0'/></disk>"
    )
    assert domain_xml.parse_device(text).blank == Blank(GIB, thin=True)


@pytest.mark.parametrize("head", ["", "<metadata/>", f"<metadata><esxdriver:domain {NAMESPACE}/></metadata>"])
def test_it_is_put_into_a_document(head):
    disk = "<disk type='file' device='disk'><source file='[ds] a/b.vmdk'/><target dev='sda'/></disk>"
    text = with_own(domain(disk, head), "disk", "target", {"sda": {"capacity": "8", "unit": "GiB"}})
    assert domain_xml.parse(text).disks[0].blank == Blank(8 * GIB)
    again = with_own(text, "disk", "target", {"sda": {"capacity": "9"}})
    assert domain_xml.parse(again).disks[0].blank == Blank(9 * GIB)
    assert again.count("esxdriver:disk ") == 1


def test_it_is_put_into_no_other_document():
    refused(libvirt.VIR_ERR_XML_ERROR, with_own, "<network/>", "disk", "target", {"sda": {}})
