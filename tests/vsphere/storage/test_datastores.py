"""What a datastore of each kind is as a pool, made of vSphere's own objects."""

import pytest
from pyVmomi import vim

from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.storage.datastores import _datastore, _is_on

HOSTS = [vim.HostSystem(f"host-{number}") for number in (1, 2)]


def found(info=None, mounts=(), **properties):
    def mount(host, path):
        return vim.Datastore.HostMount(key=host, mountInfo=vim.host.MountInfo(path=path))

    known = {
        "name": "store%2f1", "summary.accessible": True, "summary.capacity": 10, "summary.freeSpace": 4,
        "summary.url": "ds:///vmfs/volumes/by-url/", "info": info, "host": [mount(*each) for each in mounts], **properties,
    }  # fmt: skip
    return Found(vim.Datastore("datastore-1"), {key: value for key, value in known.items() if value is not None})


def nas(**facts):
    volume = vim.host.NasVolume(remoteHost="nas1", remotePath="/export", **facts)
    return vim.host.NasDatastoreInfo(nas=volume)


KINDS = [
    (vim.host.VmfsDatastoreInfo(), ("fs", "vmfs", (), None)),
    (vim.host.LocalDatastoreInfo(), ("dir", None, (), None)),
    (vim.host.VsanDatastoreInfo(), ("dir", None, (), None)),
    (vim.host.VvolDatastoreInfo(), ("dir", None, (), None)),
    (vim.host.PMemDatastoreInfo(), ("dir", None, (), None)),
    (nas(type="NFS"), ("netfs", "nfs", ("nas1",), "/export")),
    (nas(type="NFS41", remoteHostNames=["nas1", "nas2"]), ("netfs", "nfs", ("nas1", "nas2"), "/export")),
    (nas(type="CIFS"), ("netfs", "cifs", ("nas1",), "/export")),
    (vim.host.NasDatastoreInfo(), ("dir", None, (), None)),
    (None, ("dir", None, (), None)),
]


@pytest.mark.parametrize(("info", "expected"), KINDS)
def test_each_kind_is_a_pool(info, expected):
    made = _datastore(found(info), Scope(None, "dc")).definition
    assert (made.type, made.format, made.hosts, made.directory) == expected
    assert (made.name, made.capacity, made.allocation, made.available) == ("store/1", 10, 6, 4)


PATHS = [
    ("of the host that the URI names", HOSTS[1], [(HOSTS[0], "/one"), (HOSTS[1], "/two")], "/two"),
    ("of the first that mounts it", None, [(HOSTS[0], None), (HOSTS[1], "/two")], "/two"),
    ("of none: the URL", None, [], "/vmfs/volumes/by-url"),
    ("where the host does not mount it: the URL", HOSTS[0], [(HOSTS[0], None)], "/vmfs/volumes/by-url"),
]


@pytest.mark.parametrize(("host", "mounts", "path"), [pytest.param(*case[1:], id=case[0]) for case in PATHS])
def test_its_path(host, mounts, path):
    assert _datastore(found(mounts=mounts), Scope(None, "dc", host=host)).path == path


def test_one_that_is_not_reached_has_no_sizes():
    made = _datastore(found(**{"summary.accessible": False}), Scope(None, "dc"))
    assert (made.accessible, made.state, made.definition.capacity) == (False, 4, None)


def test_a_host_sees_its_own():
    shared = found(mounts=[(HOSTS[1], "/two")])
    assert _is_on(shared, Scope(None, "dc", host=HOSTS[1]))
    assert not _is_on(shared, Scope(None, "dc", host=HOSTS[0]))
    assert _is_on(shared, Scope(None, "dc"))


@pytest.mark.parametrize(
    ("path", "here"),
    [("/two", True), ("/two/", True), ("ds:///two/", True), ("/vmfs/volumes/store/1", True), ("/twos", False)],
)
def test_where_it_is(path, here):
    assert _datastore(found(mounts=[(HOSTS[0], "/two")]), Scope(None, "dc")).is_at(path) is here
