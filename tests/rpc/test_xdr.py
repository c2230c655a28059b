"""The types of the wire: what they hold, what they refuse, and that both ways agree."""

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esxdriver.rpc import protocol, xdr
from esxdriver.rpc.xdr import XDRError

from . import values

STRUCTURES = list(values.structures())
EACH_STRUCTURE = pytest.mark.parametrize(("name", "fields", "of"), STRUCTURES, ids=[name for name, *_ in STRUCTURES])
FEW = settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))
WORDS = st.lists(st.integers(0, 5), max_size=40).map(lambda words: struct.pack(f">{len(words)}I", *words))


def written(of, value):
    out = bytearray()
    of.write(value, out)
    return bytes(out)


def parsed(of, data):
    return of.parse(data, 0)[0]


# Type, value, bytes. Source: RFC 4506's own rules, and libvirt's char arrays of one word a character
WORKED = [
    ("i32", -2, "fffffffe"),
    ("u32", 2**32 - 1, "ffffffff"),
    ("i64", -1, "ffffffffffffffff"),
    ("u64", 1, "0000000000000001"),
    ("f64", 1.5, "3ff8000000000000"),
    ("u8w", 255, "000000ff"),
    ("i8w", -1, "ffffffff"),
    ("str", "", "00000000"),
    ("str", "abc", "0000000361626300"),
    ("str", "é", "00000002c3a90000"),
    ("str?", None, "00000000"),
    ("str?", "abcd", "000000010000000461626364"),
    ("i32<3>", [1, 2], "000000020000000100000002"),
    ("bytes<5>", b"\1\2\3\4\5", "000000050102030405000000"),
    ("i8w<5>", b"\0A\xff", "000000030000000000000041ffffffff"),
    ("i8w[2]", b"AB", "0000004100000042"),
    ("uuid", bytes(range(16)), "000102030405060708090a0b0c0d0e0f"),
    ("typed_param", ("n", (7, "v")), "000000016e000000" + "00000007" + "0000000176000000"),
    ("typed_param", ("n", (6, 1)), "000000016e000000" + "00000006" + "00000001"),
    ("nonnull_domain", ("d", bytes(16), -1), "0000000164000000" + "00" * 16 + "ffffffff"),
]


@pytest.mark.parametrize(("expression", "value", "data"), WORKED)
def test_a_type_has_one_form_in_bytes(expression, value, data):
    of = protocol.type_of(expression)
    assert written(of, value).hex() == data
    assert parsed(of, bytes.fromhex(data)) == value


@EACH_STRUCTURE
def test_every_value_of_every_structure_comes_back(name, fields, of):
    @FEW
    @given(values.of_structure(fields))
    def check(value):
        data = written(of, value)
        assert len(data) % 4 == 0
        assert len(data) >= of.least
        assert of.parse(b"\0\0\0\0" + data + b"more", 4) == (value, 4 + len(data))

    check()


@EACH_STRUCTURE
def test_any_bytes_are_a_value_or_an_error(name, fields, of):
    @FEW
    @given(st.binary(max_size=64) | WORDS)
    def check(data):
        try:
            value, end = of.parse(data, 0)
        except XDRError:
            return
        assert end <= len(data)
        assert written(of, parsed(of, written(of, value))) == written(of, value)

    check()


@pytest.mark.parametrize("word", [1, 2, 0x01000000, 0xFFFFFFFF])
def test_any_word_but_zero_makes_an_optional_present(word):
    """Go clients send 01 00 00 00."""
    assert parsed(protocol.type_of("str?"), struct.pack(">II", word, 0)) == ""


def test_padding_is_not_looked_at():
    assert parsed(protocol.type_of("str"), bytes.fromhex("0000000161ffffff")) == "a"


def test_what_is_no_utf8_is_kept():
    of = protocol.type_of("str")
    data = bytes.fromhex("00000002ff410000")
    assert written(of, parsed(of, data)) == data


# Type, bytes that are none of it
WRONG = [
    ("i32", ""),
    ("i32", "000000"),
    ("u64", "00000000"),
    ("u8w", "00000100"),
    ("i8w", "00000080"),
    ("u16w", "00010000"),
    ("str", "00000001"),
    ("str", "0000000461"),
    ("str", "0000000161"),  # the padding is missing
    ("str", "0000000200610000"),  # a NUL
    ("str", "ffffffff"),
    ("str", "00400001"),  # one more than 4 MiB
    ("str?", "00000001"),
    ("i32<3>", "00000004" + "00000000" * 4),
    ("i32<3>", "0000000300000000"),
    ("nonnull_domain<16384>", "00004000"),  # 16384 of them cannot be in no bytes
    ("bytes<5>", "00000006000000000000"),
    ("i8w<5>", "0000000200000000"),
    ("i8w[2]", "00000000"),
    ("uuid", "00" * 15),
    ("typed_param_value", "0000000000000000"),
    ("typed_param_value", "0000000800000000"),
]


@pytest.mark.parametrize(("expression", "data"), WRONG)
def test_bytes_that_are_no_value_are_refused(expression, data):
    with pytest.raises(XDRError):
        parsed(protocol.type_of(expression), bytes.fromhex(data))


# Type, value that it cannot hold
UNFIT = [
    ("i32", 2**31),
    ("i32", -(2**31) - 1),
    ("i32", None),
    ("i32", "1"),
    ("i32", 1.5),
    ("u32", -1),
    ("u64", 2**64),
    ("u8w", 256),
    ("u8w", None),
    ("i8w", 128),
    ("str", None),
    ("str", b"x"),
    ("str", "a\0b"),
    ("str", "\ud800"),
    ("str", "x" * (4194304 + 1)),
    ("i32<3>", [1, 2, 3, 4]),
    ("bytes<5>", bytes(6)),
    ("i8w<5>", bytes(6)),
    ("i8w[2]", b"A"),
    ("uuid", bytes(15)),
    ("typed_param_value", (9, 1)),
    ("nonnull_domain", ("d", bytes(16))),
]


@pytest.mark.parametrize(("expression", "value"), UNFIT, ids=[f"{of}-{place}" for place, (of, _) in enumerate(UNFIT)])
def test_a_value_that_does_not_fit_is_refused(expression, value):
    with pytest.raises(XDRError):
        written(protocol.type_of(expression), value)


def test_nothing_is_read_for_a_length_that_cannot_be():
    """A client that announces a million of something and sends nothing costs nothing."""
    tried = []

    class Counting(xdr.Number):
        def parse(self, data, at):
            tried.append(at)
            return super().parse(data, at)

    with pytest.raises(XDRError):
        xdr.Array(Counting("i"), 2**20).parse(struct.pack(">I", 2**20), 0)
    assert tried == []
