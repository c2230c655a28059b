"""What a domain is doing has one word on each side, and libvirt's wherever a user reads it."""

import re
from pathlib import Path

import libvirt
import pytest

import esxdriver
from esxdriver.conf.mapping.states import PowerState, label_of, label_of_number, number_of

# vSphere's, libvirt's number, virsh's text, <domainsnapshot>'s, whether libvirt calls it active.
STATES = [
    ("poweredOn", libvirt.VIR_DOMAIN_RUNNING, "running", "running", True),
    ("suspended", libvirt.VIR_DOMAIN_PAUSED, "paused", "paused", True),
    ("poweredOff", libvirt.VIR_DOMAIN_SHUTOFF, "shut off", "shutoff", False),
]


@pytest.mark.parametrize(("vim", "number", "label", "xml", "active"), STATES)
def test_a_state_has_one_row(vim, number, label, xml, active):
    state = PowerState.of_machine({"runtime.powerState": vim})
    assert (number_of(state), label_of(state), state.xml, state.active) == (number, label, xml, active)
    assert label_of_number(number) == label
    assert PowerState.of("xml", xml) is state


@pytest.mark.parametrize("withheld", [None, "", "standby"])
def test_a_state_that_the_host_withholds_is_no_state(withheld):
    state = PowerState.of_machine({"runtime.powerState": withheld})
    assert state is None
    assert (number_of(state), label_of(state)) == (libvirt.VIR_DOMAIN_NOSTATE, "no state")


def test_no_other_module_spells_a_state_of_vspheres():
    root = Path(esxdriver.__file__).parent
    spelled = re.compile(r"""["'](poweredOn|poweredOff|suspended)["']""")
    found = [str(path.relative_to(root)) for path in root.rglob("*.py") if spelled.search(path.read_text())]
    # cli/commands/domain_power.py has what virsh says after "suspend".
    assert sorted(found) == ["cli/commands/domain_power.py", "conf/mapping/states.py"]
