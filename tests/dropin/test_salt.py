"""Salt's virt module (PyPI: salt and saltext.virt): what its functions say and change."""

import json
from pathlib import Path

import pytest

from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.mapping.enums import DiskMode
from tests.dropin.conftest import SITE, needs
from tests.live.test_modes import document
from tests.parity import NEW

CALLS = str(Path(__file__).with_name("salt_calls.py"))
pytestmark = needs(SITE / "saltext", "Salt and saltext.virt")


@pytest.fixture
def salt(program):
    def run(*calls):
        words = json.dumps([each.split() if isinstance(each, str) else each for each in calls])
        return json.loads(program(CALLS, program.uri, words).strip().splitlines()[-1])

    return run


def test_it_says_what_there_is(salt):
    calls = ("list_domains", "list_active_vms", "list_inactive_vms", "vm_state db01", "get_macs web01", "freemem",
             "freecpu", "list_pools", "list_networks")  # fmt: skip
    domains, active, inactive, state, macs, memory, cpus, pools, networks = salt(*calls)
    assert sorted(domains) == ["db01", "old01", "snap01", "susp01", "web01"]
    assert sorted(active) == ["db01", "susp01"]
    assert sorted(inactive) == ["old01", "snap01", "web01"]
    assert state == {"db01": "running"}
    assert len(macs) == 1
    assert 0 < memory <= 65536
    assert isinstance(cpus, int)
    assert "datastore1" in pools
    assert "vSwitch0" in networks


def test_it_says_how_a_host_and_domains_are(salt):
    calls = ("node_info", "full_info", "vm_info web01", "get_disks web01", "get_nics web01", "get_xml web01",
             "capabilities", "domain_capabilities", "node_devices", "pool_info datastore1", "pool_list_volumes datastore1",
             "list_snapshots snap01", "vm_cputime db01", "vm_netstats db01", "vm_diskstats db01")  # fmt: skip
    found = dict(zip([each.split()[0] for each in calls], salt(*calls), strict=True))
    failed = {name: each for name, each in found.items() if isinstance(each, dict) and "error" in each}
    assert failed == {}
    assert found["node_info"]["cpus"] == 16
    assert found["vm_info"]["web01"]["cpu"] == 2
    assert "sda" in found["get_disks"]
    assert "persistent='no'" in found["get_xml"]
    assert found["capabilities"]["host"]["topology"]["cells"][0]["cpus"]
    assert "nvme" in found["domain_capabilities"]["devices"]["disk"]["bus"]
    assert any(each.get("vendor id") or each.get("vendor") for each in found["node_devices"])
    assert "web01/web01.vmdk" in found["pool_list_volumes"]
    assert [each["name"] for each in found["list_snapshots"]["snap01"]] == ["before upgrade"]


CHANGES = [
    ("start web01", "vm_state web01", {"web01": "running"}),
    ("stop db01", "vm_state db01", {"db01": "shutdown"}),
    ("pause db01", "vm_state db01", {"db01": "paused"}),
    ("resume susp01", "vm_state susp01", {"susp01": "running"}),
    ("reset db01", "vm_state db01", {"db01": "running"}),
    ("undefine web01", "vm_state web01", {"error": "CommandExecutionError: The VM \"web01\" is not present"}),
]  # fmt: skip


@pytest.mark.parametrize(("call", "after", "state"), CHANGES, ids=[call for call, *_ in CHANGES])
def test_it_changes_a_domain(salt, call, after, state):
    done, found = salt(call, after)
    assert done is True
    assert found == state


def test_it_defines_a_domain_with_the_modes_of_its_disks(salt):
    xml = document("scsi", Backing.FLAT, DiskMode.INDEPENDENT_NONPERSISTENT, "attributes")
    done, shown, again = salt(["define_xml_str", xml], "get_xml modes", ["define_xml_str", NEW])
    assert (done, again) == (True, True)
    assert "snapshot='no' persistent='no'" in shown
