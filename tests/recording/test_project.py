"""The project's own way of running tests: the fixture ``esx`` in every mode."""

import pytest

NAMES = ["db01", "old01", "snap01", "susp01", "web01"]


def test_the_host_is_there(esx):
    assert sorted(domain.name() for domain in esx.listAllDomains()) == NAMES


@pytest.mark.esx(uri_params="disk_mode=libvirt")
def test_uri_parameters_are_part_of_the_question(esx):
    assert "disk_mode=libvirt" in esx.getURI()
    assert "persistent=" not in esx.lookupByName("web01").XMLDesc()


@pytest.mark.live
def test_live_tests_reach_the_simulator(sim, esx):
    assert esx.isAlive() == 1
    assert "CurrentTime" in sim.calls()
