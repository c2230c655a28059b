"""The face of a host's devices."""

import libvirt
import pytest

import esxdriver
from esxdriver.conf.node_device import NodeDevice, System
from esxdriver.driver.node_device_lookup import filters
from tests.helpers import failing

CARDS = ["pci_0000_04_00_0", "pci_0000_04_00_1", "pci_0001_81_00_0"]
CAP = "VIR_CONNECT_LIST_NODE_DEVICES_CAP_"
# Filters, and whether they let the host itself and its cards through.
FILTERS = [
    (0, True, True),
    (getattr(libvirt, f"{CAP}SYSTEM"), True, False),
    (getattr(libvirt, f"{CAP}PCI_DEV"), False, True),
    (getattr(libvirt, f"{CAP}PCI_DEV") | getattr(libvirt, f"{CAP}SYSTEM"), True, True),
    (getattr(libvirt, f"{CAP}NET"), False, False),
    (getattr(libvirt, "VIR_CONNECT_LIST_NODE_DEVICES_ACTIVE", 0), True, True),
]


STATES = {"PERSISTENT": 1 << 28, "TRANSIENT": 1 << 29, "INACTIVE": 1 << 30, "ACTIVE": 1 << 31}


@pytest.mark.parametrize(
    ("flags", "through"), [("PERSISTENT", False), ("TRANSIENT", True), ("INACTIVE", False), ("ACTIVE TRANSIENT", True), ("ACTIVE PERSISTENT", False), ("PERSISTENT TRANSIENT", True)]
)  # fmt: skip
def test_devices_are_active_and_transient(flags, through):
    """Each flag of libvirt 10.1, whatever libvirt is installed."""
    made = filters({f"VIR_CONNECT_LIST_NODE_DEVICES_{name}": flag for name, flag in STATES.items()})
    device = NodeDevice("computer", System("368f526c-ccda-4f74-9d02-7c93eddbdc71"))
    assert made.admit(sum(STATES[name] for name in flags.split()), device) is through


def test_devices_are_listed_and_found(esx):
    before = esx.backend.session.calls.total()
    devices = esx.listAllDevices()
    assert esx.backend.session.calls.total() == before + 1
    names = [device.name() for device in devices]
    assert names[0] == "computer"
    assert set(CARDS) <= set(names)
    assert esx.listDevices(None) == names
    assert esx.listDevices("system") == ["computer"]
    assert (esx.numOfDevices(None), esx.numOfDevices("pci"), esx.numOfDevices("net")) == (len(names), len(names) - 1, 0)
    for flags, has_host, has_cards in FILTERS:
        shown = {device.name() for device in esx.listAllDevices(flags)}
        assert ("computer" in shown, set(CARDS) <= shown) == (has_host, has_cards), flags
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.listAllDevices, 1 << 29)
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.listDevices, None, 1)


def test_a_device_says_what_it_is(esx):
    card = esx.nodeDeviceLookupByName(CARDS[1])
    assert isinstance(card, esxdriver.virNodeDevice)
    assert (card.name(), card.parent(), card.connect()) == (CARDS[1], "pci_0000_00_01_0", esx)
    assert (card.listCaps(), card.numOfCaps()) == (["pci"], 1)
    assert (card.isActive(), card.isPersistent(), card.autostart()) == (1, 0, 0)
    assert "<capability type='virt_functions' maxCount='63'/>" in card.XMLDesc()
    assert "<name>pcipassthru</name>" in esx.nodeDeviceLookupByName(CARDS[0]).XMLDesc()
    assert esx.nodeDeviceLookupByName("computer").parent() is None
    assert "'nope'" in failing(libvirt.VIR_ERR_NO_NODE_DEVICE, esx.nodeDeviceLookupByName, "nope")
    failing(libvirt.VIR_ERR_INVALID_ARG, card.XMLDesc, 1)


def test_a_device_is_not_changed_here(esx):
    card = esx.nodeDeviceLookupByName(CARDS[1])
    for change in (card.dettach, card.reAttach, card.reset, card.destroy):
        failing(libvirt.VIR_ERR_NO_SUPPORT, change)
    failing(libvirt.VIR_ERR_NO_SUPPORT, esx.nodeDeviceCreateXML, card.XMLDesc())


@pytest.mark.esx(model="vpx")
def test_devices_of_several_hosts_have_the_same_names(esx):
    for ask in (esx.listAllDevices, lambda: esx.nodeDeviceLookupByName("computer"), lambda: esx.numOfDevices(None)):
        assert "cluster1/esx1.example.test" in failing(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, ask)
