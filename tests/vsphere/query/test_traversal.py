"""Which way a read goes from a container to what is in it."""

import pytest
from pyVmomi import vim

from esxdriver.vsphere.query.retrieve import steps_to

FOLDER, CLUSTER, HOST = vim.Folder("group-d1"), vim.ComputeResource("domain-c2"), vim.HostSystem("host-3")

WAYS = [
    # from, what is wanted, the steps that are taken, those that are not
    (FOLDER, [vim.VirtualMachine], "children folders members nested", "hosts computers machines"),
    (FOLDER, [vim.VirtualMachine, vim.HostSystem], "children folders members nested hosts computers", "machines"),
    (CLUSTER, [vim.VirtualMachine], "computers machines", "folders members nested"),
    (FOLDER, [vim.HostSystem], "children hosts computers", "machines folders members nested networks datastores"),
    (CLUSTER, [vim.Network, vim.Datastore], "networks datastores", "machines folders members nested"),
    (CLUSTER, [vim.Datastore, vim.HostSystem], "datastores computers", "mounted machines"),
    (HOST, [vim.Datastore, vim.HostSystem], "mounted", "machines folders members nested"),
]


@pytest.mark.parametrize(("root", "wanted", "taken", "left"), WAYS)
def test_machines_are_found_by_folders_where_there_are_any(root, wanted, taken, left):
    steps = steps_to(wanted, root)
    assert set(taken.split()) <= steps.keys()
    assert not set(left.split()) & steps.keys()


@pytest.mark.parametrize(("root", "wanted", "taken", "left"), WAYS)
def test_no_step_leads_to_one_that_is_not_taken(root, wanted, taken, left):
    steps = steps_to(wanted, root)
    assert all(following in steps for _, _, following_steps in steps.values() for following in following_steps)
