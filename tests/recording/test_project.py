"""The project's own way of running tests: the fixture ``esx`` in every mode."""

from pathlib import Path

import pytest

import esxdriver
from esxdriver import recording

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


def test_a_recording_is_a_parameter_of_the_uri():
    lab = Path(__file__).with_name("outside") / "cassettes/lab.yaml"
    with recording.no_network(), esxdriver.open(f"esx://esx1/?replay={lab}") as connection:
        assert sorted(domain.name() for domain in connection.listAllDomains()) == NAMES


CASSETTES = [
    *Path(__file__).parents[2].glob("cassettes/**/*.yaml"),
    Path(__file__).with_name("outside") / "cassettes/lab.yaml",
]


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_cassettes_head_says_where_it_was_recorded(path):
    head = path.read_text()[:2000].partition("\nversion:")[0]
    assert "\n  source: esxsim, the simulator of " in head
