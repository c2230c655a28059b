"""Defining a domain whose files lie there: undefining has a way back, and what goes wrong on it changes nothing."""

import libvirt
import pytest

from tests.conf.documents import domain
from tests.driver.test_define import writes
from tests.faults.operations import DISK
from tests.helpers import failing

pytestmark = pytest.mark.live

SNAPSHOTS = libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA


both = pytest.mark.parametrize(
    "model", [pytest.param(each, marks=pytest.mark.esx(model=each)) for each in ("esx", "vpx")]
)


@pytest.fixture
def esx_uri(esx_uri):
    """Name a cluster of the vCenter: several hosts reach its datastore."""
    return esx_uri.replace("DC%201", "DC%201/cluster1")


@both
@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("name", ["web01", "snap01"])
@pytest.mark.parametrize("flags", [0, libvirt.VIR_DOMAIN_XML_SECURE])
def test_undefine_has_a_way_back_with_modes_addresses_and_uuids(esx, name, flags):
    found = esx.lookupByName(name)
    text, uuid, snapshots = found.XMLDesc(flags), found.UUIDString(), found.snapshotListNames()
    found.undefineFlags(SNAPSHOTS)
    again = esx.defineXML(text)
    assert plain(again.XMLDesc(flags)) == plain(text)
    assert again.UUIDString() == uuid
    assert again.snapshotListNames() == snapshots


def plain(text):
    """Return a document without what a host numbers afresh."""
    return [line for line in text.splitlines() if "vmware:moref" not in line]


@both
@pytest.mark.usefixtures("model")
def test_what_lies_there_becomes_what_the_document_says(esx):
    found = esx.lookupByName("web01")
    text = found.XMLDesc().replace("snapshot='yes' persistent='yes'", "snapshot='no' persistent='no'", 1)
    found.undefine()
    before = writes(esx)
    again = esx.defineXML(text)
    assert plain(again.XMLDesc()) == plain(text)
    assert writes(esx)["ReconfigVM_Task"] == before.get("ReconfigVM_Task", 0) + 1


@both
@pytest.mark.usefixtures("model")
def test_what_cannot_become_so_is_not_registered(esx, sim):
    found = esx.lookupByName("snap01")
    text = found.XMLDesc().replace("snapshot='yes' persistent='yes'", "snapshot='no' persistent='yes'", 1)
    found.undefineFlags(SNAPSHOTS)
    before = sim.inventory()
    said = failing(libvirt.VIR_ERR_OPERATION_INVALID, esx.defineXML, text)
    assert "delete them first (snapshot-delete)" in said
    assert "'[datastore1] snap01/snap01.vmx', which was there, was registered and is so no longer" in said
    assert sim.inventory()["machines"] == before["machines"]


@both
@pytest.mark.usefixtures("model")
def test_what_the_host_refuses_is_not_registered_either(esx, sim):
    found = esx.lookupByName("web01")
    text = found.XMLDesc().replace("front end", "changed")
    found.undefine()
    before = sim.inventory()
    sim.fault("ReconfigVM_Task", "fault", fault="NoPermission")
    assert "is so no longer" in failing(libvirt.VIR_ERR_ACCESS_DENIED, esx.defineXML, text)
    assert sim.inventory() == before
    sim.fault("ReconfigVM_Task", "fault", fault="NoPermission")
    sim.fault("UnregisterVM", "fault", fault="NoPermission")
    assert "stays so: it cannot be unregistered" in failing(libvirt.VIR_ERR_ACCESS_DENIED, esx.defineXML, text)
    assert esx.lookupByName("web01")


@both
@pytest.mark.usefixtures("model")
def test_the_configuration_of_another_domain_is_refused_with_its_name(esx, sim):
    esx.lookupByName("web01").rename("other/one")
    before = sim.inventory()
    text = domain(DISK.replace("spare/spare-1", "web01/data"))  # it would be beside web01's own files
    said = failing(libvirt.VIR_ERR_DOM_EXIST, esx.defineXML, text)
    assert "'[datastore1] web01/web01.vmx', which is that of domain 'other/one'" in said
    assert sim.inventory() == before
