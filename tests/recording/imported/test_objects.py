"""Saved properties are found by their paths: inside of what was saved, or made of its parts; as the host has sent them."""

import pytest
from lxml import etree

from esxdriver.recording.imported.objects import Objects
from esxdriver.recording.scrub.secrets import XSI_TYPE, local
from tests.recording.imported.saved import govc, machine, soap, text

VM = ("VirtualMachine", "1")


def objects(*documents):
    found = Objects()
    for each in documents:
        found.add(etree.fromstring(each.encode()))
    return found


@pytest.mark.parametrize("document", [machine(), soap(machine())], ids=["govc", "soap"])
@pytest.mark.parametrize(
    ("path", "kind", "shown"),
    [
        ("name", "xsd:string", "secret-web"),
        ("config.name", "xsd:string", "secret-web"),
        ("config.template", "xsd:boolean", "false"),
        ("config.hardware.numCPU", "xsd:int", "2"),
        ("config.files", "VirtualMachineFileInfo", ["vmPathName"]),
        ("config.hardware.device", "ArrayOfVirtualDevice", ["VirtualDevice"] * 4),
        ("runtime.powerState", "VirtualMachinePowerState", "poweredOff"),
    ],
)
def test_a_path_leads_into_what_was_saved(document, path, kind, shown):
    value = objects(document).value(VM, path)
    assert value.get(XSI_TYPE) == kind
    assert ([local(each) for each in value] if len(value) else value.text) == shown


@pytest.mark.parametrize("path", ["config.annotation", "config.hardware.device.backing", "guest", "nonsense", "name.x"])
def test_what_was_not_saved_is_unset(path):
    assert objects(machine()).value(VM, path) is None


def test_a_whole_is_made_of_its_saved_parts():
    whole = objects(machine())
    paths = ("config.name", "config.hardware.device", "config.hardware.numCPU", "config.files.vmPathName")
    parts = Objects()
    for path in paths:
        parts.put(VM, path, whole.value(VM, path))
    made = parts.value(VM, "config")
    assert made.get(XSI_TYPE) == "VirtualMachineConfigInfo"
    assert [local(each) for each in made] == ["name", "hardware", "files"]
    for path in paths:
        old, new = whole.value(VM, path), parts.value(VM, path)
        assert etree.tostring(old) == etree.tostring(new)
    assert [each.get(XSI_TYPE) for each in made.find("{*}hardware") if local(each) == "device"] == ["ParaVirtualSCSIController"] + ["VirtualDisk"] * 3  # fmt: skip


def test_what_is_said_first_holds():
    found = objects(
        govc("VirtualMachine", "1", name=text("a")), govc("VirtualMachine", "1", name=text("b"), x=text("y"))
    )
    assert (found.text(VM, "name"), found.text(VM, "x")) == ("a", "y")


def test_what_was_withheld_stays_so_and_its_parts_with_it():
    missing = (
        '<missingSet><path>config</path><fault xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<fault xsi:type="NoPermission"><privilegeId>System.Read</privilegeId></fault></fault></missingSet>'
    )
    found = objects(
        govc("VirtualMachine", "1", name=text("a")).replace("</ObjectContent>", f"{missing}</ObjectContent>")
    )
    assert found.fault(VM, "config.hardware.device") is found.fault(VM, "config") is not None
    assert found.fault(VM, "name") is None


def test_an_object_that_something_refers_to_exists():
    found = objects(govc("Folder", "f", childEntity='<val><ManagedObjectReference type="VirtualMachine">7</ManagedObjectReference></val>'))  # fmt: skip
    assert ("VirtualMachine", "7") in found
    assert ("VirtualMachine", "8") not in found
