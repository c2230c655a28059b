"""Disks that are made with their domain: each mode on each bus, beside what is there, and nothing left of a failure."""

import libvirt
import pytest

from esxdriver.conf.mapping.enums import DiskMode
from tests.driver.test_define import writes
from tests.helpers import failing

GIB = 1 << 30
NAMESPACE = "xmlns:esxdriver='urn:x-esxdriver:domain:1'"
DEFINABLE = [mode for mode in DiskMode if mode.definable]
TARGETS = {"scsi": "sda", "sata": "sdb", "nvme": "nvme0n1", "ide": "hda"}
# What is said of a disk -> thin, zeroed at once.
ALLOCATIONS = {"": (False, False), "allocation='0'": (True, False), "preallocation='metadata'": (False, True)}


def yes(answer):
    return "yes" if answer else "no"


def disk(target, bus, file, mode=DiskMode.PERSISTENT):
    said = f"snapshot='{yes(mode.snapshot)}' persistent='{yes(mode.persistent)}'"
    return f"<disk type='file' device='disk' {said}><source file='{file}'/><target dev='{target}' bus='{bus}'/></disk>"


def document(disks, said, name="new01"):
    own = "".join(f"<esxdriver:disk target='{target}' {words}/>" for target, words in said.items())
    return (
        f"<domain type='vmware'><name>{name}</name><uuid>0b6c7e1e-6f4b-4a39-9c22-0e4f6a3f1c55</uuid><metadata>"
        f"<esxdriver:domain {NAMESPACE}>{own}</esxdriver:domain></metadata><memory unit='KiB'>4096</memory>"
        f"<os><type>hvm</type></os><devices>{disks}</devices></domain>"
    )


ONE = document(disk("sda", "scsi", "[datastore1] new01/new01.vmdk"), {"sda": "capacity='1' unit='GiB'"})


def capacity(esx, name):
    return esx.storagePoolLookupByName("datastore1").storageVolLookupByName(name).info()[1]


@pytest.mark.parametrize("mode", DEFINABLE)
def test_a_domain_comes_with_its_disks_of_each_mode_on_every_bus(esx, mode):
    files = {target: f"[datastore1] new01/{bus}.vmdk" for bus, target in TARGETS.items()}
    text = document(
        "".join(disk(target, bus, files[target], mode) for bus, target in TARGETS.items()),
        {target: f"capacity='{size}' unit='GiB' allocation='0'" for size, target in enumerate(TARGETS.values(), 1)},
    )
    made = esx.defineXML(text)
    assert writes(esx) == {"CreateVM_Task": 1}
    dumped = made.XMLDesc()
    assert dumped.count(f"snapshot='{yes(mode.snapshot)}' persistent='{yes(mode.persistent)}'") == len(TARGETS)
    assert "capacity" not in dumped
    assert [capacity(esx, f"new01/{bus}.vmdk") for bus in TARGETS] == [GIB, 2 * GIB, 3 * GIB, 4 * GIB]
    esx.defineXML(dumped)
    esx.defineXML(text)  # what is there, with the size that it has
    assert writes(esx) == {"CreateVM_Task": 1}


def test_a_disk_that_is_there_is_taken_as_it_is_if_it_has_that_size(esx):
    size = capacity(esx, "spare/spare-1.vmdk")
    there = disk("sda", "scsi", "[datastore1] spare/spare-1.vmdk")
    other = document(there, {"sda": f"capacity='{size + 1024}'"})
    text = failing(libvirt.VIR_ERR_STORAGE_VOL_EXIST, esx.defineXML, other)
    assert f"{size} bytes" in text
    assert "spare/spare-1.vmdk" in text
    assert writes(esx) == {}
    esx.defineXML(document(there, {"sda": f"capacity='{size}'"}))
    assert capacity(esx, "spare/spare-1.vmdk") == size


def test_a_disk_of_a_domain_does_not_get_another_size_by_it(esx):
    made = esx.defineXML(ONE)
    text = failing(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, esx.defineXML, ONE.replace("capacity='1'", "capacity='2'"))
    assert "blockresize" in text
    assert (writes(esx), made.blockInfo("sda")[0]) == ({"CreateVM_Task": 1}, GIB)


def test_a_disk_that_is_not_there_says_how_to_have_it_made(esx):
    text = failing(libvirt.VIR_ERR_NO_STORAGE_VOL, esx.defineXML, ONE.replace("capacity='1' unit='GiB'", ""))
    assert "--size sda=8G" in text
    assert "<esxdriver:disk target='sda' capacity='8' unit='GiB'/>" in text


def attached(said):
    own = f"<esxdriver:disk {NAMESPACE} {said}/>"
    return disk("sdf", "scsi", "[datastore1] web01/new.vmdk", DiskMode.INDEPENDENT_PERSISTENT).replace(
        "</disk>", f"{own}</disk>"
    )


@pytest.mark.parametrize(
    ("file", "code", "named"),
    [
        ("[nowhere] new01/new01.vmdk", libvirt.VIR_ERR_NO_STORAGE_POOL, "datastore1"),
        ("[datastore1] ../new01.vmdk", libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "disk.vmdk"),
        ("[datastore1] other/../new01/new01.vmdk", libvirt.VIR_ERR_INVALID_ARG, ".."),
        ("[datastore1] new01/new01.img", libvirt.VIR_ERR_XML_ERROR, "disk.vmdk"),
        ("/new01/new01.vmdk", libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "disk.vmdk"),
    ],
)
def test_a_place_where_no_disk_can_be_is_refused_before_anything_is_made(esx, file, code, named):
    text = document(disk("sda", "scsi", file), {"sda": "capacity='1' unit='GiB'"})
    assert named in failing(code, esx.defineXML, text)
    assert writes(esx) == {}
