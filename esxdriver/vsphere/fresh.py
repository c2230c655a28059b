"""What a new device needs besides its definition: what vSphere requires and libvirt does not speak of."""

from typing import Any

from esxdriver.conf.interface import InterfaceDef, MacType
from esxdriver.vsphere.surface import is_nic, vim_type

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
    if is_nic(device) or type(device)._wsdlName in _PLUGGED:
        device.connectable = _plug(connected=getattr(definition, "source", True) is not None)
    if isinstance(device, vim_type("VirtualSCSIController")) and not device.sharedBus:
        device.sharedBus = "noSharing"
    if isinstance(device, vim_type("VirtualSerialPort")):
        device.yieldOnPoll = True
    if isinstance(definition, InterfaceDef) and definition.mac and definition.mac_type is None:
        device.addressType = MacType.of_address(definition.mac).vim


def _fill_backing(backing: Any) -> None:
    for name, value in _REQUIRED.items():
        if backing is not None and hasattr(backing, name) and getattr(backing, name) is None:
            setattr(backing, name, value)


def _plug(*, connected: bool) -> Any:
    return vim_type("VirtualDeviceConnectInfo")(startConnected=connected, allowGuestControl=True, connected=connected)
