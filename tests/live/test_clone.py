"""Clones, by a vCenter and on a host alone: the same modes, identities of their own, and nothing left of a failure."""

import libvirt
import pytest
from lxml import etree

import esxdriver
from tests.helpers import failing
from tests.live.rig import Rig, add, edit, nic, scsi, spare, unchanged

pytestmark = pytest.mark.live

both = pytest.mark.parametrize(
    "model", [pytest.param(each, marks=pytest.mark.esx(model=each)) for each in ("esx", "vpx")]
)
ONE = "<domainsnapshot><name>one</name></domainsnapshot>"
vcenter = pytest.mark.esx(model="vpx")


def disks(domain):
    """Return target, mode and file of each hard disk."""
    return [
        (each.find("target").get("dev"), each.get("snapshot"), each.get("persistent"), each.find("source").get("file"))
        for each in etree.fromstring(domain.XMLDesc()).iter("disk")
        if each.get("device") == "disk"
    ]


def macs(domain):
    return [each.get("address") for each in etree.fromstring(domain.XMLDesc()).iter("mac")]


def thin(sim):
    """Return which disks of the datastores are thin."""
    files = {f"[{store}] {each['path']}": each for store, all_ in sim.inventory()["files"].items() for each in all_}
    return {name: bool(each.get("thin")) for name, each in files.items() if name.endswith(".vmdk")}


@both
@pytest.mark.usefixtures("model")
def test_a_clone_has_each_disks_mode_and_an_identity_of_its_own(esx, sim):
    web01 = esx.lookupByName("web01")
    reported = []
    made = esxdriver.clone(web01, "web02", progress=reported.append)
    assert (made.name(), made.state()[0], made.connect()) == ("web02", libvirt.VIR_DOMAIN_SHUTOFF, esx)
    old, new = disks(web01), disks(made)
    assert [each[:3] for each in new] == [each[:3] for each in old]
    assert ("no", "yes") in [each[1:3] for each in new]
    assert ("no", "no") in [each[1:3] for each in new]
    assert all(each[3].startswith("[datastore1] web02/") for each in new)
    known = thin(sim)
    assert [known[each[3]] for each in new] == [known[each[3]] for each in old]
    assert made.UUIDString() != web01.UUIDString()
    assert len(macs(made)) == len(macs(web01))
    assert not set(macs(made)) & set(macs(web01))
    assert made.create() == 0
    assert esx.lookupByName("web02").UUIDString() == made.UUIDString()


@both
@pytest.mark.usefixtures("model")
def test_a_clone_has_the_addresses_and_the_datastore_that_are_asked_for(esx):
    web01 = esx.lookupByName("web01")
    made = esxdriver.clone(web01, "web/02", macs=["00:50:56:01:02:03"], datastore="nfs store")
    assert macs(made)[0] == "00:50:56:01:02:03"
    assert made.name() == "web/02"
    assert {each[3].partition("]")[0] for each in disks(made)} == {"[nfs store"}


def refused(esx, code, name, **options):
    return failing(code, lambda: esxdriver.clone(esx.lookupByName(name), "copy01", **options))


@both
@pytest.mark.usefixtures("model")
def test_what_cannot_be_is_refused_and_nothing_is_made(esx, sim):
    with unchanged(sim):
        failing(libvirt.VIR_ERR_DOM_EXIST, esxdriver.clone, esx.lookupByName("web01"), "db01")
        failing(libvirt.VIR_ERR_INVALID_ARG, esxdriver.clone, esx.lookupByName("web01"), "")
        refused(esx, libvirt.VIR_ERR_NO_STORAGE_POOL, "web01", datastore="nosuch")
        refused(esx, libvirt.VIR_ERR_INVALID_ARG, "web01", macs=["00:50"])
        refused(esx, libvirt.VIR_ERR_INVALID_ARG, "web01", macs=[None] * 20)
        esx.backend.readonly = True
        refused(esx, libvirt.VIR_ERR_OPERATION_DENIED, "web01")


# -- on a host alone


def test_on_a_host_what_runs_is_not_cloned_nor_is_a_snapshot(esx, sim):
    with unchanged(sim):
        assert "shut it off" in refused(esx, libvirt.VIR_ERR_OPERATION_INVALID, "db01")
        assert "vCenter" in refused(esx, libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "snap01", linked=True)
        assert "vCenter" in refused(esx, libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "snap01", snapshot="before upgrade")


