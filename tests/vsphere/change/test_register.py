"""Whose configuration a file is."""

from types import SimpleNamespace

import libvirt
import pytest

from esxdriver.vsphere.change import register
from esxdriver.vsphere.change.register import require_unregistered
from esxdriver.vsphere.query.retrieve import Found
from tests.helpers import failing


@pytest.mark.parametrize(("held", "name"), [("web", "web"), ("a%2fb", "a/b"), ("100%252f", "100%2f")])
def test_the_domain_that_has_it_is_named_as_it_is_called(monkeypatch, held, name):
    monkeypatch.setattr(register, "properties", lambda _session, ref, *_: Found(ref, {"name": held}))
    index = SimpleNamespace(FindByDatastorePath=lambda *_: "vm-1")
    session, scope = SimpleNamespace(content=SimpleNamespace(searchIndex=index)), SimpleNamespace(datacenter="dc")
    text = failing(libvirt.VIR_ERR_DOM_EXIST, require_unregistered, session, scope, "[ds] a/a.vmx", "cannot define")
    assert f"that of domain '{name}'" in text
