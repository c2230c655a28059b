"""Where domains are and can be made, when a host withholds part of it from the user."""

import libvirt
import pytest
from pyVmomi import vim

from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.retrieve import Found
from tests.helpers import failing

ROOT, DATACENTER, DATASTORE = vim.Folder("group-d1"), vim.Datacenter("datacenter-2"), vim.Datastore("datastore-3")
MACHINES, POOL, HOST = vim.Folder("group-v4"), vim.ResourcePool("resgroup-5"), vim.HostSystem("host-6")
SCOPE = inventory.Scope(ROOT, "ha-datacenter")

RESOURCE = {"name": "esx1", "resourcePool": POOL, "host": [HOST], "datastore": [DATASTORE]}


def site(monkeypatch, *resources, datacenter):
    computers = [Found(vim.ComputeResource(f"domain-c{number}"), known) for number, known in enumerate(resources)]
    found = [Found(DATASTORE, {"name": "ds"}), Found(DATACENTER, datacenter), *computers]
    monkeypatch.setattr(inventory, "below", lambda *_: found)
    return inventory.site_for(None, SCOPE, "ds")


def without(name):
    return {key: value for key, value in RESOURCE.items() if key != name}


def test_a_site_is_what_the_user_may_see(monkeypatch):
    expected = inventory.Site(vim.ComputeResource("domain-c0"), MACHINES, POOL, HOST, frozenset())
    assert site(monkeypatch, RESOURCE, datacenter={"vmFolder": MACHINES}) == expected
    assert site(monkeypatch, without("name"), datacenter={"vmFolder": MACHINES}) == expected


WITHHELD = [
    # the computing resources, the datacenter, the code, what the error names
    ([without("resourcePool")], {"vmFolder": MACHINES}, libvirt.VIR_ERR_ACCESS_DENIED, "resource pool"),
    ([RESOURCE], {}, libvirt.VIR_ERR_ACCESS_DENIED, "folder of machines"),
    ([without("datastore")], {"vmFolder": MACHINES}, libvirt.VIR_ERR_NO_STORAGE_POOL, "'ds'"),
    ([], {"vmFolder": MACHINES}, libvirt.VIR_ERR_NO_STORAGE_POOL, "'ds'"),
    ([RESOURCE, without("name")], {"vmFolder": MACHINES}, libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "domain-c1, esx1"),
]


@pytest.mark.parametrize(("resources", "datacenter", "code", "named"), WITHHELD)
def test_what_is_withheld_is_named(monkeypatch, resources, datacenter, code, named):
    assert named in failing(code, lambda: site(monkeypatch, *resources, datacenter=datacenter))


class Root:
    """What a session says of a vCenter."""

    about = type("About", (), {"apiType": "VirtualCenter"})
    rootFolder = ROOT  # noqa: N815 (vSphere's name)
    content = property(lambda self: self)


def test_a_container_without_a_readable_name_is_passed_by(monkeypatch):
    nameless = Found(vim.Folder("group-d7"), {"parent": ROOT})
    named = Found(DATACENTER, {"name": "Lab %2f 1", "parent": ROOT})
    monkeypatch.setattr(inventory, "below", lambda *_: [nameless, named])
    assert inventory.scope_of(Root(), ["Lab / 1"]).root is DATACENTER
    failing(libvirt.VIR_ERR_INVALID_ARG, inventory.scope_of, Root(), ["Lab"])


@pytest.mark.parametrize(("hosts", "warned"), [([], True), ([Found(HOST, {"name": "esx1"})], False)])
def test_a_list_that_is_empty_says_so_when_it_is_for_hosts_that_are_hidden(monkeypatch, caplog, hosts, warned):
    cluster = vim.ComputeResource("domain-c7")
    scope = inventory.Scope(cluster, "DC", DATACENTER, cluster)
    monkeypatch.setattr(
        inventory, "below", lambda _session, _root, wanted, **_: hosts if vim.HostSystem in wanted else []
    )
    assert inventory.machines(None, scope, "name") == []
    assert ("may see no host" in caplog.text) is warned
