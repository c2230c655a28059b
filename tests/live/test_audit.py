"""The audit with its snapshots, of a simulated host."""

import libvirt
import pytest

from esxdriver.driver import diskmodes

pytestmark = pytest.mark.live


def test_each_snapshot_says_what_it_holds_in_three_round_trips(sim, esx):
    domain = esx.lookupByName("web01")
    for name in ("first", "second"):
        domain.snapshotCreateXML(f"<domainsnapshot><name>{name}</name></domainsnapshot>", libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY)  # fmt: skip
    sim.reset_calls()
    reports = diskmodes.domains(esx)
    assert sim.calls() == ["RetrievePropertiesEx"] * 3
    assert [disk for each in reports for disk in each.disks] == diskmodes.of_connection(esx)
    (web01,) = [each for each in reports if each.name == "web01"]
    assert [(each.name, each.depth, each.current) for each in web01.snapshots] == [("first", 0, False), ("second", 1, True)]  # fmt: skip
    assert [[(disk.target, disk.in_snapshots) for disk in each.disks] for each in web01.snapshots] == [[("sda", True), ("sdb", False), ("sdc", False)]] * 2  # fmt: skip
    assert diskmodes.domains(esx, domain) == [web01]
