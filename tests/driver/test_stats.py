"""Domain statistics: libvirt's names and units, as far as vSphere keeps such figures."""

import libvirt
import pytest


def named(found):
    return {domain.name(): stats for domain, stats in found}


def test_all_groups(esx):
    stats = named(esx.getAllDomainStats())["web01"]
    assert stats["state.state"] == libvirt.VIR_DOMAIN_SHUTOFF
    assert stats["balloon.maximum"] == 2097152
    assert stats["vcpu.current"] == stats["vcpu.maximum"] == 2
    assert stats["block.count"] == 4
    assert stats["block.0.name"] == "sda"
    assert stats["block.0.path"] == "[datastore1] web01/web01.vmdk"
    assert stats["block.0.capacity"] == 16 * 2**30


def test_one_group_and_a_filter(esx):
    running = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING
    found = named(esx.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE, running))
    assert found
    assert all(stats == {"state.state": 1, "state.reason": 0} for stats in found.values())


def test_they_agree_with_each_domain(esx):
    found = named(esx.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_BALLOON))
    for domain in esx.listAllDomains():
        state, most, current, _, _ = domain.info()
        stats = found[domain.name()]
        assert (stats["state.state"], stats["balloon.maximum"], stats["balloon.current"]) == (state, most, current)


def test_times_and_traffic_are_those_of_domains_that_run(esx):
    found = named(esx.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_CPU_TOTAL | libvirt.VIR_DOMAIN_STATS_INTERFACE))
    assert found["web01"] == {}
    assert found["db01"]["cpu.time"] == found["db01"]["cpu.user"] + found["db01"]["cpu.system"] > 0
    assert [found["db01"][f"net.{number}.name"] for number in range(found["db01"]["net.count"])] == ["nic0", "nic1"]


def test_groups_that_vsphere_lacks(esx):
    assert named(esx.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_PERF))["db01"] == {}
    with pytest.raises(libvirt.libvirtError) as refused:
        esx.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_PERF, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS)
    assert refused.value.get_error_code() == libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED


@pytest.mark.parametrize("groups", [0, libvirt.VIR_DOMAIN_STATS_STATE])
def test_progress_is_reported_in_percentages(esx, groups):
    reported = []
    found = esx.getAllDomainStats(groups, progress=reported.append)
    assert reported == [100 * done // len(found) for done in range(1, len(found) + 1)]


def test_unknown_flags(esx):
    with pytest.raises(libvirt.libvirtError) as refused:
        esx.getAllDomainStats(0, 1 << 28)
    assert refused.value.get_error_code() == libvirt.VIR_ERR_INVALID_ARG
