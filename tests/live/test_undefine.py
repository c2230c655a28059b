"""Domains that are undefined with their storage: what goes, what stays, and whose files nobody deletes."""

import libvirt
import pytest

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.vsphere.storage.transfer import Upload
from tests.driver.test_blank_disks import disk, document
from tests.helpers import failing
from tests.live.test_blank_disks import files

pytestmark = pytest.mark.live

NVRAM = libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
ISO = "[datastore1] iso/install.iso"


def made(esx):
    """Define a domain with two disks of its own and a CD."""
    disks = {"sda": "[datastore1] new01/new01.vmdk", "sdb": "[datastore1] new01/data.vmdk"}
    drive = f"<disk type='file' device='cdrom'><source file='{ISO}'/><target dev='hda' bus='ide'/></disk>"
    text = document(
        "".join(disk(target, "scsi", file) for target, file in disks.items()) + drive,
        dict.fromkeys(disks, "capacity='1' unit='MiB'"),
    )
    return esx.defineXML(text)


CASES = [
    (None, 0, {"new01.vmdk", "data.vmdk"}),
    (None, NVRAM, {"new01.vmdk", "data.vmdk", "new01.nvram"}),
    (["sdb"], 0, {"data.vmdk"}),
    (["[datastore1] new01/new01.vmdk"], 0, {"new01.vmdk"}),
    ([], NVRAM, {"new01.nvram"}),
    ([], 0, set()),
]


@pytest.mark.parametrize(("volumes", "flags", "gone"), CASES)
def test_what_is_named_is_deleted_and_all_else_stays(esx, sim, volumes, flags, gone):
    found = made(esx)
    before = files(sim).keys()
    assert {each.path.name for each in found.undefinePreview(volumes, flags) if each.goes} == gone
    assert files(sim).keys() == before  # so far it was only said
    found.undefineWithStorage(volumes, flags)
    # a machine that was never started has no NVRAM yet
    assert before - files(sim).keys() == {f"[datastore1] new01/{name}" for name in gone} & before
    failing(libvirt.VIR_ERR_NO_DOMAIN, esx.lookupByName, "new01")


def test_the_nvram_goes_with_libvirts_flag_alone(esx, sim):
    found, path = made(esx), DatastorePath("datastore1", "new01/new01.nvram")
    Upload(esx.backend.session, esx.backend.scope, path, 0).finish()
    before = files(sim).keys()
    assert str(path) in before
    found.undefineFlags(NVRAM)
    assert before - files(sim).keys() == {str(path)}


def test_flags_that_exclude_each_other_are_refused(esx):
    both = NVRAM | libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.lookupByName("web01").undefineFlags, both)


def test_an_image_goes_only_when_it_is_named_and_nobody_else_has_it(esx, sim):
    own = "<volume><name>new01/own.iso</name><capacity>0</capacity></volume>"
    image = esx.storagePoolLookupByName("datastore1").createXML(own).path()
    cd = f"<disk type='file' device='cdrom'><source file='{image}'/><target dev='sdz' bus='sata'/></disk>"
    found, web01 = made(esx), esx.lookupByName("web01")
    for each in (found, web01):
        each.attachDeviceFlags(cd, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    text = failing(libvirt.VIR_ERR_OPERATION_INVALID, found.undefineWithStorage, ["sdz"])
    assert f"Image sdz ({image}): domain 'web01' has it" in text
    web01.detachDeviceFlags(cd, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    found.undefineWithStorage(["sdz"])
    assert (image in files(sim), ISO in files(sim)) == (False, True)


def test_a_disk_of_another_domain_stays_and_so_does_all_else(esx, sim):
    found = made(esx)
    shared = disk("sdf", "scsi", "[datastore1] new01/data.vmdk")
    esx.lookupByName("web01").attachDeviceFlags(shared, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    before = sim.inventory()
    for attempt in (found.undefineWithStorage, found.undefinePreview):
        text = failing(libvirt.VIR_ERR_OPERATION_INVALID, attempt, None)
        assert "Disk sdb ([datastore1] new01/data.vmdk)" in text
        assert "domain 'web01' has it" in text
    assert sim.inventory() == before
    found.undefineWithStorage(["sda"])


def test_what_snapshots_hold_stays(esx, sim):
    before = sim.inventory()
    found = esx.lookupByName("snap01")
    text = failing(libvirt.VIR_ERR_OPERATION_INVALID, found.undefineWithStorage, None)
    assert "snapshots of the domain have it" in text
    assert sim.inventory() == before


def test_a_domain_that_runs_keeps_its_storage(esx, sim):
    before = sim.inventory()
    failing(libvirt.VIR_ERR_OPERATION_INVALID, esx.lookupByName("db01").undefineWithStorage, None)
    failing(libvirt.VIR_ERR_OPERATION_INVALID, esx.lookupByName("db01").undefinePreview, None)
    assert sim.inventory() == before


def test_what_cannot_be_deleted_is_named_with_what_was(esx, sim):
    found = made(esx)
    sim.fault("DeleteVirtualDisk_Task", "fault", fault="FileLocked", skip=1)
    text = failing(libvirt.VIR_ERR_OPERATION_FAILED, found.undefineWithStorage, None)
    assert "domain 'new01' has been undefined, [datastore1] new01/new01.vmdk deleted" in text
    assert "what stays, or may stay: [datastore1] new01/data.vmdk" in text
    assert "[datastore1] new01/data.vmdk" in files(sim)


def test_disks_are_wiped_before_they_go(esx, sim):
    found = made(esx)
    sim.reset_calls()
    found.undefineWithStorage(["sda"], wipe=True)
    changes = [each for each in sim.calls() if each.endswith("_Task") or each == "UnregisterVM"]
    assert changes == ["UnregisterVM", "ZeroFillVirtualDisk_Task", "DeleteVirtualDisk_Task"]


def test_one_look_at_the_machines_serves_all_disks(esx, sim):
    found = made(esx)
    sim.reset_calls()
    found.undefinePreview(None)
    assert len(sim.calls()) <= 6, sim.calls()
