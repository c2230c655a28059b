"""When the host is asked what it has: only where a document may want more than every host has."""

from dataclasses import replace
from types import SimpleNamespace

import libvirt
import pytest
from pyVmomi import vim

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.vsphere.change import host_options
from esxdriver.vsphere.change.host_options import check_host_has
from tests.conf.documents import domain
from tests.helpers import failing

WANT = domain_xml.parse(domain(""))
NOBODY = None  # there is no session to ask with


@pytest.mark.parametrize("hardware", [None, 7, 10, 13])
@pytest.mark.parametrize("guest", [None, "otherGuest64", "rhel9_64Guest"])
def test_a_new_domain_that_any_host_can_have_asks_nothing(hardware, guest):
    check_host_has(NOBODY, NOBODY, replace(WANT, hardware=hardware, guest_id=guest))


@pytest.mark.parametrize("guest", ["otherGuest64", "youngerThanTheListGuest"])
def test_an_existing_domain_that_keeps_its_guest_asks_nothing(guest):
    have = replace(WANT, hardware=22, guest_id=guest)
    check_host_has(NOBODY, NOBODY, have, have)


@pytest.mark.parametrize("change", [{"hardware": 16}, {"hardware": 21}, {"guest_id": "youngerThanTheListGuest"}])
def test_all_else_is_asked_for(change):
    with pytest.raises(AttributeError, match="NoneType"):
        check_host_has(NOBODY, vim.ComputeResource("domain-c1"), replace(WANT, **change))


@pytest.mark.parametrize("offered", ["vmx-next", "vmx-", "other-19"])
def test_a_version_that_is_no_number_is_passed_over(monkeypatch, offered):
    keys = [SimpleNamespace(key=key, createSupported=True) for key in ("vmx-19", offered)]
    browser = SimpleNamespace(QueryConfigOptionDescriptor=lambda: keys)
    monkeypatch.setattr(host_options, "properties", lambda *_: {"environmentBrowser": browser})
    text = failing(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, check_host_has, NOBODY, NOBODY, replace(WANT, hardware=21))
    assert text.endswith("this host has 19")
