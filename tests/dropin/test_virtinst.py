"""virt-xml and virt-install of virt-manager: domains edited, plugged and made."""

from pathlib import Path

import pytest
from lxml import etree

import esxdriver
from tests.conftest import password_auth, sim_uri
from tests.dropin.conftest import needs

TOOLS = Path("/usr/bin")

pytestmark = needs(TOOLS / "virt-xml", "Debian's package virtinst")
SPARE = "path=[datastore1] spare/spare-1.vmdk,target.dev=sdf,target.bus=scsi"


@pytest.fixture
def tool(program):
    return lambda name, *words, **options: program(
        str(TOOLS / name), "--connect", program.uri, *words, path="/usr/share/virt-manager", **options
    )


def xml_of(sim, name):
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as conn:
        return etree.fromstring(conn.lookupByName(name).XMLDesc())


def modes(sim, name):
    return [
        (each.get("snapshot"), each.get("persistent"))
        for each in xml_of(sim, name).iterfind("devices/disk[@device='disk']")
    ]


def test_an_edit_keeps_the_modes_of_the_disks(tool, sim):
    before = modes(sim, "web01")
    assert "defined successfully" in tool(
        "virt-xml", "web01", "--edit", "--metadata", "description=changed", "--define"
    )
    assert xml_of(sim, "web01").findtext("description") == "changed"
    assert modes(sim, "web01") == before
    assert ("no", "no") in before


def test_a_disk_comes_and_goes(tool, sim):
    before = modes(sim, "web01")
    tool("virt-xml", "web01", "--add-device", "--disk", SPARE, "--define")
    assert modes(sim, "web01") == [*before, ("yes", "yes")]
    tool("virt-xml", "web01", "--remove-device", "--disk", "target.dev=sdf", "--define")
    assert modes(sim, "web01") == before


def test_a_card_is_plugged_into_a_running_domain(tool, sim):
    said = tool("virt-xml", "db01", "--add-device", "--network", "bridge=VM Network,model.type=vmxnet3", "--update")
    assert "Device hotplug successful" in said
    assert len(xml_of(sim, "db01").findall("devices/interface")) == 3


def test_a_domain_is_installed_on_a_disk_that_is_there(tool, sim):
    disk = "path=[datastore1] spare/spare-2.vmdk,target.bus=scsi"
    tool("virt-install", "--name", "vi01", "--memory", "512", "--disk", disk, "--import", "--os-variant", "generic",
         "--network", "bridge=VM Network", "--video", "vmvga", "--graphics", "none", "--noautoconsole")  # fmt: skip
    assert xml_of(sim, "vi01").get("id") is not None
