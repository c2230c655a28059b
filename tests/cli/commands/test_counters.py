"""What domains and the host have used, as virsh shows it."""

from unittest.mock import create_autospec

import libvirt
import pytest

from esxdriver.conf.devices.interface import InterfaceDef, Network, NicModel
from esxdriver.errors import error

DOMAIN = [
    # words after the domain, method, what it returns, what it is called with, output
    (["domblkinfo", "sda"], "blockInfo", [30, 20, 10], ("sda",),
     "Capacity:       30\nAllocation:     20\nPhysical:       10\n"),
    (["domblkstat", "sda"], "blockStatsFlags", {"rd_operations": 1, "rd_bytes": 2, "rd_total_times": 3}, ("sda",),
     "sda rd_req 1\nsda rd_bytes 2\nsda rd_total_times 3\n"),
    (["domblkinfo", "sda", "--human"], "blockInfo", [2**40 - 1, 512, 3 * 2**29], ("sda",),
     "Capacity:       1024.000 GiB\nAllocation:     512.000 B\nPhysical:       1.500 GiB\n"),
    (["domblkstat", "--device", "sda", "--human"], "blockStatsFlags",
     {"wr_total_times": 7, "wr_bytes": 6, "rd_operations": 1, "rd_bytes": 2}, ("sda",),
     "Device: sda\n"
     " number of read operations:      1\n"
     " number of bytes read:           2\n"
     " number of bytes written:        6\n"
     " total duration of writes (ns):  7\n"),
    (["domblkstat"], "blockStatsFlags", {"wr_operations": 1}, ("",), "wr_req 1\n"),
    (["domifstat", "nic0"], "interfaceStats", (1, 2, -1, 3, 4, 5, -1, 6), ("nic0",),
     "nic0 rx_bytes 1\nnic0 rx_packets 2\nnic0 rx_drop 3\nnic0 tx_bytes 4\nnic0 tx_packets 5\nnic0 tx_drop 6\n"),
    (["dommemstat"], "memoryStats", {"actual": 1024, "rss": 7}, (), "actual 1024\nrss 7\n"),
    (["dommemstat", "--period", "5", "--live"], "setMemoryStatsPeriod", 0, (5, 1), ""),
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


VCPUS = [
    # options, the heads of what is shown
    ([], ["CPU0:", "CPU1:", "CPU2:", "Total:"]),
    (["--total"], ["Total:"]),
    (["--start", "1"], ["CPU1:", "CPU2:"]),
    (["--count", "2"], ["CPU0:", "CPU1:"]),
    (["--start", "1", "--count", "1", "--total"], ["CPU1:", "Total:"]),
    (["--start", "3"], []),
]


@pytest.mark.parametrize(("options", "heads"), VCPUS, ids=" ".join)
def test_options_choose_among_vcpus_and_their_total(esxdriver, conn, options, heads):
    answers = {False: [{"cpu_time": 1}] * 3, True: [{"cpu_time": 3}]}
    conn.domains[1].getCPUStats.side_effect = answers.__getitem__
    shown = esxdriver("cpu-stats", "db01", *options).stdout.splitlines()
    assert [line for line in shown if not line.startswith("\t")] == heads


def test_sizes_of_all_disks_come_in_one_table_and_one_read(esxdriver, conn):
    known = {"capacity": 16 * 2**30, "allocation": 2**30, "physical": 2**30}
    stats = {"block.count": 2, "block.0.name": "sda", "block.1.name": "hdc"}
    stats |= {f"block.0.{name}": size for name, size in known.items()}
    conn.domainListGetStats.return_value = [(conn.domains[1], stats)]
    assert esxdriver("domblkinfo", "db01", "--all", "--human").stdout == (
        " Target   Capacity     Allocation   Physical\n"
        "-----------------------------------------------\n"
        " sda      16.000 GiB   1.000 GiB    1.000 GiB\n"
        " hdc      -            -            -\n"
    )
    assert not conn.domains[1].blockInfo.called


MISUSED = [
    (["domblkinfo", "db01"], "one of DEVICE and --all is required"),
    (["domblkinfo", "db01", "sda", "--all"], "--all does not go with DEVICE"),
    (["freecell", "--all", "--cellno", "0"], "--all does not go with --cellno"),
    (["cpu-stats", "db01", "--start", "-1"], "-1 is not in the range"),
]


@pytest.mark.parametrize(("words", "said"), MISUSED, ids=[" ".join(words) for words, _ in MISUSED])
def test_options_that_make_no_sense(esxdriver, words, said):
    result = esxdriver(*words)
    assert result.exit_code == 2
    assert said in result.stderr


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
    (["freecell", "--cellno", "0"], "getCellsFreeMemory", [2097152], (0, 1), "0: 2048 KiB\n"),
    (["freecell", "--all"], "getCellsFreeMemory", [3145728], (0, 1),
     "    0:       3072 KiB\n--------------------\nTotal:       3072 KiB\n"),
    (["nodecpustats", "--percent"], "getCPUStats", {"user": 1, "idle": 3}, (-1,),
     "usage:           25.0%\nuser:            25.0%\nidle:            75.0%\n"),
    (["nodecpustats", "--percent"], "getCPUStats", {"user": 0, "idle": 0}, (-1,),
     "usage:          100.0%\nuser:             0.0%\nidle:             0.0%\n"),
    (["sysinfo"], "getSysinfo", "<sysinfo type='smbios'/>\n", (), "<sysinfo type='smbios'/>\n"),
    (["maxvcpus"], "getDomainCapabilities", "<d><vcpu max='32'/></d>", (None, None, None, None), "32\n"),
    (["nodecpumap"], "getCPUMap", (4, [True, True, False, True], 3), (),
     "CPUs present:        4\nCPUs online:         3\nCPU map:             yy-y\n"),
    (["nodecpumap", "--pretty"], "getCPUMap", (4, [True, True, False, True], 3), (),
     "CPUs present:        4\nCPUs online:         3\nCPU map:             0-1,3\n"),
    (["domcapabilities"], "getDomainCapabilities", "<domainCapabilities/>\n", (None, None, None, None),
     "<domainCapabilities/>\n"),
    (["domcapabilities", "--virttype", "vmware", "--emulatorbin", "/bin/vmx", "--arch", "i686", "--machine", "vmx-19",
      "--xpath", "//vcpu", "--wrap"], "getDomainCapabilities", "<d><vcpu max='4'/></d>",
     ("/bin/vmx", "i686", "vmx-19", "vmware"), "<nodes>\n  <vcpu max=\"4\"/>\n</nodes>\n"),
    (["cpu-models", "x86_64"], "getCPUModelNames", ["Haswell", "EPYC"], ("x86_64",), "Haswell\nEPYC\n"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "method", "found", "asked", "shown"), HOST)
def test_of_the_host(esxdriver, conn, words, method, found, asked, shown):
    getattr(conn, method).return_value = found
    result = esxdriver(*words)
    assert (result.exit_code, result.stdout) == (0, shown)
    getattr(conn, method).assert_called_once_with(*asked)


def test_the_most_vcpus_of_several_hosts(esxdriver, conn):
    conn.getDomainCapabilities.side_effect = error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "several hosts")
    conn.getMaxVcpus.return_value = 768
    assert esxdriver("maxvcpus", "--type", "vmware").stdout == "768\n"
    conn.getMaxVcpus.assert_called_once_with("vmware")
