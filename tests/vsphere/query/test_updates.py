"""What a watch makes on a host, and that nothing of it stays where it cannot be made whole."""

from types import SimpleNamespace

import pytest
from pyVmomi import vim, vmodl

from esxdriver.vsphere.query.updates import Updates

STEPS = ["CreateContainerView", "CreatePropertyCollector", "CreateFilter"]


class Host:
    """Refuses one call, and knows what is there."""

    def __init__(self, refused):
        self.refused = refused
        self.there = set()
        views = SimpleNamespace(CreateContainerView=self.call("CreateContainerView", self.view))
        collectors = SimpleNamespace(CreatePropertyCollector=self.call("CreatePropertyCollector", self.collector))
        self.session = SimpleNamespace(content=SimpleNamespace(viewManager=views, propertyCollector=collectors))

    def call(self, name, make):
        def called(*_):
            if name == self.refused:
                raise vmodl.fault.InvalidArgument
            return make()

        return called

    def view(self):
        self.there.add("view")
        view = vim.view.ContainerView("view-1")
        object.__setattr__(view, "DestroyView", lambda: self.there.discard("view"))
        return view

    def collector(self):
        self.there.add("collector")
        return SimpleNamespace(
            CreateFilter=self.call("CreateFilter", lambda: self.there.add("filter")),
            DestroyPropertyCollector=lambda: self.there.difference_update({"collector", "filter"}),
        )


@pytest.mark.parametrize("refused", STEPS)
def test_nothing_stays_of_what_cannot_be_made_whole(refused):
    host = Host(refused)
    with pytest.raises(vmodl.fault.InvalidArgument):
        Updates(host.session, None, {vim.VirtualMachine: ["name"]})
    assert not host.there


def test_other_objects_than_machines_need_no_view():
    host = Host(None)
    updates = Updates(host.session, vim.Folder("group-1"), {vim.Datastore: ["name"]})
    assert host.there == {"collector", "filter"}
    updates.close()
    assert not host.there


def test_what_was_made_is_taken_back_in_the_end():
    host = Host(None)
    updates = Updates(host.session, None, {vim.VirtualMachine: ["name"]})
    assert host.there == {"view", "collector", "filter"}
    updates.close()
    assert not host.there
