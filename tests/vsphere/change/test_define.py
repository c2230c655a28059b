"""Which machine a definition means; what comes of it is in ../test_define.py."""

import libvirt
import pytest
from pyVmomi import vim

from esxdriver.conf.domain.domain import DomainDef
from esxdriver.vsphere.change.define import meant
from esxdriver.vsphere.query.retrieve import Found
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
