"""nodedev-*: virsh's lines of a host's devices."""

from unittest.mock import create_autospec

import libvirt
import pytest

from esxdriver.driver.node_device import NodeDevice
from esxdriver.errors import error

PARENTS = {"computer": None, "pci_0": "computer", "pci_0_0": "pci_0", "pci_0_1": "pci_0", "pci_1": "computer"}


def device(name, parent):
    made = create_autospec(NodeDevice, instance=True)
    made.name.return_value, made.parent.return_value = name, parent
    made.XMLDesc.return_value = f"<device><name>{name}</name></device>\n"
    made.isActive.return_value, made.isPersistent.return_value, made.autostart.return_value = 1, 0, 0
    return made


@pytest.fixture(autouse=True)
def devices(conn):
    known = {name: device(name, parent) for name, parent in PARENTS.items()}
    conn.listAllDevices.return_value = list(known.values())
    conn.nodeDeviceLookupByName.side_effect = known.get
    return known


SYSTEM, PCI = libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_SYSTEM, libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV
LISTS = [
    ([], 0, "".join(f"{name}\n" for name in PARENTS)),
    (["--all"], 0, "".join(f"{name}\n" for name in PARENTS)),
    (["--cap", "pci,system"], SYSTEM | PCI, "".join(f"{name}\n" for name in PARENTS)),
    (["--tree"], 0,
     "computer\n"
     "  |\n"
     "  +- pci_0\n"
     "  |   |\n"
     "  |   +- pci_0_0\n"
     "  |   +- pci_0_1\n"
     "  |\n"
     "  +- pci_1\n"
     "\n"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "flags", "shown"), LISTS)
def test_devices_are_listed(esxdriver, conn, words, flags, shown):
    result = esxdriver("nodedev-list", *words)
    assert (result.exit_code, result.stdout) == (0, shown)
    conn.listAllDevices.assert_called_once_with(flags)


def test_there_is_no_inactive_device(esxdriver):
    assert esxdriver("nodedev-list", "--inactive").stdout == ""


WRONG = [["--cap", "nonsense"], ["--tree", "--cap", "pci"], ["--tree", "--inactive"]]


@pytest.mark.parametrize("words", WRONG)
def test_what_does_not_go_together_is_refused(esxdriver, words):
    assert esxdriver("nodedev-list", *words).exit_code == 2


def test_a_device_is_shown(esxdriver):
    assert esxdriver("nodedev-dumpxml", "pci_0").stdout == "<device><name>pci_0</name></device>\n"
    assert esxdriver("nodedev-dumpxml", "--device", "pci_0", "--xpath", "//name/text()").stdout == "pci_0\n"
    assert esxdriver("nodedev-info", "pci_0_1").stdout == (
        "Name:           pci_0_1\nParent:         pci_0\nActive:         yes\nPersistent:     no\nAutostart:      no\n"
    )
    assert "Parent" not in esxdriver("nodedev-info", "computer").stdout


def test_says_which_device_there_is_not(esxdriver, conn):
    conn.nodeDeviceLookupByName.side_effect = error(libvirt.VIR_ERR_NO_NODE_DEVICE, "no node device 'x'")
    result = esxdriver("nodedev-dumpxml", "x")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (1, "error: Could not find matching device 'x'")
