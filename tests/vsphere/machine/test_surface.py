"""Setting a property by its path, and what stands above it."""

import pytest

from esxdriver.conf.mapping.fields import UnsupportedValueError
from esxdriver.vsphere.machine.surface import set_path
from esxdriver.vsphere.machine.types import vim_type


def test_what_stands_above_is_made():
    card = vim_type("VirtualE1000")()
    set_path(card, "slotInfo.pciSlotNumber", 33)
    assert card.slotInfo.pciSlotNumber == 33


def test_nothing_below_nothing_leaves_a_property_of_that_name_above_alone():
    card = vim_type("VirtualE1000")(key=4000, backing=None)
    set_path(card, "connectable.key", None)
    assert card.key == 4000


@pytest.mark.parametrize("path", ["nothing", "nothing.key", "connectable.nothing"])
def test_a_property_that_a_type_has_not_is_refused_where_something_is_said(path):
    card = vim_type("VirtualE1000")(key=4000)
    set_path(card, path, None)
    with pytest.raises(UnsupportedValueError, match=r"E1000 has no key|has no nothing"):
        set_path(card, path, 1)
    assert card.key == 4000
