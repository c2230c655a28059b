"""A machine's console: the picture of its screen, and its keyboard.

Sources: vSphere API, VirtualMachine.PutUsbScanCodes (6.5 and later); ``https://HOST/screen?id=MOREF``, which answers
the API's sessions with a PNG.
"""

import http.client
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import libvirt

from esxdriver.errors import error
from esxdriver.vsphere.machine.types import vim_type
from esxdriver.vsphere.wire import data
from esxdriver.vsphere.wire.faults import TransferError
from esxdriver.vsphere.wire.session import Session

_PNG, _END_OF_PNG = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
_KEYBOARD = 7  # USB's usage page

# The usages from here on are the modifiers, in this order.
_FIRST_MODIFIER = 0xE0
_MODIFIERS = ("leftControl", "leftShift", "leftAlt", "leftGui", "rightControl", "rightShift", "rightAlt", "rightGui")

# What a status means, where it says more than itself: libvirt's code, and the text.
_REFUSALS: dict[int, tuple[int, str]] = {
    http.client.NOT_FOUND: (libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "this host gives no pictures of its domains"),
    http.client.UNAUTHORIZED: (libvirt.VIR_ERR_ACCESS_DENIED, "the user needs VirtualMachine.Interact.ConsoleInteract"),
    http.client.FORBIDDEN: (libvirt.VIR_ERR_ACCESS_DENIED, "the user needs VirtualMachine.Interact.ConsoleInteract"),
}


def picture_of_screen(session: Session, ref: Any) -> bytes:
    """Return a PNG of the screen of a machine that runs, in two round trips.

    Raises OPERATION_UNSUPPORTED where the host gives none, ACCESS_DENIED, OPERATION_FAILED, TransferError for what is
    no whole picture.
    """
    what = "taking a picture of the screen"
    status, found = data.page(session, f"/screen?id={quote(ref._GetMoId(), safe='')}", what)
    if status != http.client.OK:
        code, text = _REFUSALS.get(status, (libvirt.VIR_ERR_OPERATION_FAILED, "the host refuses it"))
        raise error(code, f"{what}: {text} (HTTP {status})")
    if not (found.startswith(_PNG) and found.endswith(_END_OF_PNG)):
        raise TransferError(f"{what}: the host has sent something else, or a part of it")
    return found


def key_events(usages: Sequence[int]) -> Any:
    """Return what presses these keys: the modifiers among them are held down while each other key is pressed.

    Modifiers alone are pressed one after the other.
    """
    held = [usage for usage in usages if usage >= _FIRST_MODIFIER]
    others = [usage for usage in usages if usage < _FIRST_MODIFIER]
    modifiers = {_MODIFIERS[usage - _FIRST_MODIFIER]: True for usage in held} if others else {}
    events = [_event(usage, modifiers) for usage in others or held]
    return vim_type("UsbScanCodeSpec")(keyEvents=events)


def _event(usage: int, modifiers: dict[str, bool]) -> Any:
    event = vim_type("UsbScanCodeSpecKeyEvent")(usbHidCode=usage << 16 | _KEYBOARD)
    if modifiers:
        event.modifiers = vim_type("UsbScanCodeSpecModifierType")(**modifiers)
    return event


def press_keys(ref: Any, usages: Sequence[int]) -> None:
    """Press keys of a machine that runs. Raises OPERATION_FAILED where the host says that it took fewer."""
    spec = key_events(usages)
    taken = ref.PutUsbScanCodes(spec)
    if taken is not None and taken < len(spec.keyEvents):
        raise error(
            libvirt.VIR_ERR_OPERATION_FAILED,
            f"the guest took {taken} of {len(spec.keyEvents)} keys: it is done in part",
        )
