"""Dumps in libvirt's spelling fit libvirt's own schema, where that is installed."""

import shutil
import subprocess
from dataclasses import replace

import libvirt
import pytest
from hypothesis import given, settings
from lxml import etree

from esxdriver.conf.devices.interface import Network
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.enums import DiskMode, DiskModeXML
from esxdriver.conf.xml import schema
from esxdriver.vsphere.machine import machine
from tests import corpus
from tests.conf.documents import domain
from tests.helpers import failing
from tests.strategies import domains
from tests.vsphere.answers import configurations

installed = pytest.mark.skipif(
    not (shutil.which("virt-xml-validate") and shutil.which("xmllint")),
    reason="libvirt's schemas are not here (Debian packages libvirt-clients and libxml2-utils)",
)
LIBVIRT = Style(disk_mode=DiskModeXML.LIBVIRT, secure=True)
DISK = "<disk type='file' device='disk'><source file='[ds] a/a.vmdk'/><target dev='sda' bus='scsi'/></disk>"


def validated(text, tmp_path):
    """Return what virt-xml-validate says against a document; nothing when it is content."""
    document = tmp_path / "domain.xml"
    document.write_text(text)
    done = subprocess.run(["virt-xml-validate", str(document), "domain"], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


# What libvirt's schema learnt after 9.0, and no other exception: hwuuid, the moref, NVMe disks and controllers, and
# the clusters of a topology (10.1), which the in-tree driver writes.
NEWER = (
    "hwuuid",
    "{http://libvirt.org/schemas/domain/vmware/1.0}moref",
    "devices/disk[target/@bus='nvme']",
    "devices/controller[@type='nvme']",
)


def without_newer_words(text):
    document = etree.fromstring(text)
    for path in NEWER:
        for element in document.xpath(path) if "{" not in path else document.findall(path):
            element.getparent().remove(element)
    for topology in document.iter("topology"):
        topology.attrib.pop("clusters")
    return etree.tostring(document, encoding="unicode")


@installed
@pytest.mark.parametrize("name", ["web01", "db01", "old01", "snap01", "susp01"])
@pytest.mark.esx(uri_params="disk_mode=libvirt")
def test_a_dump_fits_libvirts_schema(esx, tmp_path, name):
    text = esx.lookupByName(name).XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE)
    assert validated(without_newer_words(text), tmp_path) == ""


@installed
@settings(max_examples=25)
@given(definition=domains())
def test_any_domain_fits_libvirts_schema(tmp_path_factory, definition):
    # The schema has patterns for names that vSphere does not have, and wanted all of a port once.
    interfaces = tuple(
        replace(each, source=each.source and "VM Network", port="1", portgroup="dvportgroup-7", connection=1)
        if each.network is Network.VDS
        else replace(each, source=each.source and "VM Network")
        for each in definition.interfaces
    )
    drives = tuple(
        replace(each, source="/dev/scd0") if each.backing.is_host_device else each for each in definition.disks
    )
    folders = tuple(replace(each, source="/srv/share") for each in definition.filesystems)
    definition = replace(definition, name="web01", interfaces=interfaces, disks=drives, filesystems=folders)
    text = domain_xml.format(definition, LIBVIRT)
    assert validated(without_newer_words(text), tmp_path_factory.mktemp("schema")) == "", text


@installed
@pytest.mark.parametrize("mode", DiskMode)
def test_every_mode_fits_libvirts_schema(tmp_path, mode):
    definition = domain_xml.parse(domain(DISK))
    definition = replace(definition, disks=(replace(definition.disks[0], mode=mode),))
    assert validated(domain_xml.format(definition, LIBVIRT), tmp_path) == ""


@installed
@pytest.mark.parametrize("spelling", DiskModeXML)
def test_validation_lets_our_own_spellings_pass(spelling):
    definition = domain_xml.parse(domain(DISK.replace("<disk ", "<disk snapshot='no' ")))
    schema.check_schema(domain_xml.format(definition, Style(disk_mode=spelling)), "domain")


@installed
def test_validation_lets_what_older_schemas_lack_pass():
    head = "<uuid>97a43ce7-31e1-441d-aa90-5291c6c4de6a</uuid><hwuuid>97a43ce7-31e1-441d-aa90-5291c6c4de6b</hwuuid>"
    definition = replace(domain_xml.parse(domain(DISK, head=head)), moref="vm-7", datacenter_path="dc")
    schema.check_schema(domain_xml.format(definition, LIBVIRT), "domain")


