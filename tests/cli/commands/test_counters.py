"""What domains and the host have used, as virsh shows it."""

from unittest.mock import create_autospec

import pytest

from esxdriver.conf.devices.interface import InterfaceDef, Network, NicModel

DOMAIN = [
    # words after the domain, method, what it returns, what it is called with, output
    (["domblkinfo", "sda"], "blockInfo", [30, 20, 10], ("sda",),
     "Capacity:       30\nAllocation:     20\nPhysical:       10\n"),
    (["domblkstat", "sda"], "blockStatsFlags", {"rd_operations": 1, "rd_bytes": 2, "rd_total_times": 3}, ("sda",),
     "sda rd_req 1\nsda rd_bytes 2\nsda rd_total_times 3\n"),
    (["domblkstat"], "blockStatsFlags", {"wr_operations": 1}, ("",), "wr_req 1\n"),
    (["domifstat", "nic0"], "interfaceStats", (1, 2, -1, 3, 4, 5, -1, 6), ("nic0",),
     "nic0 rx_bytes 1\nnic0 rx_packets 2\nnic0 rx_drop 3\nnic0 tx_bytes 4\nnic0 tx_packets 5\nnic0 tx_drop 6\n"),
    (["dommemstat"], "memoryStats", {"actual": 1024, "rss": 7}, (), "actual 1024\nrss 7\n"),
    (["cpu-stats", "--total"], "getCPUStats", [{"cpu_time": 48772617035, "user_time": 5540000000}], (True,),
     "Total:\n\tcpu_time            48.772617035 seconds\n\tuser_time            5.540000000 seconds\n"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "method", "found", "asked", "shown"), DOMAIN)
def test_of_a_domain(esxdriver, conn, words, method, found, asked, shown):
    getattr(conn.domains[1], method).return_value = found
    command, *others = words
    result = esxdriver(command, "db01", *others)
    assert (result.exit_code, result.stdout) == (0, shown)
    getattr(conn.domains[1], method).assert_called_once_with(*asked)


def test_each_vcpu_is_shown_before_the_total(esxdriver, conn):
    answers = {False: [{"cpu_time": 10**9}, {"cpu_time": 0}], True: [{"cpu_time": 10**9}]}
    conn.domains[1].getCPUStats.side_effect = answers.__getitem__
    lines = esxdriver("cpu-stats", "db01").stdout.splitlines()
    assert [line for line in lines if not line.startswith("\t")] == ["CPU0:", "CPU1:", "Total:"]
    assert lines[3] == "\tcpu_time             0.000000000 seconds"


def test_interfaces(esxdriver, conn):
    card = create_autospec(InterfaceDef, instance=True)
    card.network, card.source, card.model, card.mac = (
        Network.BRIDGE,
        "VM Network",
        NicModel.VMXNET3,
        "00:50:56:00:00:01",
    )
    conn.domains[1].networkCards.return_value = [("nic0", card)]
    assert esxdriver("domiflist", "db01").stdout == (
        " Interface   Type     Source       Model     MAC\n"
        "----------------------------------------------------------------\n"
        " nic0        bridge   VM Network   vmxnet3   00:50:56:00:00:01\n"
    )


HOST = [
    (["nodecpustats"], "getCPUStats", {"user": 9797400000, "idle": 87264900000}, (-1,),
     "user:                     9797400000\nidle:                    87264900000\n"),
    (["nodecpustats", "--cpu", "3"], "getCPUStats", {"user": 1}, (3,), "user:" + "1".rjust(31) + "\n"),
    (["nodememstats"], "getMemoryStats", {"total": 2048, "free": 1024}, (-1,),
     "total  :                 2048 KiB\nfree   :                 1024 KiB\n"),
    (["freecell"], "getFreeMemory", 3145728, (), "Total: 3072 KiB\n"),
    (["maxvcpus"], "getMaxVcpus", 32, (None,), "32\n"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "method", "found", "asked", "shown"), HOST)
def test_of_the_host(esxdriver, conn, words, method, found, asked, shown):
    getattr(conn, method).return_value = found
    result = esxdriver(*words)
    assert (result.exit_code, result.stdout) == (0, shown)
    getattr(conn, method).assert_called_once_with(*asked)
