"""Statistics before esxsim: what its counters show, added up in libvirt's units."""

import libvirt
import pytest

import esxdriver
from tests.conftest import password_auth, sim_uri
from tests.helpers import failing

pytestmark = pytest.mark.live

# The counters that show something else than usual, what that is, and the figures that rise by so much a sample.
NIC, DISK = "4001", "scsi0:0"
SHOWN = {
    "cpu.used.summation|": 5000,
    "cpu.system.summation|0": 100,
    "cpu.system.summation|1": 200,
    "cpu.system.summation|2": 0,
    "cpu.system.summation|3": 0,
    "cpu.used.summation|3": 4000,
    "cpu.ready.summation|3": 7,
    "cpu.wait.summation|3": 9,
    "mem.swapinRate.average|": 3,
    "mem.swapoutRate.average|": 4,
    f"net.bytesRx.average|{NIC}": 10,
    f"net.bytesTx.average|{NIC}": 11,
    f"net.packetsRx.summation|{NIC}": 12,
    f"net.packetsTx.summation|{NIC}": 13,
    f"net.droppedRx.summation|{NIC}": 14,
    f"net.droppedTx.summation|{NIC}": 15,
    f"virtualDisk.read.average|{DISK}": 16,
    f"virtualDisk.write.average|{DISK}": 17,
    f"virtualDisk.numberReadAveraged.average|{DISK}": 18,
    f"virtualDisk.numberWriteAveraged.average|{DISK}": 19,
    f"virtualDisk.totalReadLatency.average|{DISK}": 2,
    f"virtualDisk.totalWriteLatency.average|{DISK}": 3,
}
RISES = {
    "cpu.time": 5000 * 10**6,
    "cpu.system": 300 * 10**6,
    "cpu.user": 4700 * 10**6,
    "vcpu.3.time": 4000 * 10**6,
    "vcpu.3.delay": 7 * 10**6,
    "vcpu.3.wait": 9 * 10**6,
    "balloon.swap_in": 3 * 20,
    "balloon.swap_out": 4 * 20,
    "balloon.last-update": 20,
    "net.1.rx.bytes": 10 * 1024 * 20,
    "net.1.tx.bytes": 11 * 1024 * 20,
    "net.1.rx.pkts": 12,
    "net.1.tx.pkts": 13,
    "net.1.rx.drop": 14,
    "net.1.tx.drop": 15,
    "block.0.rd.bytes": 16 * 1024 * 20,
    "block.0.wr.bytes": 17 * 1024 * 20,
    "block.0.rd.reqs": 18 * 20,
    "block.0.wr.reqs": 19 * 20,
    "block.0.rd.times": 2 * 18 * 20 * 10**6,
    "block.0.wr.times": 3 * 19 * 20 * 10**6,
}


def stats_of(conn, name, groups=0):
    return next(stats for domain, stats in conn.getAllDomainStats(groups) if domain.name() == name)


def blocks(conn, name):
    """Return what is told of each disk, by the names of its fields."""
    stats = stats_of(conn, name, libvirt.VIR_DOMAIN_STATS_BLOCK)
    return [
        {key.split(".", 2)[2]: value for key, value in stats.items() if key.startswith(f"block.{number}.")}
        for number in range(stats["block.count"])
    ]


def test_each_figure_rises_by_what_its_counter_shows(esx, sim):
    sim.guest("db01", counters=SHOWN)
    before = stats_of(esx, "db01")
    for samples in (1, 3):
        sim.advance(20 * samples)
        after = stats_of(esx, "db01")
        assert {name: after[name] - before[name] for name in RISES} == {
            name: amount * samples for name, amount in RISES.items()
        }
        before = after
    assert stats_of(esx, "db01") == before


def test_the_figures_of_one_domain_are_those_of_all(esx, sim):
    sim.guest("db01", counters=SHOWN)
    all_of_it, domain = stats_of(esx, "db01"), esx.lookupByName("db01")
    block = [all_of_it[f"block.0.{name}"] for name in ("rd.reqs", "rd.bytes", "wr.reqs", "wr.bytes")]
    assert domain.info()[4] == all_of_it["cpu.time"]
    assert domain.blockStats("sda") == domain.blockStats("[datastore1] db01/db01.vmdk") == (*block, -1)
    assert domain.blockStatsFlags("sda")["rd_total_times"] == all_of_it["block.0.rd.times"]
    assert sorted(domain.blockStatsFlags("")) == sorted(
        f"{way}_{name}" for way in ("rd", "wr") for name in ("bytes", "operations", "total_times")
    )
    traffic = (all_of_it["net.1.rx.bytes"], all_of_it["net.1.rx.pkts"], -1, all_of_it["net.1.rx.drop"])
    assert domain.interfaceStats("nic1")[:4] == traffic
    mac = next(card["hwaddr"] for name, card in domain.interfaceAddresses(1).items() if name == "nic1")
    assert domain.interfaceStats(mac.upper()) == domain.interfaceStats("nic1")
    assert domain.getCPUStats(True) == [
        {f"{name}_time": all_of_it[f"cpu.{key}"] for name, key in (("cpu", "time"), ("user", "user"), ("system",) * 2)}
    ]
    assert [each["vcpu_time"] for each in domain.getCPUStats(False)] == [
        all_of_it[f"vcpu.{number}.time"] for number in range(4)
    ]
    assert domain.memoryStats() == {
        "actual": 8388608,
        "rss": 4194304,
        "swap_in": all_of_it["balloon.swap_in"],
        "swap_out": all_of_it["balloon.swap_out"],
        "last_update": all_of_it["balloon.last-update"],
    }
    assert domain.blockInfo("sda")[0] == all_of_it["block.0.capacity"]
    assert domain.blockInfo("sda")[1:] == [all_of_it["block.0.allocation"], all_of_it["block.0.physical"]]