def test_on_a_host_a_mode_that_no_clone_could_have_is_refused_before_its_disk_is_copied(esx, sim):
    sim.reset_calls()
    assert "disk 'sda' ([datastore1] old01/old01.vmdk)" in refused(esx, libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "old01")
    assert "CopyVirtualDisk_Task" not in sim.calls()


def test_on_a_host_a_domain_with_snapshots_is_cloned_as_it_is_now(esx):
    snap01 = esx.lookupByName("snap01")
    made = esxdriver.clone(snap01, "copy01")
    assert [each[:3] for each in disks(made)] == [each[:3] for each in disks(snap01)]
    assert made.snapshotNum() == 0


@pytest.mark.parametrize(
    ("method", "skip"), [("CopyVirtualDisk_Task", 0), ("CopyVirtualDisk_Task", 1), ("CreateVM_Task", 0)]
)
def test_on_a_host_a_failure_leaves_nothing(esx, sim, method, skip):
    sim.fault(method, "task", fault="NoDiskSpace", skip=skip)
    with unchanged(sim):
        refused(esx, libvirt.VIR_ERR_OPERATION_FAILED, "web01")


def test_on_a_host_what_may_have_been_made_stays(esx, sim):
    sim.fault("CreateVM_Task", "close-after")
    assert "unknown" in refused(esx, libvirt.VIR_ERR_RPC, "web01")
    assert all(each[3].startswith("[datastore1] copy01/") for each in disks(esx.lookupByName("copy01")))


# -- by a vCenter


def dependent(esx, sim):
    """Make a domain whose one disk is in snapshots, and return it."""
    with Rig(sim) as rig:
        rig.create(add(scsi(key=-100, bus=0)), add(spare(controller=-100)), add(nic()), name="plain01")
    return esx.lookupByName("plain01")


@vcenter
def test_a_vcenter_clones_what_runs_if_no_disk_is_independent(esx, sim):
    with unchanged(sim):
        assert "only while the domain is shut off" in refused(esx, libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "db01")
    plain = dependent(esx, sim)
    plain.create()
    made = esxdriver.clone(plain, "copy01")
    assert (made.state()[0], plain.state()[0]) == (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_RUNNING)


@vcenter
def test_a_vcenter_clones_from_a_snapshot_and_links(esx, sim):
    plain = dependent(esx, sim)
    refused(esx, libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT, "plain01", linked=True)
    plain.snapshotCreateXML(ONE)
    assert esxdriver.clone(plain, "copy03", snapshot="one").name() == "copy03"
    assert esxdriver.clone(plain, "copy02", linked=True).name() == "copy02"
    refused(esx, libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT, "plain01", snapshot="nosuch")


@vcenter
def test_an_independent_disk_is_in_no_snapshot_to_clone_from(esx, sim):
    web01 = esx.lookupByName("web01")
    web01.snapshotCreateXML(ONE)
    with unchanged(sim):
        said = refused(esx, libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "web01", linked=True)
    assert "is in no snapshot" in said


@vcenter
def test_an_address_that_somebody_chose_is_not_there_twice(esx, sim):
    with Rig(sim) as rig:
        vm = rig.vm("web01")
        card = next(each for each in vm.config.hardware.device if hasattr(each, "macAddress"))
        card.addressType, card.macAddress = "manual", "00:50:56:11:22:33"
        rig.reconfigure("web01", edit(card))
    made = esxdriver.clone(esx.lookupByName("web01"), "copy01")
    assert "00:50:56:11:22:33" in macs(esx.lookupByName("web01"))
    assert "00:50:56:11:22:33" not in macs(made)


@vcenter
def test_a_clone_that_is_not_as_it_should_be_does_not_stay(esx, sim):
    sim.fault("ReconfigVM_Task", "task", fault="NoPermission")
    with unchanged(sim):
        refused(esx, libvirt.VIR_ERR_ACCESS_DENIED, "web01", macs=["00:50:56:01:02:03"])
    assert esx.backend.session.calls["Destroy_Task"] == 1
