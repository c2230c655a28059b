"""Which of libvirt's events changes of datastores and switches are."""

from types import SimpleNamespace

import pytest
from pyVmomi import vim

from esxdriver.driver import network_events, pool_events
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.known import Change
from esxdriver.vsphere.query.retrieve import Found

DEFINED, UNDEFINED, STARTED, STOPPED = range(4)

HOST, OTHER_HOST = vim.HostSystem("host-1"), vim.HostSystem("host-2")
STORE = vim.Datastore("datastore-1")
EVERYWHERE, ON_HOST = Scope(None, "dc"), Scope(None, "dc", host=HOST)


def store(name="ds", *, accessible=True, host=HOST, timestamp=1, path="/vmfs/volumes/1", **info):
    mount = SimpleNamespace(key=host, mountInfo=SimpleNamespace(path=path))
    kind = vim.host.NasDatastoreInfo(nas=vim.host.NasVolume(**info)) if info else SimpleNamespace()
    return {
        "name": name, "summary.url": f"ds://{path}/", "summary.accessible": accessible, "host": [mount],
        "info": _stamped(kind, timestamp), "browser": None,
    }  # fmt: skip


def _stamped(info, timestamp):
    if not isinstance(info, SimpleNamespace):
        return info
    info.timestamp = timestamp
    return info


NFS, MOVED = ({"remoteHost": "nas", "remotePath": path, "type": "NFS"} for path in ("/a", "/b"))

POOLS = [
    # before, after, the events: the name, and of the lifecycle or R for a refresh
    (None, store(), [("ds", DEFINED), ("ds", STARTED)]),
    (None, store(accessible=False), [("ds", DEFINED)]),
    (store(), None, [("ds", STOPPED), ("ds", UNDEFINED)]),
    (store(accessible=False), None, [("ds", UNDEFINED)]),
    (store(), store(accessible=False), [("ds", STOPPED)]),
    (store(accessible=False), store(), [("ds", STARTED)]),
    (store(), store("new"), [("ds", STOPPED), ("ds", UNDEFINED), ("new", DEFINED), ("new", STARTED)]),
    (store(), store(timestamp=2), [("ds", "R")]),
    (store(**NFS), store(**MOVED), [("ds", DEFINED)]),
    (store(host=OTHER_HOST), store(), [("ds", DEFINED), ("ds", STARTED)]),  # mounted by the scope's host
    (store(), store(host=OTHER_HOST), [("ds", STOPPED), ("ds", UNDEFINED)]),
    (store(), store(path="/vmfs/volumes/2"), [("ds", 3), ("ds", 1), ("ds", 0), ("ds", 2)]),
    (store(), store() | {"name": None}, [("ds", STOPPED), ("ds", UNDEFINED)]),  # it may not be seen any more
    (store(), store(), []),
]


@pytest.mark.parametrize(("before", "after", "expected"), POOLS)
def test_pools(before, after, expected):
    found = list(pool_events.events_of([Change(STORE, before, after)], ON_HOST))
    reported = [(each.name, arguments[0] if kind == 0 else "R") for kind, each, arguments in found]
    assert reported == expected
    assert {arguments[1:] for kind, _, arguments in found if kind == 0} <= {(0,)}


def switch(name):
    spec = SimpleNamespace(policy=None, bridge=None)
    return SimpleNamespace(name=name, key=f"key-vim.host.VirtualSwitch-{name}", spec=spec)


NET = vim.Network("network-1")


def host(*switches, group=None):
    spec = SimpleNamespace(name=group, vswitchName=switches[-1] if switches else None, vlanId=0, policy=None)
    return {
        "name": "esx1", "config.network.vswitch": [switch(name) for name in switches], "network": [NET],
        "config.network.portgroup": [SimpleNamespace(spec=spec, port=())] if group else [],
    }  # fmt: skip


NETWORKS = [
    # the host before and after, the events
    (host("a"), host("a", "b"), [("b", DEFINED), ("b", STARTED)]),
    (host("a", "b"), host("a"), [("b", STOPPED), ("b", UNDEFINED)]),
    (host("a"), host("a", group="pg"), [("a", DEFINED)]),
    (host("a"), host("b"), [("a", STOPPED), ("a", UNDEFINED), ("b", DEFINED), ("b", STARTED)]),
    (host("a"), host("a") | {"name": "renamed"}, []),
    (None, host("a"), [("a", DEFINED), ("a", STARTED)]),
    (host("a"), None, [("a", STOPPED), ("a", UNDEFINED)]),
]


@pytest.mark.parametrize(("before", "after", "expected"), NETWORKS)
def test_networks(before, after, expected):
    known = [Found(NET, {"name": "pg"}), *([Found(HOST, after)] if after else [])]
    found = network_events.events_of([Change(HOST, before, after)], known, EVERYWHERE)
    assert [(each.name, event) for event, each in found] == expected


def test_a_port_group_is_a_networks_when_it_has_come_itself():
    now = host("a", group="pg")
    found = network_events.events_of(
        [Change(NET, None, {"name": "pg"})], [Found(NET, {"name": "pg"}), Found(HOST, now)], EVERYWHERE
    )
    assert [(each.name, event) for event, each in found] == [("a", DEFINED)]


DVS, GROUP = vim.dvs.VmwareDistributedVirtualSwitch("dvs-1"), vim.dvs.DistributedVirtualPortgroup("dvportgroup-1")


def test_a_distributed_switch_that_is_renamed_goes_and_comes():
    group = Found(GROUP, {"name": "prod", "key": "k", "config.distributedVirtualSwitch": DVS})
    before, after = ({"name": name, "uuid": "50 2a"} for name in ("dvs1", "dvs2"))
    found = network_events.events_of([Change(DVS, before, after)], [group, Found(DVS, after)], EVERYWHERE)
    assert [(each.name, event) for event, each in found] == [("dvs1", 3), ("dvs1", 1), ("dvs2", 0), ("dvs2", 2)]
