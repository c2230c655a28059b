"""What a new device needs besides its definition: what vSphere requires and libvirt does not speak of."""

from typing import Any

from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.disk_blank import Blank
from esxdriver.conf.devices.interface import InterfaceDef
from esxdriver.conf.devices.mac_address import MacType
from esxdriver.vsphere.machine.types import is_nic, vim_type

# Devices that can be plugged and unplugged have a plug.
_PLUGGED = ("VirtualCdrom", "VirtualFloppy", "VirtualSerialPort", "VirtualParallelPort")

# Properties that a backing must have: the value where the definition has none.
_REQUIRED = {
    "deviceName": "",
    "fileName": "",
    "direction": "client",
    "serviceURI": "",
    "pipeName": "",
    "endpoint": "client",
    "exclusive": False,
    "diskMode": "persistent",
}


def complete(definition: Any, device: Any) -> None:
    """Give a new device its plug, and the required properties that nothing has set."""
    _fill_backing(device.backing)
    if isinstance(definition, DiskDef) and definition.blank:
        _make_blank(definition.blank, device)
    if is_nic(device) or type(device)._wsdlName in _PLUGGED:
        device.connectable = _plug(connected=_is_plugged(definition))
    if isinstance(device, vim_type("VirtualSCSIController")) and not device.sharedBus:
        device.sharedBus = "noSharing"
    if isinstance(device, vim_type("VirtualSerialPort")):
        device.yieldOnPoll = True
    if isinstance(definition, InterfaceDef) and definition.mac and definition.mac_type is None:
        device.addressType = MacType.of_address(definition.mac).vim


def _is_plugged(definition: Any) -> bool:
    """Whether a new device is plugged in: a drive with a medium is, and a card unless its link is down."""
    if isinstance(definition, InterfaceDef):
        return definition.link is not False
    return getattr(definition, "source", True) is not None


# What a card that takes another's place keeps of it.
_INHERITED = ("connectable", "externalId", "wakeOnLanEnabled", "resourceAllocation", "uptCompatibilityEnabled")


def inherit(definition: Any, device: Any, like: Any) -> None:
    """Give a network card what libvirt does not speak of from the card whose place it takes, if it takes one."""
    if like is None or not is_nic(like) or not is_nic(device):
        return
    for name in _INHERITED:
        said = name == "connectable" and definition.link is not None
        if getattr(like, name, None) is not None and not said:
            setattr(device, name, getattr(like, name))


def replug(have: Any, want: Any, device: Any) -> None:
    """Set what follows from an edit: a medium that comes is connected, a new MAC address is of a type of its own."""
    plug = device.connectable
    if isinstance(want, DiskDef) and plug is not None and (have.source is None) != (want.source is None):
        plug.startConnected = plug.connected = want.source is not None
    if isinstance(want, InterfaceDef) and want.link is not None and plug is not None:
        plug.startConnected = plug.connected = want.link
    if isinstance(want, InterfaceDef) and want.mac and want.mac != have.mac and want.mac_type is None:
        device.addressType = MacType.of_address(want.mac).vim


def _make_blank(blank: Blank, disk: Any) -> None:
    """Say how large a disk is whose file is made with it, and when it takes its space and zeroes it."""
    disk.capacityInKB, disk.capacityInBytes = blank.kib, blank.kib * 1024
    for name, value in (("thinProvisioned", blank.thin), ("eagerlyScrub", blank.zeroed)):
        if hasattr(disk.backing, name):  # a sparse one takes its space as it is written to
            setattr(disk.backing, name, value)


def _fill_backing(backing: Any) -> None:
    for name, value in _REQUIRED.items():
        if backing is not None and hasattr(backing, name) and getattr(backing, name) is None:
            setattr(backing, name, value)


def _plug(*, connected: bool) -> Any:
    return vim_type("VirtualDeviceConnectInfo")(startConnected=connected, allowGuestControl=True, connected=connected)
