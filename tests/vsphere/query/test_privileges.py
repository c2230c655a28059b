"""Which privileges a user lacks, by what a host says of them."""

from types import SimpleNamespace

import pytest

from esxdriver.vsphere.query import privileges
from esxdriver.vsphere.query.privileges import lacking

ASKED = ["VirtualMachine.Config.Settings", "VirtualMachine.Interact.PutUsbScanCodes"]


def granted(**privileges):
    return [SimpleNamespace(privId=name, isGranted=has) for name, has in privileges.items()]


@pytest.mark.parametrize(
    ("answer", "lacks"),
    [
        ({ASKED[0]: True, ASKED[1]: True}, []),
        ({ASKED[0]: True, ASKED[1]: False}, ASKED[1:]),
        ({ASKED[0]: False}, ASKED[:1]),  # an older host has not heard of the other
        ({}, []),
        (None, []),
    ],
)
def test_what_a_host_says_nothing_of_is_not_known_to_be_lacking(monkeypatch, answer, lacks):
    found = None if answer is None else [SimpleNamespace(privAvailability=granted(**answer))]
    manager = SimpleNamespace(HasPrivilegeOnEntities=lambda *_: found)
    session = SimpleNamespace(content=SimpleNamespace(authorizationManager=manager, sessionManager="sessions"))
    monkeypatch.setattr(privileges, "properties", lambda *_: {"currentSession": SimpleNamespace(key="s")})
    assert lacking(session, "vm-1", ASKED) == lacks
