"""Machines whose configuration the host cannot read now; the audit of the others is in test_snapshot.py."""

import logging

import libvirt
import pytest
from pyVmomi import vim

from esxdriver.conf.snapshot.snapshot import SnapshotDef
from esxdriver.vsphere.bulk import diskmodes
from esxdriver.vsphere.bulk import machines as bulk
from esxdriver.vsphere.change import snapshots
from esxdriver.vsphere.machine import snapshot_tree
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.retrieve import Found

REF = vim.VirtualMachine("vm-7")
SNAPSHOT = vim.vm.Snapshot("snapshot-7")


def test_a_machine_that_cannot_be_read_is_left_out_and_reported(monkeypatch, caplog):
    empty = {"name": "odd", "config.name": "odd", "config.hardware": vim.vm.VirtualHardware(memoryMB=-1)}
    found = [Found(REF, {"name": "a%2fb"}), Found(REF, {}), Found(REF, empty)]
    monkeypatch.setattr(bulk, "scan", lambda *_, **__: found)
    with caplog.at_level(logging.WARNING):
        assert diskmodes.everywhere(None, inventory.Scope(None, "dc"), "config.instanceUuid") == []
    assert ["'a/b'" in caplog.messages[0], "'vm-7'" in caplog.messages[1]] == [True, True]
    assert "'odd' cannot be understood: invalid value 'nothing' for 'memory'" in caplog.messages[-1]


def test_no_snapshot_is_asked_of_a_machine_that_cannot_be_read(monkeypatch):
    monkeypatch.setattr(snapshots, "properties", lambda *_: Found(REF, {"name": "web01"}))
    with pytest.raises(libvirt.libvirtError, match="'web01' cannot be read") as raised:
        snapshots.prepare(None, REF, SnapshotDef(), disk_only=False, quiesce=False)
    assert raised.value.get_error_code() == libvirt.VIR_ERR_OPERATION_FAILED


def test_a_snapshot_whose_configuration_is_not_reported_is_still_read(monkeypatch):
    monkeypatch.setattr(snapshot_tree, "below", lambda *_: [Found(REF, {}), Found(SNAPSHOT, {})])
    tree, then = snapshot_tree.read_snapshot(None, REF, SNAPSHOT)
    assert (tree.snapshots, then) == ((), None)
