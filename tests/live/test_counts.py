"""How many calls things take after login, on a host of a thousand domains: a count is stable, a time is not."""

import libvirt
import pytest

import esxdriver
from esxdriver.driver import diskmodes
from tests.conftest import password_auth, sim_uri
from tests.sim import Sim

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def crowd():
    with Sim.start("esx", vms=1000) as sim:
        yield sim


@pytest.fixture
def host(crowd):
    with esxdriver.openAuth(sim_uri(crowd), password_auth(crowd.password)) as connection:
        crowd.reset_calls()
        yield connection


def test_a_thousand_domains_are_listed_with_their_state_in_at_most_3_calls(crowd, host):
    domains = host.listAllDomains()
    assert len(domains) == 1005
    assert {domain.ID() > 0 for domain in domains} == {True, False}
    assert len(crowd.calls()) <= 3


def test_all_their_disks_are_audited_in_one_call_and_one_for_500_of_them(crowd, host):
    reports = diskmodes.of_connection(host)
    assert len({each.uuid for each in reports}) >= 1000
    assert len(crowd.calls()) == 1 + 3


def test_one_of_them_is_dumped_in_2_calls_a_look_up_and_a_read(crowd, host):
    assert "<name>web01</name>" in host.lookupByName("web01").XMLDesc()
    assert len(crowd.calls()) == 2


def test_one_of_them_is_found_by_its_uuid_in_one_call(crowd, host):
    uuid = host.lookupByName("web01").UUIDString()
    crowd.reset_calls()
    host.lookupByUUIDString(uuid)
    assert crowd.calls() == ["FindAllByUuid"]


def test_one_of_them_is_edited_in_at_most_6_calls_one_of_which_changes_it(crowd, host):
    domain = host.lookupByName("web01")
    text = domain.XMLDesc().replace("snapshot='yes' persistent='yes'", "snapshot='no' persistent='yes'", 1)
    crowd.reset_calls()
    host.defineXML(text)
    assert len(crowd.calls()) <= 6
    assert crowd.calls().count("ReconfigVM_Task") == 1


def test_statistics_of_all_take_3_calls_without_disks_and_then_2(crowd, host):
    groups = libvirt.VIR_DOMAIN_STATS_CPU_TOTAL | libvirt.VIR_DOMAIN_STATS_VCPU | libvirt.VIR_DOMAIN_STATS_INTERFACE
    assert sum("cpu.time" in stats for _, stats in host.getAllDomainStats(groups)) > 500
    assert crowd.calls() == ["RetrievePropertiesEx", "RetrievePropertiesEx", "QueryPerf"]
    crowd.reset_calls()
    host.getAllDomainStats(groups)
    assert crowd.calls() == ["RetrievePropertiesEx", "QueryPerf"]


def test_two_thousand_volumes_are_listed_by_one_search_in_at_most_3_calls(crowd, host):
    pool = host.storagePoolLookupByName("datastore1")
    crowd.reset_calls()
    assert len(pool.listAllVolumes()) > 2000
    assert crowd.calls().count("SearchDatastoreSubFolders_Task") == 1
    assert len(crowd.calls()) <= 3
