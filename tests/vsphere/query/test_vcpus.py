"""How many vCPUs a machine may have, also where a host does not say: a figure, never an error."""

from types import SimpleNamespace

import pytest
from lxml import etree
from pyVmomi import vim

from esxdriver.vsphere.query import vcpus
from esxdriver.vsphere.query.retrieve import Found
from tests import corpus

VCENTER = SimpleNamespace(about=SimpleNamespace(apiVersion="8.0.1.0"))


def host(number, figure=None, version=None):
    product = version and SimpleNamespace(apiVersion=version)
    known = {"capability.maxSupportedVcpus": figure, "config.product": product}
    return Found(vim.HostSystem(f"host-{number}"), {path: value for path, value in known.items() if value is not None})


def most(monkeypatch, *hosts):
    """Return the figure, and how many reads it took."""
    reads = []

    def host_properties(_session, _scope, *paths):
        reads.append(paths)
        return [Found(each.ref, {path: each[path] for path in paths if each[path] is not None}) for each in hosts]

    monkeypatch.setattr(vcpus, "host_properties", host_properties)
    return vcpus.most_vcpus(VCENTER, None), len(reads)


FIGURES = {
    "the host says": ([host(1, 32, "6.7.3")], (32, 1)),
    "the least of several": ([host(1, 64), host(2, 32)], (32, 1)),
    "another host of the scope says": ([host(1, None, "6.7.3"), host(2, 64)], (64, 1)),
    "no host says: its newest hardware": ([host(1, None, "6.7.3")], (256, 2)),
    "the oldest that tells its version": ([host(1), host(2, None, "8.0"), host(3, None, "6.5")], (128, 2)),
    "hosts that tell nothing: the vCenter's": ([host(1)], (768, 2)),
    "no host may be seen": ([], (768, 2)),
}


@pytest.mark.parametrize(("hosts", "expected"), FIGURES.values(), ids=FIGURES)
def test_a_figure_that_a_host_does_not_have_ends_nothing(monkeypatch, hosts, expected):
    assert most(monkeypatch, *hosts) == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("9.0.0.0", 960), ("8.0.3.0", 768), ("7.0.1.1", 768), ("7.0.0.0", 256), ("6.7.2", 256), ("6.7.1", 128),
        ("6.7", 128), ("6.5", 128), ("6.0", 128), ("5.5", 64), ("5.1", 64), ("5.0", 32), ("4.1", 8), ("2.5", 4),
    ],
)  # fmt: skip
def test_a_versions_newest_hardware_has_its_limit(monkeypatch, version, expected):
    assert most(monkeypatch, host(1, None, version)) == (expected, 2)


@corpus.needed
@pytest.mark.parametrize(("name", "expected"), [("vc67u3-a-host-10", 256), ("vc701-c-host-11", 768), ("esx41-j", 8)])
def test_real_hosts(monkeypatch, name, expected):
    root = etree.parse(corpus.FOLDER / f"recorded/hosts/{name}.xml")
    figure, version = root.findtext(".//{*}maxSupportedVcpus"), root.findtext(".//{*}apiVersion")
    assert most(monkeypatch, host(1, figure, version))[0] == expected
