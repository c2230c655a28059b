"""What presses keys, and which answers are pictures."""

import libvirt
import pytest

from esxdriver.vsphere.machine import console
from esxdriver.vsphere.wire.faults import TransferError
from tests.helpers import failing

CTRL, ALT, DELETE, A = 224, 226, 76, 4
PICTURE = b"\x89PNG\r\n\x1a\n...IEND\xaeB`\x82"


def events(usages):
    return [
        (
            event.usbHidCode >> 16,
            event.usbHidCode & 0xFFFF,
            {name for name, on in vars(event.modifiers or {}).items() if on},
        )
        if event.modifiers
        else (event.usbHidCode >> 16, event.usbHidCode & 0xFFFF, set())
        for event in console.key_events(usages).keyEvents
    ]


# The usages, and the keys that are pressed, each with the modifiers that are held meanwhile.
PRESSED = [
    ([A], [(A, 7, set())]),
    ([CTRL, ALT, DELETE], [(DELETE, 7, {"leftControl", "leftAlt"})]),
    ([A, CTRL, DELETE], [(A, 7, {"leftControl"}), (DELETE, 7, {"leftControl"})]),
    ([231], [(231, 7, set())]),
    ([225, A], [(A, 7, {"leftShift"})]),
]


@pytest.mark.parametrize(("usages", "expected"), PRESSED)
def test_modifiers_are_held_while_the_others_are_pressed(usages, expected):
    assert events(usages) == expected


class Keyboard:
    def __init__(self, taken):
        self.PutUsbScanCodes = lambda _spec: taken


def test_keys_that_the_host_did_not_take_are_reported():
    console.press_keys(Keyboard(2), [A, DELETE])
    said = failing(libvirt.VIR_ERR_OPERATION_FAILED, console.press_keys, Keyboard(1), [A, DELETE])
    assert "took 1 of 2 keys" in said


class Machine:
    def _GetMoId(self):  # noqa: N802 - pyVmomi's name
        return "vm/1 2"


@pytest.fixture
def answering(monkeypatch):
    asked = []

    def answer(status, found):
        def page(_session, url, _what):
            asked.append(url)
            return status, found

        monkeypatch.setattr(console.data, "page", page)
        return asked

    return answer


def test_a_picture_is_asked_for_by_the_reference(answering):
    asked = answering(200, PICTURE)
    assert console.picture_of_screen(None, Machine()) == PICTURE
    assert asked == ["/screen?id=vm%2F1%202"]


REFUSED = [
    (404, libvirt.VIR_ERR_OPERATION_UNSUPPORTED),
    (401, libvirt.VIR_ERR_ACCESS_DENIED),
    (403, libvirt.VIR_ERR_ACCESS_DENIED),
    (500, libvirt.VIR_ERR_OPERATION_FAILED),
    (599, libvirt.VIR_ERR_OPERATION_FAILED),
]


@pytest.mark.parametrize(("status", "code"), REFUSED)
def test_a_refusal_says_why(answering, status, code):
    answering(status, b"")
    assert f"HTTP {status}" in failing(code, console.picture_of_screen, None, Machine())


@pytest.mark.parametrize("found", [b"", b"<html>", PICTURE[:-1]])
def test_what_is_no_whole_picture_is_none(answering, found):
    answering(200, found)
    with pytest.raises(TransferError, match="something else, or a part of it"):
        console.picture_of_screen(None, Machine())
