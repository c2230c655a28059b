"""Disks that are made with their domain, as the host has them: how they take their space, and what a failure leaves."""

import libvirt
import pytest

from esxdriver.conf.mapping.enums import DiskMode
from tests.driver.test_blank_disks import ALLOCATIONS, GIB, NAMESPACE, ONE, disk, document
from tests.helpers import failing

pytestmark = pytest.mark.live

CONFIG, LIVE = libvirt.VIR_DOMAIN_AFFECT_CONFIG, libvirt.VIR_DOMAIN_AFFECT_LIVE


def files(sim):
    return {f"[{store}] {each['path']}": each for store, found in sim.inventory()["files"].items() for each in found}


def attached(target="sdf", file="[datastore1] data/deep/new.vmdk", said="capacity='1' unit='GiB'"):
    text = disk(target, "scsi", file, DiskMode.INDEPENDENT_PERSISTENT)
    return text.replace("</disk>", f"<esxdriver:disk {NAMESPACE} {said}/></disk>")


@pytest.mark.parametrize(("said", "how"), ALLOCATIONS.items())
def test_a_disk_takes_its_space_as_a_volume_does(esx, sim, said, how):
    esx.defineXML(ONE.replace("unit='GiB'", f"unit='GiB' {said}"))
    made = files(sim)["[datastore1] new01/new01.vmdk"]
    assert (made["capacity"], (made.get("thin", False), made.get("eager", False))) == (GIB, how)


@pytest.mark.parametrize(("name", "flags"), [("web01", CONFIG), ("db01", LIVE)])
def test_a_disk_is_made_where_it_is_attached(esx, sim, name, flags):
    found = esx.lookupByName(name)
    found.attachDeviceFlags(attached(), flags)
    assert files(sim)["[datastore1] data/deep/new.vmdk"]["capacity"] == GIB
    assert "snapshot='no' persistent='yes'><source file='[datastore1] data/deep/new.vmdk'/>" in "".join(
        line.strip() for line in found.XMLDesc().splitlines()
    ).replace(" type='file' device='disk'", "")


FAULTS = ["NoDiskSpace", "FileAlreadyExists", "InvalidDeviceSpec", "NoPermission"]


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_stays_of_a_creation_that_fails(esx, sim, fault):
    before = sim.inventory()
    sim.fault("CreateVM_Task", "fault", fault=fault)
    with pytest.raises(libvirt.libvirtError):
        esx.defineXML(ONE)
    sim.fault("ReconfigVM_Task", "fault", fault=fault)
    with pytest.raises(libvirt.libvirtError):
        esx.lookupByName("web01").attachDeviceFlags(attached(), CONFIG)
    assert sim.inventory() == before


def test_a_file_that_comes_meanwhile_is_not_written_over(esx, sim, monkeypatch):
    pool = esx.storagePoolLookupByName("datastore1")
    monkeypatch.setattr("esxdriver.vsphere.change.blank.file_at", lambda *_: None)
    pool.createXML("<volume><name>new01/new01.vmdk</name><capacity unit='MiB'>64</capacity></volume>")
    before = sim.inventory()
    assert "new01/new01.vmdk" in failing(libvirt.VIR_ERR_STORAGE_VOL_EXIST, esx.defineXML, ONE)
    assert sim.inventory() == before


def test_a_host_that_makes_another_mode_of_it_keeps_neither_domain_nor_disk(esx, sim, monkeypatch):
    before = files(sim).keys()
    monkeypatch.setattr("esxdriver.vsphere.change.made._check_modes", _wrong)
    text = failing(libvirt.VIR_ERR_INTERNAL_ERROR, esx.defineXML, ONE)
    assert "its new disks are deleted" in text
    assert "[datastore1] new01/new01.vmdk" not in files(sim)
    assert files(sim).keys() > before  # its VMX is there, as after every 'undefine'
    assert not [each for each in esx.listAllDomains() if each.name() == "new01"]


def _wrong(*_):
    from esxdriver.vsphere.change.made import WrongModeError  # noqa: PLC0415

    raise WrongModeError("disk 'sda': the host accepted mode persistent and made it append")


def test_two_disks_of_one_file_are_refused_and_nothing_is_made(esx, sim):
    before = sim.inventory()
    both = "".join(disk(target, "scsi", "[datastore1] new01/new01.vmdk") for target in ("sda", "sdb"))
    with pytest.raises(libvirt.libvirtError):
        esx.defineXML(document(both, dict.fromkeys(("sda", "sdb"), "capacity='1' unit='GiB'")))
    assert sim.inventory() == before
