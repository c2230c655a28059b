"""What a connection says of its hosts' processors, in libvirt's numbers."""

import pytest
from pyVmomi import vim

from esxdriver.driver.node_info import of_hosts
from esxdriver.vsphere.query import processors
from esxdriver.vsphere.query.retrieve import Found


def host(packages, cores, threads, nodes):
    cpus = vim.host.CpuInfo(numCpuPackages=packages, numCpuCores=cores, numCpuThreads=threads, hz=2 * 10**9)
    properties = {processors.CPUS: cpus, processors.MEMORY: 2**30, "hardware.numaInfo.numNodes": nodes}
    return Found(vim.HostSystem("host-1"), {**properties, "summary.hardware.cpuModel": "Xeon"})


# Hosts by their packages, cores, threads and NUMA nodes, and what libvirt has of them: CPUs, then nodes, sockets a node, cores a socket and threads a core.
LAYOUTS = [
    ([(2, 16, 32, 2)], 16, [2, 1, 8, 2]),
    ([(2, 16, 32, 1)], 16, [1, 2, 8, 2]),
    ([(1, 16, 32, 0)], 16, [1, 1, 16, 2]),
    ([(2, 16, 32, 2)] * 3, 48, [6, 1, 8, 2]),
    ([(1, 16, 32, 2)], 16, [1, 1, 32, 1]),  # two nodes in a socket
    ([(2, 16, 32, 4)], 16, [1, 1, 32, 1]),
    ([(3, 24, 24, 2)], 24, [1, 1, 24, 1]),
    ([(2, 16, 32, 2), (2, 16, 16, 2)], 32, [1, 1, 48, 1]),
]


@pytest.mark.parametrize(("hosts", "cpus", "layout"), LAYOUTS)
def test_sockets_cores_and_threads_are_all_of_the_hosts_threads(hosts, cpus, layout):
    assert of_hosts([host(*each) for each in hosts])[2] == cpus
    assert of_hosts([host(*each) for each in hosts])[4:] == layout
