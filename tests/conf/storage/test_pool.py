"""``<pool>``: the document of each kind of datastore, and the UUID."""

import pytest

from esxdriver.conf.storage import pool
from esxdriver.conf.storage.pool import PoolDef, uuid_of

UUID = "192cf816-9f32-99e0-cf65-ea72ff6ffa04"
KINDS = [
    pytest.param({"type": "fs", "format": "vmfs"}, ["<pool type='fs'>", "<format type='vmfs'/>"], id="VMFS"),
    pytest.param(
        {"type": "netfs", "hosts": ("192.0.2.1", "192.0.2.2"), "directory": "/export/a & b", "format": "nfs"},
        ["<pool type='netfs'>", "<host name='192.0.2.1'/>", "<host name='192.0.2.2'/>",
         "<dir path='/export/a &amp; b'/>", "<format type='nfs'/>"],
        id="NFS 4.1",
    ),
    pytest.param(
        {"type": "iscsi", "portals": (("192.0.2.1", 3260), ("2001:db8::1", None)), "device": "iqn.2001-05.com.example:a",
         "initiator": "iqn.1998-01.com.vmware:b"},
        ["<pool type='iscsi'>", "<host name='192.0.2.1' port='3260'/>\n    <host name='2001:db8::1'/>",
         "<device path='iqn.2001-05.com.example:a'/>", "<initiator>\n      <iqn name='iqn.1998-01.com.vmware:b'/>"],
        id="an iSCSI target",
    ),
    pytest.param({"type": "dir"}, ["<pool type='dir'>", "<source/>"], id="anything else"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "parts"), KINDS)
def test_a_datastore_is_written_as_libvirt_has_it(facts, parts):
    text = pool.format(
        PoolDef(name="a", uuid=UUID, path="/vmfs/volumes/1", capacity=3, allocation=1, available=2, **facts)
    )
    assert [part for part in parts if part not in text] == []
    assert "<capacity unit='bytes'>3</capacity>\n  <allocation unit='bytes'>1</allocation>" in text
    assert "<target>\n    <path>/vmfs/volumes/1</path>\n    <permissions>\n      <mode>00</mode>" in text


def test_one_that_is_not_reached_has_no_sizes():
    assert "unit=" not in pool.format(PoolDef(type="dir", name="a", uuid=UUID, path="/vmfs/volumes/1"))


def test_the_uuid_is_the_md5_of_the_path():
    assert str(uuid_of("/vmfs/volumes/199867bf")) == UUID
