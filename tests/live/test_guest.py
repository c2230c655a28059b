"""What the guest says, before esxsim's guests."""

import libvirt
import pytest

from tests.helpers import failing

pytestmark = pytest.mark.live


def test_a_guest_with_tools_is_asked_in_one_round_trip(esx):
    domain = esx.lookupByName("db01")
    assert domain.hostname() == "db01.example.test"
    before = esx.backend.session.calls.total()
    cards = domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT)
    assert esx.backend.session.calls.total() == before + 1
    assert list(cards) == ["nic0", "nic1"]
    assert cards["nic0"]["addrs"][0]["type"] == libvirt.VIR_IP_ADDR_TYPE_IPV4
    assert domain.fsInfo()[0][3] == ["sda"]
    assert domain.guestInfo()["hostname"] == "db01.example.test"


CALLS = [
    lambda domain: domain.hostname(),
    lambda domain: domain.interfaceAddresses(0),
    lambda domain: domain.fsInfo(),
    lambda domain: domain.guestInfo(),
]


@pytest.mark.parametrize("call", CALLS)
def test_who_does_not_run_or_has_no_tools_says_so(esx, sim, call):
    failing(libvirt.VIR_ERR_OPERATION_INVALID, call, esx.lookupByName("old01"))
    sim.guest("db01", tools=False)
    assert "VMware Tools" in failing(libvirt.VIR_ERR_AGENT_UNRESPONSIVE, call, esx.lookupByName("db01"))


def test_what_tools_do_not_look_at_is_refused(esx):
    domain = esx.lookupByName("db01")
    failing(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, domain.interfaceAddresses, 2)
    failing(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, domain.guestInfo, libvirt.VIR_DOMAIN_GUEST_INFO_USERS)


def test_who_may_only_read_may_not_ask_the_agent(esx):
    domain = esx.lookupByName("db01")
    esx.backend.readonly = True
    assert domain.interfaceAddresses(0)
    for call in (lambda: domain.interfaceAddresses(1), domain.hostname, domain.fsInfo, domain.guestInfo):
        failing(libvirt.VIR_ERR_OPERATION_DENIED, call)
