"""Keys, by the numbers of libvirt's codesets, and the usages that vSphere is told."""

import libvirt
import pytest

from esxdriver.conf.mapping.keycodes import CODESETS, linux_keys, usage_of
from tests.helpers import failing

# The key, and its number in each codeset: linux, atset1, qnum, usb.
KEYS = [
    ("A", 30, 0x1E, 0x1E, 4),
    ("Z", 44, 0x2C, 0x2C, 29),
    ("1", 2, 2, 2, 30),
    ("0", 11, 11, 11, 39),
    ("ENTER", 28, 0x1C, 0x1C, 40),
    ("F1", 59, 0x3B, 0x3B, 58),
    ("F10", 68, 0x44, 0x44, 67),
    ("F12", 88, 0x58, 0x58, 69),
    ("SYSRQ", 99, 0x54, 0x54, 70),
    ("DELETE", 111, 0xE053, 0xD3, 76),
    ("UP", 103, 0xE048, 0xC8, 82),
    ("KPENTER", 96, 0xE01C, 0x9C, 88),
    ("KP5", 76, 0x4C, 0x4C, 93),
    ("KP0", 82, 0x52, 0x52, 98),
    ("102ND", 86, 0x56, 0x56, 100),
    ("LEFTCTRL", 29, 0x1D, 0x1D, 224),
    ("LEFTALT", 56, 0x38, 0x38, 226),
    ("RIGHTCTRL", 97, 0xE01D, 0x9D, 228),
    ("RIGHTMETA", 126, 0xE05C, 0xDC, 231),
]


@pytest.mark.parametrize(("name", "linux", "atset1", "qnum", "usb"), KEYS)
def test_a_key_is_one_usage_in_every_codeset(name, linux, atset1, qnum, usb):
    assert linux_keys()[name][:2] == (linux, usb)
    numbers = {"linux": linux, "xt": atset1, "atset1": atset1, "qnum": qnum, "usb": usb}
    assert {usage_of(CODESETS[codeset], number) for codeset, number in numbers.items()} == {usb}


def test_no_two_keys_share_a_number():
    keys = linux_keys().values()
    for column in range(3):
        numbers = [each[column] for each in keys if each[column] is not None]
        assert len(set(numbers)) == len(numbers)


# A key, and Windows' number for it.
WIN32 = [
    ("A", 0x41), ("0", 0x30), ("F1", 0x70), ("F12", 0x7B), ("F24", 0x87), ("KP0", 0x60), ("KP9", 0x69),
    ("DELETE", 0x2E), ("LEFTCTRL", 0x11), ("LEFTCTRL", 0xA2), ("LEFTALT", 0x12), ("RIGHTMETA", 0x5C), ("ENTER", 0x0D),
]  # fmt: skip


@pytest.mark.parametrize(("name", "number"), WIN32)
def test_windows_numbers(name, number):
    assert usage_of(CODESETS["win32"], number) == linux_keys()[name][1]


@pytest.mark.parametrize("codeset", ["atset2", "atset3", "os_x", "xt_kbd"])
def test_a_codeset_without_a_table_is_refused_with_those_that_have_one(codeset):
    said = failing(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, usage_of, CODESETS[codeset], 30)
    assert f"{codeset}: use one of linux, xt, atset1, usb, win32, qnum" in said


def test_what_is_no_key_is_refused():
    assert "invalid keycode 9999 of linux" in failing(libvirt.VIR_ERR_INVALID_ARG, usage_of, CODESETS["linux"], 9999)
    assert "unknown codeset 99" in failing(libvirt.VIR_ERR_INVALID_ARG, usage_of, 99, 30)