@installed
def test_validation_refuses_what_libvirt_has_no_word_for():
    text = domain(DISK.replace("<target ", "<goal "))
    assert "domain.rng" in failing(libvirt.VIR_ERR_XML_INVALID_SCHEMA, schema.check_schema, text, "domain")


@installed
@settings(max_examples=25)
@given(definition=domains())
@pytest.mark.parametrize("spelling", DiskModeXML)
def test_validation_lets_every_dump_pass(spelling, definition):
    schema.check_schema(domain_xml.format(definition, Style(disk_mode=spelling, secure=True)), "domain")


RECORDED = [pytest.param(config, id=name) for name, config in configurations()]


@installed
@corpus.needed
@pytest.mark.parametrize("spelling", DiskModeXML)
@pytest.mark.parametrize("config", RECORDED)
def test_validation_lets_the_dump_of_every_recorded_machine_pass(config, spelling):
    definition = machine.read(config, moref="vm-1", datacenter_path="dc").definition
    schema.check_schema(domain_xml.format(definition, Style(disk_mode=spelling, secure=True)), "domain")


NIC = "<interface type='vds'><mac address='00:50:56:00:00:01'/><source {}/></interface>"
SWITCH = "switchid='503426b2-94e9-3b16-1d68-87bfff4a5440' "
TOPOLOGY = "<vcpu>4</vcpu><cpu><topology sockets='2' dies='1' clusters='{}' cores='2' threads='1'/></cpu>"
CDROM = "<disk type='{}' device='cdrom'><source {}/><target dev='hda' bus='ide'/></disk>"
UNKNOWN = {
    "clusters": ("", TOPOLOGY.format(1)),
    "a drive's name": (CDROM.format("block", "dev='CD/DVD drive 0'"), ""),
    "a file of the host": (CDROM.format("file", "file='[] /vmimages/tools-isoimages/linux.iso'"), ""),
    "no file": (CDROM.format("file", "file='[]'"), ""),
    "a port by UUID": (NIC.format(SWITCH + "portid='98915de0-1f33-aace-7752-fedcbe72de11'"), ""),
    "no port": (NIC.format(SWITCH + "portgroupid='dvportgroup-7'"), ""),
    "no portgroup": (NIC.format(SWITCH + "portid='7'"), ""),
    "no address": ("<interface type='bridge'><mac type='generated'/><source bridge='VM Network'/></interface>", ""),
    "a network's name": ("<interface type='bridge'><source bridge='DMZ (10.0.0.0/8), &quot;2&quot;'/></interface>", ""),
    "NVMe": (
        "<controller type='nvme' index='0'/><disk type='file' device='disk'><source file='[ds] a/a.vmdk'/>"
        "<target dev='nvme0n1' bus='nvme'/><address type='drive' controller='0' bus='0' target='0' unit='0'/></disk>",
        "",
    ),
}


@installed
@pytest.mark.parametrize(("devices", "head"), UNKNOWN.values(), ids=UNKNOWN)
def test_validation_lets_pass_what_vsphere_has_and_the_schema_lacks(devices, head):
    text = domain(devices, head)
    schema.check_schema(text, "domain")
    domain_xml.parse(text)


REFUSED = {
    "clusters": ("", TOPOLOGY.format(2)),
    "a switch": (NIC.format("portgroupid='dvportgroup-7'").replace("vds", "switch"), ""),
    "a portgroup": (NIC.format(SWITCH + "portgroup='dvportgroup-7'"), ""),
    "an address": ("<interface type='bridge'><mac address='nowhere'/><source bridge='VM Network'/></interface>", ""),
    "a drive": (CDROM.format("block", "device='CD/DVD drive 0'"), ""),
    "a file": (CDROM.format("file", "file='tools.iso'"), ""),
}


@installed
@pytest.mark.parametrize(("devices", "head"), REFUSED.values(), ids=REFUSED)
def test_validation_refuses_what_nobody_has(devices, head):
    failing(libvirt.VIR_ERR_XML_INVALID_SCHEMA, schema.check_schema, domain(devices, head), "domain")
