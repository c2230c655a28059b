"""Ansible's modules of community.libvirt: what they list, say and change."""

import json

import pytest

from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.mapping.enums import DiskMode
from tests.dropin.conftest import SITE, needs
from tests.live.test_modes import document

_COLLECTION = "ansible_collections.community.libvirt"


pytestmark = needs(SITE / "ansible_collections", "Ansible's collection community.libvirt")


@pytest.fixture
def virt(program):
    def run(module="virt", /, status=0, **arguments):
        words = json.dumps({"uri": program.uri, **arguments})
        return json.loads(
            program(f"{_COLLECTION}.plugins.modules.{module}", words, status=status).strip().splitlines()[-1]
        )

    return run


def test_lists_domains_and_says_how_they_are(virt):
    assert virt(command="list_vms")["list_vms"] == ["web01", "db01", "old01", "snap01", "susp01"]
    assert virt(command="status", name="db01")["status"] == "running"
    found = virt(command="info")
    assert {name: found[name]["state"] for name in ("web01", "db01", "susp01")} == {
        "web01": "shutdown", "db01": "running", "susp01": "paused",
    }  # fmt: skip
    assert virt(command="virttype")["virttype"] == "ESX"
    assert virt(command="nodeinfo")["cpumhz"] == "2900"


def test_defines_a_domain_with_the_modes_of_its_disks(virt, sim):
    xml = document("scsi", Backing.FLAT, DiskMode.INDEPENDENT_NONPERSISTENT, "attributes")
    assert virt(command="define", xml=xml)["changed"]
    assert "snapshot='no' persistent='no'" in virt(command="get_xml", name="modes")["get_xml"]


def test_starts_stops_and_forgets_domains(virt):
    assert virt(name="web01", state="running", autostart=True)["changed"]
    assert not virt(name="web01", state="running").get("changed")
    assert virt(command="info")["web01"]["autostart"]
    assert virt(name="web01", state="destroyed")["changed"]
    virt(command="undefine", name="web01")
    assert "web01" not in virt(command="list_vms")["list_vms"]


def test_what_is_not_there_is_an_error_in_libvirts_words(virt):
    assert "nosuch" in virt(command="status", name="nosuch", status=1)["msg"]


def test_says_what_networks_there_are(virt):
    networks = virt("virt_net", command="info")["networks"]
    assert (networks["vSwitch0"]["state"], networks["vSwitch0"]["autostart"]) == ("active", "yes")
    assert "<name>vSwitch0</name>" in virt("virt_net", command="get_xml", name="vSwitch0")["get_xml"]
    assert virt("virt_net", command="list_nets")["list_nets"]


def test_says_what_storage_there_is(virt):
    pools = virt("virt_pool", command="info")["pools"]
    assert pools["datastore1"]["state"] == "active"
    assert "web01/web01.vmdk" in pools["datastore1"]["volumes"]


LAB = "<network><name>lab</name><forward mode='bridge' dev='vmnic2'/><portgroup name='web'/></network>"


def test_lists_defines_and_forgets_networks(virt):
    assert virt("virt_net", command="list_nets")["list_nets"] == ["vSwitch0", "vSwitch1"]
    assert virt("virt_net", command="info")["networks"]["vSwitch0"]["bridge"] == "vSwitch0"
    assert "ansible_libvirt_networks" in str(virt("virt_net", command="facts"))
    assert virt("virt_net", command="define", name="lab", xml=LAB)["changed"]
    assert "<portgroup name='web'/>" in virt("virt_net", command="get_xml", name="lab")["get_xml"]
    virt("virt_net", command="undefine", name="lab")
    assert "lab" not in virt("virt_net", command="list_nets")["list_nets"]
