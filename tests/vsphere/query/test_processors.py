"""A host's processors as libvirt counts them, also where a host says little."""

import pytest
from pyVmomi import vim

from esxdriver.conf.capabilities import Signature, Topology
from esxdriver.vsphere.query import processors
from esxdriver.vsphere.query.retrieve import Found


def package(index, threads, vendor="intel", **more):
    return vim.host.CpuPackage(index=index, vendor=vendor, hz=1, busHz=1, description="", threadId=threads, **more)


def node(number, cpus, memory=2**30):
    made = vim.host.NumaNode(typeId=number, memoryRangeBegin=0, memoryRangeLength=memory)
    made.cpuID.extend(cpus)
    return made


def host(cpus=None, packages=(), nodes=None):
    known = {processors.PACKAGES: list(packages)}
    if cpus is not None:
        sockets, cores, threads = cpus
        known[processors.CPUS] = vim.host.CpuInfo(
            numCpuPackages=sockets, numCpuCores=cores, numCpuThreads=threads, hz=1
        )
    if nodes is not None:
        known[processors.NUMA] = vim.host.NumaInfo(type="NUMA", numNodes=len(nodes), numaNode=list(nodes))
    return Found(vim.HostSystem("host-1"), known)


TOPOLOGIES = [((2, 16, 32), Topology(2, 8, 2)), ((1, 4, 4), Topology(1, 4, 1)), ((2, 4, 0), Topology(2, 2, 1)),
              ((0, 1, 1), Topology(1, 1, 1)), ((4, 2, 2), Topology(4, 1, 1)), ((0, 0, 0), None), (None, None)]  # fmt: skip


@pytest.mark.parametrize(("cpus", "expected"), TOPOLOGIES)
def test_topology(cpus, expected):
    assert processors.topology(host(cpus)) == expected


def test_the_threads_of_a_core_follow_each_other_and_a_package_knows_its_own():
    found = host((2, 4, 8), [package(0, [0, 1, 4, 5]), package(1, [2, 3, 6, 7])], [node(1, [7, 2, 3, 6]), node(0, [0])])
    first, second = processors.cells(found)
    assert [(each.number, each.socket, each.core, each.siblings) for each in second.threads] == [
        (2, 1, 1, (2, 3)), (3, 1, 1, (2, 3)), (6, 1, 1, (6, 7)), (7, 1, 1, (6, 7)),
    ]  # fmt: skip
    assert (first.number, first.memory, [each.number for each in first.threads]) == (0, 2**20, [0])


@pytest.mark.parametrize("nodes", [None, [], [node(0, [0]), node(1, [])]])
def test_a_host_that_does_not_say_which_cpus_a_cell_has_shows_none(nodes):
    assert processors.cells(host((1, 1, 2), nodes=nodes)) == ()


def test_makers():
    known = {"intel": ("x86_64", "Intel"), "AMD": ("x86_64", "AMD"), "hygon": ("x86_64", "HYGON"),
             "arm": ("aarch64", None), "unknown": ("x86_64", None)}  # fmt: skip
    for vendor, expected in known.items():
        found = host(packages=[package(0, [0], vendor)])
        assert (processors.arch(found), processors.vendor(found)) == expected
    assert (processors.arch(host()), processors.vendor(host())) == ("x86_64", None)


def test_signature_of_hosts_that_have_it():
    assert processors.signature(host(packages=[package(0, [0], family=6, model=0, stepping=7)])) == Signature(6, 0, 7)
    assert processors.signature(host(packages=[package(0, [0])])) is None
    assert processors.signature(host()) is None
