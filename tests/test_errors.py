"""Errors as libvirt words them."""

import libvirt
import pytest

from esxdriver.errors import check_flags
from tests.helpers import failing


@pytest.mark.parametrize(
    ("flags", "supported", "unknown"),
    [(4, 3, "0x4"), (7, 3, "0x4"), (-1, 0, "0xffffffff"), (-1, 3, "0xfffffffc"), (1 << 31, 0, "0x80000000")],
)
def test_unknown_flags_are_reported_as_unsigned_numbers(flags, supported, unknown):
    text = failing(libvirt.VIR_ERR_INVALID_ARG, check_flags, flags, supported, "virDomainGetXMLDesc")
    assert text == f"invalid argument: unsupported flags ({unknown}) in function virDomainGetXMLDesc"


def test_known_flags_pass():
    check_flags(3, 3, "virDomainGetXMLDesc")
