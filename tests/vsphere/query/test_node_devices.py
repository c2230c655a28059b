"""vSphere's PCI devices as libvirt's: names, what they hang on, and numbers that vSphere gives a sign."""

from pyVmomi import vim

from esxdriver.vsphere.query.node_devices import PATHS, node_devices
from esxdriver.vsphere.query.retrieve import Found


def device(address, **known):
    values = {"classId": 0x0200, "bus": 3, "slot": 0, "function": 0, "vendorId": -32634, "subVendorId": 0,
              "vendorName": "Intel", "deviceId": -1, "subDeviceId": 0, "deviceName": "X710", **known}  # fmt: skip
    return vim.host.PciDevice(id=address, **values)


def passed(kind, address, *, active=False, **more):
    return kind(id=address, dependentDevice=address, passthruEnabled=active, passthruCapable=True,
                passthruActive=active, **more)  # fmt: skip


def found(devices, passthrough=(), system=None):
    values = dict(zip(PATHS, (list(devices), list(passthrough), system, None), strict=True))
    return node_devices(
        Found(vim.HostSystem("host-1"), {key: each for key, each in values.items() if each is not None})
    )


def test_a_device_is_named_by_its_address_and_hangs_on_its_bridge():
    bridge, card, lone = found([device("0000:03:00.0", parentBridge="0000:00:1C.0"), device("0000:00:1C.0"),
                                device("0001:81:00.0", parentBridge="0001:80:00.0")])  # fmt: skip
    assert [each.name for each in (bridge, card, lone)] == ["pci_0000_00_1c_0", "pci_0000_03_00_0", "pci_0001_81_00_0"]
    assert (card.parent, lone.parent) == ("pci_0000_00_1c_0", "computer")
    assert (card.about.address, lone.about.address) == ((0, 3, 0, 0), (1, 0x81, 0, 0))
    assert (card.about.vendor, card.about.product) == (0x8086, 0xFFFF)


def test_what_machines_may_have():
    plain, taken, split = found(
        [device(f"0000:03:00.{number}") for number in range(3)],
        [passed(vim.host.PciPassthruInfo, "0000:03:00.1", active=True),
         passed(vim.host.SriovInfo, "0000:03:00.2", sriovEnabled=False, sriovCapable=True, sriovActive=False,
                numVirtualFunctionRequested=0, numVirtualFunction=0, maxVirtualFunctionSupported=8)],
    )  # fmt: skip
    assert [each.driver for each in (plain, taken, split)] == [None, "pcipassthru", None]
    assert [each.about.functions for each in (plain, taken, split)] == [None, None, 8]


def test_what_no_document_can_tell_of_is_left_out():
    assert found([device("nonsense"), device("0000:03:00.9")]) == []
    assert found([], system=vim.host.SystemInfo(vendor="", model="", uuid="")) == []
    (host,) = found([], system=vim.host.SystemInfo(vendor="Dell Inc.", model="R640", uuid="4c4c4544-0000-4000-8000-0"))
    assert (host.name, host.parent, host.capability) == ("computer", None, "system")
