"""Every mode on every bus and backing, in each spelling: defined, dumped, defined again; and edited."""

import itertools

import libvirt
import pytest

import esxdriver
from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.mapping.enums import DiskMode, DiskModeXML
from tests.conf.documents import domain
from tests.conftest import password_auth, sim_uri
from tests.driver.test_define import writes
from tests.helpers import failing

pytestmark = pytest.mark.live

BUSES = {"scsi": "sda", "sata": "sda", "nvme": "nvme0n1", "ide": "hda"}
FILES = {
    Backing.FLAT: "spare/spare-1.vmdk",
    Backing.SESPARSE: "spare/spare-2.vmdk",
    Backing.RDM: "spare/rdm-1.vmdk",
    Backing.PMEM: "spare/spare-3.vmdk",
}
DEFINABLE = [mode for mode in DiskMode if mode.definable]
# Persistent memory has no redo log: a host refuses the one mode that needs one. Source: vSphere API,
# VirtualDiskLocalPMemBackingInfo.diskMode
REFUSED = {(Backing.PMEM, DiskMode.INDEPENDENT_NONPERSISTENT)}
SPELLED = {
    # the attributes and elements that ask for a mode, in each spelling
    "attributes": lambda m: (f"snapshot='{_yes(m.snapshot)}' persistent='{_yes(m.persistent)}'", ""),
    "elements": lambda m: ("", ("" if m.snapshot else "<independent/>") + ("" if m.persistent else "<nonpersistent/>")),
    "libvirt": lambda m: ("" if m.snapshot else "snapshot='no'", "" if m.persistent else "<transient/>"),
}


def _yes(answer):
    return "yes" if answer else "no"


def document(bus, backing, mode, spelling):
    attributes, elements = SPELLED[spelling](mode)
    compatibility = " compatibilityMode='virtualMode'" if backing is Backing.RDM else ""
    metadata = (
        "<metadata><e:domain xmlns:e='urn:x-esxdriver:domain:1'>"
        f"<e:disk target='{BUSES[bus]}' backing='{backing.name.lower()}'{compatibility}/></e:domain></metadata>"
    )
    disk = (
        f"<disk type='file' device='disk' {attributes}><source file='[datastore1] {FILES[backing]}'/>"
        f"<target dev='{BUSES[bus]}' bus='{bus}'/>{elements}</disk>"
    )
    return domain(disk, metadata).replace("web01", "modes")


def opened(sim, spelling):
    return esxdriver.openAuth(sim_uri(sim, f"disk_mode={spelling}"), password_auth(sim.password))


def mode_on_the_host(sim):
    """Return the mode as the simulator itself has it, past everything of ours."""
    machine = next(vm for vm in sim.inventory()["machines"] if vm["config"]["name"] == "modes")
    return next(
        device["backing"]["diskMode"] for device in machine["config"]["hardware"]["device"] if "capacityInKB" in device
    )


@pytest.mark.parametrize("spelling", SPELLED)
@pytest.mark.parametrize(("bus", "backing"), list(itertools.product(BUSES, FILES)))
def test_every_mode_survives_being_defined_and_dumped(sim, bus, backing, spelling):
    for mode in (mode for mode in DEFINABLE if (backing, mode) not in REFUSED):
        sim.restore()
        with opened(sim, spelling) as connection:
            made = connection.defineXML(document(bus, backing, mode, spelling))
            assert mode_on_the_host(sim) == mode.vim
            dumped = made.XMLDesc()
            connection.defineXML(dumped)
            assert writes(connection) == {"CreateVM_Task": 1}
        for other in DiskModeXML:
            with opened(sim, other.xml) as connection:
                connection.defineXML(dumped)
                assert writes(connection) == {}


@pytest.mark.parametrize(("backing", "mode"), sorted(REFUSED, key=str))
@pytest.mark.parametrize("spelling", SPELLED)
def test_a_mode_that_a_backing_does_not_take_is_refused_and_leaves_nothing(sim, backing, mode, spelling):
    before = sim.inventory()
    with opened(sim, spelling) as connection:
        text = failing(
            libvirt.VIR_ERR_CONFIG_UNSUPPORTED, connection.defineXML, document("scsi", backing, mode, spelling)
        )
    assert "sda" in text
    assert sim.inventory() == before


@pytest.mark.parametrize("bus", BUSES)
@pytest.mark.parametrize(("have", "want"), list(itertools.permutations(DEFINABLE, 2)))
def test_every_mode_can_become_every_other_in_place(sim, bus, have, want):
    with opened(sim, "attributes") as connection:
        connection.defineXML(document(bus, Backing.FLAT, have, "attributes"))
        connection.defineXML(document(bus, Backing.FLAT, want, "attributes"))
        assert writes(connection) == {"CreateVM_Task": 1, "ReconfigVM_Task": 1}
    assert mode_on_the_host(sim) == want.vim
