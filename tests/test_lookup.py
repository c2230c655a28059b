"""Look-ups: the first that is meant, and errors that name the choices."""

from dataclasses import dataclass

import libvirt
import pytest

from esxdriver.lookup import first, listed, uuid_of, uuid_text
from tests.helpers import failing

UUID = "97a43ce7-31e1-441d-aa90-5291c6c4de6a"


@dataclass(frozen=True)
class Pool:
    name: str
    number: int = 0


def test_the_first_that_is_meant_is_found():
    pools = [Pool("a", 1), Pool("b", 2), Pool("b", 3)]
    assert first(iter(pools), lambda each: each.name == "b", libvirt.VIR_ERR_NO_STORAGE_POOL, "pool") is pools[1]


@pytest.mark.parametrize(("names", "there"), [(["b", "a"], "a, b"), ([], "none")])
def test_what_is_not_there_is_an_error_that_names_what_is(names, there):
    text = failing(libvirt.VIR_ERR_NO_NETWORK, first, map(Pool, names), lambda _: False, libvirt.VIR_ERR_NO_NETWORK, "net 'x'")  # fmt: skip
    assert text == f"Network not found: no net 'x'; there are: {there}"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "none"), (1, "0"), (2, "0, 1"), (3, "0, 1 and 1 more"), (9, "0, 1 and 7 more")]
)  # fmt: skip
def test_a_long_list_is_cut(count, text):
    assert listed([str(number) for number in range(count)], 2) == text


@pytest.mark.parametrize("text", [UUID, UUID.upper(), UUID.replace("-", ""), "97a43ce731e1-441daa90-5291c6c4de6a"])
def test_a_uuid_is_32_digits(text):
    assert str(uuid_of(text)) == UUID


@pytest.mark.parametrize(
    "text", ["", "x", UUID[:-1], f"{UUID}0", f"{{{UUID}}}", f"urn:uuid:{UUID}", UUID.replace("9", "\u0669")]
)
def test_anything_else_is_none(text):
    assert "is not a UUID" in failing(libvirt.VIR_ERR_INVALID_ARG, uuid_of, text)


def test_bytes_are_16():
    assert (
        uuid_text(bytes.fromhex(UUID.replace("-", ""))) == uuid_text(bytearray.fromhex(UUID.replace("-", ""))) == UUID
    )
    for wrong in (b"", b"x" * 15, b"x" * 17, UUID, "x" * 16):
        assert "16 bytes" in failing(libvirt.VIR_ERR_INVALID_ARG, uuid_text, wrong)
