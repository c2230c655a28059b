"""auth.conf is read as libvirt reads it, which lets GLib do it."""

import ctypes
import ctypes.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esxdriver import keyfile

CASES = [
    (b"[g]\np=a\n", b"a"),
    (b"[g]\n  p=a", b"a"),
    (b"[g]\n\tp \t=\t a", b"a"),
    (b"  [g]  \np=a", b"a"),
    (b"[g]\np= a b  \n", b"a b  "),
    (b"[g]\np=1#2\r\n", b"1#2"),
    (b"#c\n\n  # x\n[g]\n#p=2\np=1", b"1"),
    (b"[g]\np=1\n[h]\np=3\n[g]\np=2\n", b"2"),
    (b"[g]\np=a\\sb\\tc\\\\d\\x\\", b"a b\tc\\d\\x"),
    (b"[g]\np=a=b", b"a=b"),
    (b"[g]\np=", b""),
    (b"[g]\nq r=1\np[de]=2\np=3", b"3"),
    (b"[g]\np=1\0 is cut off\n", b"1"),
    (b"[g]\nP=1", None),
    (b"[g ]\np=1", None),
    (b"", None),
]
BROKEN = [
    b"p=1\n[g]\np=2",
    b";c\n[g]\np=1",
    b"[g]\np\n",
    b"[g]\n=2\np=1",
    b"[g] x\np=1",
    b"[]\np=1",
    b"[a]b]\n[g]\np=1\n",
    b"[g\x01]\np=1",
    b"\xef\xbb\xbf[g]\np=1",
    b"[g]\np[=1\np=2",
]


def read(data):
    return keyfile.parse(data).get("g", {}).get("p")


@pytest.mark.parametrize(("data", "value"), CASES)
def test_what_a_key_has(data, value):
    assert read(data) == value


@pytest.mark.parametrize("data", BROKEN)
def test_what_is_no_key_file(data):
    with pytest.raises(keyfile.KeyFileError, match=r"line \d is neither"):
        read(data)


def glib():
    name = ctypes.util.find_library("glib-2.0")
    if name is None:
        pytest.skip("GLib is not here to compare with")
    library = ctypes.CDLL(name)
    library.g_key_file_new.restype = ctypes.c_void_p
    library.g_key_file_free.argtypes = [ctypes.c_void_p]
    library.g_key_file_load_from_data.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p,
    ]  # fmt: skip
    library.g_key_file_get_string.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p]
    library.g_key_file_get_string.restype = ctypes.c_char_p
    return library


LINES = st.sampled_from(
    [
        b"[g]",
        b" [g] ",
        b"[h]",
        b"[]",
        b"p=x",
        b"  p = y ",
        b"p",
        b"=z",
        b"#p=c",
        b";p=c",
        b"",
        b" ",
        b"p=a\\sb\\",
        b"q=1",
    ]
) | st.text("[]gp=#; \t\\sn\r\x0bx", max_size=8).map(str.encode)


@given(st.lists(LINES, max_size=6).map(b"\n".join))
def test_glib_reads_the_same(data):
    library = glib()
    file = library.g_key_file_new()
    try:
        loads = bool(library.g_key_file_load_from_data(file, data, len(data), 0, None))
        if not loads:
            with pytest.raises(keyfile.KeyFileError):
                keyfile.parse(data)
        else:
            assert read(data) == library.g_key_file_get_string(file, b"g", b"p", None)
    finally:
        library.g_key_file_free(file)
