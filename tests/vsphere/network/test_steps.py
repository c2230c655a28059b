"""Steps that are taken one after the other: what the error says when one is refused."""

import libvirt
import pytest
from pyVmomi import vim

from esxdriver.vsphere.network.steps import Step, take
from tests.helpers import failing


def refuse():
    raise vim.fault.NotFound(msg="gone")


def malformed():
    raise TypeError("no answer that makes sense")


@pytest.mark.parametrize(
    ("undo", "said"),
    [(lambda: None, "so the host is as it was"), (refuse, "one could not be taken back"),
     (malformed, "one could not be taken back")],
    ids=["undone", "refused", "malformed"],
)  # fmt: skip
def test_the_refusal_is_reported_whatever_becomes_of_the_steps_before_it(undo, said):
    steps = [Step("one", lambda: None, undo), Step("two", refuse, lambda: None)]
    text = failing(libvirt.VIR_ERR_OPERATION_FAILED, take, steps, "cannot define network 'vs1'")
    assert "cannot define network 'vs1': two: gone" in text
    assert said in text
