"""Keys of a keyboard: their numbers in libvirt's codesets, and USB's usage, by which vSphere knows them.

Sources: USB HID Usage Tables, page 0x07 (keyboard); Linux include/uapi/linux/input-event-codes.h; the IBM PC/AT's scan
codes of set 1, which libvirt has with their prefix (``0xe01d``) and, as QNUM, in one byte (``0x9d``); Microsoft,
"Virtual-Key Codes".
"""

from collections.abc import Mapping
from functools import cache

import libvirt

from esxdriver.errors import error

# Keys whose numbers follow each other: names, the first number of Linux's, the first usage.
_ROWS = (
    ("F1 F2 F3 F4 F5 F6 F7 F8 F9 F10", 59, 58),
    ("F11 F12", 87, 68),
    ("F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24", 183, 104),
    ("1 2 3 4 5 6 7 8 9 0", 2, 30),
    ("KP7 KP8 KP9", 71, 95),
    ("KP4 KP5 KP6", 75, 92),
    ("KP1 KP2 KP3", 79, 89),
)
_LETTERS = (("QWERTYUIOP", 16), ("ASDFGHJKL", 30), ("ZXCVBNM", 44))
_A = 4  # the usage of the letter A

# Name -> Linux's number, usage, and the scan code where it is not Linux's number; None: it has none.
_KEYS: Mapping[str, tuple[int, int] | tuple[int, int, int | None]] = {
    "ENTER": (28, 40), "ESC": (1, 41), "BACKSPACE": (14, 42), "TAB": (15, 43), "SPACE": (57, 44),
    "MINUS": (12, 45), "EQUAL": (13, 46), "LEFTBRACE": (26, 47), "RIGHTBRACE": (27, 48), "BACKSLASH": (43, 49),
    "SEMICOLON": (39, 51), "APOSTROPHE": (40, 52), "GRAVE": (41, 53), "COMMA": (51, 54), "DOT": (52, 55),
    "SLASH": (53, 56), "CAPSLOCK": (58, 57), "SYSRQ": (99, 70, 0x54), "SCROLLLOCK": (70, 71),
    "PAUSE": (119, 72, 0xE046), "INSERT": (110, 73, 0xE052), "HOME": (102, 74, 0xE047), "PAGEUP": (104, 75, 0xE049),
    "DELETE": (111, 76, 0xE053), "END": (107, 77, 0xE04F), "PAGEDOWN": (109, 78, 0xE051), "RIGHT": (106, 79, 0xE04D),
    "LEFT": (105, 80, 0xE04B), "DOWN": (108, 81, 0xE050), "UP": (103, 82, 0xE048), "NUMLOCK": (69, 83),
    "KPSLASH": (98, 84, 0xE035), "KPASTERISK": (55, 85), "KPMINUS": (74, 86), "KPPLUS": (78, 87),
    "KPENTER": (96, 88, 0xE01C), "KP0": (82, 98), "KPDOT": (83, 99), "102ND": (86, 100), "COMPOSE": (127, 101, 0xE05D),
    "POWER": (116, 102, 0xE05E), "KPEQUAL": (117, 103, 0x59), "MUTE": (113, 127, 0xE020),
    "VOLUMEUP": (115, 128, 0xE030), "VOLUMEDOWN": (114, 129, 0xE02E), "KPCOMMA": (121, 133, 0x7E),
    "RO": (89, 135, 0x73), "KATAKANAHIRAGANA": (93, 136, 0x70), "YEN": (124, 137, 0x7D), "HENKAN": (92, 138, 0x79),
    "MUHENKAN": (94, 139, 0x7B), "HANGEUL": (122, 144, None), "HANJA": (123, 145, None),
    "LEFTCTRL": (29, 224), "LEFTSHIFT": (42, 225), "LEFTALT": (56, 226), "LEFTMETA": (125, 227, 0xE05B),
    "RIGHTCTRL": (97, 228, 0xE01D), "RIGHTSHIFT": (54, 229), "RIGHTALT": (100, 230, 0xE038),
    "RIGHTMETA": (126, 231, 0xE05C),
}  # fmt: skip