def test_they_start_anew_after_power_off_and_go_on_after_a_suspension(esx, sim):
    domain = esx.lookupByName("db01")
    stats_of(esx, "db01")
    sim.advance(100)
    before = domain.info()[4]
    domain.suspend()
    assert domain.info()[4] == before
    domain.resume()
    sim.advance(40)
    assert domain.info()[4] > before
    domain.destroy()
    assert domain.info()[4] == 0
    domain.create()
    sim.advance(20)
    assert 0 < domain.info()[4] < before


def test_a_power_cycle_that_nobody_saw_starts_anew(esx, sim):
    before = [esx.lookupByName("db01").info()[4] for _ in range(3) if not sim.advance(200)][-1]
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as other:
        other.lookupByName("db01").destroy()
        other.lookupByName("db01").create()
    sim.advance(20)
    assert 0 < esx.lookupByName("db01").info()[4] < before


OFF = [
    lambda domain: domain.blockStats("sda"),
    lambda domain: domain.blockStatsFlags("sda"),
    lambda domain: domain.interfaceStats("nic0"),
    lambda domain: domain.memoryStats(),
    lambda domain: domain.getCPUStats(True),
]


@pytest.mark.parametrize("call", OFF)
def test_a_domain_that_is_off_counts_nothing(esx, call):
    failing(libvirt.VIR_ERR_OPERATION_INVALID, call, esx.lookupByName("web01"))


def test_unknown_devices_are_named(esx):
    cdrom = next(row["name"] for row in blocks(esx, "web01") if "capacity" not in row)
    domain = esx.lookupByName("db01")
    assert "'sdz'" in failing(libvirt.VIR_ERR_INVALID_ARG, domain.blockStats, "sdz")
    assert "'sdz'" in failing(libvirt.VIR_ERR_INVALID_ARG, domain.blockInfo, "sdz")
    assert "'nic9'" in failing(libvirt.VIR_ERR_INVALID_ARG, domain.interfaceStats, "nic9")
    failing(libvirt.VIR_ERR_INVALID_ARG, domain.blockInfo, "")
    failing(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, esx.lookupByName("web01").blockInfo, cdrom)


def test_a_domain_that_is_off_has_sizes_all_the_same(esx):
    capacity, allocation, physical = esx.lookupByName("web01").blockInfo("sda")
    assert capacity == 16 * 2**30
    assert 0 <= allocation == physical <= capacity


def test_domains_that_are_named_are_asked_about_alone(esx, sim):
    db01, web01 = esx.lookupByName("db01"), esx.lookupByName("web01")
    esx.domainListGetStats([db01], libvirt.VIR_DOMAIN_STATS_CPU_TOTAL)
    sim.reset_calls()
    found = esx.domainListGetStats([web01, db01, web01], libvirt.VIR_DOMAIN_STATS_STATE)
    assert [domain.name() for domain, _ in found] == ["web01", "db01"]
    assert sim.calls() == ["RetrievePropertiesEx"]
    web01.undefine()
    assert [domain.name() for domain, _ in esx.domainListGetStats([web01, db01])] == ["db01"]
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.domainListGetStats, [])


def test_a_machine_that_disappears_costs_the_others_nothing(esx, sim):
    ref = esx.lookupByName("web01").ref
    esx.lookupByName("web01").create()
    esx.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_CPU_TOTAL)
    sim.advance(60)
    sim.fault(
        "QueryPerf", fault="ManagedObjectNotFound", fields={"obj": {"type": "VirtualMachine", "value": ref._moId}}
    )
    assert stats_of(esx, "db01", libvirt.VIR_DOMAIN_STATS_CPU_TOTAL)["cpu.time"] > 0


def test_the_hosts_own_figures(esx, sim):
    one, everything = esx.getCPUStats(0), esx.getCPUStats(-1)
    assert set(one) == set(everything) == {"user", "idle"}
    assert 0 < one["user"] < one["idle"] < everything["idle"]
    sim.advance(60)
    assert esx.getCPUStats(0)["user"] > one["user"]
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.getCPUStats, 999)
    memory = esx.getMemoryStats(-1)
    assert 0 < memory["free"] < memory["total"] == esx.getInfo()[1] * 1024
    assert esx.getFreeMemory() == memory["free"] * 1024
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.getMemoryStats, 7)
