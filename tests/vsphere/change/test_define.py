"""Which machine a definition means; what comes of it is in ../test_define.py."""

import libvirt
import pytest
from pyVmomi import vim

from esxdriver.conf.domain.domain import DomainDef
from esxdriver.vsphere.change.blank import Settled
from esxdriver.vsphere.change.define import meant
from esxdriver.vsphere.change.made import WrongModeError, _forgotten
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.wire.faults import OutcomeUnknownError
from tests.helpers import failing

UUID = "97a43ce7-31e1-441d-aa90-5291c6c4de6a"
WANT = DomainDef(name="web01", memory=4096, uuid=UUID)


def machine(number, name=None):
    known = {"config.instanceUuid": UUID} | ({"name": name} if name else {})
    return Found(vim.VirtualMachine(f"vm-{number}"), known)


@pytest.mark.parametrize(
    ("found", "named"),
    [
        ([machine(7, "a%2fb")], "'a/b'"),
        ([machine(7)], "'vm-7'"),
        ([machine(7, "web01"), machine(8)], f"{UUID} (web01), {UUID} (vm-8)"),
    ],
)
def test_who_else_has_the_uuid_is_named_even_if_its_name_cannot_be_read(found, named):
    assert named in failing(libvirt.VIR_ERR_OPERATION_FAILED, lambda: meant(found, WANT, legacy_uuid=False))


WRONG = WrongModeError("disk 'sda' ([ds] a.vmdk): the host accepted mode independent_persistent and made it persistent")


NO_DISKS = Settled(None, None, None)


class Left:
    """A machine whose unregistering ends so."""

    _moId = "vm-9"  # noqa: N815 - pyVmomi's name

    def __init__(self, raised=None):
        self.raised = raised

    def UnregisterVM(self):  # noqa: N802 - pyVmomi's name
        if self.raised:
            raise self.raised


@pytest.mark.parametrize(
    ("raised", "end"),
    [
        (None, "the domain is not kept, its files are"),
        (
            vim.fault.InvalidPowerState(msg="It is on"),
            "cannot be unregistered (It is on (InvalidPowerState)), so it stays",
        ),
        (
            OutcomeUnknownError("lost; was sent: unknown"),
            "cannot be unregistered (lost; was sent: unknown), so it stays",
        ),
        (AttributeError("an answer of no sense"), "an answer of no sense"),
    ],
)
def test_a_wrong_mode_is_named_with_the_domain_whatever_becomes_of_it(raised, end):
    text = str(_forgotten(Left(raised), WANT, WRONG, NO_DISKS))
    assert "domain 'web01' (vm-9): disk 'sda' ([ds] a.vmdk): the host accepted mode independent_persistent" in text
    assert end in text


def test_an_interruption_then_names_both_too():
    with pytest.raises(KeyboardInterrupt) as caught:
        _forgotten(Left(KeyboardInterrupt()), WANT, WRONG, NO_DISKS)
    [note] = caught.value.__notes__
    assert "domain 'web01' (vm-9): disk 'sda'" in note