# Windows' numbers where they are neither a letter's nor a digit's own: by Linux's name of the key.
_WIN32 = {
    "BACKSPACE": 0x08, "TAB": 0x09, "ENTER": 0x0D, "PAUSE": 0x13, "CAPSLOCK": 0x14, "ESC": 0x1B, "SPACE": 0x20,
    "PAGEUP": 0x21, "PAGEDOWN": 0x22, "END": 0x23, "HOME": 0x24, "LEFT": 0x25, "UP": 0x26, "RIGHT": 0x27, "DOWN": 0x28,
    "SYSRQ": 0x2C, "INSERT": 0x2D, "DELETE": 0x2E, "LEFTMETA": 0x5B, "RIGHTMETA": 0x5C, "COMPOSE": 0x5D,
    "KPASTERISK": 0x6A, "KPPLUS": 0x6B, "KPMINUS": 0x6D, "KPDOT": 0x6E, "KPSLASH": 0x6F, "NUMLOCK": 0x90,
    "SCROLLLOCK": 0x91, "LEFTSHIFT": 0xA0, "RIGHTSHIFT": 0xA1, "LEFTCTRL": 0xA2, "RIGHTCTRL": 0xA3, "LEFTALT": 0xA4,
    "RIGHTALT": 0xA5, "MUTE": 0xAD, "VOLUMEDOWN": 0xAE, "VOLUMEUP": 0xAF, "SEMICOLON": 0xBA, "EQUAL": 0xBB,
    "COMMA": 0xBC, "MINUS": 0xBD, "DOT": 0xBE, "SLASH": 0xBF, "GRAVE": 0xC0, "LEFTBRACE": 0xDB, "BACKSLASH": 0xDC,
    "RIGHTBRACE": 0xDD, "APOSTROPHE": 0xDE, "102ND": 0xE2,
}  # fmt: skip
_WIN32_FIRST_PAD, _WIN32_BEFORE_F1 = 0x60, 0x6F
# Those that are not one side's alone, with the key that is pressed for them.
_WIN32_EITHER = {0x10: "LEFTSHIFT", 0x11: "LEFTCTRL", 0x12: "LEFTALT"}

CODESETS = {
    "linux": libvirt.VIR_KEYCODE_SET_LINUX, "xt": libvirt.VIR_KEYCODE_SET_XT, "atset1": libvirt.VIR_KEYCODE_SET_ATSET1,
    "atset2": libvirt.VIR_KEYCODE_SET_ATSET2, "atset3": libvirt.VIR_KEYCODE_SET_ATSET3,
    "os_x": libvirt.VIR_KEYCODE_SET_OSX, "xt_kbd": libvirt.VIR_KEYCODE_SET_XT_KBD, "usb": libvirt.VIR_KEYCODE_SET_USB,
    "win32": libvirt.VIR_KEYCODE_SET_WIN32, "qnum": libvirt.VIR_KEYCODE_SET_QNUM,
}  # fmt: skip
"""libvirt's codesets, by the names that virsh gives them."""

_LARGEST_PLAIN = 0x58  # up to F12 a scan code is Linux's number


@cache
def linux_keys() -> Mapping[str, tuple[int, int, int | None]]:
    """Return each key's number of Linux's, its usage and its scan code, by Linux's name without ``KEY_``."""
    rows = {name: (first + at, usage + at) for names, first, usage in _ROWS for at, name in enumerate(names.split())}
    letters = {name: (first + at, _A + ord(name) - ord("A")) for row, first in _LETTERS for at, name in enumerate(row)}
    return {name: _whole(*numbers) for name, numbers in {**letters, **rows, **_KEYS}.items()}


def _whole(linux: int, usage: int, scan: int | None = 0) -> tuple[int, int, int | None]:
    if scan == 0:
        scan = linux if linux <= _LARGEST_PLAIN else None
    return linux, usage, scan


def usage_of(codeset: int, code: int) -> int:
    """Return the usage of a key with a number of this codeset, a VIR_KEYCODE_SET_*.

    Raises ARGUMENT_UNSUPPORTED for a codeset that has no table here, INVALID_ARG for a number that is no key's.
    """
    names = {number: name for name, number in CODESETS.items()}
    if codeset not in names:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"unknown codeset {codeset}")
    table = _tables().get(names[codeset])
    if table is None:
        known = ", ".join(_tables())
        raise error(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, f"codeset {names[codeset]}: use one of {known}")
    if code not in table:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"invalid keycode {code} of {names[codeset]} codeset")
    return table[code]


@cache
def _tables() -> Mapping[str, Mapping[int, int]]:
    """Return the usages by the numbers of each codeset."""
    keys = linux_keys().values()
    scanned = {scan: usage for _, usage, scan in keys if scan is not None}
    return {
        "linux": {linux: usage for linux, usage, _ in keys},
        "xt": scanned,
        "atset1": scanned,
        "usb": {usage: usage for _, usage, _ in keys},
        "win32": _of_windows(),
        "qnum": {_in_one_byte(scan): usage for scan, usage in scanned.items()},
    }


def _of_windows() -> dict[int, int]:
    """Return the usages by Windows' numbers: of letters and digits, their ASCII codes."""
    found = {}
    for name, (_, usage, _) in linux_keys().items():
        if name in _WIN32:
            found[_WIN32[name]] = usage
        elif len(name) == 1:
            found[ord(name)] = usage
        elif name.startswith("F") and name[1:].isdecimal():
            found[_WIN32_BEFORE_F1 + int(name[1:])] = usage
        elif name.startswith("KP") and name[2:].isdecimal():
            found[_WIN32_FIRST_PAD + int(name[2:])] = usage
    return found | {number: linux_keys()[name][1] for number, name in _WIN32_EITHER.items()}


def _in_one_byte(scan: int) -> int:
    return scan & 0x7F | (0x80 if scan >> 8 else 0)
